<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Single sign-on<?cs /def ?>
<?cs def:content() ?><?cs set:Set = "sso" ?><header class="top"><h1>Settings</h1></header><main id="main" class="set"><?cs include:"part/settings_nav.cs" ?><div class="stack">
<div class="row between nowrap"><div><h2>Single sign-on</h2><p class="small mute">People of your own provider come in without a password of ours, with the role and the teams that their groups stand for.</p></div><a class="small" href="/<?cs var:Org.slug ?>/settings/audit/?q=sso">Earlier changes</a></div>
<?cs if:NoKey ?><div class="note note-warn" role="note"><?cs call:icon("warn") ?><div><b>Nothing can be connected yet.</b><p>This installation has no key to encrypt secrets with: set system.secret-file in its configuration.</p></div></div><?cs /if ?>
<section class="card"><table class="tbl tbl-cards"><thead><tr><th>Provider</th><th>State</th><th><span class="sr">Change</span></th></tr></thead><tbody><?cs each:k = Kinds ?><tr><td><div class="row"><?cs call:icon(k.icon) ?><div><b><?cs var:k.label ?></b><?cs if:?k.name ?> <span class="u"><?cs var:show(k.name) ?></span><?cs /if ?><div class="small mute"><?cs var:k.does ?></div></div></div></td><td><?cs if:!?k.name ?><span class="chip">Not set up</span><?cs elif:k.off ?><span class="chip">Off</span><?cs else ?><span class="chip chip-ok">On</span><?cs /if ?></td><td class="num"><a class="btn btn-sm" href="/<?cs var:Org.slug ?>/settings/sso/<?cs var:k.kind ?>/"><?cs if:?k.name ?>Change<?cs else ?>Set up<?cs /if ?></a></td></tr>
<?cs /each ?></tbody></table></section>
<p class="small"><?cs if:Passwords ?>Members may sign in with passwords, too.<?cs else ?>Members may not sign in with passwords; owners may.<?cs /if ?> <a href="/<?cs var:Org.slug ?>/settings/security/">Security</a> decides that. When the provider is away, whoever runs this Vedette lets you in with <span class="mono">vedette account link</span>.</p>
</div></main><?cs /def ?>
<?cs include:"layout.cs" ?>
