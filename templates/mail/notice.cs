<?cs def:content() ?><!doctype html>
<html lang="<?cs var:lang ?>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title><?cs var:show(title) ?></title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; padding: 0; background: #f4f6f6; color: #12191b; font: 14px/20px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
.outer { width: 100%; background: #f4f6f6; }
.card { width: 100%; max-width: 600px; margin: 24px auto; background: #ffffff; border: 1px solid #e3e8e8; border-radius: 10px; }
.edge { padding: 0 12px; }
.pad { padding: 24px; }
h1 { margin: 4px 0 2px; font-size: 18px; line-height: 24px; font-weight: 650; overflow-wrap: anywhere; }
p { margin: 0 0 12px; overflow-wrap: anywhere; }
a { color: #0a6a72; }
.mute { color: #5f6c71; font-size: 13px; }
.kind { font-size: 12px; font-weight: 600; letter-spacing: .02em; color: #5f6c71; }
.bad { color: #c92f28; }
.warn { color: #925600; }
.good { color: #217a3c; }
.why { margin: 16px 0; padding: 10px 12px; background: #f6f8f8; border-left: 3px solid #0a6a72; border-radius: 4px; }
.code { margin: 16px 0; padding: 10px 12px; background: #f6f8f8; border-radius: 6px; font: 12px/18px ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.facts { width: 100%; border-collapse: collapse; font-size: 13px; margin: 16px 0; }
.facts th { text-align: left; font-weight: 400; color: #5f6c71; padding: 4px 12px 4px 0; vertical-align: top; white-space: nowrap; }
.facts td { padding: 4px 0; overflow-wrap: anywhere; }
.btn { display: inline-block; padding: 8px 16px; background: #0a6a72; color: #ffffff; border-radius: 6px; text-decoration: none; font-weight: 600; }
.go { margin: 16px 0 12px; }
.acts a { display: inline-block; margin: 12px 16px 0 0; font-size: 13px; }
.item { padding: 10px 0; border-top: 1px solid #e3e8e8; }
h1 + .item { margin-top: 16px; }
.foot { padding: 16px 24px; border-top: 1px solid #e3e8e8; color: #5f6c71; font-size: 12px; line-height: 18px; }
@media (prefers-color-scheme: dark) {
body, .outer { background: #0c1011; color: #e7eded; }
.card { background: #121718; border-color: #242c2e; }
a { color: #5bcdce; }
.mute, .kind, .facts th, .foot { color: #8c999d; }
.bad { color: #ff7166; }
.warn { color: #efb04c; }
.good { color: #5fcf85; }
.why, .code { background: #171d1f; }
.why { border-color: #5bcdce; }
.btn { background: #1c8088; color: #ffffff; }
.item, .foot { border-color: #242c2e; }
}
</style>
</head>
<body>
<table class="outer" role="presentation" cellpadding="0" cellspacing="0"><tr><td class="edge" align="center">
<table class="card" role="presentation" cellpadding="0" cellspacing="0"><tr><td class="pad" align="left">
<?cs if:!plain ?><div class="kind<?cs if:level == "fatal" || level == "error" ?> bad<?cs elif:level == "warning" ?> warn<?cs elif:level == "over" ?> good<?cs /if ?>"><?cs var:show(kind) ?><?cs if:?project ?> · <?cs var:show(project) ?><?cs /if ?><?cs if:?short_id ?> · <?cs var:show(short_id) ?><?cs /if ?></div>
<?cs /if ?><h1><?cs var:show(title) ?></h1>
<?cs if:?culprit ?><p class="mute"><?cs var:show(culprit) ?></p>
<?cs /if ?><?cs if:?actor && subcount(Paragraphs) ?><p><b><?cs var:show(actor) ?></b></p>
<?cs /if ?><?cs each:p = Paragraphs ?><p><?cs var:show(p.text) ?></p>
<?cs /each ?><?cs if:?why ?><div class="why"><b><?cs var:show(why) ?></b><?cs if:?query ?><br><a href="<?cs var:query ?>">See what was measured</a><?cs /if ?></div>
<?cs /if ?><?cs if:?frame ?><div class="code"><?cs var:show(frame) ?><?cs if:?source ?><br><b><?cs var:show(source) ?></b><?cs /if ?></div>
<?cs /if ?><?cs if:subcount(Numbers) ?><table class="facts" role="presentation"><?cs each:v = Numbers ?><tr><th><?cs var:show(v.words) ?></th><td><b><?cs var:show(v.value) ?></b></td></tr><?cs /each ?></table>
<?cs /if ?><?cs each:i = Items ?><div class="item"><a href="<?cs var:i.url ?>"><b><?cs var:show(i.short_id) ?></b> <?cs var:show(i.title) ?></a><div class="mute"><?cs var:show(i.cause) ?></div></div>
<?cs /each ?><?cs if:?url ?><p class="go"><a class="btn" href="<?cs var:url ?>"><?cs var:show(button) ?></a></p>
<?cs /if ?><?cs if:subcount(Actions) ?><div class="acts"><?cs each:v = Actions ?><a href="<?cs var:v.url ?>"><?cs var:v.words ?></a><?cs /each ?></div>
<?cs /if ?><?cs if:!plain && subcount(Facts) ?><table class="facts" role="presentation"><?cs each:f = Facts ?><tr><th><?cs var:show(f.name) ?></th><td><?cs var:show(f.value) ?></td></tr><?cs /each ?></table>
<?cs /if ?></td></tr>
<tr><td class="foot" align="left"><?cs if:?reason ?><?cs var:show(reason) ?><br><?cs /if ?><?cs if:subcount(Rules) ?>Sent by an alert: <?cs each:r = Rules ?><?cs if:!first(r) ?>, <?cs /if ?><a href="<?cs var:r.url ?>"><?cs var:show(r.name) ?></a><?cs /each ?><br><?cs /if ?><?cs if:?unsubscribe ?><a href="<?cs var:unsubscribe ?>">No more of these mails</a> · <a href="<?cs var:prefix ?>/account/notifications/">All settings</a><?cs else ?>Sent by Vedette at <?cs var:prefix ?><?cs /if ?></td></tr></table>
</td></tr></table>
</body>
</html>
<?cs /def ?><?cs call:content() ?>
