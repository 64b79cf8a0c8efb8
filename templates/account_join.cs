<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Join an organisation<?cs /def ?>
<?cs def:content() ?><?cs set:Set = "join" ?><header class="top"><h1>Settings</h1></header><main id="main" class="set"><?cs include:"part/settings_nav.cs" ?><div class="stack">
<div><h2>Join an organisation</h2><p class="small mute">Its managers see your name and your mail address, and let you in or not.</p></div>
<form class="card" method="post" action="/account/join/"><?cs call:csrf() ?><div class="card-body"><div class="formrow"><label class="lbl" for="organization">Its address</label><div><input class="input mono" id="organization" name="organization" maxlength="50" required autocomplete="off" spellcheck="false" aria-describedby="organization-hint"<?cs if:?wrong ?> aria-invalid="true"<?cs /if ?>><p class="hint<?cs if:?wrong ?> hint-bad<?cs /if ?>" id="organization-hint">The first word of the links to its pages, for example acme.</p></div></div>
<div class="row end"><button class="btn btn-primary" type="submit">Ask to join</button></div></div></form>
</div></main><?cs /def ?>
<?cs include:"layout.cs" ?>
