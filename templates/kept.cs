<?cs include:"part/macros.cs" ?>
<?cs def:title() ?><?cs if:Kept.signed_in ?>Send it again?<?cs else ?>Your sign-in has ended<?cs /if ?><?cs /def ?>
<?cs def:content() ?><main class="card" id="main"><form class="stack" method="post" action="<?cs var:Kept.action ?>"><?cs call:csrf() ?><?cs each:f = Kept.Fields ?><input type="hidden" name="<?cs var:f.name ?>" value="<?cs var:f.value ?>"><?cs /each ?>
<?cs if:Kept.signed_in ?><h1>Send it again?</h1>
<p class="dim">The form came from an earlier sign-in, so nothing was changed yet. All that it held is still in this page; it goes on as <b class="u"><?cs var:show(Kept.email) ?></b>.</p>
<button class="btn btn-primary full" type="submit">Send it</button>
<?cs else ?><h1>Your sign-in has ended</h1>
<p class="dim">Nothing was changed, and nothing is lost: all that you sent is still in this page. Sign in in a new tab, then come back to this one and go on.</p>
<a class="btn btn-primary full" href="/login/?next=<?cs var:part(Kept.next) ?>" target="_blank" rel="noopener">Sign in in a new tab</a>
<button class="btn full" type="submit">Go on</button>
<?cs /if ?><?cs if:Kept.without_password ?><p class="small mute">Passwords are not kept: type them again.</p><?cs /if ?>
<?cs each:f = Kept.Fields ?><?cs if:f.typed ?><label class="field"><span class="mono u"><?cs var:show(f.name) ?></span><textarea class="area" rows="4" readonly>
<?cs var:plain(f.value) ?></textarea></label><?cs /if ?><?cs /each ?>
<p class="small mute"><a href="<?cs var:Kept.next ?>">Cancel</a></p></form></main><?cs /def ?>
<?cs include:"solo.cs" ?>
