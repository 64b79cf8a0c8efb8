<?cs include:"part/head.cs" ?><body>
<a class="skip" href="#main">Skip to content</a>
<div class="app">
<?cs include:"part/side.cs" ?><div class="page">
<div class="mobar"><button class="btn btn-icon btn-ghost" type="button" popovertarget="side" aria-label="Menu"><?cs call:icon("menu") ?></button><?cs call:logo() ?><b class="cut"><?cs call:title() ?></b><?cs if:?Org.slug ?><a class="btn btn-icon btn-ghost" href="/<?cs var:Org.slug ?>/issues/#q" aria-label="Search"><?cs call:icon("search") ?></a><?cs /if ?></div>
<?cs if:?Flash ?><div class="note note-ok flash" role="status"><?cs call:icon("ok") ?><div class="u"><?cs var:show(Flash) ?></div><?cs if:?Undo ?><form method="post" action="/<?cs var:Org.slug ?>/undo/<?cs var:Undo ?>/"><?cs call:csrf() ?><input type="hidden" name="back" value="<?cs var:Page.here ?>"><button class="btn btn-sm" data-key="u">Undo</button></form><?cs /if ?></div>
<?cs /if ?><?cs if:?Org.ends ?><div class="note note-warn flash"><?cs call:icon("warn") ?><div><?cs if:?Org.left ?>This organisation will be deleted in <?cs var:took(Org.left) ?>; nothing is taken for it any more.<?cs else ?>This organisation is being deleted.<?cs /if ?><?cs if:May.admin_org ?> <a href="/<?cs var:Org.slug ?>/settings/#end">Take it back</a><?cs /if ?></div></div>
<?cs /if ?><?cs if:?Project.ends ?><div class="note note-warn flash"><?cs call:icon("warn") ?><div><?cs if:?Project.left ?>This project will be deleted in <?cs var:took(Project.left) ?>; nothing is taken for it any more.<?cs else ?>This project is being deleted.<?cs /if ?> <a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/settings/#end">Take it back</a></div></div>
<?cs elif:?Project.archived ?><div class="note flash"><?cs call:icon("archive") ?><div>This project was archived <?cs call:time(Project.archived) ?>: nothing is taken for it. <a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/settings/#end">Bring it back</a></div></div>
<?cs /if ?><?cs call:content() ?>
<footer class="foot"><span>Vedette <?cs var:Site.version ?> · rendered in <?cs var:elapsed("") ?></span></footer>
</div>
</div>
<?cs include:"part/keys.cs" ?></body>
</html>
