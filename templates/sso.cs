<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Single sign-on<?cs /def ?>
<?cs def:content() ?><main class="card stack" id="main"><h1>Single sign-on</h1>
<?cs if:?Form.org ?><?cs if:subcount(Doors) ?><p class="dim">How do you come in to <b class="u"><?cs var:show(Form.org) ?></b>?</p>
<?cs each:d = Doors ?><a class="btn full" href="/login/sso/<?cs var:d.org ?>/<?cs var:d.kind ?>/?next=<?cs var:part(Form.next) ?>"><?cs call:icon("shield") ?><span class="cut"><?cs var:show(d.name) ?></span></a>
<?cs /each ?><?cs else ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>No organisation of this short name has single sign-on.</div></div><?cs /if ?>
<?cs else ?><form class="stack" method="get" action="/login/sso/"><?cs if:Form.wrong ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div>A short name has letters, digits and dashes.</div></div><?cs /if ?>
<label class="field"><span>Short name of the organisation</span><input class="input" name="org" autocomplete="organization" autocapitalize="none" spellcheck="false" maxlength="50" required autofocus></label><p class="hint">It stands in the addresses of its pages: /acme/issues/</p>
<input type="hidden" name="next" value="<?cs var:Form.next ?>"><button class="btn btn-primary full" type="submit">Go on</button></form><?cs /if ?>
<p class="small mute"><a href="/login/">Sign in with a password</a></p></main><?cs /def ?>
<?cs include:"solo.cs" ?>
