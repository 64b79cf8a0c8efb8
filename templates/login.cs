<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Sign in<?cs /def ?>
<?cs def:content() ?><main class="card" id="main"><form class="stack" method="post" action="/login/"><h1>Sign in</h1>
<?cs if:Form.wait ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>Too many attempts. Try again in <?cs var:Form.wait ?> s.</div></div>
<?cs elif:Form.wrong ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>Email and password do not match.</div></div>
<?cs elif:?Form.unknown ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>Your proxy says that you are <b class="u"><?cs var:show(Form.unknown) ?></b>, and there is no such account.</div></div>
<?cs elif:Form.signed_out ?><div class="note" role="status"><?cs call:icon("ok") ?><div>You have signed out.</div></div>
<?cs /if ?><label class="field"><span>Email</span><input class="input" type="email" name="email" autocomplete="username" required value="<?cs var:plain(Form.email) ?>"<?cs if:!?Form.email ?> autofocus<?cs /if ?>></label>
<label class="field"><span>Password</span><input class="input" type="password" name="password" autocomplete="current-password" required<?cs if:Form.wrong ?> aria-invalid="true"<?cs /if ?><?cs if:?Form.email ?> autofocus<?cs /if ?>></label>
<label class="row small"><input type="checkbox" name="keep" value="1"<?cs if:!?Form.forget ?> checked<?cs /if ?>> Stay signed in on this device</label>
<input type="hidden" name="next" value="<?cs var:Form.next ?>">
<button class="btn btn-primary full" type="submit">Sign in</button>
<p class="or">or</p>
<?cs each:d = Doors ?><a class="btn full" href="/login/sso/<?cs var:d.org ?>/<?cs var:d.kind ?>/?next=<?cs var:part(Form.next) ?>"><?cs call:icon("shield") ?><span class="cut"><?cs var:show(d.name) ?></span></a>
<?cs /each ?><a class="btn full" href="/login/sso/?next=<?cs var:part(Form.next) ?>"><?cs call:icon("shield") ?><?cs if:subcount(Doors) ?>Another single sign-on<?cs else ?>Single sign-on<?cs /if ?></a>
<p class="small mute"><a href="/login/forgot/">Forgotten the password?</a></p></form></main><?cs /def ?>
<?cs include:"solo.cs" ?>
