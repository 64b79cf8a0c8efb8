<?cs # What every page may call.  A value goes in as it is and is escaped here. ?>
<?cs def:icon(name) ?><svg class="i" aria-hidden="true"><use href="/static/icons.svg?v=<?cs var:Site.asset ?>#i-<?cs var:name ?>"/></svg><?cs /def ?>
<?cs def:level_icon(name) ?><svg aria-hidden="true"><use href="/static/icons.svg?v=<?cs var:Site.asset ?>#lv-<?cs var:name ?>"/></svg><?cs /def ?>
<?cs def:logo() ?><svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#0a6a72"/><path d="M9 26V6.5" stroke="#fff" stroke-width="3" stroke-linecap="round"/><path d="M10 7h15l-5 5H10z" fill="#fff"/><path d="M10 12h10l5 5H10z" fill="#f2b441"/></svg><?cs /def ?>
<?cs def:csrf() ?><input type="hidden" name="csrf" value="<?cs var:Csrf ?>"><?cs /def ?>
<?cs # "3 min ago", with the exact time as its title; app.js keeps it fresh ?>
<?cs def:time(t) ?><?cs if:t ?><time datetime="<?cs var:iso(t) ?>" data-rel title="<?cs var:at(t) ?>"><?cs var:ago(t) ?></time><?cs /if ?><?cs /def ?>
<?cs # "12.4k", with the exact number as its title ?>
<?cs def:count(n) ?><?cs if:count(n) == full(n) ?><?cs var:full(n) ?><?cs else ?><span title="<?cs var:full(n) ?>"><?cs var:count(n) ?></span><?cs /if ?><?cs /def ?>
<?cs # p: what platform_fill has set ?>
<?cs def:platform(p) ?><span class="pf" title="<?cs var:p.platform_name ?>"><?cs var:p.badge ?></span><?cs /def ?>
<?cs # c: what chart_spark has set; what is around says data-from and data-step, once for all of a list ?>
<?cs def:spark(c) ?><svg class="spark" viewBox="-.5 0 <?cs var:c.width ?> 24" preserveAspectRatio="none" data-v="<?cs var:c.name ?>:<?cs var:c.v ?>" role="img" aria-label="Peak <?cs var:full(c.peak) ?> <?cs var:c.name ?>"><?cs if:?c.d ?><path class="f-bar" d="<?cs var:c.d ?>"/><?cs /if ?><?cs if:?c.hot ?><path class="f-error" d="<?cs var:c.hot ?>"/><?cs /if ?></svg><?cs /def ?>
<?cs # c: what chart_card has set; data-from and data-step as with sparks ?>
<?cs def:cardchart(c) ?><svg class="chart" height="44" role="img" aria-label="<?cs var:full(c.total) ?> <?cs var:c.name ?>, peak <?cs var:full(c.peak) ?>" data-v="<?cs var:c.name ?>:<?cs var:c.v ?>"><svg y="2" width="100%" height="40" viewBox="-.5 0 <?cs var:c.width ?> 40" preserveAspectRatio="none"><path class="f-bar" d="<?cs var:c.d ?>"/></svg><line class="base" x1="0" x2="100%" y1="42" y2="42"/></svg><?cs /def ?>
<?cs # p: a project, in a form that says where to go back ?>
<?cs def:star(p) ?><button class="btn btn-sm btn-icon btn-ghost star" formaction="/<?cs var:Org.slug ?>/projects/<?cs var:p.slug ?>/star/" name="on" value="<?cs if:p.starred ?>0<?cs else ?>1<?cs /if ?>" aria-pressed="<?cs if:p.starred ?>true<?cs else ?>false<?cs /if ?>" title="Favourite" aria-label="Favourite <?cs var:plain(p.name) ?>"><?cs call:icon("star") ?></button><?cs /def ?>
<?cs # newer and older page; both are there, so that nothing jumps ?>
<?cs def:pager_link(href, icon, word) ?><?cs if:href ?><a class="btn" href="<?cs var:href ?>"><?cs call:icon(icon) ?><?cs var:word ?></a><?cs else ?><span class="btn" aria-disabled="true"><?cs call:icon(icon) ?><?cs var:word ?></span><?cs /if ?><?cs /def ?>
<?cs # a copy button of a .codebox; app.js shows it, as it needs JavaScript ?>
<?cs def:copy(from) ?><button class="btn btn-sm btn-icon copy" type="button" data-copy-from="<?cs var:from ?>" hidden aria-label="Copy"><?cs call:icon("copy") ?></button><?cs /def ?>
