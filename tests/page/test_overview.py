"""A project at a glance."""

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from page.conftest import Person, latest, statements
from page.issues import lock_timeout

# a value that tries everything
HOSTILE = '"><script>alert(1)</script>\u202e'


@pytest.fixture(scope="module")
def shop(stack):
    """Four issues of three levels, in two releases and environments."""
    shop = stack.create_project("shop-api", platform="python")
    ids = [stack.send_event(shop, lock_timeout()) for _ in range(3)]
    ids += [stack.send_event(shop, message="Disk full", level="warning", release="shop-api@1.4.1",
                             environment="staging", server_name="web1",
                             contexts={"browser": {"name": "Firefox", "version": "141.0"},
                                       "os": {"name": "Linux", "version": "6.1"}}),
            stack.send_event(shop, message="Disk very full", level="fatal", server_name=HOSTILE,
                             user={"id": "1", "geo": {"country_code": "FR"}}),
            stack.send_event(shop, message="Disk full again", level="warning", environment="staging")]
    stack.send_envelope(shop, {}, [({"type": "event"}, b"{not json")])
    for id in ids:
        stack.wait_for_event(id)
    stack.wait_for(lambda: stack.sql("select 1 from outcome_hour where reason = 'invalid_json'"))
    stack.wait_for_counters()
    return shop


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture
def page(shop, browser):
    return browser.open("/acme/projects/shop-api/")


def series(page):
    data = page.locator("svg.chart[data-v]").first.get_attribute("data-v")
    return {name: sum(map(int, v.split(","))) for name, v in (s.split(":") for s in data.split(";"))}


def card(page, title):
    card = page.locator("section.card", has=page.get_by_role("heading", name=title, exact=True))
    return {li.locator(":scope > :first-child").inner_text(): li.locator("span.mute").last.inner_text()
            for li in card.locator(".bars li").all()}


def test_the_strip_says_how_it_stands(page):
    strip = page.locator(".stats").inner_text()
    assert "Events\n6\nnone in the 14 days before" in strip
    assert "Not accepted\n1\n0 filtered, 0 limited, 1 invalid" in strip
    assert "Open issues\n4\n4 for review, 0 regressed" in strip
    assert "Newest release\n1.4." in strip


def test_events_by_level_and_by_outcome(page, browser):
    assert series(page) == {"fatal": 1, "error": 3, "warning": 2}
    page.get_by_text("The numbers as a table").click()
    assert page.locator(".twin tbody td").all_inner_texts() == ["1", "3", "2"]
    page.get_by_role("link", name="Outcome", exact=True).click()
    page.wait_for_url("**by=outcome")
    assert series(page) == {"invalid": 1, "accepted": 6}


def test_issues_are_listed_by_number_and_by_age(page):
    frequent = page.locator("section.card", has=page.get_by_role("heading", name="Most frequent issues"))
    first = frequent.locator("tr").first
    assert "InventoryLockTimeout" in first.inner_text()
    assert first.locator("td.num").inner_text() == "3"
    assert latest(first.locator(".spark")) == 3
    newest = page.locator("section.card", has=page.get_by_role("heading", name="Newest issues"))
    assert newest.locator("tr").count() == 4
    assert "InventoryLockTimeout" in newest.locator("tr").last.inner_text()
    newest.get_by_role("link", name="Disk very full").click()
    page.wait_for_url("**/acme/issues/SHOP-API-*/")


@pytest.mark.parametrize("title, expected", [
    ("Environment", {"production": "3", "staging": "2"}),
    ("Release", {"shop-api@1.4.2+b771": "3", "shop-api@1.4.1": "1"}),
    ("Type", {"InventoryLockTimeout": "3"}),
    ("Browser", {"Firefox 141.0": "1"}),
    ("Operating system", {"Linux 6.1": "4"}),
    ("Events by country", {"France": "1"}),
])
def test_values_are_counted(page, title, expected):
    assert card(page, title) == expected


@pytest.mark.parametrize("hours, expected", [((2, -1), {"production": "3", "staging": "2"}), ((9, 5), {}),
                                             ((30, 26), {}), ((90, -.1), {"production": "3", "staging": "2"})])
