<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Life of issues<?cs /def ?>
<?cs def:content() ?><?cs set:Set = "life" ?><header class="top"><h1>Settings</h1></header><main id="main" class="set"><?cs include:"part/settings_nav.cs" ?><div class="stack">
<div class="row between nowrap"><div><h2>Life of issues</h2><p class="small mute">What becomes of issues by themselves. After seven days a new, regressed or escalating issue is ongoing.</p></div><?cs if:May.write_org ?><a class="small" href="/<?cs var:Org.slug ?>/settings/audit/?q=<?cs var:Project.slug ?>">Earlier changes</a><?cs /if ?></div>
<form class="card" method="post" action="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/life/"><?cs call:csrf() ?><div class="card-body">
<?cs include:"part/setting_rows.cs" ?><?cs if:May.write_projects ?><p><button class="btn btn-primary" type="submit">Save</button></p><?cs /if ?></div></form>
</div></main><?cs /def ?>
<?cs include:"layout.cs" ?>
