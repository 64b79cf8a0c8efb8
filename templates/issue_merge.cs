<?cs include:"part/macros.cs" ?><?cs include:"part/issue_value.cs" ?>
<?cs def:title() ?>Merge issues<?cs /def ?>
<?cs def:content() ?><header class="top"><h1>Merge <?cs var:n ?> issues</h1></header><main id="main" class="wrap">
<form class="card" method="post" action="/<?cs var:Org.slug ?>/issues/merge/"><?cs call:csrf() ?><div class="card-body stack">
<?cs if:mixed ?><p class="note note-bad" role="alert"><?cs call:icon("warn") ?><span>They are of different projects. Only issues of one project can be merged.</span></p>
<?cs else ?><p>They become one issue: the one with the most events stays, and takes over the events, users, tags and comments of the others. Their links lead to it. It can be undone for 10 minutes, and taken apart on its page at any time.</p>
<?cs /if ?><div class="scroll"><table class="tbl tight tbl-cards"><thead><tr><th>Issue</th><th>Title</th><th class="num">Events</th><th class="num">Users</th><th>Last seen</th></tr></thead>
<tbody><?cs each:r = Issue ?><tr><td class="nowrap"><input type="hidden" name="id" value="<?cs var:r.id ?>"><a href="<?cs var:r.link ?>"><?cs var:r.short_id ?></a><?cs if:r.kept ?> <span class="chip chip-accent">Stays</span><?cs /if ?></td><td class="u"><b><?cs var:show(r.name) ?></b> <?cs var:show(r.text) ?></td><td class="num" data-t="Events"><?cs var:full(r.events) ?></td><td class="num" data-t="Users"><?cs var:full(r.users) ?></td><td data-t="Last seen"><?cs call:time(r.last_seen) ?></td></tr>
<?cs /each ?></tbody></table></div>
<?cs if:!mixed ?><?cs if:ask ?><label class="row"><input type="checkbox" name="sure" value="1" required> <span>Yes, all <?cs var:n ?> of them.</span></label><?cs if:unsure ?><p class="hint hint-bad" role="alert">These are many: tick the box to go on.</p><?cs /if ?><?cs /if ?>
<div class="row end"><a class="btn" href="/<?cs var:Org.slug ?>/issues/">Cancel</a><button class="btn btn-primary"><?cs call:icon("merge") ?>Merge</button></div><?cs /if ?>
</div></form></main><?cs /def ?>
<?cs include:"layout.cs" ?>
