<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Sign in<?cs /def ?>
<?cs def:content() ?><main class="card" id="main"><?cs if:?Sso.why ?><div class="stack"><h1>It did not work</h1><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div class="u"><?cs var:show(Sso.why) ?></div></div><p class="small"><a href="/login/">Back to the sign-in page</a></p></div>
<?cs else ?><form class="stack" method="post" action="/login/sso/<?cs var:Sso.org ?>/<?cs var:Sso.kind ?>/"><h1 class="u"><?cs var:show(Sso.name) ?></h1>
<?cs if:Form.wait ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>Too many attempts. Try again in <?cs var:Form.wait ?> s.</div></div>
<?cs elif:Form.wrong ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>Name and password do not match.</div></div>
<?cs /if ?><label class="field"><span>Name</span><input class="input" name="user" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="320" required value="<?cs var:plain(Form.user) ?>"<?cs if:!?Form.user ?> autofocus<?cs /if ?>></label>
<label class="field"><span>Password</span><input class="input" type="password" name="password" autocomplete="current-password" maxlength="320" required<?cs if:Form.wrong ?> aria-invalid="true"<?cs /if ?><?cs if:?Form.user ?> autofocus<?cs /if ?>></label>
<input type="hidden" name="next" value="<?cs var:Form.next ?>">
<button class="btn btn-primary full" type="submit">Sign in</button>
<p class="small mute"><a href="/login/">Sign in with a password of Vedette</a></p></form><?cs /if ?></main><?cs /def ?>
<?cs include:"solo.cs" ?>
