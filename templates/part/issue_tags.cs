<?cs # Tags: n, Left, Right; a row is k, sub, v, link ?>
<?cs def:tag_column(list) ?><dl><?cs each:t = list ?><dt<?cs if:t.sub ?> class="sub"<?cs /if ?>><?cs var:show(t.k) ?></dt><dd><?cs if:?t.v ?><a class="u" href="<?cs var:t.link ?>"><?cs var:show(t.v) ?></a><?cs /if ?></dd><?cs /each ?></dl><?cs /def ?>
<?cs if:Tags.n ?><details class="sec" open id="tags"><summary><h2>Tags</h2><span class="mute small"><?cs var:Tags.n ?></span></summary><div class="tree"><?cs call:tag_column(Tags.Left) ?>
<?cs if:subcount(Tags.Right) ?><?cs call:tag_column(Tags.Right) ?><?cs /if ?></div></details>
<?cs /if ?>
