<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Confirm the address<?cs /def ?>
<?cs def:content() ?><main class="card" id="main"><div class="stack"><?cs if:?Link.email ?><h1>Is this your address?</h1><p>From now on <b class="u"><?cs var:show(Link.email) ?></b> signs in to the account.</p><form method="post" action="<?cs var:Page.path ?>"><button class="btn btn-primary full" type="submit">Confirm the address</button></form><?cs else ?><h1>The link is worth nothing any more</h1><p class="dim">It was used, is older than a day, or a newer one was sent.</p><p><a href="/account/">To the account</a></p><?cs /if ?></div></main><?cs /def ?>
<?cs include:"solo.cs" ?>
