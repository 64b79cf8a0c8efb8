"""The issue page: all that an event says, and what people do to an issue."""

import json
import re
import uuid

import pytest

from page.conftest import Person, latest, statements
from page.issues import frame, lock_timeout
from page.test_issue_list import HOSTILE, HTML_MAX, STATEMENTS_MAX

TITLE = "InventoryLockTimeout"


def send(stack, project, event):
    id = stack.send_event(project, event)
    stack.wait_for_event(id)
    return id


def link(stack, project):
    """The address of a project's only issue."""
    return f"/{project.org}/issues/{stack.value('select id from issue where project_id = %s', project.id)}/"


@pytest.fixture(scope="module")
def lock(stack):
    """The address of an issue with a rich event, twice."""
    project = stack.create_project("shop-api", platform="python")
    for _ in range(2):
        send(stack, project, lock_timeout())
    return link(stack, project)


@pytest.fixture
def page(lock, browser):
    return browser.open(lock)


def section(page, id):
    return page.locator(f"#{id}")


def rows(table):
    return [[cell.strip() for cell in row.locator("td").all_inner_texts()]
            for row in table.locator("tr").all()]


# ---- the event

def test_the_head_says_what_is_wrong_where_and_how_often(page):
    assert page.locator("h1").inner_text() == TITLE
    assert page.locator(".msg").inner_text() == "could not reserve 3 items for order 8841207 within 2.0 s"
    facts = page.locator(".facts").inner_text().split("\n")
    assert facts == ["error", "New", "shop.checkout.services in reserve_stock", "Unhandled"]
    assert page.locator(".stats .stat b").all_inner_texts() == ["2", "1", "2"]
    assert re.fullmatch(r"SHOP-API-\w+", page.locator(".path span").last.inner_text())
    assert latest(page.locator("figure svg.chart")) == 2
    assert "in 1.4.2" in page.locator(".rail section").first.inner_text()


def test_the_stack_shows_the_chain_and_the_newest_frame_of_the_application(page):
    stack = section(page, "stack")
    assert stack.locator("h3").all_inner_texts() == [TITLE, "LockNotAvailable"]
    assert stack.locator(".cause").inner_text() == "caused by"
    assert "mechanism django · unhandled" in stack.locator(".exc-h").first.inner_text()
    first = stack.locator("details.frame").first
    assert first.get_attribute("open") is not None
    assert " ".join(first.locator("summary").inner_text().split()) \
        == "reserve_stock in shop/checkout/services.py line 147 In app"
    assert first.locator("li.hit").inner_text() == "            raise reserve_stock_failed(order.id)"
    assert first.locator("ol.src").get_attribute("start") == "145"
    assert first.locator("ol.src li").count() == 5
    assert stack.locator("details.lib summary").first.inner_text() == "2 library frames: django.views, django.core"


def test_variables_are_shown_as_they_were_sent(page):
    assert dict(rows(section(page, "stack").locator("table.vars").first)) == {
        "LOCK_TIMEOUT": "2.0", "nothing": "None", "order": "<Order 8841207: status='paid'>",
        "pending": "['MUG-0412', 'TEE-NAVY-L']", "settings": '{"nested": {"depth": 2}}',
        "api_token": "[Filtered]"}


def test_the_switch_hides_libraries_and_shows_the_raw_trace_without_script(lock, new_browser, stack):
    page = new_browser(stack.admin, java_script_enabled=False).open(lock)
    stack = section(page, "stack")
    assert stack.locator(".lib").first.is_visible()
    stack.get_by_text("In app", exact=True).first.click()
    assert not stack.locator(".lib").first.is_visible()
    assert stack.locator(".frame").first.is_visible()
    stack.get_by_text("Raw", exact=True).click()
    assert not stack.locator(".frame").first.is_visible()
    raw = stack.locator("#raw").inner_text()
    assert raw.startswith("Traceback (most recent call last):\n  File \"/srv/django/db/backends/utils.py\"") \
        or raw.startswith("Traceback (most recent call last):\n  File \"/srv/shop/stock/managers.py\", line 54, in get\n")
    assert "\nThe above exception was the direct cause of the following exception:\n" in raw
    assert raw.rstrip().endswith(f"{TITLE}: could not reserve 3 items for order 8841207 within 2.0 s")


