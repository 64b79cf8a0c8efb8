"""Whoever changes access, a key, a setting or an integration, or deletes something, leaves a line in the audit log.

Read from the sources: every row of page/routes.c that changes something leads to audit_add() in some way,
or to activity_add() for what an issue's own page tells of, or stands below with the reason.
"""

import re
from functools import cache

from harness.build import ROOT

APP = ROOT / "fcgi_app"

# what changes nothing of that kind
NO_LINE = {
    "POST /login/": "a sign-in, which the list of logins has",
    "POST /login/second/": "a sign-in",
    "POST /login/link/:token/": "a sign-in",
    "POST /login/csp/": "a browser's report, for the log",
    "POST /login/forgot/": "a mail to the owner of the address",
    "POST /logout/": "the end of a login",
    "POST /account/": "how a person sees the pages",
    "POST /account/theme/": "how a person sees the pages",
    "POST /account/notifications/": "what mails a person gets",
    "POST /:org/issues/view/": "how a person sees the pages",
    "POST /:org/issues/filter/": "how a person sees the pages",
    "POST /:org/issues/:issue/merged/": "work on an issue, which its own page tells of",
    "POST /:org/issues/:issue/tickets/new/": "work on an issue",
    "POST /:org/issues/:issue/tickets/link/": "work on an issue",
    "POST /:org/issues/:issue/tickets/:ticket/unlink/": "work on an issue",
    "POST /hooks/:token/": "work on an issue, in the name of a tracker",
    "POST /:org/undo/:undo/": "work on issues",
    "POST /:org/jobs/:job/": "work on issues",
    "POST /:org/projects/:project/star/": "how a person sees the pages",
    "POST /:org/feedback/": "work on feedback",
    "POST /:org/alerts/incidents/": "work on an incident, which has a course of its own",
    "POST /:org/projects/:project/getting-started/sample/": "an event",
    "POST /:org/stats/event/": "an event",
    "POST /:org/settings/sso/:provider/test/": "a trial that lets nobody in",
}


@cache
def program():
    """{(file, name): words of its body}, and {name: file} of the functions that other files see."""
    bodies, shared = {}, {}
    for path in APP.glob("*/*.c"):
        text = re.sub(r"""/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\]|\\.)+'""", "", path.read_text(), flags=re.S)
        for head, name, body in re.findall(r"^([^\n]*)\n(\w+)\([^{}]*?\)\n\{\n(.*?)^\}", text, re.M | re.S):
            bodies[path, name] = set(re.findall(r"\b[a-z_]\w+(?=\()", body))
            if not head.startswith("static"):
                shared[name] = path
    return bodies, shared


def leads_to(start, ends):
    bodies, shared = program()
    seen, todo = set(), [(shared[start], start)]
    while todo:
        path, name = todo.pop()
        if (path, name) in seen or (path, name) not in bodies:
            continue
        seen.add((path, name))
        for called in bodies[path, name]:
            if ends.match(called):
                return True
            todo.append((path if (path, called) in bodies else shared.get(called), called))
    return False


def changing_routes():
    text = (APP / "page" / "routes.c").read_text()
    return {f"POST {path}": handler
            for path, handler in re.findall(r'\{\s*METHOD_POST,\s*"([^"]+)",\s*"[^"]+",\s*(\w+)', text)}


def test_every_change_leaves_its_line():
    routes = changing_routes()
    assert len(routes) > 70 and set(routes.values()) <= set(program()[1])
    ends = re.compile(r"audit_add\w*$|activity_\w+$")
    silent = {route for route, handler in routes.items() if not leads_to(handler, ends)}
    assert silent == set(NO_LINE)
