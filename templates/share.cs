<?cs include:"part/macros.cs" ?><?cs include:"part/issue_value.cs" ?>
<?cs def:title() ?><?cs var:plain(Shared.name) ?> · <?cs var:Shared.short_id ?><?cs /def ?>
<?cs def:content() ?><main id="main" class="share"><header class="ih"><p class="path"><span class="row"><?cs call:logo() ?> Shared by a link · <span><?cs var:Shared.short_id ?></span></span></p>
<h1 class="u"><?cs var:show(Shared.name) ?></h1>
<?cs if:?Shared.text ?><p class="msg u pre"><?cs var:show(Shared.text) ?></p>
<?cs /if ?><div class="facts"><?cs call:level(Shared.level) ?><?cs if:?Shared.culprit ?><span class="mono u"><?cs var:show(Shared.culprit) ?></span><?cs /if ?><span><?cs var:full(Shared.events) ?> <?cs var:form(Shared.events, "event|events") ?></span><span>first <?cs call:time(Shared.first_seen) ?></span><span>last <?cs call:time(Shared.last_seen) ?></span></div></header>
<div class="body"><?cs if:subcount(Stack.Exc) ?><?cs include:"part/issue_stack.cs" ?><?cs else ?><section class="empty"><?cs call:icon("events") ?><h2>There is no stack trace to show</h2><p>The latest event has none, or it is no longer stored.</p></section><?cs /if ?></div></main><?cs /def ?>
<?cs include:"part/head.cs" ?><body>
<?cs call:content() ?>
</body>
</html>