@pytest.mark.parametrize("platform, line", [
    ("java", "\tat com.acme.Shop.pay(Shop.java:12)"),
    ("javascript", "    at pay (app:///shop.js:12:5)"),
    ("node", "    at pay (app:///shop.js:12:5)"),
    ("go", "com.acme.Shop.pay(...)\n\tapp:///shop.js:12:5"),
    ("csharp", "   at com.acme.Shop.pay in app:///shop.js:line 12"),
    ("php", "app:///shop.js(12): pay()"),
    ("ruby", "\tfrom app:///shop.js:12:5:in `pay'"),
])
def test_the_raw_trace_looks_as_its_platform_prints_it(stack, project, browser, platform, line):
    send(stack, project, {"platform": platform, "exception": {"values": [
        {"type": "Broken", "value": "badly", "stacktrace": {"frames": [
            {"function": "pay", "module": "com.acme.Shop", "filename": "Shop.java",
             "abs_path": "app:///shop.js", "lineno": 12, "colno": 5, "in_app": True}]}}]}})
    page = browser.open(link(stack, project))
    assert line in page.locator("#raw").text_content()
    assert "Broken: badly" in page.locator("#raw").text_content()
    # a call of the application stands out, also without source and variables
    call = page.locator(".frames > .frame > summary")
    assert "pay in" in " ".join(call.inner_text().split())
    assert call.locator(".chip").inner_text() == "In app"


def test_breadcrumbs_end_with_the_event(page):
    trail = rows(section(page, "trail"))
    assert [row[0] for row in trail] == ["navigation", "query", "http", "console", "exception"]
    assert trail[0][2] == "/cart/ → /checkout/confirm/"
    assert trail[1][2] == 'SELECT … FROM "shop_order"  4.1 ms'
    assert trail[2][1:3] == ["error", "GET https://stock.internal/levels → 503"]
    assert trail[4][2].startswith(TITLE)
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d\d\d", trail[0][3])


def test_many_breadcrumbs_are_folded(stack, project, browser):
    send(stack, project, {"message": "long way", "breadcrumbs": [
        {"message": f"step {n}", "timestamp": 1_700_000_000 + n} for n in range(60)]})
    page = browser.open(link(stack, project))
    assert section(page, "trail").locator("summary .mute").inner_text() == "25 of 60"
    assert "step 35" in section(page, "trail").inner_text()
    assert "step 34" not in section(page, "trail").inner_text()
    page.get_by_role("link", name="Show all").click()
    assert "step 0" in section(page, "trail").inner_text()


def test_what_was_taken_out_of_headers_and_cookies_says_by_what(stack, project, browser):
    """Those are lists of pairs: the SDK's remark is at their name, ours at their place."""
    send(stack, project, {"message": "m", "request": {
        "url": "https://shop.example/", "headers": {"X-Token": "t", "Authorization": "[Filtered]", "Accept": "a"},
        "cookies": {"theme": "dark", "sessionid": "s"}},
        "_meta": {"request": {"headers": {"Authorization": {"": {"rem": [["!config", "s", 0, 10]]}}}}}})
    request = section(browser.open(link(stack, project)), "req")
    headers = dict(zip(request.locator("dl.kv").last.locator("dt").all_inner_texts(),
                       request.locator("dl.kv").last.locator("dd").all_inner_texts()))
    assert headers["X-Token"] == "[Filtered: @password:filter]" and headers["Accept"] == "a"
    assert headers["Authorization"] == "[Filtered by the SDK]"
    assert "[Filtered: @cookie:filter]" in request.locator("dl.kv").first.inner_text()


def test_the_request_is_shown_and_can_be_repeated(page):
    request = section(page, "req")
    text = request.inner_text()
    assert "POST /checkout/confirm/" in text
    assert "step = pay" in text
    assert request.get_by_role("link").get_attribute("href") \
        == "https://shop.acme.example/checkout/confirm/?step=pay"
    assert "noreferrer" in request.get_by_role("link").get_attribute("rel")
    curl = request.locator("#curl").text_content()
    assert curl.startswith("curl 'https://shop.acme.example/checkout/confirm/?step=pay' \\\n  -X 'POST'")
    assert "-H 'Accept-Language: de-DE,de;q=0.9'" in curl
    assert """it'\\''s sepa""" in curl
    assert "Host:" not in curl


