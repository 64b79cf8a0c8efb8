<?cs # j: what fill_job of page/job.c has set ?>
<?cs def:job_state(j) ?><span class="chip <?cs if:j.failed ?>chip-bad<?cs elif:j.state == "done" ?>chip-ok<?cs else ?>chip-line<?cs /if ?>"><?cs if:j.stopping ?>stopping<?cs else ?><?cs var:j.state ?><?cs /if ?></span><?cs /def ?>
