<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Projects<?cs /def ?>
<?cs def:content() ?><header class="top"><h1>Projects</h1><div class="top-actions"><?cs if:May.write_projects ?><a class="btn btn-primary" href="/<?cs var:Org.slug ?>/new-project/"><?cs call:icon("plus") ?>New project</a><?cs /if ?></div></header>
<main id="main" class="wrap stack">
<?cs if:subcount(Projects) ?><div class="grid g4" data-from="<?cs var:Projects.0.Chart.from ?>" data-step="<?cs var:Projects.0.Chart.step ?>">
<?cs each:p = Projects ?><a class="card pc" href="/<?cs var:Org.slug ?>/projects/<?cs var:p.slug ?>/"><div class="row nowrap"><?cs call:platform(p) ?><b class="grow cut u" title="<?cs var:plain(p.name) ?>"><?cs var:show(p.name) ?></b><?cs if:p.limited ?><span class="chip chip-warn"><?cs var:count(p.limited) ?> over the limit</span><?cs /if ?></div><div class="plot p0"><?cs call:cardchart(p.Chart) ?></div><div class="row between small"><?cs if:p.waiting ?><span class="t-accent">Waiting for its first event</span><span class="mute">Set up</span><?cs else ?><span><b title="<?cs var:full(p.events) ?>"><?cs var:count(p.events) ?></b> <span class="mute"><?cs var:form(p.events, "event|events") ?>, 24 h</span></span><span class="mute"><?cs if:p.open_more ?>1,000+<?cs else ?><?cs var:full(p.open) ?><?cs /if ?> open</span><?cs /if ?></div></a>
<?cs /each ?></div>
<?cs if:?Pager.before || ?Pager.after ?><nav class="row" aria-label="Pages"><?cs call:pager_link(Pager.before, "left", tr("Before")) ?><?cs call:pager_link(Pager.after, "right", tr("After")) ?></nav><?cs /if ?>
<?cs else ?><section class="empty"><?cs call:icon("dash") ?><h2>No projects yet</h2><p>A project is one application, or a part of one, that sends its errors.</p><?cs if:May.write_projects ?><p class="mt"><a class="btn btn-primary" href="/<?cs var:Org.slug ?>/new-project/">Create the first project</a></p><?cs else ?><p>An admin of the organisation can create one.</p><?cs /if ?></section><?cs /if ?>
<?cs if:subcount(Archived) ?><p class="small mute">Archived: <?cs each:p = Archived ?><?cs if:!first(p) ?>, <?cs /if ?><a class="u" href="/<?cs var:Org.slug ?>/projects/<?cs var:p.slug ?>/"><?cs var:show(p.name) ?></a><?cs /each ?></p><?cs /if ?>
</main><?cs /def ?>
<?cs include:"layout.cs" ?>
