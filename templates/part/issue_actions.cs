<?cs # Issue: open, archived; Person: id, name, email, me, current ?>
<form class="bar-act" method="post" action="<?cs var:Issue.link ?>"><?cs call:csrf() ?>
<?cs if:Issue.open ?><button class="btn btn-primary" data-key="e" name="do" value="resolve"><?cs call:icon("ok") ?>Resolve</button>
<button class="btn" data-key="a" name="do" value="archive"><?cs call:icon("archive") ?>Archive</button>
<?cs else ?><button class="btn btn-primary" data-key="e" name="do" value="unresolve"><?cs call:icon("refresh") ?><?cs if:Issue.archived ?>Unarchive<?cs else ?>Unresolve<?cs /if ?></button>
<?cs /if ?><details class="menu" name="menu"><summary class="btn"><?cs call:assignee(Issue) ?><?cs if:?Issue.assignee ?><span class="u"><?cs var:show(Issue.assignee) ?></span><?cs else ?>Assign<?cs /if ?><?cs call:icon("down") ?></summary><div class="menu-pop menu-long"><?cs each:p = Person ?><button type="submit" class="menu-item" name="assign" value="<?cs var:p.id ?>" role="menuitemradio" aria-checked="<?cs if:p.current ?>true<?cs else ?>false<?cs /if ?>"><span class="u"><?cs var:show(p.name) ?><?cs if:p.me ?> (you)<?cs /if ?><small><?cs var:show(p.email) ?></small></span></button>
<?cs /each ?><hr class="menu-sep"><button type="submit" class="menu-item" name="assign" value="0"><span>Nobody</span></button>
</div></details>
<details class="menu" name="menu"><summary class="btn" aria-label="Priority: <?cs var:Issue.priority ?>"><?cs call:priority(Issue) ?><?cs call:icon("down") ?></summary><div class="menu-pop"><button type="submit" class="menu-item" name="priority" value="75" role="menuitemradio" aria-checked="<?cs if:Issue.pri == "high" ?>true<?cs else ?>false<?cs /if ?>"><span>High</span></button>
<button type="submit" class="menu-item" name="priority" value="50" role="menuitemradio" aria-checked="<?cs if:Issue.pri == "med" ?>true<?cs else ?>false<?cs /if ?>"><span>Medium</span></button>
<button type="submit" class="menu-item" name="priority" value="25" role="menuitemradio" aria-checked="<?cs if:Issue.pri == "low" ?>true<?cs else ?>false<?cs /if ?>"><span>Low</span></button>
</div></details>
<a class="btn" href="<?cs var:Issue.link ?>tickets/new/"><?cs call:icon("ticket") ?>Create ticket</a>
</form>
