<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Forgotten password<?cs /def ?>
<?cs def:content() ?><main class="card" id="main"><?cs if:Form.sent ?><div class="stack"><h1>Look into your mail</h1><p>If there is an account of this address, a link is on its way. It signs you in once, within an hour.</p><p class="small mute">No mail? Whoever runs this Vedette can make you a link: <code>vedette account link</code></p><p><a href="/login/">Back to the sign-in</a></p></div><?cs else ?><form class="stack" method="post" action="/login/forgot/"><h1>Forgotten the password?</h1>
<?cs if:Form.wait ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>Too many attempts. Try again in <?cs var:Form.wait ?> s.</div></div>
<?cs /if ?><label class="field"><span>Email</span><input class="input" type="email" name="email" maxlength="254" autocomplete="username" required autofocus></label>
<button class="btn btn-primary full" type="submit">Send a link</button>
<p class="small mute"><a href="/login/">Back to the sign-in</a></p></form><?cs /if ?></main><?cs /def ?>
<?cs include:"solo.cs" ?>
