<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Is it you?<?cs /def ?>
<?cs def:content() ?><main class="card" id="main"><?cs if:Sudo.password ?><form class="stack" method="post" action="<?cs var:Sudo.path ?>"><?cs call:csrf() ?><?cs each:f = Sudo.Fields ?><input type="hidden" name="<?cs var:f.name ?>" value="<?cs var:f.value ?>"><?cs /each ?><h1>Is it you?</h1>
<p class="dim">This is worth asking twice. Nothing was changed yet; your password goes on with it, and is not asked for again for <?cs var:Sudo.minutes ?> minutes.</p>
<?cs if:Sudo.wait ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>Too many attempts. Try again in <?cs var:Sudo.wait ?> s.</div></div>
<?cs elif:Sudo.wrong ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>This is not your current password.</div></div>
<?cs /if ?><input type="email" autocomplete="username" value="<?cs var:plain(Sudo.email) ?>" hidden><label class="field"><span>Your password</span><input class="input" type="password" name="sudo" autocomplete="current-password" maxlength="256" required autofocus<?cs if:Sudo.wrong ?> aria-invalid="true"<?cs /if ?>></label>
<button class="btn btn-primary full" type="submit">Go on</button>
<p class="small mute"><a href="/">Cancel</a></p></form><?cs else ?><form class="stack" method="post" action="/logout/"><?cs call:csrf() ?><input type="hidden" name="again" value="1"><h1>Is it you?</h1>
<p class="dim">This is worth asking twice, and your account has no password. Nothing was changed. Sign in again, then come back to it within <?cs var:Sudo.minutes ?> minutes.</p>
<button class="btn btn-primary full" type="submit">Sign in again</button>
<p class="small mute"><a href="/">Cancel</a></p></form><?cs /if ?></main><?cs /def ?>
<?cs include:"solo.cs" ?>
