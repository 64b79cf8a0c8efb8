"""The explorer of sessions: how many there were and how they ended."""

import csv
import io
import re

import pytest
from page.conftest import Person, cold, saved_menu, statements

HOSTILE = '=1+1"><img src=x>\u202e'


@pytest.fixture(scope="module")
def shop(stack):
    """Two releases of shop in two environments, one of web; with a period before."""
    shop, web = stack.create_project("shop"), stack.create_project("web")
    org = stack.value("select organization_id from project where id = %s", shop.id)
    for project, version in [(shop, "shop@1.0"), (shop, "shop@1.1"), (web, HOSTILE)]:
        stack.sql("insert into release (organization_id, project_id, version, first_seen, last_seen)"
                  " values (%s, %s, %s, now() - interval '20 days', now())", org, project.id, version)
    prod = stack.value("insert into environment (organization_id, project_id, name, first_seen, last_seen)"
                       " values (%s, %s, 'prod', now(), now()) returning id", org, shop.id)
    for version, environment, days, sessions, errored, crashed, users, users_crashed in [
            ("shop@1.0", prod, 0, 100, 12, 2, 60, 2), ("shop@1.0", 0, 2, 20, 0, 0, 10, 0),
            ("shop@1.1", prod, 1, 200, 30, 10, 0, 0), (HOSTILE, 0, 0, 5, 1, 1, 1, 1), ("shop@1.0", prod, 18, 100, 1, 1, 0, 0)]:
        stack.sql("insert into release_hour (organization_id, project_id, release_id, environment_id, hour, sessions, errored,"
                  " crashed, users, users_crashed, duration_ms, durations) select organization_id, project_id, id, %s,"
                  " date_trunc('hour', now()) - make_interval(days => %s), %s, %s, %s, %s, %s, 4000, 2"
                  " from release where version = %s",
                  environment, days, sessions, errored, crashed, users, users_crashed, version)
    return shop


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture
def explore(shop, new_browser, stack):
    """Without JavaScript."""
    browser = new_browser(stack.admin, java_script_enabled=False)
    return lambda query="": browser.open(f"/acme/explore/sessions/{query}")


def table(page):
    return [[cell.inner_text() for cell in row.locator("td").all()] for row in page.locator("[data-table=groups] tbody tr").all()]


def series(page):
    data = page.locator(".card svg[data-v]").get_attribute("data-v")
    return {name: sum(map(int, values.split(","))) for name, values in (s.rsplit(":", 1) for s in data.split(";"))}


def test_how_they_ended_stands_beside_the_period_before(explore):
    page = explore()
    stats = page.locator(".stats").inner_text().split("\n")
    assert stats[:3] == ["Sessions", "325", "+225 % on the 14 days before"]
    assert stats[3:6] == ["Crash-free sessions", "96.00 %", "99.00 % in the 14 days before"]
    assert stats[6:9] == ["Crash-free users", "95.77 %", "of 71 a day, added up"]
    assert stats[9:11] == ["Mean length", "2.00 s"]
    assert series(page) == {"without errors": 282, "with errors": 30, "crashed": 13}
    assert table(page) == []


def test_a_key_makes_groups_of_them(explore):
    page = explore("?by=release")
    rows = table(page)
    assert [row[:6] for row in rows[:2]] == [["shop@1.1", "200", "61.5 %", "95.00 %", "10", "20"],
                                             ["shop@1.0", "120", "36.9 %", "98.33 %", "2", "10"]]
    assert rows[2][1] == "5" and series(page)["shop@1.1"] == 200
    assert page.locator("main img").count() == 0
    page.get_by_role("link", name="shop@1.1").click()
    assert page.url.endswith("/acme/releases/shop%401.1/")
    assert [row[:2] for row in table(explore("?by=environment"))] == [["prod", "300"], ["(none)", "25"]]
    assert [row[:2] for row in table(explore("?by=project"))] == [["shop", "320"], ["web", "5"]]


@pytest.mark.parametrize("query, expected", [
    ("?by=release&environment=prod", [("shop@1.1", "200"), ("shop@1.0", "100")]),
    ("?by=release&release=P%401.0", [("shop@1.0", "120")]), ("?by=release&release=%25", []),
    ("?by=project&range=24h", [("shop", "100"), ("web", "5")]), ("?by=project&project=web", [("web", "5")]),
    ("?by=nothing&release=1.1", [])])
def test_filters(explore, query, expected):
    assert [tuple(row[:2]) for row in table(explore(query))] == expected


def test_the_form_keeps_and_asks_for_more(explore):
    page = explore("?project=shop&range=24h")
    page.get_by_label("Group by").select_option("environment")
    page.get_by_label("Part of a version").fill("1.0")
    page.get_by_role("button", name="Apply", exact=True).last.click()
    assert [row[:2] for row in table(page)] == [["prod", "100"]]
    page.get_by_role("link", name="prod").click()
    assert "environment=prod" in page.url and "by=environment" in page.url
    page.locator(".seg").get_by_role("link", name="Events").click()
    assert re.search(r"/acme/explore/\?project=shop&environment=prod&range=24h$", page.url)
    page.locator(".seg").get_by_role("link", name="Sessions").click()
    assert re.search(r"/acme/explore/sessions/\?project=shop&environment=prod&range=24h$", page.url)


