<?cs include:"part/macros.cs" ?><?cs include:"part/issue_value.cs" ?><?cs include:"part/issue_head.cs" ?>
<?cs def:title() ?>Similar · <?cs var:Issue.short_id ?><?cs /def ?>
<?cs def:content() ?><main id="main"><?cs call:issue_head("similar") ?>
<div class="wrap"><?cs if:subcount(Similar) ?><form class="card" action="/<?cs var:Org.slug ?>/issues/merge/"><input type="hidden" name="id" value="<?cs var:Issue.id ?>"><div class="card-body stack"><p class="small mute">Issues of the same project that may have the same cause. Tick those that do, and merge them into one.</p>
<div class="scroll"><table class="tbl tight tbl-cards"><thead><tr><?cs if:May.write_events ?><th><span class="sr">Select</span></th><?cs /if ?><th>Issue</th><th>Why</th><th class="num">Alike</th><th class="num">Events</th><th>Last seen</th></tr></thead>
<tbody><?cs each:s = Similar ?><tr><?cs if:May.write_events ?><td><input type="checkbox" name="id" value="<?cs var:s.id ?>" aria-label="Select <?cs var:s.short_id ?>"></td><?cs /if ?><td class="u"><a href="<?cs var:s.link ?>"><?cs var:s.short_id ?></a> <b><?cs var:show(s.name) ?></b> <?cs var:show(s.text) ?></td><td><ul class="plain small"><?cs each:w = s.Why ?><li><?cs var:w ?></li><?cs /each ?></ul></td><td class="num" data-t="Alike"><?cs var:s.score ?> %</td><td class="num" data-t="Events"><?cs var:full(s.events) ?></td><td data-t="Last seen"><?cs call:time(s.last_seen) ?></td></tr>
<?cs /each ?></tbody></table></div>
<?cs if:May.write_events ?><div class="row end"><button class="btn btn-primary"><?cs call:icon("merge") ?>Merge…</button></div><?cs /if ?></div></form>
<?cs else ?><section class="empty"><?cs call:icon("merge") ?><h2>Nothing is similar</h2><p>No other issue of this project shares enough of its type, place, message and code.</p></section><?cs /if ?></div></main><?cs /def ?>
<?cs include:"layout.cs" ?>