def test_user_tags_contexts_and_software_are_shown(page):
    text = page.locator("main").inner_text()
    assert "maria.orlova@example.ru" in text and "203.0.113.7" in text
    tags = section(page, "tags").locator(".tree").inner_text().split("\n")
    assert tags[tags.index("payment"):][:5] == ["payment", "provider", "sepa-direct", "retries", "2"]
    assert "shop.campaign" in tags
    contexts = section(page, "ctx").inner_text()
    assert "CPython" in contexts and "4bf92f3577b34da6a3ce929d0e0e4736" in contexts
    assert "Feature flags" in contexts and "checkout_v3" in contexts
    assert dict(rows(section(page, "extra"))) == {
        "bar": "43", "cart": '{"items": 3, "total": {"amount": "148.90"}}'}
    assert "psycopg" in section(page, "packages").locator(".tree").text_content()
    assert "sentry.python.django 2.33.0" in section(page, "sdk").locator("summary").inner_text()


def test_a_context_that_says_nothing_is_left_out_and_memory_is_readable(stack, project, browser):
    send(stack, project, {"message": "contexts", "contexts": {
        "cloud_resource": {"type": "cloud_resource", "provider": None}, "device": {"memory_size": 25276514304}}})
    page = browser.open(link(stack, project))
    assert section(page, "ctx").locator("h3").all_inner_texts() == ["Device", "Trace"] \
        or section(page, "ctx").locator("h3").all_inner_texts() == ["Device"]
    assert re.search(r"memory size\s+25276514304 \(2[34](\.\d)? GB\)", section(page, "ctx").inner_text())


def test_grouping_is_explained(page):
    text = section(page, "grouping").inner_text()
    assert "Same exception types and same in-app frames." in text
    assert "shop.checkout.services:reserve_stock" in text
    assert "LockNotAvailable" in text
    assert "django" not in text


@pytest.mark.parametrize("event, why, by", [
    ({"message": "x", "fingerprint": ["db", "{{ default }}"]}, "together with what would count without it", "message"),
    ({"message": "x", "fingerprint": ["db"]}, "a rule has set decides.", "client fingerprint"),
    ({"tags": {"a": "b"}, "message": None}, "Nothing in the event says what it is about.", "nothing"),
    ({"message": None, "csp": {"effective_directive": "img-src", "blocked_uri": "https://h.example/a"}}, "Same directive and same blocked host.",
     "CSP report"),
    ({"message": None, "template": {"filename": "a.html", "context_line": "{% x %}", "lineno": 3}}, "Same template and same line in it.",
     "template"),
    ({"platform": "cocoa", "message": None, "exception": {"values": [{"type": "NSError", "value": "a", "mechanism": {
        "type": "NSError", "meta": {"ns_error": {"domain": "NSURL", "code": -1001}}}}]}}, "Same exception types and same error codes.", "exception"),
])
def test_grouping_is_explained_whatever_it_went_by(stack, project, admin, event, why, by):
    send(stack, project, event)
    text = admin.get(link(stack, project)).text
    text = text[text.index('id="grouping"'):]
    text = re.sub(r"<[^>]*>", " ", text[:text.index("</details>")])
    assert why in text
    assert re.search(rf"decided by\s+{by}\s", text)


def test_grouping_shows_the_hash_that_the_event_was_found_by(page):
    hash = section(page, "grouping").locator("tr", has_text="hash").get_by_role("link")
    text = hash.inner_text()
    assert re.fullmatch(r"[0-9a-f]{32}", text)
    hash.click()
    page.locator("li", has_text=text).wait_for()


def test_a_tag_leads_to_its_issues(page):
    section(page, "tags").get_by_role("link", name="лето-2026").click()
    assert page.locator(".stream .ttl b").all_inner_texts() == [TITLE]
    assert page.locator(".tok").get_attribute("data-q") == "tags[shop.campaign]:лето-2026"


