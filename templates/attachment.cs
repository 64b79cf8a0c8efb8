<?cs include:"part/macros.cs" ?>
<?cs def:title() ?><?cs var:plain(File.name) ?><?cs /def ?>
<?cs def:content() ?><header class="top"><div class="grow"><nav class="path" aria-label="Breadcrumb"><a href="/<?cs var:Org.slug ?>/issues/">Issues</a> / <a href="/<?cs var:Org.slug ?>/issues/?q=<?cs var:File.event ?>">event <span class="mono"><?cs var:File.event ?></span></a></nav><h1 class="u"><?cs var:show(File.name) ?></h1></div><div class="top-actions"><?cs if:!File.gone ?><a class="btn" href="<?cs var:File.raw ?>?save=1"><?cs call:icon("dl") ?>Save</a><?cs /if ?><?cs if:May.write_events ?><details class="menu menu-end" name="menu"><summary class="btn"><?cs call:icon("trash") ?>Delete</summary><div class="menu-pop"><form class="pop-form" method="post" action="<?cs var:File.link ?>delete/"><?cs call:csrf() ?><p class="small">It is gone for everybody, and cannot be brought back.</p><button class="btn btn-danger btn-sm" type="submit">Delete this attachment</button></form></div></details><?cs /if ?></div></header>
<main id="main" class="wrap stack">
<dl class="kv"><dt>Size</dt><dd><?cs var:bytes(File.size) ?> <span class="mute">(<?cs var:full(File.size) ?> bytes)</span></dd><dt>Kind</dt><dd class="u"><?cs var:show(File.type) ?></dd><?cs if:?File.content_type ?><dt>Said to be</dt><dd class="u"><?cs var:show(File.content_type) ?></dd><?cs /if ?><dt>Received</dt><dd><?cs call:time(File.at) ?></dd></dl>
<?cs if:File.gone ?><p class="note note-warn"><?cs call:icon("warn") ?><span>Its bytes are not in the store of this machine. <code>attachment.path</code> must be the same folder for worker and web.</span></p>
<?cs elif:File.shown ?><p class="shot"><img src="<?cs var:File.raw ?>" alt="<?cs var:plain(File.name) ?>"></p>
<?cs elif:?File.text ?><?cs if:File.cut ?><p class="small mute">The first 64 KB.</p><?cs /if ?><div class="codebox"><pre id="file-text" tabindex="0"><?cs var:show(File.text) ?></pre><?cs call:copy("file-text") ?></div>
<?cs else ?><p class="mute">It is neither a picture nor text, so it is not shown here.</p>
<?cs /if ?></main><?cs /def ?>
<?cs include:"layout.cs" ?>
