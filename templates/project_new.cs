<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>New project<?cs /def ?>
<?cs def:content() ?><header class="top"><h1>New project</h1><div class="top-actions"><a class="btn btn-ghost" href="/<?cs var:Org.slug ?>/">Cancel</a></div></header>
<main id="main" class="wrap wrap-narrow stack">
<ol class="steps"><li class="now">Create project</li><li>Send an event</li></ol>
<form class="card" method="post" action="/<?cs var:Org.slug ?>/new-project/"><?cs call:csrf() ?><div class="card-head"><h2>What sends its errors?</h2></div><div class="card-body">
<fieldset class="formrow"><legend class="sr">Platform</legend><span class="lbl" aria-hidden="true">Platform</span><div class="choices"><?cs each:p = Platforms ?><label class="choice"><input type="radio" name="platform" value="<?cs var:p.id ?>"<?cs if:p.chosen ?> checked<?cs /if ?>><span class="pf" aria-hidden="true"><?cs var:p.badge ?></span><span><?cs var:p.platform_name ?></span></label><?cs /each ?></div></fieldset>
<div class="formrow"><label class="lbl" for="name">Name</label><div><input class="input" id="name" name="name" maxlength="100" required autocomplete="off" placeholder="Shop API" value="<?cs var:plain(Form.name) ?>"<?cs if:?Wrong.name ?> autofocus aria-invalid="true" aria-describedby="name-hint"<?cs /if ?>><?cs if:?Wrong.name ?><p class="hint hint-bad" id="name-hint"><?cs var:Wrong.name ?></p><?cs /if ?></div></div>
<div class="formrow"><label class="lbl" for="slug">Address</label><div><input class="input mono" id="slug" name="slug" maxlength="50" autocomplete="off" spellcheck="false" placeholder="shop-api" value="<?cs var:plain(Form.slug) ?>" aria-describedby="slug-hint"<?cs if:?Wrong.slug ?> autofocus aria-invalid="true"<?cs /if ?>><p class="hint<?cs if:?Wrong.slug ?> hint-bad<?cs /if ?>" id="slug-hint"><?cs if:?Wrong.slug ?><?cs var:Wrong.slug ?><?cs else ?>Stands in links and in the short ids of issues. Left empty, it is made from the name.<?cs /if ?></p></div></div>
<div class="row end"><button class="btn btn-primary" type="submit">Create project</button></div></div></form>
</main><?cs /def ?>
<?cs include:"layout.cs" ?>