def test_the_rail_shows_how_events_share_out(stack, project, browser):
    for environment in ("production", "production", "production", "staging"):
        send(stack, project, {"message": "which", "environment": environment})
    page = browser.open(link(stack, project))
    dist = page.locator(".dist", has=page.get_by_text("environment", exact=True))
    assert dist.locator("li").all_inner_texts() == ["production\n75 %", "staging\n25 %"]
    dist.get_by_role("link", name="staging").click()
    assert page.locator(".tok").get_attribute("data-q") == "environment:staging"


def test_all_tags_have_their_values_counted_and_countries_are_on_the_map(stack, project, browser):
    """From the rail to the page of tags, from a value to its issues."""
    for country, release in (("DE", "shop@1.0"), ("DE", "shop@1.0"), ("FR", "shop@1.1")):
        send(stack, project, {"message": "where", "release": release, "user": {"id": country, "geo": {"country_code": country}}})
    page = browser.open(link(stack, project))
    assert page.locator("figure .flag").count() == 2, "releases are flags on the chart"
    assert page.locator("figure .rel-t").all_text_contents() == ["1.1"], "a name where there is room"
    first = page.locator(".rail section").first
    assert first.get_by_role("link", name="1.0").get_attribute("href") == f"/acme/releases/shop%401.0/?project={project.slug}"
    page.get_by_role("link", name="All values of country").click()
    page.wait_for_url("**/tags/#tag-geo.country_code")
    assert page.locator(".map title").all_text_contents() == ["Germany: 2 (66.7 %)", "France: 1 (33.3 %)"]
    card = page.locator("section.card", has=page.get_by_role("heading", name="geo.country_code", exact=True))
    assert "2 values" in card.inner_text()
    assert [row[:3] for row in rows(card)[1:]] == [["Germany", "67 %", "2"], ["France", "33 %", "1"]]
    card.get_by_role("link", name="Germany").click()
    assert page.locator(".tok").get_attribute("data-q") == "geo.country_code:DE"
    assert page.locator(".stream .ttl b").all_inner_texts() == ["where"]


def test_the_page_of_tags_takes_few_statements(stack, lock):
    answer = Person(stack).sign_in(stack.admin.email).get(f"{lock}tags/")
    assert statements(answer) <= STATEMENTS_MAX and len(answer.content) < HTML_MAX


def test_a_message_shows_its_breadcrumb_extra_and_calling_stack(stack, project, browser):
    send(stack, project, {
        "platform": "python", "logger": "root", "logentry": {"formatted": "I am an event"},
        "extra": {"bar": 43}, "breadcrumbs": {"values": [
            {"timestamp": 1_700_000_000, "type": "log", "category": "root", "message": "I am a breadcrumb"}]},
        "threads": {"values": [{"id": "1", "current": True, "stacktrace": {"frames": [frame("main", 3)]}}]}})
    page = browser.open(link(stack, project))
    assert page.locator("h1").inner_text() == "I am an event"
    assert rows(section(page, "extra")) == [["bar", "43"]]
    assert [row[2] for row in rows(section(page, "trail"))] == ["I am a breadcrumb", "I am an event"]
    assert "Thread 1" in section(page, "stack").inner_text()
    assert section(page, "stack").locator("li.hit").inner_text().strip() == "raise main_failed(order.id)"


def test_the_parts_of_a_group_name_their_group(stack, project, browser):
    """As Python's ExceptionGroup and JavaScript's AggregateError come."""
    def part(type_, number, parent=None, **more):
        mechanism = {"type": "chained", "exception_id": number, **({} if parent is None else {"parent_id": parent}), **more}
        return {"type": type_, "value": f"value {number}", "mechanism": mechanism, "stacktrace": {"frames": [frame(type_, 3)]}}
    send(stack, project, {"platform": "python", "exception": {"values": [
        part("OSError", 3, 2), part("KeyError", 2, 0), part("ValueError", 1, 0),
        part("ExceptionGroup", 0, is_exception_group=True)]}})
    stack_of = section(browser.open(link(stack, project)), "stack")
    assert stack_of.locator("h3").all_inner_texts() == ["ExceptionGroup", "ValueError", "KeyError", "OSError"]
    assert stack_of.locator(".cause").all_inner_texts() == ["part of ExceptionGroup", "part of ExceptionGroup", "caused by"]


