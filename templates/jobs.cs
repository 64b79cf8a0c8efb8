<?cs include:"part/macros.cs" ?><?cs include:"part/job.cs" ?>
<?cs def:title() ?>Jobs<?cs /def ?>
<?cs def:content() ?><header class="top"><h1>Jobs</h1></header><main id="main" class="wrap">
<?cs if:subcount(Job) ?><div class="card scroll"><table class="tbl tight tbl-cards"><thead><tr><th>Job</th><th>State</th><th class="num">Done</th><th>By</th><th>Asked for</th></tr></thead>
<tbody><?cs each:j = Job ?><tr><td><a class="u" href="/<?cs var:Org.slug ?>/jobs/<?cs var:j.id ?>/"><?cs var:show(j.title) ?></a></td><td><?cs call:job_state(j) ?></td><td class="num" data-t="Done"><?cs var:full(j.done) ?><?cs if:?j.total ?> of <?cs var:full(j.total) ?><?cs /if ?></td><td class="u" data-t="By"><?cs var:show(j.who) ?></td><td data-t="Asked for"><?cs call:time(j.created_at) ?></td></tr>
<?cs /each ?></tbody></table></div>
<?cs if:?before ?><nav class="pager" aria-label="Pages"><span class="grow"></span><a class="btn btn-sm" href="?before=<?cs var:before ?>">Older<?cs call:icon("right") ?></a></nav><?cs /if ?>
<?cs else ?><section class="empty"><?cs call:icon("ok") ?><h2>Nothing has taken long so far</h2><p>A change of very many issues, a deletion or a merge is shown here, with how far it is.</p></section><?cs /if ?></main><?cs /def ?>
<?cs include:"layout.cs" ?>
