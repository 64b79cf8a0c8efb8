<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Welcome<?cs /def ?>
<?cs def:content() ?><header class="top"><h1>Welcome</h1></header>
<main id="main" class="wrap stack"><section class="empty"><?cs call:icon("users") ?><h2>You belong to no organisation yet</h2><p class="dim">Ask somebody who runs this Vedette to add <span class="u"><?cs var:show(Me.email) ?></span> to one.</p><p class="dim">On the server: <code>vedette project create ORGANISATION PROJECT --owner <?cs var:show(Me.email) ?></code></p><p class="mt"><a class="btn btn-primary" href="/account/join/">Ask to join one</a></p></section></main><?cs /def ?>
<?cs include:"layout.cs" ?>