def test_values_of_any_time_are_counted_by_days_and_hours(shop, browser, hours, expected):
    now = datetime.now(UTC)
    begin, end = ((now - timedelta(hours=h)).strftime("%Y-%m-%dT%H:%MZ") for h in hours)
    assert card(browser.open(f"/acme/projects/shop-api/?from={begin}&to={end}"), "Environment") == expected


def test_the_map_leads_to_the_issues_of_a_country(page):
    assert page.locator(".map path.q5 title").text_content() == "France: 1 (100.0 %)"
    page.get_by_role("link", name="France").click()
    page.wait_for_url("**/acme/issues/?project=shop-api&q=*geo.country_code*")
    assert page.locator(".stream .ttl b").all_inner_texts() == ["Disk very full"]


def test_what_is_new_in_the_newest_release_stands_with_it(stack, browser):
    tools = stack.create_project("tools")
    stack.wait_for_event(stack.send_event(tools, message="Of old", release="tools@1.0"))
    for message in ("Of the release", "Of the release, too"):
        stack.wait_for_event(stack.send_event(tools, message=message, release="tools@2.0"))
    stack.wait_for_event(stack.send_event(tools, message="Of old", release="tools@2.0"))
    stack.wait_for_counters()
    page = browser.open("/acme/projects/tools/")
    release = page.locator("section.card", has=page.get_by_role("heading", name="Newest release"))
    assert sorted(release.locator(".ttl b").all_inner_texts()) == ["Of the release", "Of the release, too"]
    release.get_by_role("link", name="All of them").click()
    page.wait_for_url("**/acme/releases/tools%402.0/?project=tools")


def test_a_value_leads_to_its_issues(page):
    page.get_by_role("link", name="staging").click()
    page.wait_for_url("**/acme/issues/?project=shop-api&q=environment*")
    assert sorted(page.locator(".stream .ttl b").all_inner_texts()) == ["Disk full", "Disk full again"]


def test_a_type_leads_to_its_issues(page):
    page.get_by_role("link", name="InventoryLockTimeout", exact=True).click()
    page.wait_for_url("**/acme/issues/?project=shop-api&q=*")
    assert page.locator(".stream .ttl b").all_inner_texts() == ["InventoryLockTimeout"]


def test_hostile_values_are_only_text(page):
    assert "<script>alert" not in page.content()
    assert page.locator(".bars .ctl", has_text="U+202E").count() == 1


def test_more_than_five_values_are_five_and_the_others(stack, browser):
    many = stack.create_project("many-servers")
    ids = [stack.send_event(many, message="Full", server_name=f"web{n}") for n in range(8) for _ in range(8 - n)]
    stack.wait_for(lambda: stack.value("select sum(times_seen) from issue where project_id = %s", many.id) == len(ids))
    stack.wait_for_counters()
    page = browser.open("/acme/projects/many-servers/")
    assert card(page, "Server") == {"web0": "8", "web1": "7", "web2": "6", "web3": "5", "web4": "4", "3 others": "6"}


def test_a_project_that_waits_leads_to_its_set_up(stack, reader):
    stack.create_project("still-waiting")
    answer = reader.get("/acme/projects/still-waiting/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/acme/projects/still-waiting/getting-started/")


