<?cs # One value of an event, from issue_value(): v, rest, size, kind, note, removed. ?>
<?cs def:value(x) ?><?cs if:x.removed ?><span class="redact">[<?cs if:?x.note ?><?cs var:show(x.note) ?><?cs else ?>Filtered<?cs /if ?>]</span><?cs else ?><?cs var:show(x.v) ?><?cs if:?x.rest ?><details><summary class="small t-accent">show all <?cs var:bytes(x.size) ?></summary><?cs var:show(x.rest) ?></details><?cs /if ?><?cs if:?x.note ?> <span class="redact">[<?cs var:show(x.note) ?>]</span><?cs /if ?><?cs /if ?><?cs /def ?>
<?cs def:vars(list) ?><table class="vars"><tbody><?cs each:x = list ?><tr><td><?cs var:show(x.k) ?></td><td class="u-mono <?cs var:x.kind ?>"><?cs call:value(x) ?></td></tr><?cs /each ?></tbody></table><?cs /def ?>
<?cs def:facts(list) ?><?cs each:x = list ?><dt class="u"><?cs var:show(x.k) ?></dt><dd class="u-mono"><?cs call:value(x) ?><?cs if:?x.bytes ?> <span class="mute">(<?cs var:bytes(x.bytes) ?>)</span><?cs /if ?></dd><?cs /each ?><?cs /def ?>
<?cs # lines "name = value" of one dd ?>
<?cs def:pairs(list) ?><?cs each:x = list ?><?cs if:?x.k ?><?cs var:show(x.k) ?> = <?cs /if ?><?cs call:value(x) ?>
<?cs /each ?><?cs /def ?>
<?cs def:level(name) ?><span class="lv l-<?cs var:name ?>"><?cs call:level_icon(name) ?><?cs var:name ?></span><?cs /def ?>
<?cs def:priority(x) ?><span class="pri pri-<?cs var:x.pri ?>"><?cs var:x.priority ?></span><?cs /def ?>
<?cs # the person or team of an issue, or an empty ring ?>
<?cs def:assignee(x) ?><?cs if:?x.assignee ?><span class="av av<?cs var:x.colour ?>" title="<?cs var:plain(x.assignee) ?>"><?cs if:?x.team ?><?cs call:icon("users") ?><?cs else ?><?cs var:initials(x.assignee) ?><?cs /if ?></span><?cs else ?><span class="av av-none" title="Unassigned"><?cs call:icon("user") ?></span><?cs /if ?><?cs /def ?>