def test_other_threads_stand_below_the_exception(stack, project, browser):
    """As Java sends them: the thread that threw has the exception's calls, the others their own."""
    def thread(number, calls, **more):
        return {"id": number, "name": f"worker-{number}", "stacktrace": {"frames": [frame(f"call_{n}", n) for n in range(calls)]},
                **more}
    send(stack, project, {"platform": "java", "exception": {"values": [
        {"type": "IllegalState", "value": "x", "thread_id": 7, "stacktrace": {"frames": [frame("boom", 3)]}}]},
        "threads": {"values": [thread(7, 2, crashed=True), thread(8, 25, current=True),
                               *(thread(n, 1) for n in range(9, 22)), {"id": 99, "name": "idle"}]}})
    stack_of = section(browser.open(link(stack, project)), "stack")
    others = stack_of.locator("details.frame", has=stack_of.page.get_by_text(re.compile("^Thread worker-")))
    assert others.count() == 12 and "Thread worker-7" not in stack_of.inner_text()
    assert "thread worker-7" in stack_of.locator(".exc-h").inner_text()
    first = others.first
    assert first.locator("summary").inner_text().split("\n") == ["Thread worker-8", "Current", "25 calls"]
    first.locator("summary").click()
    assert first.locator("b.mono").first.inner_text() == "call_24" and first.locator("b.mono").count() == 20
    assert "and 5 older calls" in first.inner_text()
    assert "2 more threads in the JSON of the event." in stack_of.inner_text()


def test_a_long_value_is_cut_and_can_be_opened(stack, project, browser):
    send(stack, project, {"message": "long", "extra": {"text": "start " + "x" * 5000 + " finish"}})
    page = browser.open(link(stack, project))
    extra = section(page, "extra")
    assert "finish" not in extra.inner_text()
    extra.get_by_text(re.compile("show all")).click()
    assert "finish" in extra.inner_text()


# ---- events of an issue

def test_one_walks_from_event_to_event(stack, project, browser):
    ids = [send(stack, project, {"message": "again", "extra": {"n": n}}) for n in range(3)]
    page = browser.open(link(stack, project))

    def shown():
        return rows(section(page, "extra"))[0][1]
    assert shown() == "2"
    page.keyboard.press("p")
    page.wait_for_url(f"**/events/{ids[1]}/")
    assert shown() == "1"
    page.get_by_role("link", name="Previous event").click()
    assert shown() == "0"
    assert page.get_by_role("link", name="Previous event").get_attribute("aria-disabled") == "true"
    page.keyboard.press("n")
    page.wait_for_url(f"**/events/{ids[1]}/")
    page.get_by_role("link", name="First event").click()
    assert shown() == "0"
    page.get_by_role("link", name="Latest event").click()
    assert shown() == "2"
    page = browser.open(link(stack, project) + "events/oldest/")
    assert shown() == "0"
    page = browser.open(link(stack, project) + "events/")
    assert page.locator("tbody tr").count() == 3
    page.locator("tbody a").last.click()
    assert page.url.endswith(f"/events/{ids[0]}/")


def test_all_events_come_in_pages(stack, project, browser):
    ids = [stack.send_event(project, {"message": "again"}) for n in range(60)]
    for id in ids:
        stack.wait_for_event(id)
    page = browser.open(link(stack, project) + "events/")

    def shown():
        return page.locator("tbody a").all_inner_texts()
    first = shown()
    assert len(first) == 50
    page.get_by_role("link", name="Older").click()
    second = shown()
    assert {*first, *second} == {id[:8] for id in ids} and len(second) == 10
    page.get_by_role("link", name="Newer").click()
    assert shown() == first


def test_of_a_flood_the_page_says_what_was_kept(stack, project, admin):
    for _ in range(2):
        id = stack.send_event(project, {"message": "flood"})
        stack.wait_for_event(id)
    page = link(stack, project)
    assert "Contents are kept of" not in admin.get(page).text
    # as the digest leaves it: tests/digest/test_keep.py
    stack.sql("update issue set thinned = 1 where project_id = %s", project.id)
    stack.sql("update event set has_body = false where event_id = %s", uuid.UUID(id))
    html = admin.get(f"{page}events/{id}/").text
    assert "Contents are kept of 1 of 2 events" in html and "All are counted." in html
    assert "The contents of this event were not kept, because the issue had so many." in html