def test_the_newest_release_the_rules_and_the_teams_stand_beside(stack, shop, browser):
    org, project = stack.sql("select organization_id, id from project where id = %s", shop.id)[0]
    release, = stack.sql("select id from release where project_id = %s order by first_seen desc, id desc limit 1", project)
    environment, = stack.sql("select id from environment where project_id = %s order by id limit 1", project)
    stack.sql("insert into release_hour (organization_id, project_id, release_id, environment_id, hour, sessions, crashed)"
              " values (%s, %s, %s, %s, date_trunc('hour', now()), 200, 4)"
              " on conflict (release_id, environment_id, hour) do update set sessions = 200, crashed = 4",
              org, project, *release, *environment)
    for name, fired in ("Told an hour ago", "1 hour"), ("Silent so far", None):
        rule = stack.value("insert into alert_rule (organization_id, kind, name, data, all_projects)"
                           " values (%s, 'issue', %s, '{}', true) returning id", org, name)
        if fired:
            stack.sql("insert into alert_fire (organization_id, rule_id, project_id, at, fired_at, cause)"
                      " values (%s, %s, %s, now(), now() - %s::interval, 'a new issue')", org, rule, project, fired)
    stack.sql("insert into team (organization_id, slug, name) values (%s, 'checkout', 'Checkout')", org)
    stack.sql("insert into team_project select organization_id, id, %s from team where slug = 'checkout'", project)
    page = browser.open("/acme/projects/shop-api/")
    text = {title: page.locator("section.card", has=page.get_by_role("heading", name=title, exact=True)).inner_text()
            for title in ("Newest release", "Alert rules", "Teams")}
    assert "1.4." in text["Newest release"] and "98 % of 200" in text["Newest release"].replace("98.00", "98")
    assert "100 %" in text["Newest release"] and "Adopted" in text["Newest release"]
    assert text["Alert rules"].index("fired 1 h ago") < text["Alert rules"].index("never fired")
    assert "#checkout" in text["Teams"] and "0 members" in text["Teams"] and shop.dsn in text["Teams"]
    page.get_by_role("link", name="Compare").click()
    assert page.locator("h1").inner_text() == "Two releases compared"


def test_the_people_of_a_project_are_named(stack, reader):
    crew = stack.create_project("crewed")
    stack.sql("update project set first_event_at = now() where id = %s", crew.id)
    org = stack.value("select organization_id from project where id = %s", crew.id)
    other = stack.value("insert into team (organization_id, slug, name) values (%s, 'elsewhere', 'E') returning id", org)
    teams = [stack.value("insert into team (organization_id, slug, name) values (%s, %s, %s) returning id", org, t, t)
             for t in ("first-crew", "second-crew")]
    for team in teams:
        stack.sql("insert into team_project (organization_id, team_id, project_id) values (%s, %s, %s)", org, team, crew.id)

    def join(name, *of):
        account = stack.value("insert into account (email, name) values (%s, %s) returning id",
                              f"{secrets.token_hex(4)}@example.org", name)
        stack.sql("insert into member (organization_id, account_id, role) values (%s, %s, 'member')", org, account)
        for team in of:
            stack.sql("insert into team_member (organization_id, team_id, account_id) values (%s, %s, %s)", org, team, account)

    def named():
        return re.search(r'<h2>Teams</h2>.*?</section>', reader.get("/acme/projects/crewed/").text, re.DOTALL).group(0)

    assert "<bdi>" not in named()
    join("Zoe <i>", *teams)
    join("adam", teams[0])
    join("Stranger", other)
    assert "<bdi>adam</bdi>, <bdi>Zoe &lt;i&gt;</bdi></p>" in named()
    for n in range(6):
        join(f"B{n}", teams[1])
    assert "<bdi>adam</bdi>, <bdi>B0</bdi>" in named() and "<bdi>B3</bdi>, 3 others</p>" in named()


@pytest.mark.parametrize("query", ["", "?range=24h", "?range=30d&by=outcome"])
def test_the_page_is_small_and_takes_few_statements(shop, reader, query):
    answer = reader.get(f"/acme/projects/shop-api/{query}")
    assert statements(answer) <= 12
    assert len(answer.content) < 60_000


def test_a_quiet_project_says_so(stack, browser):
    quiet = stack.create_project("quiet")
    stack.sql("update project set first_event_at = now() - interval '90 days' where id = %s", quiet.id)
    page = browser.open("/acme/projects/quiet/?range=24h")
    assert page.get_by_text("Nothing in the last 24 hours").is_visible()
    assert page.get_by_text("No issue was seen in the last 24 hours").count() == 2


def test_another_organisations_project_is_not_found(stack, reader, shop, new_person, member_of):
    stack.create_project("theirs", org="elsewhere")
    assert reader.get("/acme/projects/theirs/").status_code == 404
    assert new_person().get("/acme/projects/shop-api/").status_code == 404
    assert member_of("acme", "viewer").get("/acme/projects/shop-api/").status_code == 200
