<?cs include:"part/macros.cs" ?>
<?cs def:title() ?>Audit log of the installation<?cs /def ?>
<?cs def:content() ?><header class="top"><div class="grow"><nav class="path" aria-label="Breadcrumb"><a href="/admin/health/">System health</a></nav><h1>Audit log of the installation</h1></div></header>
<main id="main" class="wrap stack"><p class="small mute">What system administrators and commands have done to all organisations at once. What was done in one of them stands in its own audit log.</p>
<?cs if:subcount(Rows) ?><?cs include:"part/audit.cs" ?><?cs else ?><section class="card"><div class="empty"><?cs call:icon("shield") ?><h2>Nothing has been done yet</h2><p>Stops, clean-ups, reports and what becomes of dead letters will be listed here.</p></div></section>
<?cs /if ?></main><?cs /def ?>
<?cs include:"layout.cs" ?>
