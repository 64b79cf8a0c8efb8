<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Data<?cs /def ?>
<?cs def:content() ?><?cs set:Set = "data" ?><header class="top"><h1>Settings</h1></header><main id="main" class="set"><?cs include:"part/settings_nav.cs" ?><div class="stack">
<div class="row between nowrap"><div><h2>Data</h2><p class="small mute">How long events of this project are kept, and which of them whole. Numbers and charts outlive them.</p></div><?cs if:May.write_org ?><a class="small" href="/<?cs var:Org.slug ?>/settings/audit/?q=<?cs var:Project.slug ?>">Earlier changes</a><?cs /if ?></div>
<form class="card" method="post" action="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/data/"><?cs call:csrf() ?><div class="card-body">
<?cs include:"part/setting_rows.cs" ?><div class="row between"><span class="small mute">Attachments take <?cs var:bytes(Attachments) ?> now.</span><?cs if:May.write_projects ?><button class="btn btn-primary" type="submit">Save</button><?cs /if ?></div></div></form>
</div></main><?cs /def ?>
<?cs include:"layout.cs" ?>
