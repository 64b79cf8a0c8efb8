"""The table of all events of an issue: searched, with columns of tags, exported."""

import csv
import io
import json

import pytest

from page.conftest import Person, statements
from page.test_issue import link, send
from page.test_issue_list import HTML_MAX, STATEMENTS_MAX


@pytest.fixture(scope="module")
def table(stack):
    """The address of the events of an issue, and their ids: three releases, two places, one of them with a country."""
    project = stack.create_project("table", platform="python")
    other = stack.create_project("beside", platform="python")
    send(stack, other, {"message": "row", "release": "t@1", "tags": {"place": "left"}})
    ids = [send(stack, project, {"message": "row", "release": f"t@{n % 3}", "level": "warning" if n == 5 else "error",
                                 "tags": {"place": ("left", "right")[n % 2], "odd-one": f"<b>{n}</b>"},
                                 "user": {"id": str(n)}}) for n in range(6)]
    return link(stack, project) + "events/", ids


def shown(page):
    return page.locator("tbody a.mono").all_inner_texts()


@pytest.mark.parametrize("script", [True, False])
def test_events_are_searched_in_the_language_of_the_stream(stack, table, new_browser, script):
    path, ids = table
    page = new_browser(stack.admin, java_script_enabled=script).open(path)
    assert shown(page) == [id[:8] for id in reversed(ids)]
    page.locator("#q").fill("tags[place]:left !release:t@0")
    page.locator("#q").press("Enter")
    page.wait_for_url("**q=*")
    assert shown(page) == [ids[n][:8] for n in (4, 2)]
    page.get_by_role("link", name="Remove tags[place]:left").click()
    assert shown(page) == [ids[n][:8] for n in (5, 4, 2, 1)]


@pytest.mark.parametrize("query, found", [
    ("level:warning", [5]), ("user:id:3", [3]), ("tags[place]:LEFT", [4, 2, 0]), ("tags[place]:nowhere", []),
    ("release:t@*", [5, 4, 3, 2, 1, 0])])
def test_a_search_finds_these_events(table, admin, query, found):
    path, ids = table
    html = admin.get(path, params={"q": query}).text
    assert [n for n in reversed(range(6)) if f"/events/{ids[n]}/" in html] == found
    assert ("No event of this issue matches" in html) == (not found)


def test_what_no_event_can_answer_is_pointed_at(table, admin):
    path, ids = table
    html = admin.get(path, params={"q": "timesSeen:>3"}).text
    assert "Only the list of issues knows this key." in html


@pytest.mark.parametrize("script", [True, False])
def test_columns_of_tags_come_and_go(stack, table, new_browser, script):
    path, ids = table
    page = new_browser(stack.admin, java_script_enabled=script).open(path)
    for key in ("place", "odd-one"):
        page.get_by_label("Column of a tag").fill(key)
        page.get_by_role("button", name="Show", exact=True).click()
        page.get_by_role("link", name=f"Without {key}").wait_for()
    cells = [[cell.strip() for cell in row.locator("td").all_inner_texts()][-2:] for row in page.locator("tbody tr").all()]
    assert cells == [[("left", "right")[n % 2], f"<b>{n}</b>"] for n in reversed(range(6))]
    page.get_by_role("link", name="Without place").click()
    assert page.get_by_role("link", name="Without place").count() == 0
    assert page.locator("tbody tr").first.locator("td").last.inner_text() == "<b>5</b>"


def test_what_was_found_is_exported(table, admin):
    path, ids = table
    base = path.removesuffix("events/")
    answer = admin.get(base + "csv/", params={"q": "tags[place]:right"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["event"] for row in rows] == [ids[n] for n in (5, 3, 1)]
    assert "TABLE-1-events" in answer.headers["content-disposition"]
    lines = [json.loads(line) for line in admin.get(base + "ndjson/").text.splitlines()]
    assert [line["event"] for line in lines] == list(reversed(ids)), "all of the issue, and of no other"


def test_found_events_come_in_pages(stack, project, browser):
    id = send(stack, project, {"message": "many", "tags": {"place": "here"}})
    stack.sql("""
        insert into event (day, id, organization_id, project_id, issue_id, event_id, occurred_at, received_at,
                           digested_at, level, platform, title, tags)
        select e.day, nextval('event_id_seq'), e.organization_id, e.project_id, e.issue_id, gen_random_uuid(),
               e.occurred_at, e.received_at, e.digested_at, e.level, e.platform, e.title, e.tags
          from event e, generate_series(1, 69) n where e.event_id = %s""", id)
    page = browser.open(f"{link(stack, project)}events/?q=tags[place]:here")
    first = shown(page)
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Newest").wait_for()
    assert len(first) == 50 and len(shown(page)) == 20 and not {*first} & {*shown(page)}
    page.get_by_role("link", name="Newest").click()
    page.wait_for_url(lambda url: "cursor" not in url)
    assert shown(page) == first


def test_a_search_of_events_is_cheap(stack, table):
    person = Person(stack).sign_in(stack.admin.email)
    for query in ("", "?q=tags[place]:left&col=place&col=odd-one"):
        answer = person.get(table[0] + query)
        assert statements(answer) <= STATEMENTS_MAX and len(answer.content) <= HTML_MAX, query


def test_a_phone_needs_no_sideways_scrolling_for_it(stack, table, new_browser):
    page = new_browser(stack.admin, viewport={"width": 390, "height": 844}).open(f"{table[0]}?col=place&q=level:error")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
