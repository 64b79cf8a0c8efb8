<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Sign in<?cs /def ?>
<?cs def:content() ?><main class="card stack" id="main"><?cs if:Link.known ?><h1>Sign in with this link</h1><p class="dim">It works once. Choose a password on your account page afterwards.</p>
<form method="post"><button class="btn btn-primary full" type="submit" autofocus>Sign in</button></form><?cs else ?><h1>This link is used up</h1><p class="dim">A sign-in link works once, within 24 hours. Whoever runs this Vedette can make a new one: <code>vedette account link</code></p>
<p><a class="btn full" href="/login/">Sign in with a password</a></p><?cs /if ?></main><?cs /def ?>
<?cs include:"solo.cs" ?>
