<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>From a mail<?cs /def ?>
<?cs def:what() ?><?cs if:Link.action == "resolve" ?>Resolve the issue<?cs elif:Link.action == "archive" ?>Archive the issue<?cs elif:Link.action == "assign" ?>Assign the issue to you<?cs elif:Link.action == "unfollow" ?>No more mails about the issue<?cs elif:Link.action == "mute" ?>Mute the alert for a week<?cs elif:Link.action == "unreport" ?>No more weekly reports<?cs else ?>No more alerts of the project<?cs /if ?><?cs /def ?>
<?cs def:content() ?><main class="card stack" id="main"><h1><?cs call:what() ?></h1><?cs if:?Link.short_id ?><p><b><?cs var:show(Link.short_id) ?></b> <span class="u"><?cs var:show(Link.title) ?></span></p><?cs /if ?><?cs if:Link.done ?><p class="dim" role="status">Done.</p><?cs else ?><p class="dim">This is done in the name of <?cs var:show(Link.name) ?>, whom the mail was for.</p>
<form method="post"><button class="btn btn-primary full" type="submit" autofocus>Do it</button></form><?cs /if ?></main><?cs /def ?>
<?cs include:"solo.cs" ?>
