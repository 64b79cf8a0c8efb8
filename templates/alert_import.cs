<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Import alerts<?cs /def ?>
<?cs def:content() ?><header class="top"><nav class="path"><a href="/<?cs var:Org.slug ?>/alerts/">Alerts</a> /</nav><h1>Import</h1></header>
<main id="main" class="wrap"><form class="card" method="post" action="/<?cs var:Org.slug ?>/alerts/import/"><?cs call:csrf() ?><div class="card-body stack"><?cs if:?Fault ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div class="u"><?cs var:show(Fault) ?></div></div><?cs /if ?><label class="field"><span>Rules as JSON, as the export has written them</span><textarea class="area mono" name="rules" rows="18" spellcheck="false" required>
<?cs var:text ?></textarea></label><p class="hint">All of them are checked first; when one is wrong, none is imported.</p><div class="row end"><button class="btn btn-primary" type="submit">Import</button></div></div></form></main><?cs /def ?>
<?cs include:"layout.cs" ?>