def test_the_json_of_an_event_is_data_and_not_a_page(stack, project, new_person):
    id = send(stack, project, {"message": "</script><script>alert(1)</script>"})
    answer = new_person(stack.admin.email).get(link(stack, project) + f"events/{id}/json/")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert json.loads(answer.text)["logentry"]["formatted"] == "</script><script>alert(1)</script>"


def test_an_event_that_is_gone_still_shows_its_issue(lock, browser):
    gone = uuid.uuid4().hex
    page = browser.open(f"{lock}events/{gone}/")
    assert page.locator("h1").inner_text() == TITLE
    assert gone in page.get_by_role("status").inner_text()
    assert "no longer stored" in page.get_by_role("status").inner_text()


def test_what_is_no_event_id_is_not_found(lock, admin):
    answer = admin.get(f"{lock}events/nonsense/")
    assert answer.status_code == 404 and "is no event id" in answer.text


def test_an_issue_without_stored_events_says_so(stack, project, browser):
    send(stack, project, {"message": "forgotten"})
    stack.sql("delete from event where project_id = %s", project.id)
    page = browser.open(link(stack, project))
    assert page.locator("h1").inner_text() == "forgotten"
    assert "No event of this issue is stored any more" in page.locator(".empty").inner_text()


def test_another_organisations_issue_and_a_wrong_id_look_alike(stack, lock, new_person):
    other = stack.create_project("private", org="others")
    send(stack, other, {"message": "secret"})
    id = stack.value("select id from issue where project_id = %s", other.id)
    outsider = stack.create_account()
    stack.sql("insert into member (organization_id, account_id, role) select o.id, a.id, 'owner'"
              " from organization o, account a where o.slug = 'acme' and a.email = %s", outsider.email)
    person = new_person(outsider.email)
    assert person.get(lock).status_code == 200

    def answer(path):
        response = person.get(path)
        text = response.text.replace(path, "")
        return response.status_code, re.sub(r'[0-9a-f]{32}|data-now="[^"]*"', "", text)
    wrong = answer("/acme/issues/987654321/")
    assert wrong[0] == 404
    for path in (f"/acme/issues/{id}/", "/acme/issues/PRIVATE-1/", f"/acme/issues/{id}/events/",
                 f"/acme/issues/{id}/events/latest/json/"):
        assert answer(path) == wrong, path
    assert person.get(f"/others/issues/{id}/").status_code == 404
    assert person.post(f"/acme/issues/{id}/", do="resolve").status_code == 404
    assert stack.value("select status from issue where id = %s", id) == 0


# ---- what people do

def activity(page):
    return [" ".join(text.split()) for text in page.locator(".acts li > div").all_inner_texts()]


def test_a_resolved_issue_comes_back_with_its_next_event(stack, project, new_browser):
    for script in (True, False):
        send(stack, project, {"message": "flaky", "release": "shop@1.0"})
        page = new_browser(stack.admin, java_script_enabled=script).open(link(stack, project))
        page.get_by_role("button", name="Resolve", exact=True).click()
        assert page.locator(".facts .chip").first.inner_text() == "Resolved"
        assert "is resolved" in page.get_by_role("status").inner_text()
        assert activity(page)[0].startswith("Ada Admin resolved it")
        send(stack, project, {"message": "flaky", "release": "shop@1.1"})
        page.reload()
        assert page.locator(".facts .chip").first.inner_text().split() == ["Regressed", "in", "1.1"]
        assert activity(page)[0].startswith("Vedette marked it regressed in 1.1")
        assert page.get_by_role("button", name="Resolve", exact=True).is_visible()


