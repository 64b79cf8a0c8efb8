<?cs def:content() ?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<id><?cs var:stream ?></id>
<title>Issues of <?cs var:plain(organization) ?><?cs if:query ?>: <?cs var:plain(query) ?><?cs /if ?></title>
<updated><?cs var:iso(updated) ?></updated>
<author><name>Vedette</name></author>
<link rel="alternate" type="text/html" href="<?cs var:stream ?>"/>
<?cs each:e = Entry ?><entry>
<id><?cs var:e.link ?></id>
<title><?cs var:e.short_id ?>: <?cs var:plain(e.title) ?></title>
<link rel="alternate" type="text/html" href="<?cs var:e.link ?>"/>
<published><?cs var:iso(e.first_seen) ?></published>
<updated><?cs var:iso(e.updated) ?></updated>
<category term="<?cs var:e.level ?>"/>
<category term="<?cs var:e.project ?>"/>
<summary><?cs var:plain(e.culprit) ?></summary>
</entry>
<?cs /each ?></feed>
<?cs /def ?><?cs call:content() ?>
