<?cs # Grouping: shown, why, Part (name, text) ?>
<?cs if:Grouping.shown ?><details class="sec" open id="grouping"><summary><h2>Grouping</h2><span class="mute small">why these events are together</span></summary><div><p class="dim"><?cs var:show(Grouping.why) ?></p>
<table class="tbl tight"><tbody><?cs each:p = Grouping.Part ?><tr><td class="dim u"><?cs var:show(p.name) ?></td><td class="u-mono"><?cs var:show(p.text) ?></td></tr><?cs /each ?><?cs if:May.write_projects ?><tr><td class="dim">rule</td><td><a href="/<?cs var:Org.slug ?>/projects/<?cs var:Issue.project ?>/grouping/">Add a fingerprint rule</a></td></tr><?cs /if ?></tbody></table></div></details>
<?cs /if ?>
