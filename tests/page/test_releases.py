"""Releases: the list, and whether one of them is worse."""

import html
import re
import time
import uuid

import pytest
from page.conftest import Person, statements

HOSTILE = '"><img src=x onerror=alert(1)>\u202e@1.0'


def session(release, status="exited", environment="production", **fields):
    return {"sid": uuid.uuid4().hex, "did": uuid.uuid4().hex, "init": True, "started": time.time() - 60,
            "status": status, "attrs": {"release": release, "environment": environment}, **fields}


@pytest.fixture(scope="module")
def shop(stack):
    shop = stack.create_project("shop-api", platform="python")
    stack.vedette("release", "create", "acme", "shop-api", "shop@1.0.0", "--released")
    sessions = [session("shop@1.0.0") for _ in range(60)]
    sessions += [session("shop@1.1.0", "crashed" if n < 6 else "exited", duration=2) for n in range(60)]
    sessions += [session("shop@1.1.0", environment="staging"), session(HOSTILE)]
    assert stack.send_envelope(shop, {}, [({"type": "session"}, s) for s in sessions[:90]]).status_code == 200
    assert stack.send_envelope(shop, {}, [({"type": "session"}, s) for s in sessions[90:]]).status_code == 200
    events = [stack.send_event(shop, message="Disk full", release="shop@1.1.0", environment="production"),
              stack.send_event(shop, message="Old hat", release="shop@1.0.0", environment="production"),
              stack.send_event(shop, message="Nightly fails", release="a1b2c3d4e5f6")]
    for event in events:
        stack.wait_for_event(event)
    stack.wait_for(lambda: stack.sql("select sum(sessions) from release_hour") == [(122,)])
    return shop


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


def rows(page):
    return page.locator("table.tbl tbody tr")


def test_the_list_says_how_each_does(shop, browser):
    page = browser.open("/acme/releases/")
    row = rows(page).filter(has_text="1.1.0").inner_text()
    assert "90.16 %" in row and "50 %" in row and "Adopted" in row and "61 sessions" in row
    assert rows(page).filter(has_text="1.1.0").get_by_title("100 % in 1.0.0, in points").all_inner_texts() == ["−9.84", "−9.84"]
    row = rows(page).filter(has_text="1.0.0").inner_text()
    assert "100 %" in row and "1 event" in row
    assert page.get_by_title("in points").count() == 2, "nothing beside the first, or beside too few"
    assert "none" in rows(page).filter(has_text="a1b2c3d4e5f6").inner_text()
    assert rows(page).count() == 4


def test_the_dashboard_says_how_many_sessions_were_free_of_crashes(shop, browser):
    card = browser.open("/acme/dashboard/").locator("section.card", has_text="Crash-free")
    assert card.locator(".gauge").first.get_attribute("aria-label") == "sessions 95.08 %"
    assert card.locator(".gauge .val").first.get_attribute("stroke-dasharray") == "95.08 100"
    assert [row.locator("td").all_inner_texts() for row in rows(card).all()][:2] == [
        ["shop-api 1.1.0", "90.16 %", "of 61"], ["shop-api 1.0.0", "100 %", "of 60"]]
    card.get_by_role("link", name="shop-api 1.1.0").click()
    assert "It is worse than" in browser.page.locator(".note").first.inner_text()


def test_the_list_is_filtered_and_ordered(shop, browser):
    page = browser.open("/acme/releases/?environment=staging")
    assert rows(page).count() == 1 and "1 session, 0 events" in rows(page).inner_text()
    page = browser.open("/acme/releases/?q=shop@1")
    assert rows(page).count() == 2
    page = browser.open("/acme/releases/?sort=version")
    shown = rows(page).locator("td:first-child b").all_inner_texts()
    assert shown[0] == "1.1.0" and set(shown[1:]) == {"1.0.0", "1.0"}
    page = browser.open("/acme/releases/?project=nothing")
    assert "No release matches" in page.locator("main").inner_text()


def test_one_sentence_says_whether_it_is_worse(shop, browser):
    page = browser.open("/acme/releases/shop@1.1.0/")
    verdict = page.locator("p.note").inner_text()
    assert "It is worse than" in verdict and "90.16 % of 61 sessions" in verdict and "of 60 there" in verdict
    page.locator("p.note a").click()
    assert page.locator("h1").inner_text() == "1.0.0"


