<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>How to search<?cs /def ?>
<?cs def:content() ?><header class="top"><h1>How to search</h1></header><main id="main" class="wrap stack">
<p>Lists of issues, saved searches, alerts, feeds and changes of all that match read the same language. Terms beside each other must all hold.</p>
<section class="card"><div class="card-head"><h2>Examples</h2></div><div class="scroll" tabindex="0" role="region" aria-label="Examples"><table class="tbl"><thead><tr><th>Search</th><th>Meaning</th></tr></thead><tbody><?cs each:e = Example ?><tr><td><a class="mono u" href="/<?cs var:Org.slug ?>/issues/?q=<?cs var:e.link ?>"><?cs var:show(e.query) ?></a></td><td><?cs var:e.words ?></td></tr>
<?cs /each ?></tbody></table></div></section>
<section class="card"><div class="card-head"><h2>Keys</h2></div><div class="scroll" tabindex="0" role="region" aria-label="Keys"><table class="tbl"><thead><tr><th>Key</th><th>Meaning</th><th>Values</th></tr></thead><tbody><?cs each:k = Key ?><tr><td class="mono"><?cs var:k.key ?>:</td><td><?cs var:k.words ?></td><td class="mono small u"><?cs var:k.values ?></td></tr>
<?cs /each ?></tbody></table></div></section>
</main><?cs /def ?>
<?cs include:"layout.cs" ?>
