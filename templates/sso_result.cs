<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Single sign-on<?cs /def ?>
<?cs def:content() ?><main class="card stack<?cs if:subcount(Test) ?> wide<?cs /if ?>" id="main">
<?cs if:?Sso.why ?><h1>It did not work</h1><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div class="u"><?cs var:show(Sso.why) ?></div></div>
<?cs elif:?Sso.url ?><h1>On to the provider</h1><p class="dim">There you sign in as you always do, and come back here.</p><a class="btn btn-primary full" href="<?cs var:Sso.url ?>" rel="noreferrer"><?cs call:icon("shield") ?>Go on to <?cs var:show(Sso.name) ?></a>
<?cs elif:subcount(Test) ?><h1>The test sign-in worked</h1><p class="dim">Nobody was signed in and nothing was changed. This came from <b class="u"><?cs var:show(Sso.name) ?></b>, and this is what it means here.</p>
<?cs if:Test.refused ?><div class="note note-warn"><?cs call:icon("warn") ?><div>This person would stay outside: it is in none of the groups.</div></div><?cs elif:!Test.email ?><div class="note note-warn"><?cs call:icon("warn") ?><div>No confirmed mail address came, so no account can be made or found by it.</div></div><?cs /if ?>
<dl class="kv"><dt>Mail address</dt><dd class="u"><?cs if:Test.mail ?><?cs var:show(Test.mail) ?><?cs else ?><span class="mute">none</span><?cs /if ?></dd><dt>Name</dt><dd class="u"><?cs if:Test.name ?><?cs var:show(Test.name) ?><?cs else ?><span class="mute">none</span><?cs /if ?></dd><dt>Known by</dt><dd class="mono u"><?cs var:show(Test.subject) ?></dd>
<dt>Groups</dt><dd><?cs if:subcount(Test.Groups) ?><?cs each:g = Test.Groups ?><span class="chip u"><?cs var:show(g) ?></span> <?cs /each ?><?cs else ?><span class="mute">none</span><?cs /if ?></dd>
<dt>Role</dt><dd><?cs if:Test.role ?><b><?cs var:tr(Test.role) ?></b><?cs elif:Test.keeps ?>as it is; the default role for somebody new<?cs else ?>the default role<?cs /if ?></dd>
<?cs each:t = Test.Teams ?><dt>Team <span class="mono"><?cs var:t.slug ?></span></dt><dd><?cs if:t.lead ?>leads it<?cs elif:t.member ?>in<?cs else ?>out<?cs /if ?></dd><?cs /each ?></dl>
<h2>What came</h2><div class="scroll"><table class="tbl"><tbody><?cs each:f = Test.Facts ?><tr><th scope="row" class="mono small"><?cs var:show(f.name) ?></th><td class="mono small u"><?cs var:show(f.value) ?></td></tr>
<?cs /each ?></tbody></table></div><?cs /if ?>
<p class="small"><?cs if:?Sso.test ?><a href="<?cs var:Sso.next ?>">Back to the settings</a><?cs elif:?Me.email ?><a href="/account/security/">Back to the account</a><?cs else ?><a href="/login/">Back to the sign-in page</a><?cs /if ?></p></main><?cs /def ?>
<?cs include:"solo.cs" ?>