def test_its_health_issues_and_adoption(shop, browser):
    page = browser.open("/acme/releases/shop@1.1.0/?environment=production")
    assert "Crashed\n6" in page.locator("main").inner_text()
    assert "Mean length\n2" in page.locator("main").inner_text()
    chart = page.locator("svg.chart[data-v]").first.get_attribute("data-v")
    assert {n: sum(map(int, v.split(","))) for n, v in (s.split(":") for s in chart.split(";"))} == {
        "this release": 60, "other releases": 61}
    assert "Disk full" in page.locator("main").inner_text()
    page.get_by_role("link", name="Unhandled").click()
    assert "None." in page.locator("main").inner_text()
    assert page.locator("p.note a").count() == 1


def test_a_release_without_sessions_says_so(shop, browser):
    page = browser.open("/acme/releases/a1b2c3d4e5f6/")
    text = page.locator("main").inner_text()
    assert "cannot be told from crashes" in text and "Events of this release among all" in text


def test_regressed_and_resolved_issues(shop, stack, browser):
    issue, = stack.sql("select id from issue where title = 'Old hat'")
    stack.sql("update issue set status = 1, substatus = 0 where id = %s", *issue)
    page = browser.open("/acme/releases/shop@1.0.0/?issues=resolved")
    assert "Old hat" in page.locator("main").inner_text()
    stack.sql("update issue set status = 0, substatus = 6 where id = %s", *issue)
    page = browser.open("/acme/releases/shop@1.0.0/?issues=regressed")
    assert "Old hat" in page.locator("main").inner_text()


def test_what_came_with_it(shop, stack, browser):
    stack.vedette("release", "deploy", "acme", "shop-api", "shop@1.1.0", "production", "--name", "blue",
                  "--url", "https://ci.example/1")
    log = "deadbeef01\tAnn\tann@example.org\t2026-11-01T10:00:00Z\tFix <b>it</b>\ndeadbeef02\tBob\t\t\tMore"
    stack.vedette("release", "commits", "acme", "shop-api", "shop@1.1.0", "--repository", "acme/shop", stdin=log)
    page = browser.open("/acme/releases/shop@1.1.0/")
    text = page.locator("main").inner_text()
    assert "Fix <b>it</b>" in text and "deadbeef" in text and "blue" in text
    commits = page.locator("section.card", has=page.get_by_role("heading", name="Commits"))
    assert [chip.split() for chip in commits.locator(".card-head .chip").all_inner_texts()] == [["Ann", "1"], ["Bob", "1"]]
    row = rows(browser.open("/acme/releases/")).filter(has_text="1.1.0").inner_text()
    assert "production" in row and "Ann, Bob" in row


def test_all_new_issues_of_a_release_are_resolved_at_once_and_can_be_taken_back(stack, browser, new_person, member_of):
    tools = stack.create_project("tools")
    for n, message in enumerate(("First", "Second", "Third")):
        stack.wait_for_event(stack.send_event(tools, message=message, release="tools@7.0.0"))
    stack.sql("update issue set status = 2 where title = 'Third' and project_id = %s", tools.id)
    stack.sql("update issue set substatus = 6 where title = 'First' and project_id = %s", tools.id)

    def states():
        return dict(stack.sql("select title, status from issue where project_id = %s", tools.id))
    browser.open("/acme/releases/?project=tools")
    row = rows(browser.page).filter(has_text="7.0.0")
    assert row.locator("[data-t='New issues']").inner_text() == "3"
    row.locator("[data-t=Regressed] a").click()
    browser.page.wait_for_url("**issues=regressed**")
    assert "First" in browser.page.locator("main").inner_text()
    page = browser.open("/acme/releases/tools@7.0.0/?project=tools")
    page.get_by_role("button", name="Resolve all new ones").press("Enter")
    assert page.get_by_text("2 issues are resolved.").is_visible()
    assert states() == {"First": 1, "Second": 1, "Third": 2}, "what is archived stays so"
    page.get_by_role("button", name="Undo").click()
    assert states() == {"First": 0, "Second": 0, "Third": 2}
    path = "/acme/releases/tools@7.0.0/"
    assert "Resolve all new ones" not in member_of("acme", "viewer").get(path).text
    assert member_of("acme", "viewer").post(path, project="tools").status_code == 403
    assert member_of("acme", "member").post(path, project="shop-api").status_code == 404
    assert new_person().post(path, project="tools").status_code == 404
    assert states()["First"] == 0


