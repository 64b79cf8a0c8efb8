<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Environments<?cs /def ?>
<?cs def:content() ?><?cs set:Set = "environments" ?><header class="top"><h1>Settings</h1></header><main id="main" class="set"><?cs include:"part/settings_nav.cs" ?><div class="stack">
<div><h2>Environments</h2><p class="small mute">Where the events of this project came from. A hidden one is left out of menus; its events are kept and counted.</p></div>
<?cs if:subcount(Environments) ?><form class="card" method="post" action="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/environments/"><?cs call:csrf() ?><div class="scroll"><table class="tbl"><thead><tr><th>Environment</th><th class="hide-s">First seen</th><th>Last seen</th><th><span class="sr">Shown</span></th></tr></thead><tbody><?cs each:e = Environments ?><tr><td><b class="u"><?cs var:show(e.name) ?></b><?cs if:?e.hidden ?> <span class="chip">Hidden</span><?cs /if ?></td><td class="dim hide-s"><?cs call:time(e.first) ?></td><td class="dim"><?cs call:time(e.last) ?></td><td class="num"><?cs if:May.write_projects ?><?cs if:?e.hidden ?><button class="btn btn-ghost btn-sm" type="submit" name="show" value="<?cs var:plain(e.name) ?>" aria-label="Show <?cs var:plain(e.name) ?>">Show</button><?cs else ?><button class="btn btn-ghost btn-sm" type="submit" name="hide" value="<?cs var:plain(e.name) ?>" aria-label="Hide <?cs var:plain(e.name) ?>">Hide</button><?cs /if ?><?cs /if ?></td></tr>
<?cs /each ?></tbody></table></div></form>
<?cs else ?><section class="card"><div class="empty"><?cs call:icon("globe") ?><h2>No environments yet</h2><p>An SDK names its own with every event: <span class="mono">environment</span>.</p></div></section>
<?cs /if ?></div></main><?cs /def ?>
<?cs include:"layout.cs" ?>
