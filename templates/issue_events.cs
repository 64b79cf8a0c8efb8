<?cs include:"part/macros.cs" ?><?cs include:"part/issue_value.cs" ?>
<?cs def:title() ?>Events · <?cs var:Issue.short_id ?><?cs /def ?>
<?cs def:content() ?><main id="main">
<header class="ih"><nav class="path" aria-label="Breadcrumb"><a href="/<?cs var:Org.slug ?>/issues/">Issues</a> / <a href="/<?cs var:Org.slug ?>/issues/?project=<?cs var:Issue.project ?>"><?cs call:platform(Issue) ?> <?cs var:Issue.project ?></a> / <a href="<?cs var:Issue.link ?>"><?cs var:Issue.short_id ?></a></nav>
<h1 class="u"><?cs var:show(Issue.name) ?></h1>
<?cs if:?Issue.text ?><p class="msg u cut"><?cs var:show(Issue.text) ?></p>
<?cs /if ?></header>
<nav class="tabs top-tabs" aria-label="Issue"><a href="<?cs var:Issue.link ?>">Details</a><a href="<?cs var:Issue.link ?>events/" aria-current="page">Events<span class="n"><?cs var:count(Issue.events) ?></span></a></nav>
<div class="wrap"><?cs if:n ?><div class="card scroll"><table class="tbl tight"><thead><tr><th>Event</th><th>Time</th><th>Level</th><th>Title</th><th>Release</th><th>Environment</th><th>User</th><th>Server</th></tr></thead>
<tbody><?cs each:e = Row ?><tr><td><a class="mono<?cs if:e.thin ?> mute<?cs /if ?>" href="<?cs var:e.link ?>"><?cs var:e.short ?></a></td><td><?cs call:time(e.at) ?></td><td><?cs call:level(e.level) ?></td><td class="u"><?cs var:show(e.title) ?></td><td class="u"><?cs var:show(e.release) ?></td><td class="u"><?cs var:show(e.environment) ?></td><td class="u"><?cs var:show(e.user) ?></td><td class="mono u"><?cs var:show(e.server) ?></td></tr>
<?cs /each ?></tbody></table></div><?cs if:thin ?><p class="small mute mt">Of those in grey the contents were not kept, because the issue had so many. All are counted.</p><?cs /if ?>
<?cs else ?><section class="empty"><?cs call:icon("events") ?><h2>No event of this issue is stored any more</h2><p>Its counts stay. The next event will be shown here.</p></section><?cs /if ?></div>
<nav class="pager" aria-label="Pages"><span class="grow"></span><?cs call:pager_link(Pager.newer, "left", tr("Newer")) ?><?cs call:pager_link(Pager.older, "right", tr("Older")) ?></nav>
</main><?cs /def ?>
<?cs include:"layout.cs" ?>
