<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Saved searches<?cs /def ?>
<?cs # s: a search, or the form for a new one; id: of its fields ?>
<?cs def:fields(s, id) ?><div class="formrow"><label class="lbl" for="name<?cs var:id ?>">Name</label><div><input class="input" id="name<?cs var:id ?>" name="name" maxlength="60" required autocomplete="off" value="<?cs var:plain(s.name) ?>"></div></div>
<div class="formrow"><label class="lbl" for="query<?cs var:id ?>">Search</label><div><input class="input mono" id="query<?cs var:id ?>" name="query" maxlength="1000" autocomplete="off" spellcheck="false" value="<?cs var:plain(s.query) ?>"></div></div>
<div class="formrow"><label class="lbl" for="sort<?cs var:id ?>">Sort by</label><div><select class="select w-auto" id="sort<?cs var:id ?>" name="sort"><?cs each:o = s.Sort ?><option value="<?cs var:o.name ?>"<?cs if:o.chosen ?> selected<?cs /if ?>><?cs var:o.title ?></option><?cs /each ?></select></div></div>
<?cs /def ?>
<?cs def:act(s, do, text) ?><form method="post" action="/<?cs var:Org.slug ?>/issues/searches/<?cs var:s.id ?>/"><?cs call:csrf() ?><button class="btn btn-ghost btn-sm" type="submit" name="do" value="<?cs var:do ?>" aria-label="<?cs var:text ?>: <?cs var:plain(s.was) ?>"><?cs var:text ?></button></form><?cs /def ?>
<?cs def:content() ?><header class="top"><h1>Saved searches</h1></header><main id="main" class="wrap stack">
<?cs if:?wrong ?><div class="note note-bad" role="alert"><?cs call:icon("warn") ?><div><?cs var:wrong ?></div></div>
<?cs /if ?><section class="card"><div class="card-head"><h2>Save a search</h2></div><form class="card-body" method="post" action="/<?cs var:Org.slug ?>/issues/searches/"><?cs call:csrf() ?>
<?cs call:fields(New, "") ?><?cs if:May.share ?><div class="formrow"><span></span><label class="row"><input type="checkbox" name="shared" value="1"<?cs if:New.shared ?> checked<?cs /if ?>> Everybody in the organisation sees it</label></div>
<?cs /if ?><div class="row end"><button class="btn btn-primary" type="submit">Save</button></div></form></section>
<?cs if:subcount(Saved) ?><section class="card" aria-label="Saved searches"><?cs each:s = Saved ?><div class="card-body saved"><div class="row between"><div class="grow"><a href="/<?cs var:Org.slug ?>/issues/<?cs var:s.link ?>"><b class="u"><?cs var:show(s.was) ?></b></a><?cs if:s.shared ?> <span class="chip chip-line">Shared</span><?cs /if ?><?cs if:s.chosen ?> <span class="chip chip-ok"><?cs call:icon("star") ?>Opens first</span><?cs /if ?><div class="small mute mono u"><?cs if:s.query ?><?cs var:show(s.query) ?><?cs else ?>All issues<?cs /if ?></div></div><div class="row"><?cs if:s.chosen ?><?cs call:act(s, "unchoose", tr("Do not open first")) ?><?cs else ?><?cs call:act(s, "choose", tr("Open first")) ?><?cs /if ?><?cs if:s.mine ?><?cs call:act(s, "delete", tr("Delete")) ?><?cs /if ?></div></div>
<?cs if:s.mine ?><details<?cs if:s.wrong ?> open<?cs /if ?>><summary class="small">Change<span class="sr"> <?cs var:plain(s.was) ?></span></summary><form class="mt" method="post" action="/<?cs var:Org.slug ?>/issues/searches/<?cs var:s.id ?>/"><?cs call:csrf() ?><?cs call:fields(s, s.id) ?><div class="row end"><button class="btn btn-primary" type="submit" name="do" value="save">Save</button></div></form></details><?cs /if ?></div>
<?cs /each ?></section>
<?cs else ?><section class="empty"><?cs call:icon("star") ?><h2>No search is saved yet</h2><p>Search the issues, then choose “Save this search” in the menu of saved searches.</p></section>
<?cs /if ?></main><?cs /def ?>
<?cs include:"layout.cs" ?>
