<?cs # The head of the issue's other pages.  Issue, set by issue_summary; at: the tab ?>
<?cs def:issue_tab(name, path, word, at) ?><a href="<?cs var:Issue.link ?><?cs var:path ?>"<?cs if:name == at ?> aria-current="page"<?cs /if ?>><?cs var:word ?></a><?cs /def ?>
<?cs def:issue_head(at) ?><header class="ih"><nav class="path" aria-label="Breadcrumb"><a href="/<?cs var:Org.slug ?>/issues/">Issues</a> / <a href="/<?cs var:Org.slug ?>/issues/?project=<?cs var:Issue.project ?>"><?cs call:platform(Issue) ?> <?cs var:Issue.project ?></a> / <a href="<?cs var:Issue.link ?>"><?cs var:Issue.short_id ?></a></nav>
<h1 class="u"><?cs var:show(Issue.name) ?></h1>
<?cs if:?Issue.text ?><p class="msg u cut"><?cs var:show(Issue.text) ?></p>
<?cs /if ?></header>
<nav class="tabs top-tabs" aria-label="Issue"><?cs call:issue_tab("details", "", tr("Details"), at) ?><a href="<?cs var:Issue.link ?>events/"<?cs if:at == "events" ?> aria-current="page"<?cs /if ?>>Events<span class="n"><?cs var:count(Issue.events) ?></span></a><?cs call:issue_tab("tags", "tags/", tr("Tags"), at) ?><?cs call:issue_tab("similar", "similar/", tr("Similar"), at) ?><?cs call:issue_tab("merged", "merged/", tr("Merged"), at) ?></nav><?cs /def ?>
