<?cs include:"part/macros.cs" ?><?cs include:"part/issue_value.cs" ?><?cs include:"part/issue_head.cs" ?>
<?cs def:title() ?>Merged · <?cs var:Issue.short_id ?><?cs /def ?>
<?cs def:content() ?><main id="main"><?cs call:issue_head("merged") ?>
<div class="wrap stack">
<section class="card"><div class="card-body"><h2>Merged into this issue</h2><?cs if:subcount(Merged) ?><p class="small mute">Each can become an issue of its own again, with the events, users and tags that it had and that its fingerprints have brought since.</p>
<div class="scroll"><table class="tbl tight tbl-cards"><thead><tr><th>Issue</th><th>Title</th><th class="num">Events then</th><th>Merged</th><th>By</th><?cs if:May.write_events ?><th><span class="sr">Take it out</span></th><?cs /if ?></tr></thead>
<tbody><?cs each:m = Merged ?><tr><td class="nowrap"><?cs var:m.short_id ?></td><td class="u"><?cs var:show(m.title) ?></td><td class="num" data-t="Events then"><?cs var:full(m.events) ?></td><td data-t="Merged"><?cs call:time(m.at) ?></td><td class="u" data-t="By"><?cs var:show(m.by) ?></td><?cs if:May.write_events ?><td><form method="post"><?cs call:csrf() ?><button class="btn btn-sm" name="issue" value="<?cs var:m.id ?>" aria-label="Unmerge <?cs var:m.short_id ?>">Unmerge</button></form></td><?cs /if ?></tr>
<?cs /each ?></tbody></table></div><?cs else ?><p class="small mute">Nothing was merged into it. Tick several issues in the stream to merge them.</p><?cs /if ?></div></section>
<section class="card"><div class="card-body"><h2>Its own fingerprints</h2><p class="small mute">Every event with one of these belongs to this issue. Those that you take out make a new issue, with their stored events.</p>
<form method="post"><?cs call:csrf() ?><ul class="plain mt"><?cs each:h = Hash ?><li><label class="row"><?cs if:May.write_events ?><?cs if:subcount(Hash) > #1 ?><input type="checkbox" name="hash" value="<?cs var:h.hash ?>"><?cs /if ?><?cs /if ?> <span class="mono u"><?cs var:h.hash ?></span></label></li>
<?cs /each ?></ul><?cs if:May.write_events ?><?cs if:subcount(Hash) > #1 ?><p class="mt"><button class="btn btn-sm">Make a new issue of these</button></p><?cs /if ?><?cs /if ?></form></div></section>
</div></main><?cs /def ?>
<?cs include:"layout.cs" ?>
