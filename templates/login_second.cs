<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Second factor<?cs /def ?>
<?cs def:content() ?><main class="card" id="main"><form class="stack" method="post" action="/login/second/"><h1>Second factor</h1>
<?cs if:Form.wait ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>Too many attempts. Try again in <?cs var:Form.wait ?> s.</div></div>
<?cs elif:Form.wrong ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>The code is wrong, or was used already.</div></div>
<?cs /if ?><label class="field"><span>Code from your telephone, or a recovery code</span><input class="input mono" name="code" inputmode="text" autocomplete="one-time-code" maxlength="64" required autofocus<?cs if:Form.wrong ?> aria-invalid="true"<?cs /if ?>></label>
<label class="row small"><input type="checkbox" name="remember" value="1"<?cs if:Form.remember ?> checked<?cs /if ?>> Do not ask on this device for 30 days</label>
<button class="btn btn-primary full" type="submit">Sign in</button>
<p class="small mute"><a href="/login/">Start again</a></p></form></main><?cs /def ?>
<?cs include:"solo.cs" ?>
