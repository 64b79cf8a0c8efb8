"""Issues as data: the stream as CSV and NDJSON, an issue as JSON and as Markdown, on paper."""

import csv
import io
import json
import re

import pytest

from page.conftest import Person, statements
from page.issues import lock_timeout

HOSTILE = "``` @here ![x](https://evil.example/x.png) <img src=x onerror=alert(1)> | `a` \n# head"


@pytest.fixture(scope="module")
def shop(stack):
    shop = stack.create_project("shop", platform="python")
    last = [stack.send_event(shop, lock_timeout()),
            stack.send_event(shop, message='=HYPERLINK("https://evil.example")', level="warning"),
            stack.send_event(shop, message=HOSTILE, level="error", tags={"a`b|c": HOSTILE[:180]},
                             extra={"x": HOSTILE}, breadcrumbs=[{"message": HOSTILE, "timestamp": 1.7e9}])]
    for event in last:
        stack.wait_for_event(event)
    return shop


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


def issues(reader, form, query=""):
    answer = reader.get(f"/acme/issues/{form}/{query}")
    assert answer.status_code == 200 and f'filename="acme-issues.{form}"' in answer.headers["Content-Disposition"]
    assert statements(answer) <= 12
    if form == "csv":
        return list(csv.DictReader(io.StringIO(answer.content.decode())))
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_list_is_the_same_in_both_forms(stack, shop, reader):
    table, lines = issues(reader, "csv"), issues(reader, "ndjson")
    assert [row["id"] for row in table] == [line["id"] for line in lines] == ["SHOP-3", "SHOP-2", "SHOP-1"]
    assert list(table[0]) == list(lines[0])
    assert lines[2] | {"first_seen": 0, "last_seen": 0} == {
        "id": "SHOP-1", "project": "shop", "type": "InventoryLockTimeout",
        "title": "InventoryLockTimeout: could not reserve 3 items for order 8841207 within 2.0 s",
        "value": "could not reserve 3 items for order 8841207 within 2.0 s",
        "culprit": "shop.checkout.services in reserve_stock", "level": "error", "status": "unresolved",
        "substatus": "new", "priority": 75, "unhandled": True, "assignee": None, "events": 1, "users": 1,
        "first_seen": 0, "last_seen": 0, "first_release": "shop-api@1.4.2+b771",
        "last_release": "shop-api@1.4.2+b771", "link": f"{stack.url}/acme/issues/SHOP-1/"}
    assert table[2]["events"] == "1" and table[2]["assignee"] == ""


def test_a_spreadsheet_takes_nothing_for_a_formula(shop, reader):
    assert issues(reader, "csv")[1]["title"] == "'=HYPERLINK(\"https://evil.example\")"
    assert issues(reader, "ndjson")[1]["title"] == '=HYPERLINK("https://evil.example")'


@pytest.mark.parametrize("query, found", [
    ("?q=level:warning", ["SHOP-2"]), ("?q=is:resolved", []), ("?project=nothing&q=", []),
    ("?sort=new", ["SHOP-3", "SHOP-2", "SHOP-1"]), ("?q=reserve", ["SHOP-1"])])
def test_it_is_what_the_stream_shows(shop, reader, query, found):
    assert [line["id"] for line in issues(reader, "ndjson", query)] == found
    page = reader.get(f"/acme/issues/{query}").text
    assert re.findall(r'class="pick" name="id" value="\d+" aria-label="(SHOP-\d)"', page) == found


def test_the_stream_links_to_its_files(shop, browser):
    page = browser.open("/acme/issues/?q=level:warning&sort=new")
    with page.expect_download() as download:
        page.get_by_role("link", name="NDJSON").click()
    assert [json.loads(line)["id"] for line in open(download.value.path())] == ["SHOP-2"]


def test_more_than_a_file_holds_is_said(stack, project, reader):
    stack.sql("insert into issue (organization_id, project_id, number, title, culprit, platform, level, priority,"
              " first_seen, last_seen, times_seen) select organization_id, id, n, 'Many ' || n, '', 'other', 20, 25,"
              " now(), now(), 1 from project, generate_series(1, 5001) n where id = %s", project.id)
    lines = reader.get(f"/acme/issues/ndjson/?project={project.slug}&q=").text.splitlines()
    assert len(lines) == 5001 and json.loads(lines[-1]) == {"cut_after": 5000}
    table = reader.get(f"/acme/issues/csv/?project={project.slug}&q=").text.splitlines()
    assert len(table) == 5002 and table[-1] == "cut after 5000 issues: narrow the search"
    stack.sql("delete from issue where project_id = %s", project.id)


def test_an_issue_as_json_has_its_latest_event(shop, reader):
    issue = reader.get("/acme/issues/SHOP-1/json/").json()
    assert issue["id"] == "SHOP-1" and issue["event"]["exception"]["values"][1]["type"] == "InventoryLockTimeout"


def test_an_issue_as_markdown_reads_well(stack, shop, reader):
    answer = reader.get("/acme/issues/SHOP-1/markdown/")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = answer.text
    assert text.startswith("# `InventoryLockTimeout: could not reserve 3 items for order 8841207 within 2.0 s`\n\n"
                           f"[SHOP-1]({stack.url}/acme/issues/SHOP-1/)\n\n- **Level:** `error`\n")
    assert "```text\nTraceback (most recent call last):\n" in text
    assert "`http` `GET https://stock.internal/levels → 503`" in text
    assert "`POST https://shop.acme.example/checkout/confirm/`" in text
    assert "| `payment.provider` | `sepa-direct` |" in text
    event = stack.value("select replace(event_id::text, '-', '') from event e join issue i on i.id = e.issue_id"
                        " where i.number = 1 and i.project_id = %s", shop.id)
    assert reader.get(f"/acme/issues/SHOP-1/events/{event}/markdown/").text == text
    assert reader.get(f"/acme/issues/SHOP-1/events/{'0' * 32}/markdown/").status_code == 404


def test_in_markdown_what_strangers_wrote_is_code(shop, reader):
    text = reader.get("/acme/issues/SHOP-3/markdown/").text
    outside = re.sub(r"^(`{3,})\w*\n.*?^\1\n", "", text, flags=re.M | re.S)  # blocks
    outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)  # and spans
    for sign in ("@here", "evil.example", "<img", "# head"):
        assert sign in text and sign not in outside, sign


def test_a_button_copies_the_markdown(shop, new_browser, stack, reader):
    browser = new_browser(stack.admin)
    browser.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=stack.url)
    page = browser.open("/acme/issues/SHOP-1/")
    page.get_by_role("button", name="Copy as Markdown").click()
    page.locator(".toast", has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == reader.get("/acme/issues/SHOP-1/markdown/").text


def test_on_paper_there_are_no_controls_and_all_that_is_open(shop, browser):
    page = browser.open("/acme/issues/SHOP-1/")
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible() and page.locator("#stack .frame").first.is_visible()
    for gone in (".side", ".btn:visible", "nav.tabs", ".pager", "footer", "textarea"):
        assert not page.locator(gone).first.is_visible(), gone
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