def test_hostile_names_stay_names(shop, reader, browser):
    page = browser.open("/acme/releases/")
    rows(page).filter(has_text="1.0").locator("a").first.click()
    answer = reader.get("/acme/releases/?q=%22%3E%3Cscript%3Ealert(1)&environment=%22%3E%3Cscript%3E")
    assert "<script>alert" not in answer.text


def test_versions_of_others_are_not_there(shop, stack, reader, member_of):
    stack.create_project("secret", org="other")
    stranger = member_of("other", "owner")
    for path in ("/acme/releases/shop@1.1.0/", "/acme/releases/shop@1.1.0/compare/", "/acme/releases/"):
        assert stranger.get(path).status_code == 404
    assert reader.get("/acme/releases/9.9.9/").status_code == 404
    assert "1.1.0" not in stranger.get("/other/releases/").text


def test_pages_of_the_list(shop, stack, reader):
    stack.sql("insert into release (organization_id, project_id, version, first_seen, last_seen)"
              " select organization_id, id, 'page-' || n, now() - interval '1 year' - n * interval '1 h', now()"
              " from project, generate_series(1, 45) n where slug = 'shop-api'")
    seen, path = [], "/acme/releases/?q=page-"
    while path:
        text = reader.get(path).text
        seen += re.findall(r'<b class="u">(page-\d+)', text)
        older = re.search(r'href="(\?[^"]+)"><svg[^>]*><use[^>]*></svg>Older', text)
        path = older and "/acme/releases/" + html.unescape(older.group(1))
    assert seen == [f"page-{n}" for n in range(1, 46)]
    newer = re.search(r'href="(\?[^"]+)"><svg[^>]*><use[^>]*></svg>Newer', text).group(1)
    text = reader.get("/acme/releases/" + html.unescape(newer)).text
    assert re.findall(r'<b class="u">(page-\d+)', text) == [f"page-{n}" for n in range(21, 41)]


def compared(page):
    """What the table says of each title: this one, the other, the change."""
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts()
            for row in page.locator("[data-table=pair] tbody tr").all()}


def test_two_releases_stand_beside_each_other(shop, browser):
    page = browser.open("/acme/releases/shop@1.1.0/")
    page.get_by_role("link", name="Compare…").click()
    assert page.get_by_label("Compare 1.1.0 with").input_value() == "shop@1.0.0", "the one before"
    assert "It is worse than 1.0.0" in page.locator("p.note").inner_text()
    table = compared(page)
    assert table["Crash-free sessions"] == ["90.16 %", "100 %", "−9.84 points"]
    assert table["Sessions"][:2] == ["61", "60"] and table["New issues"][:2] == ["1", "1"]
    assert [page.locator("section.card", has_text=f"New in {name}").locator(".ttl").inner_text()
            for name in ("1.1.0", "1.0.0")] == ["Disk full", "Old hat"]
    page.get_by_role("link", name="Turn around").click()
    assert "It is better than 1.1.0" in page.locator("p.note").inner_text()
    page.get_by_role("link", name="Same age").click()
    assert compared(page)["Crash-free sessions"] == ["100 %", "90.16 %", "+9.84 points"]


def test_any_version_can_be_compared_with(shop, new_browser, stack):
    page = new_browser(stack.admin, java_script_enabled=False).open("/acme/releases/shop@1.1.0/compare/")
    assert page.locator("#versions option[value='a1b2c3d4e5f6']").count() == 1
    page.get_by_label("Compare 1.1.0 with").fill("a1b2c3d4e5f6")
    page.get_by_role("button", name="Compare").click()
    assert "none came from a1b2c3d4e5f6" in page.locator("p.note").inner_text()
    assert compared(page)["Crash-free sessions"][:2] == ["90.16 %", "not known"]
    page.get_by_label("Compare 1.1.0 with").fill("<b>9.9.9")
    page.get_by_role("button", name="Compare").click()
    assert "has no release <b>9.9.9" in page.locator("main").inner_text()


def test_the_number_of_statements(shop, reader):
    assert statements(reader.get("/acme/releases/")) <= 11
    assert statements(reader.get("/acme/releases/shop@1.1.0/")) <= 12
    assert statements(reader.get("/acme/releases/shop@1.1.0/compare/")) <= 12
