<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Organisation<?cs /def ?>
<?cs def:content() ?><?cs set:Set = "general" ?><header class="top"><h1>Settings</h1></header><main id="main" class="set"><?cs include:"part/settings_nav.cs" ?><div class="stack">
<div class="row between"><div><h2>General</h2><p class="small mute">How the organisation is called, and where it is found.</p></div><a class="small" href="/<?cs var:Org.slug ?>/settings/audit/?action=org.edit">Earlier changes</a></div>
<form class="card" method="post" action="/<?cs var:Org.slug ?>/settings/"><?cs call:csrf() ?><div class="card-body">
<div class="formrow"><label class="lbl" for="name">Name</label><div><input class="input" id="name" name="name" maxlength="100" required autocomplete="off" value="<?cs var:plain(Form.name) ?>"<?cs if:?Wrong.name ?> aria-invalid="true" aria-describedby="name-hint"<?cs /if ?>><?cs if:?Wrong.name ?><p class="hint hint-bad" id="name-hint"><?cs var:Wrong.name ?></p><?cs /if ?></div></div>
<div class="formrow"><label class="lbl" for="slug">Address</label><div><input class="input mono" id="slug" name="slug" maxlength="50" required autocomplete="off" spellcheck="false" value="<?cs var:plain(Form.slug) ?>" aria-describedby="slug-hint"<?cs if:?Wrong.slug ?> aria-invalid="true"<?cs /if ?>><p class="hint<?cs if:?Wrong.slug ?> hint-bad<?cs /if ?>" id="slug-hint"><?cs if:?Wrong.slug ?><?cs var:Wrong.slug ?><?cs else ?>Stands in links: those with the old one stop working. DSNs and what SDKs send do not change.<?cs /if ?></p></div></div>
<div class="row end"><button class="btn btn-primary" type="submit">Save</button></div></div></form>
</div></main><?cs /def ?>
<?cs include:"layout.cs" ?>