def test_an_issue_is_archived_and_brought_back(stack, project, browser):
    send(stack, project, {"message": "noise"})
    page = browser.open(link(stack, project))
    page.get_by_role("button", name="Archive", exact=True).click()
    assert page.locator(".facts .chip").first.inner_text() == "Archived"
    send(stack, project, {"message": "noise"})
    page.reload()
    assert page.locator(".facts .chip").first.inner_text() == "Archived"
    page.get_by_role("button", name="Unarchive").click()
    assert page.get_by_role("button", name="Archive", exact=True).is_visible()
    assert page.locator(".facts .chip").count() == 0


def test_an_issue_is_given_to_a_member_and_taken_back(stack, project, browser):
    send(stack, project, {"message": "whose"})
    page = browser.open(link(stack, project))
    page.locator(".bar-act summary", has_text="Assign").click()
    page.get_by_role("menuitemradio", name=re.compile("Ada Admin")).click()
    assert activity(page)[0].startswith("Ada Admin took it over")
    page.locator(".bar-act summary", has_text="Ada Admin").click()
    page.get_by_role("button", name="Nobody").click()
    assert page.locator(".bar-act summary", has_text="Assign").count() == 1


def test_the_priority_is_changed(stack, project, browser):
    send(stack, project, {"message": "not so bad"})
    page = browser.open(link(stack, project))
    page.get_by_label("Priority: High").click()
    page.get_by_role("menuitemradio", name="Low").click()
    assert page.locator(".bar-act .pri").inner_text() == "Low"
    assert activity(page)[0].startswith("Ada Admin set the priority to low")


def test_a_comment_is_kept_as_text(stack, project, browser):
    send(stack, project, {"message": "talk about me"})
    page = browser.open(link(stack, project))
    page.get_by_label("Comment").fill("<b>Deploy</b>\nof Friday & so on")
    page.get_by_role("button", name="Comment").click()
    assert page.locator(".acts .md").inner_text() == "<b>Deploy</b>\nof Friday & so on"
    assert page.locator(".rail .av[title='Ada Admin']").count() == 1


def test_nonsense_in_a_form_changes_nothing(stack, project, new_person):
    send(stack, project, {"message": "stay as you are"})
    person = new_person(stack.admin.email)
    for fields, status in [({"do": "explode"}, 400), ({}, 400), ({"assign": "-1"}, 400),
                           ({"assign": "999999"}, 404), ({"priority": "60"}, 400),
                           ({"do": "resolve", "csrf": "0" * 32}, 403)]:
        assert person.post(link(stack, project), **fields).status_code == status, fields
    assert stack.sql("select status, assignee_id, priority from issue where project_id = %s",
                     project.id) == [(0, None, 75)]
    assert stack.sql("select 1 from activity a join issue i on i.id = a.issue_id where project_id = %s",
                     project.id) == []


# ---- hostile input, budgets, small screens

def hostile_event(text):
    return {
        "platform": "python", "transaction": text, "logger": text, "server_name": text, "release": "1",
        "exception": {"values": [{
            "type": text, "value": text, "module": text, "mechanism": {"type": text, "handled": False},
            "stacktrace": {"frames": [{
                "function": text, "module": text, "filename": text, "abs_path": text, "lineno": 1,
                "in_app": True, "pre_context": [text], "context_line": text, "post_context": [text],
                "vars": {text: text, "list": [text, {text: text}]}}]}}]},
        "breadcrumbs": {"values": [
            {"type": text, "category": text, "message": text, "level": text, "data": {text: text}},
            {"category": "http", "data": {"url": text, "method": text}}]},
        "request": {"url": "javascript:window.hacked=1", "method": "GET", "query_string": text,
                    "headers": {text: text}, "cookies": {text: text}, "data": {text: text}, "env": {text: text}},
        "user": {"id": text, "username": text, "email": text, text: text},
        "tags": {"k": text, text: "v"}, "extra": {text: text, "0.Name": text},
        "contexts": {text: {text: text}, "runtime": {"name": text, "version": text}},
        "modules": {text: text}, "fingerprint": ["hostile", text],
        "sdk": {"name": text, "version": text, "integrations": [text], "packages": [{"name": text, "version": text}]}}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_is_shown_and_does_nothing(stack, project, browser, text):
    send(stack, project, hostile_event(text))
    page = browser.open(link(stack, project))
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("window.hacked") is None
    # nothing that came from the event has become a tag, a handler or a link
    assert page.evaluate("""[...document.querySelectorAll('*')].filter(e =>
        [...e.attributes].some(a => a.name.startsWith('on') || ['style', 'autofocus'].includes(a.name))
        || /^javascript:/i.test(e.href || e.src || e.action || '')
        || e.matches('script:not([src^="/static/"]), main img, iframe')).length""") == 0
    assert re.sub("[\u202e\u2066\u200b]", "", text) in re.sub(
        r"U\+[0-9A-F]{4}", "", section(page, "extra").inner_text())
    browser.open(link(stack, project) + "events/")
    assert page.evaluate("window.hacked") is None


