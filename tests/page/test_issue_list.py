"""The issue stream, as people see and use it."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from page.conftest import Person, cold, latest, statements
from page.issues import frame
from playwright.sync_api import expect

# 25 rows of a stream in full, with sparklines and badges; names and counts are short here
HTML_MAX = 54_000
STATEMENTS_MAX = 12


def words(n):
    """A message of its own for each n: digits would not tell issues apart."""
    return "trouble in " + "".join(chr(ord("a") + int(d)) * 3 for d in str(n))


def send(stack, project, type=None, value="", **more):
    event = dict(more)
    if type is not None:
        event["exception"] = {"values": [{
            "type": type, "value": value,
            "mechanism": {"type": "generic", "handled": more.pop("handled", True)},
            "stacktrace": {"frames": [frame("run_" + re.sub(r"\W", "_", type), 7)]}}]}
        event["platform"] = "python"
    else:
        event["message"] = value
    event.pop("handled", None)
    return stack.send_event(project, event)


@pytest.fixture(scope="module")
def shop(stack):
    """One organisation with issues of many kinds."""
    api = stack.create_project("shop-api", platform="python")
    web = stack.create_project("storefront", platform="javascript")
    ids = [
        send(stack, api, "InventoryLockTimeout", "could not reserve 3 items", handled=False,
             release="shop-api@1.4.2", environment="production", tags={"shop.campaign": "summer sale"},
             user={"id": "1"}),
        send(stack, api, "InventoryLockTimeout", "could not reserve 3 items", user={"id": "2"}),
        send(stack, api, "InventoryLockTimeout", "could not reserve 3 items", user={"id": "2"}),
        send(stack, api, "ValueError", "Не удалось разобрать дату", level="fatal"),
        send(stack, web, value="Feature flag without context", level="info"),
        send(stack, web, value="Deadline of 100% exceeded", level="warning"),
    ]
    for id in ids:
        stack.wait_for_event(id)
    return api, web


def titles(page):
    return page.locator(".stream .ttl b").all_inner_texts()


def search(browser, query):
    return browser.open(f"/acme/issues/?q={quote(query)}")


@pytest.fixture(scope="module")
def reader(stack):
    """Somebody who reads pages without a browser."""
    return Person(stack).sign_in(stack.admin.email)


def listed(reader, query):
    html = reader.get(f"/acme/issues/?q={quote(query)}").text
    return {unescape(t) for t in re.findall(r'class="ttl[^>]*><b><bdi>(.*?)</bdi>', html)}


LOCK, VALUE = "InventoryLockTimeout", "ValueError"
FLAG, DEADLINE = "Feature flag without context", "Deadline of 100% exceeded"


def test_a_row_says_what_where_how_often_and_since_when(shop, browser):
    page = browser.open("/acme/issues/")
    row = page.locator(".stream tbody tr", has_text=LOCK)
    assert row.locator(".ttl").inner_text() == f"{LOCK} could not reserve 3 items"
    assert re.match(r"SHOP-API-\w+$", row.locator(".sid").inner_text().split()[-1])
    assert "in run_InventoryLockTimeout" in row.locator(".meta bdi").inner_text()
    assert row.locator(".chip").all_inner_texts() == ["New", "Unhandled"]
    assert row.locator(".c-n").all_inner_texts() == ["3", "2"]
    assert "ago" in row.locator(".c-seen").inner_text() or "just now" in row.locator(".c-seen").inner_text()
    assert latest(row.locator(".spark")) == 3
    assert row.locator(".pri-high").inner_text() == "High"
    assert row.locator(".av-none").count() == 1
    assert page.locator(".tabs [aria-current]").inner_text() == "Unresolved4"


@pytest.mark.parametrize("query, expected", [
    ("", {LOCK, VALUE, FLAG, DEADLINE}),
    ("is:unresolved", {LOCK, VALUE, FLAG, DEADLINE}),
    ("is:resolved", set()),
    ("is:new !level:info", {LOCK, VALUE, DEADLINE}),
    ("is:for_review level:fatal", {VALUE}),
    ("!is:new", set()),
    ("is:unhandled", {LOCK}),
    ("is:assigned", set()),
    ("assigned:none level:[info, warning]", {FLAG, DEADLINE}),
    ("assigned:me", set()),
    ("!assigned:me level:error", {LOCK}),
    ("project:storefront", {FLAG, DEADLINE}),
    ("!project:storefront", {LOCK, VALUE}),
    ("priority:low", {FLAG}),
    ("release:shop-api@1.4.2", {LOCK}),
    ("release:shop-api@1.4.*", {LOCK}),
    ("!environment:production", {VALUE, FLAG, DEADLINE}),
    ('tags[shop.campaign]:"summer sale"', {LOCK}),
    ("tags[shop.campaign]:winter", set()),
    ("error.type:ValueError", {VALUE}),
    ("error.type:*Lock*", {LOCK}),
    ("reserve", {LOCK}),
    ("RESERVE items", {LOCK}),
    ('"reserve items"', set()),
    ('"3 items"', {LOCK}),
    ("разобрать", {VALUE}),
    ("100%", {DEADLINE}),
    ("dead*exceeded", {DEADLINE}),
    ("run_ValueError", {VALUE}),
    ("level:info reserve", set()),
    ("nothing-has-this", set()),
])
def test_a_search_finds_what_it_says(shop, reader, query, expected):
    assert listed(reader, query) == expected


@pytest.mark.parametrize("query, word, reason", [
    ("is:unresolved level:loud", "level:loud", "use debug, info, warning"),
    ("levle:red", "levle:red", "was level meant? For a tag, write tags[levle]:value"),
    ("project:nope", "project:nope", "no project"),
    ("assigned:stranger@example.org", "assigned:stranger@example.org", "Nobody here"),
    ("is:sleeping", "is:sleeping", "unresolved, resolved"),
    ("level:", "level:", "needs a value"),
    ('tags[<img src=x onerror=alert(1)>]:"', 'onerror', ""),
])
def test_a_wrong_term_is_pointed_at_and_the_rest_of_the_page_stays(shop, browser, query, word, reason):
    page = search(browser, query)
    if reason:
        note = page.get_by_role("alert")
        assert word in note.inner_text() and reason in note.inner_text()
        assert page.locator(".tok-bad").get_attribute("data-q") == word
        assert len(titles(page)) == 4
        note.get_by_role("link", name="Remove it").click()
        assert page.get_by_role("alert").count() == 0
    assert page.get_by_role("heading", name="Issues", exact=True).is_visible()


def test_the_x_of_a_term_takes_it_away_and_typing_adds_one(shop, new_browser, stack):
    for script in (True, False):
        page = search(new_browser(stack.admin, java_script_enabled=script), "is:unresolved level:info")
        assert titles(page) == [FLAG]
        page.get_by_role("link", name="Remove level:info").click()
        assert len(titles(page)) == 4
        page.locator("#q").fill("level:fatal")
        page.keyboard.press("Enter")
        page.wait_for_url("**level**fatal**")
        assert page.locator(".tok").count() == 2
        assert titles(page) == [VALUE]


def test_backspace_turns_the_last_term_into_text_again(shop, browser):
    page = search(browser, "is:unresolved level:info")
    box = page.locator("#q")
    box.press("Backspace")
    assert box.input_value() == "level:info"
    box.press("Enter")
    page.wait_for_load_state()
    assert titles(page) == [FLAG]


def test_the_stream_is_sorted_as_asked(shop, browser):
    def order(sort):
        return titles(browser.open(f"/acme/issues/?sort={sort}"))
    assert order("freq")[0] == LOCK
    assert order("user")[0] == LOCK
    assert order("new") == [DEADLINE, FLAG, VALUE, LOCK]
    assert order("seen") == [DEADLINE, FLAG, VALUE, LOCK]
    page = browser.open("/acme/issues/?sort=freq")
    assert page.get_by_label("Sort by").inner_text() == "Events"


@pytest.mark.parametrize("query, expected", [
    ("lastSeen:-1h", {LOCK, VALUE, FLAG, DEADLINE}), ("lastSeen:+1h", set()), ("age:-24h", {LOCK, VALUE, FLAG, DEADLINE}),
    ("timesSeen:>2", {LOCK}), ("timesSeen:<=2", {VALUE, FLAG, DEADLINE}), ("times_seen:3", {LOCK}),
    ("users:>=2", {LOCK}), ("users:<1", {VALUE, FLAG, DEADLINE}),
])
def test_times_and_numbers_of_an_issue_are_searched(shop, reader, query, expected):
    assert listed(reader, f"project:[shop-api,storefront] {query}") == expected


@pytest.mark.parametrize("term", ["lastSeen:yesterday", "age:24h", "timesSeen:many", "!users:>2"])
def test_a_range_that_is_none_is_pointed_at(shop, reader, term):
    assert f'<code class="u">{term.replace(">", "&gt;")}</code> was left out' in reader.get(
        f"/acme/issues/?q={quote(term)}").text


def forget_views(stack):
    stack.sql("delete from stream_view")


@pytest.mark.parametrize("script", [True, False])
def test_what_the_menus_were_set_to_comes_back_and_the_address_wins(stack, shop, new_browser, script):
    forget_views(stack)
    page = new_browser(stack.admin, java_script_enabled=script).open("/acme/issues/")
    page.locator("summary[aria-label=Environment]").click()
    page.get_by_role("menuitemradio", name="production").click()
    page.wait_for_url("**environment%3Aproduction**")
    page.locator("summary", has_text="All projects").click()
    page.get_by_label("shop-api", exact=True).check()
    page.get_by_role("button", name="Apply").first.click()
    page.wait_for_url("**project=shop-api**")
    assert "csrf=" not in page.url and titles(page) == [LOCK]
    page.goto(f"{stack.url}/acme/issues/")
    assert "project=shop-api" in page.url and "environment%3Aproduction" in page.url and titles(page) == [LOCK]
    page.get_by_role("link", name="All", exact=True).click()  # what is chosen goes along from tab to tab
    page.wait_for_url("**q=environment%3Aproduction**")
    page.goto(f"{stack.url}/acme/issues/?q=level%3Ainfo")
    assert titles(page) == [FLAG]
    page.goto(f"{stack.url}/acme/issues/")
    assert titles(page) == [LOCK], "a link of somebody changes nothing"
    stack.sql("update stream_view set projects = 'gone'")
    page.goto(f"{stack.url}/acme/issues/")
    assert "project=" not in page.url
    page.locator("summary[aria-label=Environment]").click()
    page.get_by_role("menuitemradio", name="All environments").click()
    page.wait_for_load_state()
    page.goto(f"{stack.url}/acme/issues/")
    assert page.url.endswith("/acme/issues/") and len(titles(page)) > 1
    forget_views(stack)


def test_a_link_of_a_stranger_changes_nothing_of_what_is_kept(stack, shop, admin):
    forget_views(stack)
    chosen = "q=lastSeen%3A-1h&project=shop-api"
    assert admin.get(f"/acme/issues/?{chosen}&keep=1").status_code == 200
    assert admin.get(f"/acme/issues/filter/?{chosen}").status_code in (404, 405)
    for csrf in ("", "0" * 32):
        assert admin.post("/acme/issues/filter/", csrf=csrf, q="lastSeen:-1h", project="shop-api").status_code == 403
    assert stack.sql("select 1 from stream_view") == []
    answer = admin.post("/acme/issues/filter/", q="lastSeen:-1h", project="shop-api")
    assert answer.status_code == 303 and answer.headers["Location"] == f"/acme/issues/?{chosen}"
    assert stack.sql("select projects, terms from stream_view") == [("shop-api", "lastSeen:-1h")]
    where = admin.post("/acme/issues/filter/?q=level%3Aerror&project=shop-api&sort=freq", term="lastSeen:-24h").headers["Location"]
    assert parse_qs(urlsplit(where).query) == {"project": ["shop-api"], "sort": ["freq"], "q": ["level:error lastSeen:-24h"]}
    assert admin.post("/acme/issues/filter/", term="assigned:me").status_code == 400
    forget_views(stack)


@pytest.mark.parametrize("script", [True, False])
def test_enter_in_the_search_keeps_nothing(stack, shop, new_browser, script):
    forget_views(stack)
    page = new_browser(stack.admin, java_script_enabled=script).open("/acme/issues/?q=environment%3Aproduction&project=shop-api")
    page.locator("#q").fill("level:error")
    page.locator("#q").press("Enter")
    page.wait_for_url("**level%3Aerror**")
    assert "project=shop-api" in page.url and stack.sql("select 1 from stream_view") == []


@pytest.mark.parametrize("script", [True, False])
def test_columns_and_how_close_rows_are_is_kept(stack, shop, new_browser, script):
    forget_views(stack)
    browser = new_browser(stack.admin, java_script_enabled=script)
    page = browser.open("/acme/issues/?q=level%3Ainfo")
    tall = page.locator(".stream tbody tr").first.bounding_box()["height"]
    assert page.locator(".stream th").count() == 8
    page.locator("summary[aria-label=Columns]").click()
    page.get_by_label("Users", exact=True).uncheck()
    page.get_by_label("Compact rows").check()
    page.locator("button[formaction*=view]").click()
    page.wait_for_url("**/acme/issues/?q=level%3Ainfo")
    assert page.locator(".stream th").count() == 7 and "Users" not in page.locator(".stream thead").inner_text()
    assert page.locator(".stream tbody tr").first.bounding_box()["height"] < tall
    forget_views(stack)


def test_menus_of_environment_and_time_are_terms_of_the_search(stack, shop, browser):
    page = browser.open("/acme/issues/")
    page.locator("summary", has_text="All environments").click()
    page.get_by_role("menuitemradio", name="production", exact=True).click()
    page.wait_for_url("**environment%3Aproduction**")
    assert titles(page) == [LOCK]
    page.locator("summary", has_text="Any time").click()
    page.get_by_role("menuitemradio", name="24 hours", exact=True).click()
    page.wait_for_url("**lastSeen**")
    assert titles(page) == [LOCK]
    assert [tok.get_attribute("data-q") for tok in page.locator(".tok").all()] == [
        "is:unresolved", "environment:production", "lastSeen:-24h"]
    forget_views(stack)


def test_the_project_menu_narrows_the_stream_and_its_counts(shop, browser):
    page = browser.open("/acme/issues/")
    page.locator("summary", has_text="All projects").click()
    page.get_by_role("checkbox", name="storefront", exact=True).check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**project=storefront**")
    assert set(titles(page)) == {FLAG, DEADLINE}
    assert page.locator(".tabs [aria-current]").inner_text() == "Unresolved2"


def test_nothing_found_says_why_and_how_to_find_more(shop, browser):
    page = search(browser, "level:fatal reserve")
    assert page.locator(".empty h2").inner_text().split() == ["No", "issue", "matches", "level:fatal", "reserve"]
    page.get_by_role("link", name="Remove reserve").click()
    assert titles(page) == [VALUE]


def removals(html):
    """{a filter of the empty stream: how much is there without it; "": not counted}"""
    empty = html.partition('class="empty"')[2].partition("</section>")[0]
    return {re.sub(r"<.*?>", "", link).removeprefix("Remove ").strip(): unescape(n) for link, n in
            re.findall(r'<a class="btn btn-sm" href="[^"]*">(.*?)(?: <span class="mute">([^<]*)</span>)?</a>', empty)}


def test_each_filter_of_an_empty_stream_says_what_is_there_without_it(stack, reader):
    two = [stack.create_project(slug, org="counted") for slug in ("one", "other")]
    for n in range(3):
        stack.wait_for_event(send(stack, two[0], value=words(n), level="warning"))
    for query, found in (("q=level:warning+level:fatal", {"level:warning": "still none", "level:fatal": "3 issues"}),
                         ("q=level:info&project=one", {"level:info": "3 issues", "All projects": ""}),
                         ("q=level:warning&project=other", {"level:warning": "still none", "All projects": ""}),
                         ("q=&project=other", {"All projects": "3 issues"}),
                         ("q=is:resolved", {"is:resolved": "3 issues"})):
        answer = reader.get(f"/counted/issues/?{query}")
        assert removals(answer.text) == found, query
        assert ("The last event came" in answer.text) == ("level:warning+" not in query), query


def test_all_done_is_told_from_a_broken_line(stack, reader):
    """An empty stream of open issues says when the last event came, and when nothing is kept any more."""
    shop = stack.create_project(org="calm")
    stack.wait_for_event(send(stack, shop, value="over"))
    stack.stop("worker")  # which adds up what is taken away here
    try:
        stack.sql("update issue set status = 1, substatus = 0 where project_id = %s", shop.id)
        answer = cold(stack, reader, "/calm/issues/")
        stack.sql("delete from issue where project_id = %s", shop.id)
        after = cold(stack, reader, "/calm/issues/").text
    finally:
        stack.start("worker")
    assert re.search(r"<h2>No open issue</h2>.*?<p>The last event came <time ", answer.text)
    assert removals(answer.text) == {"is:unresolved": "1 issue"}
    assert statements(answer) <= STATEMENTS_MAX
    assert "No issue is kept any more" in after and removals(after) == {}


@pytest.mark.parametrize("query", ["is:resolved", "level:fatal+reserve", "is:archived+shop.campaign:x+level:fatal"])
def test_an_empty_stream_costs_no_more_than_a_full_one(stack, shop, reader, query):
    answer = cold(stack, reader, f"/acme/issues/?q={query}+assigned:none+nothing-says-this")
    assert 'class="empty"' in answer.text and statements(answer) <= STATEMENTS_MAX


def test_who_sees_no_project_is_told_so(stack, member_of):
    """Not that none has an event."""
    stack.wait_for_event(send(stack, stack.create_project(org="closed"), value="hidden"))
    stack.sql("update organization set open_membership = false where slug = 'closed'")
    text = member_of("closed", "viewer").get("/closed/issues/").text
    assert "Nothing has arrived yet" not in text and "You see no project of this organisation" in text


def test_an_organisation_that_waits_is_told_to_set_up(stack, browser):
    stack.create_project("first-steps", org="fresh")
    page = browser.open("/fresh/issues/")
    assert page.locator(".empty h2").inner_text() == "Nothing has arrived yet"
    assert page.get_by_role("link", name="Set up first-steps").is_visible()


def test_an_id_leads_straight_to_its_issue(stack, shop, browser):
    event = send(stack, shop[0], "KeyError", "'sku'")
    stack.wait_for_event(event)
    page = search(browser, event)
    assert page.url.endswith(f"/events/{event}/")
    short_id = page.locator(".path span").last.inner_text()
    assert search(browser, short_id.lower()).url.endswith(f"/issues/{short_id}/")
    stack.sql("update issue set status = 1 where type = 'KeyError'")


def resolve(stack, project):
    stack.sql("update issue set status = 1 where project_id = %s", project.id)


def test_ticked_issues_are_resolved_and_the_others_stay(stack, project, new_browser):
    for script in (True, False):
        for n in range(3):
            stack.wait_for_event(send(stack, project, value=words(n)))
        browser = new_browser(stack.admin, java_script_enabled=script)
        page = browser.open(f"/acme/issues/?project={project.slug}")
        assert page.locator(".bulk").is_visible() is False
        for n in (0, 2):
            page.locator("tr", has_text=words(n)).locator(".pick").check()
        page.get_by_role("button", name="Resolve", exact=True).click()
        page.wait_for_load_state()
        assert "2 issues are resolved." in page.get_by_role("status").inner_text()
        assert titles(page) == [words(1)]
        assert page.url.endswith(f"?project={project.slug}")


def test_the_keyboard_walks_ticks_and_archives(stack, project, browser):
    for n in range(3):
        stack.wait_for_event(send(stack, project, value=words(n)))
    page = browser.open(f"/acme/issues/?project={project.slug}&sort=new")
    for key in "jjx":
        page.keyboard.press(key)
    assert page.locator("tr.cur .ttl b").inner_text() == words(1)
    page.keyboard.press("i")
    expect(page.locator(".stream tbody tr")).to_have_count(2)
    page.wait_for_load_state()
    assert titles(page) == [words(2), words(0)]
    page.get_by_role("link", name="Archived").click()
    assert titles(page) == [words(1)]
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/issues/*/")
    assert page.locator(".facts .chip").first.inner_text() == "Archived"


def test_the_keyboard_selects_a_range_and_assigns_it(stack, project, browser):
    for n in range(4):
        stack.wait_for_event(send(stack, project, value=words(n)))
    page = browser.open(f"/acme/issues/?project={project.slug}&sort=new")
    for key in ["j", "x", "j", "j", "Shift+X"]:
        page.keyboard.press(key)
    assert page.locator(".bulk [data-n]").inner_text() == "3 selected"
    page.keyboard.press("a")
    assert page.locator(".bulk details[open] summary").inner_text() == "Assign"
    page.keyboard.press("Escape")
    def settled(found, count):
        """So many are there, and the script has run: a key that is pressed before is lost."""
        expect(page.locator(found)).to_have_count(count)
        page.wait_for_load_state()

    page.keyboard.press("m")
    settled(".c-who .av:not(.av-none)", 3)
    assert page.locator("tr", has_text=words(0)).locator(".av-none").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("p")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # high, medium, low
    settled(".stream tbody tr .pri-low", 1)
    page.keyboard.press("j")
    page.keyboard.press("#")
    settled(".stream tbody tr", 3)
    page.keyboard.press("u")
    settled(".stream tbody tr", 4)


def test_the_keyboard_goes_to_pages_and_explains_itself(stack, shop, browser):
    forget_views(stack)
    page = browser.open("/acme/issues/")
    page.keyboard.press("?")
    assert "Assign to me" in page.get_by_role("dialog", name="Keyboard shortcuts").inner_text()
    page.keyboard.press("Escape")
    for keys, path in [("ge", "explore/"), ("gr", "releases/"), ("ga", "alerts/"), ("gi", "issues/")]:
        page.keyboard.press(keys[0])
        page.keyboard.press(keys[1])
        page.wait_for_url(f"**/acme/{path}")
    page.keyboard.press("Control+k")
    page.keyboard.type("releas")
    assert page.get_by_role("option").first.inner_text() == "Releases"
    page.keyboard.press("Enter")
    page.wait_for_url("**/acme/releases/")
    page.keyboard.press("Control+k")
    page.keyboard.type("level:fatal")
    page.keyboard.press("Enter")
    page.wait_for_url("**/acme/issues/?q=level**")
    assert titles(page) == [VALUE]


def test_the_help_needs_no_javascript(shop, new_browser, stack):
    page = new_browser(stack.admin, java_script_enabled=False).open("/acme/dashboard/")
    page.locator(".side-user summary").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    assert page.get_by_role("heading", name="Keyboard shortcuts").is_visible()
    page.get_by_role("button", name="Close").click()
    assert not page.get_by_role("heading", name="Keyboard shortcuts").is_visible()


def test_ticked_issues_are_assigned(stack, project, browser):
    stack.wait_for_event(send(stack, project, value="to be done"))
    page = browser.open(f"/acme/issues/?project={project.slug}")
    page.locator(".pick").check()
    page.locator(".bulk summary", has_text="Assign").click()
    page.locator(".bulk").get_by_role("button", name="Ada Admin").click()
    page.wait_for_load_state()
    assert page.locator(".c-who .av").get_attribute("title") == "Ada Admin"
    assert titles(search(browser, f"assigned:me project:{project.slug}")) == ["to be done"]


@pytest.mark.parametrize("script", [True, False])
def test_a_row_changes_its_priority_and_its_assignee_in_place(stack, project, new_browser, script):
    for n in range(3):
        stack.wait_for_event(send(stack, project, value=words(n)))
    browser = new_browser(stack.admin, java_script_enabled=script)
    page = browser.open(f"/acme/issues/?project={project.slug}&sort=new&graph=14d")
    row = page.locator(".stream tbody tr", has_text=words(1))
    others = page.locator(".stream tbody tr").filter(has_not_text=words(1))
    assert page.locator(".stream details").count() == 0

    with page.expect_navigation():
        row.locator(".c-pri").get_by_role("button").click()
    assert page.locator(".stream details[open]").count() == 1
    with page.expect_navigation():
        row.locator(".c-pri details").get_by_role("button", name="Low", exact=True).click()
    assert page.locator(".stream details").count() == 0
    assert page.url.endswith(f"?project={project.slug}&sort=new&graph=14d")
    assert "priority" in page.get_by_role("status").inner_text()

    with page.expect_navigation():
        row.locator(".c-who").get_by_role("button").click()
    with page.expect_navigation():
        row.locator(".c-who details").get_by_role("button", name="Ada Admin").click()
    expect(row.locator(".pri")).to_have_text("Low")
    expect(row.locator(".av")).to_have_attribute("title", "Ada Admin")
    expect(others.locator(".pri-low")).to_have_count(0)
    expect(others.locator(".av-none")).to_have_count(2)
    page.locator(".flash").get_by_role("button", name="Undo").click()
    expect(row.locator(".av-none")).to_have_count(1)
    resolve(stack, project)


def test_who_may_change_nothing_has_no_menus_in_rows(stack, shop, member_of):
    page = member_of("acme", "viewer").get("/acme/issues/").text
    assert 'class="pri ' in page and 'form="r"' not in page and 'id="r"' not in page


def test_ticked_issues_are_archived_until_more_come(stack, project, browser):
    stack.wait_for_event(send(stack, project, value="to wait for"))
    page = browser.open(f"/acme/issues/?project={project.slug}")
    page.locator(".pick").check()
    page.locator(".bulk summary", has_text="More ways to archive").click()
    with page.expect_navigation():
        page.locator(".bulk").get_by_role("button", name="Until 1,000 more events").click()
    assert stack.value("select status from issue where project_id = %s", project.id) == 2


def test_ticked_issues_are_discarded_only_by_who_is_sure(stack, project, browser):
    stack.wait_for_event(send(stack, project, value="to be rid of"))
    page = browser.open(f"/acme/issues/?project={project.slug}")
    page.locator(".pick").check()
    page.locator(".bulk summary", has_text=re.compile("^More$")).click()
    page.locator(".bulk").get_by_label("I know that this stays").check()
    with page.expect_navigation():
        page.locator(".bulk").get_by_role("button", name="Delete and discard future events").click()
    assert titles(page) == []
    assert stack.value("select count(*) from issue where project_id = %s and status <= 2", project.id) == 0


def ids_of(stack, project):
    return [id for (id,) in stack.sql("select id from issue where project_id = %s order by id", project.id)]


def test_ticked_issues_are_resolved_in_the_release_that_is_the_newest_of_their_project(stack, project, browser):
    other = stack.create_project("released")
    stack.wait_for_event(send(stack, other, value=words(1), release="shop@1.4.0"))
    stack.wait_for_event(send(stack, other, value=words(2), release="shop@1.10.0"))
    stack.wait_for_event(send(stack, project, value=words(3)))
    page = browser.open(f"/acme/issues/?project=released&project={project.slug}")
    for n in (1, 3):
        page.locator("tr", has_text=words(n)).locator(".pick").check()
    page.locator(".bulk summary", has_text="More ways to resolve").click()
    page.get_by_role("button", name="In the current release").click()
    page.wait_for_load_state()
    assert "2 issues are resolved." in page.get_by_role("status").inner_text()
    assert stack.sql("select r.kind, r.release from issue_resolution r join issue i on i.id = r.issue_id"
                     " where i.project_id in (%s, %s)", other.id, project.id) == [(1, "shop@1.10.0")]
    said = dict(stack.sql("select i.project_id, v.data from activity v join issue i on i.id = v.issue_id"
                          " where v.kind = 'resolved' and i.project_id in (%s, %s)", other.id, project.id))
    assert json.loads(said[other.id]) == {"release": "shop@1.10.0"} and json.loads(said[project.id]) == {}


def test_ticked_issues_are_archived_until_as_many_come_as_is_typed(stack, project, browser):
    stack.wait_for_event(send(stack, project, value=words(1)))
    page = browser.open(f"/acme/issues/?project={project.slug}")
    page.locator(".pick").last.check()
    page.locator(".bulk summary", has_text="More ways to archive").click()
    page.get_by_label("Until this many").fill("7")
    page.get_by_label("Until this many").press("Enter")  # the first button of the form is not what was meant
    page.get_by_label("Of what").select_option("users")
    page.locator("button[value=archive-until]").click()
    page.wait_for_load_state()
    assert stack.sql("select s.users, s.events, i.status from issue_snooze s join issue i on i.id = s.issue_id"
                     " where i.project_id = %s", project.id) == [(7, None, 2)]


@pytest.mark.parametrize("fields, field", [
    ({"do": "archive-until", "n": "many", "unit": "users"}, "n"), ({"do": "resolve-commit", "commit": "HEAD"}, "commit")])
def test_what_is_typed_and_no_number_or_commit_is_said_to_be_wrong(stack, project, reader, fields, field):
    stack.wait_for_event(send(stack, project, value=words(1)))
    answer = reader.post("/acme/issues/", id=str(ids_of(stack, project)[0]), **fields)
    assert answer.status_code == 400 and f">{field}<" in answer.text
    assert stack.value("select status from issue where project_id = %s", project.id) == 0


def test_a_ticket_is_made_of_one_ticked_issue(stack, project, reader):
    for n in range(2):
        stack.wait_for_event(send(stack, project, value=words(n)))
    first, second = ids_of(stack, project)
    assert reader.post("/acme/issues/", do="ticket", id=str(first)).headers["location"] == f"/acme/issues/{first}/tickets/new/"
    assert reader.post("/acme/issues/", do="ticket", id=[str(first), str(second)]).headers["location"] == "/acme/issues/"
    assert "A ticket is made from one issue" in reader.get("/acme/issues/").text


def test_the_same_page_comes_back_and_the_one_before_when_nothing_is_left(stack, many, reader):
    def next_of(text):
        return unescape(re.search(r'data-key="]" href="([^"]*)"', text).group(1))

    def shown(text):
        return re.findall(r'class="pick" name="id" value="(\d+)"', text)
    first = reader.get(f"/acme/issues/?project={many.slug}&sort=new").text
    second = reader.get("/acme/issues/" + next_of(first)).text
    third = "/acme/issues/" + next_of(second)
    ids = shown(reader.get(third).text)
    action = unescape(re.search(r'<form method="post" action="(\?[^"]*cursor=[^"]*)"', reader.get(third).text).group(1))
    answer = reader.post("/acme/issues/" + action, do="archive", id=ids[:2])
    assert answer.headers["location"] == third and shown(reader.get(third).text) == ids[2:]
    reader.post("/acme/issues/" + action, do="archive", id=ids[2:])
    back = reader.get(third)
    assert back.status_code == 303
    page = reader.get(back.headers["location"]).text
    assert "8 issues are archived." in page and set(shown(page)) < set(shown(first) + shown(second))
    for n in range(0, 10):
        reader.post("/acme/issues/", do="unresolve", id=ids[n])


def test_a_foreign_id_among_the_ticked_ones_changes_nothing(stack, project, browser):
    other = stack.create_project("secret", org="others")
    mine, foreign = (send(stack, p, value="one of two") for p in (project, other))
    for id in (mine, foreign):
        stack.wait_for_event(id)
    theirs = stack.value("select id from issue where project_id = %s", other.id)
    page = browser.open(f"/acme/issues/?project={project.slug}")
    page.locator(".pick").check()
    page.evaluate("id => { const copy = document.querySelector('.pick').cloneNode(); copy.value = id;"
                  " document.querySelector('.pick').form.append(copy); }", theirs)
    browser.expect_error("404")
    with page.expect_navigation() as answer:
        page.get_by_role("button", name="Resolve", exact=True).click()
    assert answer.value.status == 404
    assert stack.sql("select distinct status from issue where project_id in (%s, %s)",
                     project.id, other.id) == [(0,)]


def test_a_viewer_looks_and_does_not_touch(stack, project, new_browser):
    stack.wait_for_event(send(stack, project, value="look at me"))
    viewer = stack.create_account()
    stack.sql("insert into member (organization_id, account_id, role)"
              " select o.id, a.id, 'viewer' from organization o, account a"
              " where o.slug = %s and a.email = %s", project.org, viewer.email)
    browser = new_browser(viewer)
    page = browser.open(f"/acme/issues/?project={project.slug}")
    assert titles(page) == ["look at me"]
    assert page.locator(".bulk").count() == 0
    page.locator(".ttl").click()
    page.wait_for_url("**/issues/*/")
    assert page.get_by_role("button", name="Resolve").count() == 0
    assert page.locator(".bar-act").count() == 0


@pytest.fixture(scope="module")
def many(stack):
    """A project with sixty issues."""
    project = stack.create_project()
    ids = [send(stack, project, "Trouble" + words(n)[-9:].replace(" ", ""), words(n)) for n in range(60)]
    for id in ids:
        stack.wait_for_event(id)
    return project


def test_pages_show_every_issue_once_forwards_and_back(many, browser):
    project = many
    for query in ("", "&sort=freq", "&sort=new", "&sort=user", "&q=trouble", "&q=trouble&sort=user"):
        page = browser.open(f"/acme/issues/?project={project.slug}{query}")
        forwards = [titles(page)]
        while page.get_by_role("link", name="Next").get_attribute("aria-disabled") != "true":
            page.get_by_role("link", name="Next").click()
            page.wait_for_load_state()
            forwards.append(titles(page))
        assert [len(t) for t in forwards] == [25, 25, 10], query
        assert len({t for page_ in forwards for t in page_}) == 60, query
        backwards = [forwards[-1]]
        while page.get_by_role("link", name="Previous").get_attribute("aria-disabled") != "true":
            page.get_by_role("link", name="Previous").click()
            page.wait_for_load_state()
            backwards.insert(0, titles(page))
        assert backwards == forwards, query


def test_a_full_page_is_small_and_asks_the_database_little(stack, many, browser):
    answer = browser.page.request.get(f"{stack.url}/acme/issues/?q=")
    assert answer.text().count('class="pick"') == 25
    assert len(answer.body()) <= HTML_MAX
    assert int(re.search(r'db;desc="(\d+)"', answer.headers["server-timing"]).group(1)) <= STATEMENTS_MAX


def test_an_age_is_no_ago_in_any_language(stack, project, reader):
    stack.wait_for_event(send(stack, project, value="of this morning"))
    stack.sql("update issue set first_seen = now() - interval '200 minutes' where project_id = %s", project.id)
    for language, words in [("en", "age 3 h<"), ("ru", "возраст 3 ч<")]:
        page = reader.get(f"/acme/issues/?project={project.slug}", headers={"Accept-Language": language}).text
        assert words in page, re.findall("<small>[^<]*</small>", page)


def test_a_page_has_as_many_rows_as_is_chosen(many, browser):
    page = browser.open(f"/acme/issues/?project={many.slug}")
    page.get_by_role("group", name="Rows of a page").get_by_role("link", name="50", exact=True).click()
    page.wait_for_url("**rows=50**")
    assert len(titles(page)) == 50
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**cursor=**")
    assert len(titles(page)) == 10
    page = browser.open(f"/acme/issues/?project={many.slug}&rows=100")
    assert len(titles(page)) == 60
    page.locator(".pick-all").check()
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("60 issues are resolved.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".stream tbody tr")).to_have_count(60)
    assert "rows=100" in page.url
    assert len(titles(browser.open(f"/acme/issues/?project={many.slug}&rows=7"))) == 25


def test_facets_are_values_that_narrow_the_search(shop, stack, new_browser):
    stack.wait_for_counters()
    for script in (True, False):
        page = new_browser(stack.admin, java_script_enabled=script).open("/acme/issues/?project=shop-api&project=storefront")
        assert page.locator(".facet").count() == 0
        page.get_by_role("link", name="Frequent values").click()
        page.wait_for_url("**facets=1**")
        facets = page.get_by_role("complementary", name="Frequent values")
        assert facets.get_by_role("heading").all_inner_texts()[:2] == ["Level", "Environment"]
        facets.get_by_role("link", name="warning").click()
        page.wait_for_url("**level%3Awarning**")
        assert titles(page) == [DEADLINE]
        facets.get_by_role("link", name="fatal").click()
        page.wait_for_url("**level%3Afatal**")
        assert titles(page) == [VALUE]
        facets.get_by_role("link", name="fatal").click()
        expect(facets.locator("[aria-current]")).to_have_count(0)
        assert {VALUE, DEADLINE} < set(titles(page))


def test_a_facet_says_to_whom_open_issues_are_assigned(stack, shop, reader):
    me = stack.value("select id from account where email = %s", stack.admin.email)
    stack.sql("update issue set assignee_id = %s where title like %s", me, VALUE + "%")
    number = stack.value("select count(*) from issue where status = 0 and assignee_id = %s", me)
    html = cold(stack, reader, "/acme/issues/?facets=1&q=is%3Aunresolved").text
    stack.sql("update issue set assignee_id = null where assignee_id = %s", me)
    facet = html[html.index("<h3>Assignee</h3>"):html.index("</aside>")]
    assert f"assigned%3A{quote(stack.admin.email)}" in facet and f"<span>{number}</span>" in facet


def test_facets_cost_one_statement(stack, shop, reader):
    plain, facets = (statements(cold(stack, reader, f"/acme/issues/?q={more}")) for more in ("", "&facets=1"))
    assert facets == plain + 1 <= STATEMENTS_MAX


def test_the_trend_shows_14_days(stack, project, browser):
    stack.wait_for_event(send(stack, project, value="old and new"))
    stack.sql("insert into issue_hour (issue_id, hour, times_seen) select id, date_trunc('hour', now())"
              " - interval '3 days', 40 from issue where project_id = %s", project.id)
    page = browser.open(f"/acme/issues/?project={project.slug}")
    assert page.locator(".spark").get_attribute("aria-label") == "Peak 1 events"
    page.get_by_role("link", name="14d").click()
    counts = page.locator(".spark").get_attribute("data-v").partition(":")[2].split(",")
    assert len(counts) == 14 and counts[-4:] == ["40", "0", "0", "1"]
    box = page.locator(".spark").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 10.5 / 14, box["y"] + 5)
    day = stack.value("select ((now() - interval '3 days') at time zone 'UTC')::date::text")
    assert page.locator(".tip").inner_text() == f"{day}\n40 events"


# each breaks out of one place, and all together out of several
HOSTILE = [
    """<script>window.hacked = 1</script> "><img src=x onerror="window.hacked = 1">""",
    """' autofocus onfocus='window.hacked = 1 <?cs var:Csrf ?> {{7*7}} ${7*7}""",
    "javascript:window.hacked=1//",
    "a\u202egnp.exe\u2066 \u200b end",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing(stack, project, browser, text):
    event = stack.send_event(project, {
        "platform": "python", "transaction": text, "release": "1", "tags": {"k": text},
        "exception": {"values": [{"type": text, "value": text}]}})
    stack.wait_for_event(event)
    page = browser.open(f"/acme/issues/?project={project.slug}")
    shown = re.sub(r"U\+[0-9A-F]{4}", "", page.locator(".ttl").inner_text())
    plain = re.sub("[\u202e\u2066\u200b]", "", text)
    assert "".join(shown.split()) == "".join((plain + plain).split())
    assert page.evaluate("window.hacked") is None
    page = search(browser, f"project:{project.slug} {text}")
    assert page.evaluate("window.hacked") is None


def test_a_phone_needs_no_sideways_scrolling(shop, new_browser, stack):
    page = new_browser(stack.admin, viewport={"width": 390, "height": 844}).open("/acme/issues/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".stream .ttl").first.is_visible()
