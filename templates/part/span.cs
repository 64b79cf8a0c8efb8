<?cs # what span_show has set ?>
<?cs def:span() ?><details class="menu menu-end" name="menu"><summary class="btn" aria-label="Time range"><?cs call:icon("cal") ?><?cs var:Span.title ?><?cs call:icon("down") ?></summary><div class="menu-pop"><?cs each:c = Span.Choice ?><a href="<?cs var:c.link ?>" class="menu-item" role="menuitemradio" aria-checked="<?cs if:c.current ?>true<?cs else ?>false<?cs /if ?>"><span><?cs var:c.title ?></span></a>
<?cs /each ?></div></details><?cs /def ?>
<?cs # "+41 %" beside a number; bad: more of it is worse ?>
<?cs def:change(text, up, down, bad) ?><?cs if:text ?><span<?cs if:bad && up ?> class="t-error"<?cs elif:bad && down ?> class="t-ok"<?cs /if ?>><?cs var:text ?> on the <?cs var:Span.title ?> before</span><?cs else ?><span>none in the <?cs var:Span.title ?> before</span><?cs /if ?><?cs /def ?>