def test_an_issue_page_is_small_and_asks_the_database_little(stack, lock):
    answer = Person(stack).sign_in(stack.admin.email).get(lock)
    assert len(answer.content) <= HTML_MAX
    assert int(re.search(r'db;desc="(\d+)"', answer.headers["server-timing"]).group(1)) <= STATEMENTS_MAX


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_when_the_script_begins(lock, new_browser, stack, width):
    tops = [new_browser(stack.admin, java_script_enabled=script, viewport={"width": width, "height": 844}).open(lock)
            .locator("h1").bounding_box()["y"] for script in (True, False)]
    assert tops[0] == tops[1]


def test_a_phone_needs_no_sideways_scrolling(lock, new_browser, stack):
    page = new_browser(stack.admin, viewport={"width": 390, "height": 844}).open(lock)
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(d => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_page_of_255_character_words_keeps_its_width(stack, project, new_browser):
    word = "Wxyz" * 60
    send(stack, project, {**hostile_event(word), "tags": {"k" * 190: "v" * 190}})
    for width in (390, 1280):
        page = new_browser(stack.admin, viewport={"width": width, "height": 844}).open(link(stack, project))
        page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(d => { d.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.evaluate(
            "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth"
            " && getComputedStyle(e.parentElement).overflowX !== 'auto').map(e => e.outerHTML.slice(0, 200))")


def rich_call(i):
    """A call as sentry-sdk sends it: eleven lines of source, ten variables."""
    own = i % 3 == 0
    lines = [f"        value_{k} = self.repository.find(order_id, customer={k}, strict=True)" for k in range(11)]
    return {"filename": f"part_{i}.py", "module": f"{'shop' if own else 'django'}.part_{i}", "function": f"step_{i}", "in_app": own,
            "abs_path": f"/srv/{'shop' if own else 'venv/lib/python3.11/site-packages/django'}/part_{i}.py", "lineno": 100 + i,
            "pre_context": lines[:5], "context_line": lines[5], "post_context": lines[6:],
            "vars": {f"local_{k}": f"<Order: Order object ({k * 7919}) of customer 42>" for k in range(10)}}


def test_the_page_of_a_rich_event_is_bounded_and_leads_to_all_of_it(stack, project, admin):
    send(stack, project, {"platform": "python", "modules": {f"package-{k}": f"1.{k}" for k in range(40)}, "exception": {"values": [
        {"type": "PaymentError", "value": "The provider said no", "stacktrace": {"frames": [rich_call(i) for i in range(30)]}}]},
        "request": {"url": "https://shop.example/pay/", "method": "POST", "headers": {f"X-Header-{k}": "some value" for k in range(5)}},
        "breadcrumbs": {"values": [{"category": "query", "message": f"SELECT id, name FROM shop_order WHERE id = {k}"} for k in range(3)]}})
    path = link(stack, project)
    answer = admin.get(path)
    assert len(answer.content) <= 60_000
    shown = re.findall(r'<td>local_9</td>', answer.text)
    assert 4 <= len(shown) < 30 and f"of {30 - len(shown)} more calls" in re.sub(r"\s+", " ", re.sub("<[^>]*>", "", answer.text))
    assert len(re.findall("<td>local_9</td>", admin.get(f"{path}?frames=all").text)) == 30
    assert 'href="?trace=text"' in answer.text and 'id="raw"' not in answer.text
    text = admin.get(f"{path}?trace=text")
    assert text.headers["Content-Type"].startswith("text/plain") and text.text.count("\n  File ") == 30
    assert answer.text.count("These are ours") == 1
