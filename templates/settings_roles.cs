<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Roles<?cs /def ?>
<?cs def:content() ?><?cs set:Set = "roles" ?><header class="top"><h1>Settings</h1></header><main id="main" class="set"><?cs include:"part/settings_nav.cs" ?><div class="stack">
<div><h2>Roles</h2><p class="small mute">What each role may do. This is the table that the server itself asks; you are <b><?cs var:tr(Me.role) ?></b>.</p></div>
<div class="card scroll" tabindex="0" role="region" aria-label="What each role may do"><table class="tbl tight acl"><thead><tr><th>May</th><?cs each:r = Roles ?><th<?cs if:r.mine ?> aria-current="true"<?cs /if ?>><?cs var:tr(r.name) ?></th><?cs /each ?></tr></thead><tbody><?cs each:s = Scopes ?><tr><td><?cs var:s.words ?> <span class="small mute mono"><?cs var:s.name ?></span></td><?cs each:r = s.Roles ?><td><?cs if:r.may ?><?cs call:icon("check") ?><span class="sr">yes</span><?cs else ?><span class="no">–<span class="sr"> no</span></span><?cs /if ?></td><?cs /each ?></tr>
<?cs /each ?></tbody></table></div>
<p class="small mute">Nobody gives, changes or takes a role above the own one. The last owner stays.</p>
</div></main><?cs /def ?>
<?cs include:"layout.cs" ?>
