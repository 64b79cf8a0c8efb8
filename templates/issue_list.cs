<?cs include:"part/macros.cs" ?><?cs include:"part/issue_value.cs" ?><?cs include:"part/search.cs" ?>
<?cs def:title() ?>Issues<?cs /def ?>
<?cs def:row(r) ?><tr class="l-<?cs var:r.level ?>">
<td class="c-pick"><input type="checkbox" class="pick" name="id" value="<?cs var:r.id ?>" aria-label="Select <?cs var:r.short_id ?>"></td>
<td class="c-main"><a class="ttl cut<?cs if:r.fresh ?> new<?cs /if ?>" href="<?cs var:r.link ?>"><b><bdi><?cs var:show(r.name) ?></bdi></b> <bdi><?cs var:show(r.text) ?></bdi></a>
<div class="meta"><span class="sid"><?cs call:platform(r) ?><?cs var:r.short_id ?></span><?cs if:r.level != "error" ?><?cs call:level(r.level) ?><?cs /if ?><?cs if:?r.state ?><span class="chip <?cs var:r.chip ?>"><?cs var:r.state ?></span><?cs /if ?><?cs if:r.unhandled ?><span class="chip chip-line">Unhandled</span><?cs /if ?><bdi class="mono cut culprit"><?cs var:show(r.culprit) ?></bdi></div></td>
<td class="c-seen seen"><b><?cs call:time(r.last_seen) ?></b><small> age <?cs var:r.age ?></small></td>
<td class="c-graph"><?cs call:spark(r.Spark) ?></td>
<td class="c-n num big" data-l=" event<?cs if:r.events != #1 ?>s<?cs /if ?>"><?cs call:count(r.events) ?></td>
<td class="c-n num big" data-l=" user<?cs if:r.users != #1 ?>s<?cs /if ?>"><?cs call:count(r.users) ?></td>
<td class="c-pri"><?cs call:priority(r) ?></td>
<td class="c-who"><?cs call:assignee(r) ?></td>
</tr>
<?cs /def ?>
<?cs def:content() ?><header class="top"><h1>Issues</h1></header>
<nav class="tabs top-tabs" aria-label="Views"><?cs each:t = Tab ?><a href="<?cs var:t.link ?>"<?cs if:t.current ?> aria-current="page"<?cs /if ?>><?cs var:t.title ?><?cs if:?t.n ?><span class="n"><?cs var:full(t.n) ?><?cs if:t.capped ?>+<?cs /if ?></span><?cs /if ?></a><?cs /each ?></nav>
<main id="main">
<?cs if:?news ?><p class="news" data-live="/<?cs var:Org.slug ?>/live/" data-news="<?cs var:news ?>" role="status" hidden><a href=""><?cs call:icon("refresh") ?>Issues with new events: <b data-n></b> <span class="u">Show</span></a></p>
<?cs /if ?><form class="filters" role="search" action="/<?cs var:Org.slug ?>/issues/">
<?cs if:subcount(Choice) > #1 ?><details class="menu" name="menu"><summary class="btn"><?cs call:icon("dash") ?><?cs if:projects == #0 ?>All projects<?cs elif:projects == #1 ?><?cs var:project ?><?cs else ?><?cs var:projects ?> projects<?cs /if ?><?cs call:icon("down") ?></summary><div class="menu-pop menu-long"><p class="menu-cap">Projects</p><?cs each:p = Choice ?><label class="menu-item"><input type="checkbox" name="project" value="<?cs var:p.slug ?>"<?cs if:p.ticked ?> checked<?cs /if ?>><span class="cut"><?cs var:p.slug ?></span></label><?cs /each ?><hr class="menu-sep"><button class="menu-item" type="submit">Apply</button></div></details>
<?cs /if ?><?cs call:search("Search issues", "level:error release:1.4.* or words from the title") ?>
<?cs if:sort != "seen" ?><input type="hidden" name="sort" value="<?cs var:sort ?>"><?cs /if ?><?cs if:days ?><input type="hidden" name="graph" value="14d"><?cs /if ?><details class="menu menu-end" name="menu"><summary class="btn" aria-label="Sort by"><?cs var:sort_title ?><?cs call:icon("down") ?></summary><div class="menu-pop"><?cs each:s = Sort ?><a href="<?cs var:s.link ?>" class="menu-item" role="menuitemradio" aria-checked="<?cs if:s.current ?>true<?cs else ?>false<?cs /if ?>"><span><?cs var:s.title ?></span></a>
<?cs /each ?></div></details>
</form>
<?cs call:search_errors() ?><?cs if:n ?><form method="post" action="<?cs var:here ?>"><?cs call:csrf() ?>
<table class="stream">
<thead><tr><th class="c-pick"><input type="checkbox" class="pick-all" hidden aria-label="Select all on this page"></th><th>Issue</th><th class="c-seen">Last seen</th><th class="c-graph"><span class="between row nowrap">Trend <span><a<?cs if:days ?> class="mute"<?cs else ?> aria-current="true"<?cs /if ?> href="<?cs var:link_24h ?>"><?cs if:days ?>24h<?cs else ?><b>24h</b><?cs /if ?></a> · <a<?cs if:days ?> aria-current="true"<?cs else ?> class="mute"<?cs /if ?> href="<?cs var:link_14d ?>"><?cs if:days ?><b>14d</b><?cs else ?>14d<?cs /if ?></a></span></span></th><th class="c-n num">Events</th><th class="c-n num">Users</th><th class="c-pri">Priority</th><th class="c-who"><span class="sr">Assignee</span></th></tr></thead>
<tbody>
<?cs each:r = Issue ?><?cs call:row(r) ?><?cs /each ?></tbody>
</table>
<?cs if:May.write_events ?><div class="bulk" role="group" aria-label="Actions for selected issues"><b data-n>With selected</b>
<button class="btn btn-sm btn-primary" data-key="e" name="do" value="resolve"><?cs call:icon("ok") ?>Resolve</button>
<button class="btn btn-sm" data-key="a" name="do" value="archive"><?cs call:icon("archive") ?>Archive</button>
<button class="btn btn-sm" name="do" value="unresolve"><?cs call:icon("refresh") ?>Unresolve</button>
<details class="menu menu-up" name="menu"><summary class="btn btn-sm"><?cs call:icon("user") ?>Assign<?cs call:icon("down") ?></summary><div class="menu-pop menu-long"><?cs each:p = Person ?><button type="submit" class="menu-item" name="assign" value="<?cs var:p.id ?>"><span class="u"><?cs var:show(p.name) ?><?cs if:p.me ?> (you)<?cs /if ?><small><?cs var:show(p.email) ?></small></span></button>
<?cs /each ?><hr class="menu-sep"><button type="submit" class="menu-item" name="assign" value="0"><span>Nobody</span></button></div></details>
<details class="menu menu-up hide-s" name="menu"><summary class="btn btn-sm">Priority<?cs call:icon("down") ?></summary><div class="menu-pop"><button type="submit" class="menu-item" name="priority" value="75"><span>High</span></button><button type="submit" class="menu-item" name="priority" value="50"><span>Medium</span></button><button type="submit" class="menu-item" name="priority" value="25"><span>Low</span></button></div></details></div><?cs /if ?>
</form>
<nav class="pager" aria-label="Pages"><span><?cs if:first_page ?>1–<?cs /if ?><?cs var:n ?><?cs if:?total ?> of <?cs var:full(total) ?><?cs if:total_capped ?>+<?cs /if ?><?cs elif:!first_page ?> on this page<?cs /if ?></span><span class="grow"></span><span class="small">Save as <a href="<?cs var:csv ?>">CSV</a> or <a href="<?cs var:ndjson ?>">NDJSON</a></span><?cs if:?Pager.newer ?><a class="btn btn-sm" href="<?cs var:Pager.newer ?>"><?cs call:icon("left") ?>Previous</a><?cs else ?><a class="btn btn-sm" aria-disabled="true" role="link"><?cs call:icon("left") ?>Previous</a><?cs /if ?><?cs if:?Pager.older ?><a class="btn btn-sm" href="<?cs var:Pager.older ?>">Next<?cs call:icon("right") ?></a><?cs else ?><a class="btn btn-sm" aria-disabled="true" role="link">Next<?cs call:icon("right") ?></a><?cs /if ?></nav>
<?cs elif:none_yet ?><section class="empty"><?cs call:icon("issues") ?><h2>Nothing has arrived yet</h2><p>No project of this organisation has received an event.</p><?cs if:?waiting ?><p class="mt"><a class="btn btn-primary" href="/<?cs var:Org.slug ?>/projects/<?cs var:waiting ?>/getting-started/">Set up <?cs var:waiting ?></a></p><?cs /if ?></section>
<?cs else ?><section class="empty"><?cs call:icon("search") ?><h2><?cs if:!first_page ?>There are no more issues here<?cs elif:subcount(Term) ?>No issue matches <span class="mono u"><?cs each:t = Term ?><?cs var:show(t.text) ?> <?cs /each ?></span><?cs else ?>There are no issues here<?cs /if ?></h2><p>The list is empty because of its filter, not because events are missing.</p><p class="row center mt"><?cs each:t = Term ?><a class="btn btn-sm" href="<?cs var:t.without ?>">Remove <span class="mono cut"><?cs var:show(t.text) ?></span></a><?cs /each ?><?cs if:projects ?><a class="btn btn-sm" href="<?cs var:link_all ?>">All projects</a><?cs /if ?></p></section>
<?cs /if ?></main>
<dialog id="kbd" aria-labelledby="kbd-t"><h2 id="kbd-t">Keyboard shortcuts</h2><dl class="kv"><dt><kbd>/</kbd></dt><dd>Search</dd><dt><kbd>j k</kbd></dt><dd>Next, previous issue</dd><dt><kbd>Enter</kbd></dt><dd>Open</dd><dt><kbd>x</kbd></dt><dd>Select</dd><dt><kbd>e</kbd></dt><dd>Resolve</dd><dt><kbd>a</kbd></dt><dd>Archive</dd><dt><kbd>n p</kbd></dt><dd>Next, previous event</dd><dt><kbd>?</kbd></dt><dd>This help</dd></dl><form method="dialog"><button class="btn">Close</button></form></dialog><?cs /def ?>
<?cs include:"layout.cs" ?>
