<!doctype html>
<html lang="<?cs var:Page.lang ?>"<?cs if:Page.lang != "en" ?> data-ago="<?cs var:tr("{0} y ago") ?>|<?cs var:tr("{0} mo ago") ?>|<?cs var:tr("{0} w ago") ?>|<?cs var:tr("{0} d ago") ?>|<?cs var:tr("{0} h ago") ?>|<?cs var:tr("{0} min ago") ?>|<?cs var:tr("{0} s ago") ?>|<?cs var:tr("just now") ?>"<?cs /if ?><?cs if:?Page.zone ?> data-zone="<?cs var:Page.zone ?>"<?cs /if ?> data-now="<?cs var:iso(Page.now) ?>"<?cs if:?Page.theme ?> data-theme="<?cs var:Page.theme ?>"<?cs /if ?>>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="<?cs var:tr("The errors of your applications: whom they hit, since when, and why.") ?>">
<title><?cs call:title() ?> · Vedette</title>
<?cs if:?Page.refresh ?><noscript><meta http-equiv="refresh" content="<?cs var:Page.refresh ?>"></noscript>
<?cs /if ?><link rel="icon" href="/static/logo.svg?v=<?cs var:Site.asset ?>" type="image/svg+xml">
<link rel="stylesheet" href="/static/app.css?v=<?cs var:Site.asset ?>">
<script type="module" src="/static/app.js?v=<?cs var:Site.asset ?>"></script>
</head>
