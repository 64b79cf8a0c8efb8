<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Link a ticket · <?cs var:ShortId ?><?cs /def ?>
<?cs def:content() ?><header class="top"><h1>Link a ticket</h1><div class="top-actions"><a class="btn btn-ghost" href="<?cs var:Back ?>">Back to <?cs var:ShortId ?></a></div></header>
<main id="main" class="wrap wrap-narrow stack">
<?cs if:!subcount(Tracker) ?><section class="empty"><?cs call:icon("ticket") ?><h2>No tracker is connected</h2><p>A manager can connect Jira and others in the settings.</p></section>
<?cs else ?>
<form class="card" method="get" action="<?cs var:Back ?>tickets/link/"><div class="card-head"><h2>Find it</h2><a class="small" href="<?cs var:Back ?>tickets/new/?on=<?cs var:Chosen.id ?>">Create a new ticket</a></div><div class="card-body">
<div class="formrow"><label class="lbl" for="on">Connection</label><select class="select" id="on" name="on"><?cs each:t = Tracker ?><option value="<?cs var:t.id ?>"<?cs if:t.chosen ?> selected<?cs /if ?>><?cs var:plain(t.name) ?></option><?cs /each ?></select></div>
<div class="formrow"><label class="lbl" for="find">Key or words</label><input class="input" id="find" name="find" maxlength="200" required autocomplete="off" value="<?cs var:plain(find) ?>"></div>
<div class="row end"><button class="btn btn-primary" type="submit"><?cs call:icon("search") ?>Find</button></div></div></form>
<?cs if:?Failure.answer ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div><b>That did not work.</b><p class="u"><?cs if:Failure.code ?><?cs var:Failure.code ?> <?cs /if ?><?cs var:show(Failure.answer) ?></p></div></div>
<?cs elif:subcount(Found) ?><form class="card" method="post" action="<?cs var:Back ?>tickets/link/"><?cs call:csrf() ?><input type="hidden" name="on" value="<?cs var:Chosen.id ?>"><ul class="card-body stack"><?cs each:f = Found ?><li class="row between"><span class="u"><?cs var:show(f.label) ?></span><button class="btn btn-sm" name="key" value="<?cs var:plain(f.key) ?>" aria-label="Link <?cs var:plain(f.key) ?>">Link</button></li><?cs /each ?></ul></form>
<?cs elif:searched ?><section class="empty"><?cs call:icon("search") ?><h2>Nothing was found</h2><p>Try its key, or a word of its title.</p></section><?cs /if ?>
<?cs /if ?></main><?cs /def ?>
<?cs include:"layout.cs" ?>