def test_what_is_beyond_the_top_is_other(stack, explore, reader):
    stack.sql("insert into release (organization_id, project_id, version, first_seen, last_seen)"
              " select organization_id, id, 'many@' || n, now(), now() from project, generate_series(1, 60) n where slug = 'web'")
    stack.sql("insert into release_hour (organization_id, project_id, release_id, environment_id, hour, sessions, crashed, errored)"
              " select organization_id, project_id, id, 0, date_trunc('hour', now()), 1, 1, 1 from release where version like 'many@%%'")
    try:
        page = explore("?by=release&top=5&release=many")
        rows = table(page)
        assert len(rows) == 6 and rows[-1][:5] == ["other: 55 more", "55", "91.7 %", "0.00 %", "55"]
        assert series(page)["other"] == 55
        answer = cold(stack, reader, "/acme/explore/sessions/?by=release&top=50")
        assert len(answer.content) <= 60000 and statements(answer) <= 12
        text = reader.get("/acme/explore/sessions/csv/?by=release&release=many&top=5").text
        assert list(csv.reader(io.StringIO(text)))[-1] == ["(other)", "55", "55", "0", "0", "55", "0", "0"]
    finally:
        stack.sql("delete from release where version like 'many@%%'")


def test_they_are_exported(shop, reader):
    answer = reader.get("/acme/explore/sessions/csv/?by=release")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["release", "sessions", "crashed", "unhandled", "abnormal", "errored", "user_days", "user_days_crashed"]
    assert rows[1] == ["shop@1.1", "200", "10", "0", "0", "30", "0", "0"]
    assert rows[3][0].startswith("'=1+1"), "no formula for a spreadsheet"
    assert "acme-sessions-14d.csv" in answer.headers["Content-Disposition"]


def test_others_see_nothing_of_it(stack, shop, new_person, member_of):
    assert new_person().get("/acme/explore/sessions/").status_code == 404
    stack.sql("update organization set open_membership = false where slug = 'acme'")
    try:
        text = member_of("acme", "member").get("/acme/explore/sessions/?by=release").text
        assert "shop@1" not in text and "No session in the last 14 days" in text
    finally:
        stack.sql("update organization set open_membership = true where slug = 'acme'")


@pytest.mark.parametrize("sessions, grey", [(500, False), (5, True)])
def test_only_a_rate_of_few_sessions_is_grey(stack, shop, explore, sessions, grey):
    id = stack.value("insert into release (organization_id, project_id, version, first_seen, last_seen) select organization_id,"
                     " id, 'shop@9.9', now(), now() from project where id = %s returning id", shop.id)
    stack.sql("insert into release_hour (organization_id, project_id, release_id, environment_id, hour, sessions)"
              " select organization_id, project_id, id, 0, date_trunc('hour', now()), %s from release where id = %s", sessions, id)
    try:
        page = explore("?release=9.9")
        colours = [page.locator(".stat b").nth(n).evaluate("e => getComputedStyle(e).color") for n in (0, 1)]
        assert (colours[0] != colours[1]) == grey
    finally:
        stack.sql("delete from release_hour where release_id = %s", id)
        stack.sql("delete from release where id = %s", id)


def test_a_question_about_sessions_is_saved_beside_those_about_events(stack, explore, reader):
    query = "?by=release&top=5&release=1.&range=14d"
    page = explore(query)
    page.get_by_label("Saved questions").click()
    page.get_by_role("link", name="Save this question").click()
    assert page.get_by_text("Sessions · release · 1.").is_visible()
    page.get_by_label("Name").fill("Our releases")
    page.get_by_role("button", name="Save").click()
    reader.post("/acme/explore/saved/", name="Of events", query="by=level")
    try:
        saved = "?data=sessions&release=1.&by=release&top=5"
        assert saved_menu(reader.get(f"/acme/explore/sessions/{query}").text, "Saved questions") == [
            ("Of events", "../?by=level", False), ("Our releases", saved, True)]
        assert saved_menu(reader.get("/acme/explore/?by=level").text, "Saved questions") == [
            ("Of events", "?by=level", True), ("Our releases", "sessions/" + saved, False)]
        page = explore()
        page.get_by_label("Saved questions").click()
        page.get_by_role("menuitemradio", name="Our releases").click()
        assert page.get_by_label("Part of a version").input_value() == "1." and len(table(page)) == 2
    finally:
        stack.sql("delete from saved_search")


def test_an_alert_is_made_of_sessions(explore, member_of):
    page = explore("?project=shop&environment=prod&release=1.1")
    page.get_by_role("link", name="Create an alert").click()
    assert page.get_by_label("What", exact=True).input_value() == "crash_free_sessions"
    assert page.get_by_label("Trouble is").input_value() == "below"
    assert page.get_by_label("Critical").input_value() == "92.5"
    assert page.get_by_label("Of so many at least").input_value() == "50"
    assert "release:*1.1*" in page.locator("main").inner_text()
    assert "alerts/new" not in member_of("acme", "viewer").get("/acme/explore/sessions/").text
