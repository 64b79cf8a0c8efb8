"""The XSS corpus through the real edge, and every page that shows it in a real browser (reliability.md 4.3)."""

import os
import time
import uuid
from urllib.parse import quote

import pytest

from harness import firefox as engine
from page.conftest import Person
from page.xss import HOST, PAYLOADS, items

pytestmark = pytest.mark.timeout(1800)  # many pages in two engines: a busy machine needs its time

EVENTS = 12  # with some 240 payloads each: all in fields and keys of which many may be, others where there is but one
EACH = 3  # whose further pages are opened too

# What no payload may have become: a script, a handler, a style, a frame, a link that is no address.
MADE = """[...document.querySelectorAll('*')].filter(e =>
    [...e.attributes].some(a => a.name.startsWith('on') || ['style', 'srcdoc'].includes(a.name)
        || (a.name === 'formaction' && !a.value.startsWith('/acme/')))
    || e.matches('script:not([src^="/static/"]), iframe, object, embed, base, math, meta[http-equiv], style, link[href*="%s"]')
    || (e.matches('a[href]') && !/^(https?|mailto):/i.test(new URL(e.href.baseVal ?? e.href, document.baseURI).href))).map(e => e.outerHTML.slice(0, 200))""" % HOST


@pytest.fixture(scope="module")
def paths(stack):
    """Every page that shows something of the corpus."""
    shop = stack.create_project("shop", platform="javascript")
    dealt = set()
    for n in range(EVENTS):
        id, other = uuid.uuid4().hex, uuid.uuid4().hex
        sent, told, those = items(n, id)
        dealt |= those
        assert stack.send_envelope(shop, {"event_id": id}, sent).status_code == 200
        assert stack.send_envelope(shop, {"event_id": other}, [
            ({"type": "feedback"}, {"event_id": other, **told})]).status_code == 200
        stack.wait_for_event(id)
    assert dealt == set(PAYLOADS) and len(PAYLOADS) >= 400
    stack.wait_for(lambda: stack.value("select count(*) from feedback") >= EVENTS)
    stack.wait_for_counters()
    stack.sql("update organization set name = %s where slug = 'acme'", PAYLOADS[18])
    stack.sql("update project set name = %s where id = %s", PAYLOADS[20], shop.id)
    rows = stack.sql("select i.number, replace(e.event_id::text, '-', '') from issue i join event e on e.issue_id = i.id")
    found = ["/acme/dashboard/", "/acme/issues/?q=", "/acme/projects/", "/acme/projects/shop/", "/acme/explore/",
             "/acme/releases/", "/acme/feedback/", "/acme/stats/", "/acme/alerts/", "/acme/settings/audit/",
             "/acme/projects/shop/keys/", "/acme/projects/shop/settings/", "/acme/nothing/here/"]
    found += [f"/acme/issues/SHOP-{number}/" for number, _ in rows]
    for number, event in rows[:EACH]:
        found += [f"/acme/issues/SHOP-{number}/events/", f"/acme/stats/event/?id={event}"]
    found += [f"/acme/issues/SHOP-1/{form}/" for form in ("json", "markdown")]
    found += [f"/acme/feedback/{id}/" for id, in stack.sql("select id from feedback order by id limit 10")]
    found += [f"/acme/projects/shop/attachments/{id}/" for id, in stack.sql("select id from attachment limit 10")]
    for n, text in enumerate(PAYLOADS[::25]):
        page = ("issues", "feedback", "explore", "releases")[n % 4]
        found.append(f"/acme/{page}/?q={quote(text)}&environment={quote(text)}")
    return found


def test_nothing_of_the_corpus_runs_on_any_page(stack, paths, new_browser):
    browser = new_browser(stack.admin)
    page, asked, dialogs, wrong = browser.page, [], [], []
    page.on("request", lambda r: HOST in r.url.split("?")[0] and asked.append(r.url))
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    browser.expect_error("the server responded with a status of 40[04]")
    for path in paths:
        page.goto(stack.url + path)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        if page.evaluate("window.hacked") is not None:
            wrong.append(f"{path}: a script ran")
        if "/json/" not in path and "/markdown/" not in path:
            wrong += [f"{path}: {made}" for made in page.evaluate(MADE)]
    assert wrong == [] and asked == [] and dialogs == []
    assert browser.unexpected() == [], "no violation of the policy either: what is only blocked is a fault"
    assert "a browser has blocked" not in stack.log("web"), "and none was told to us"


@pytest.fixture
def firefox(stack, tmp_path):
    if engine.path() is None:
        pytest.skip("there is no Firefox: ./configure --install-deps=test brings it")
    browser = engine.Firefox(tmp_path, os.environ, stack.wait_for)
    yield browser
    browser.close()


def test_nothing_of_the_corpus_runs_in_another_engine(stack, paths, firefox):
    """In Firefox, for half a minute: those pages first that show most."""
    person = Person(stack).sign_in(stack.admin.email)
    firefox.open(f"{stack.url}/static/robots.txt")
    firefox.cookie("vedette", person.session.cookies["vedette"])
    until, wrong = time.monotonic() + 30, []
    for path in sorted(paths, key=lambda path: "/issues/SHOP" not in path and "/feedback/" not in path):
        if time.monotonic() > until:
            break
        if "/json/" in path or "/markdown/" in path:
            continue
        firefox.open(stack.url + path)
        firefox.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        if firefox.run("return window.hacked ?? null") is not None:
            wrong.append(f"{path}: a script ran")
        wrong += [f"{path}: {made}" for made in firefox.run(f"return {MADE}")]
    assert wrong == []
    assert "a browser has blocked" not in stack.log("web"), "no violation of the policy either"
    # what it blocks it tells: else its silence would say nothing
    firefox.run("const s = document.createElement('style'); s.textContent = 'p { color: red }'; document.body.append(s)")
    stack.wait_for(lambda: "a browser has blocked" in stack.log("web"), what="Firefox to tell what it has blocked")


def test_no_file_of_the_corpus_is_a_page(stack, paths, new_browser):
    page = new_browser(stack.admin).page
    for path in ("/acme/issues/csv/?q=", "/acme/issues/ndjson/?q=", "/acme/explore/csv/",
                 *(f"{p}raw/" for p in paths if "/attachments/" in p)):
        answer = page.request.get(stack.url + path)
        assert answer.status == 200, path
        assert "html" not in answer.headers["content-type"] and answer.headers["x-content-type-options"] == "nosniff"
