"""The organisation at a glance."""

import re
import time

import pytest
from page.conftest import Person, old_outcomes, statements
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def shop(stack):
    """Three projects: a busy one, a quieter one, one that waits."""
    api = stack.create_project("shop-api", platform="python", name="Shop API")
    web = stack.create_project("storefront", platform="javascript")
    stack.create_project("someday", platform="go")
    ids = [stack.send_event(api, message=f"Disk {name} full") for name in "abcd"]
    ids += [stack.send_event(web, message="Late", user={"id": "1", "geo": {"country_code": "FR"}})]
    stack.send_envelope(web, {}, [({"type": "event"}, b"{not json")])
    stack.send_envelope(web, {}, [({"type": "client_report"}, {"timestamp": time.time(), "discarded_events": [
        {"reason": "before_send", "category": "error", "quantity": 40}]})])
    for id in ids:
        stack.wait_for_event(id)
    stack.wait_for(lambda: len(stack.sql("select distinct reason from outcome_hour where reason <> ''")) == 2)
    stack.wait_for_counters()
    issue = stack.value("select id from issue where title = 'Late'")
    # what resolving and a later release do, without waiting for them
    stack.sql("update issue set substatus = 6, status_at = now() where id = %s", issue)
    return api, web


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture
def page(shop, browser):
    return browser.open("/acme/dashboard/")


def section(page, title):
    return page.locator("section.card", has=page.get_by_role("heading", name=title, exact=True))


def test_the_organisations_address_leads_here_once_something_has_come(stack, reader, shop):
    answer = reader.get("/acme/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/acme/dashboard/")
    stack.create_project("first", org="new-org")
    answer = reader.get("/new-org/")
    assert answer.status_code == 200 and "Waiting for its first event" in answer.text


def test_it_is_the_first_entry_of_the_navigation(page):
    first = page.locator(".side-nav a").first
    assert first.inner_text() == "Dashboard"
    assert first.get_attribute("aria-current") == "page"


def test_the_strip_says_how_it_stands(page):
    strip = page.locator(".stats").inner_text()
    assert "Events\n5\nnone in the 14 days before" in strip
    assert "Not accepted\n1\n0 filtered, 0 limited, 1 invalid" in strip
    assert "New issues\n5\nnone in the 14 days before" in strip
    assert "Discarded by clients\n40" in strip
    assert "For review\n5\n4 new, 1 regressed, of 5 open" in strip
    assert re.search(r"Delay now\nnone\nnewest event (just now|\d+ (s|min) ago)", strip)


def test_a_change_is_against_the_period_before(shop, stack, browser):
    api, _ = shop
    with old_outcomes(stack, api, [(20, "accepted", "", 10)]):
        page = browser.open("/acme/dashboard/")
        assert "Events\n5\n−50 % on the 14 days before" in page.locator(".stats").inner_text()
        assert "−60 %" in page.locator("a.pc", has_text="Shop API").inner_text()
        page = browser.open("/acme/dashboard/?range=30d")
        assert "Events\n15\n" in page.locator(".stats").inner_text()


def test_each_number_has_its_change(shop, stack, browser):
    api, _ = shop
    last = stack.value("select max(id) from issue")
    (first,), = stack.sql("select first_seen from issue where id = %s", last)
    stack.sql("update issue set first_seen = now() - interval '20 days' where id = %s", last)
    try:
        with old_outcomes(stack, api, [(20, "invalid", "not_json", 1), (20, "filtered", "crawler", 3),
                                       (20, "client_discard", "before_send", 20)]):
            page = browser.open("/acme/dashboard/")
            strip = page.locator(".stats").inner_text()
            assert "New issues\n4\n+300 % on the 14 days before" in strip
            assert "Not accepted\n1\n−75 % · 0 filtered" in strip
            assert "Discarded by clients\n40\n+100 % · before sending" in strip
            page = browser.open(f"/acme/projects/{api.slug}/")
            assert "Not accepted\n0\n−100 % · nothing was refused" in page.locator(".stats").inner_text()
    finally:
        stack.sql("update issue set first_seen = %s where id = %s", first, last)


def test_users_affected_and_regressions_are_in_the_strip(stack, reader, new_person):
    project, other = (stack.create_project(name, org="affected") for name in ("one", "two"))
    for where, user in ((project, {"id": "7"}), (project, {"id": "7"}), (other, {"id": "7"}), (other, {"ip_address": "203.0.113.9"}),
                        (other, None)):
        stack.wait_for_event(stack.send_event(where, message="Affected", **({"user": user} if user else {})))

    def tile(person, title, span="24h"):
        found = re.search(rf'<div class="stat"><span>{title}</span><b[^>]*>(.*?)</div>', person.get(f"/affected/dashboard/?range={span}").text)
        return re.sub(r"<[^>]*>", " ", found.group(1)).split() if found else None

    assert tile(reader, "Users affected")[:2] == ["2", "since"] == tile(reader, "Users affected", "14d")[:2]
    stack.redis.set("vedette:users:since", int((time.time() - 40 * 86400) * 1e6))
    org = stack.value("select id from organization where slug = 'affected'")
    stack.redis.pfadd(f"vedette:users:{org}:d{int(time.time() // 86400) - 20}", "id:1", "id:2", "id:3", "id:4")
    assert tile(reader, "Users affected", "14d")[:2] == ["2", "−50"] and tile(reader, "Users affected")[0] == "2"
    assert 'title="6">6<' in reader.get("/affected/dashboard/?range=30d").text.partition("Users affected")[2][:40]
    ago = time.strftime("%Y-%m-%dT00:00Z", time.gmtime(time.time() - 80 * 86400))
    assert "Users affected" not in reader.get(f"/affected/dashboard/?from={ago}&to={time.strftime('%Y-%m-%dT00:00Z', time.gmtime())}").text
    # who does not see all projects is told nothing of them
    stack.create_account("some@example.org")
    stack.sql("insert into member select %s, id, 'member' from account where email = 'some@example.org'", org)
    stack.sql("update organization set open_membership = false where id = %s", org)
    assert tile(new_person("some@example.org"), "Users affected") is None

    assert tile(reader, "Regressions")[0] == "0"
    stack.sql("insert into activity (organization_id, issue_id, kind, at) select i.organization_id, i.id, 'regressed', now() - d * interval '1 day'"
              " from issue i join project p on p.id = i.project_id, unnest(%s::float[]) d where p.slug = 'one' and i.organization_id = %s",
              [0.1, 2.0, 20.0], org)
    assert tile(reader, "Regressions")[0] == "1" and tile(reader, "Regressions", "14d")[0] == "2"


def test_a_card_has_the_newest_release_and_how_sessions_ended(shop, stack, browser):
    api, _ = shop
    stack.sql("insert into release (organization_id, project_id, version, first_seen, last_seen)"
              " select organization_id, id, 'api@' || v, now() - make_interval(days => 9 - v), now()"
              "   from project, generate_series(1, 2) v where id = %s", api.id)
    stack.sql("insert into release_hour (organization_id, project_id, release_id, environment_id, hour, sessions, crashed)"
              " select organization_id, project_id, id, 0, date_trunc('hour', now()), 50, 1 from release where project_id = %s"
              " and version like 'api@%%'", api.id)
    try:
        cards = browser.open("/acme/dashboard/").locator("a.pc")
        assert cards.nth(0).inner_text().endswith("\n2\n98.00 % crash-free")
        assert cards.nth(0).get_by_title("100 sessions, 24 h").count() == 1
        assert "crash-free" not in cards.nth(1).inner_text()
    finally:
        stack.sql("delete from release where project_id = %s and version like 'api@%%'", api.id)


def test_for_review_is_what_the_readers_teams_have(shop, stack, new_browser, member_of, new_person):
    """All of it by one click, where the organisation is open; without JavaScript."""
    account = stack.create_account()
    org = stack.value("select id from organization where slug = 'acme'")
    stack.sql("insert into member (organization_id, account_id, role) select %s, id, 'member' from account where email = %s",
              org, account.email)
    team = stack.value("insert into team (organization_id, slug, name) values (%s, 'front', 'Front') returning id", org)
    stack.sql("insert into team_project (organization_id, team_id, project_id) values (%s, %s, %s)", org, team, shop[1].id)
    assert "My teams" not in new_person(account.email).get("/acme/dashboard/").text
    stack.sql("insert into team_member (organization_id, team_id, account_id) select %s, %s, id from account where email = %s",
              org, team, account.email)
    try:
        page = new_browser(account, java_script_enabled=False).open("/acme/dashboard/?range=24h")
        card = section(page, "For review")
        assert [row.split("\n")[0] for row in card.locator("tr").all_inner_texts()] == ["Late"]
        card.get_by_role("link", name="Everybody's").click()
        assert section(page, "For review").locator("tr").count() == 5
        assert "range=24h" in page.url
        section(page, "For review").get_by_role("link", name="My teams").click()
        assert section(page, "For review").locator("tr").count() == 1
        stack.sql("update issue set status = 1, substatus = 0 where title = 'Late'")
        page.reload()
        assert "No issue of your teams is new" in section(page, "For review").inner_text()
    finally:
        stack.sql("update issue set status = 0, substatus = 6 where title = 'Late'")
        stack.sql("delete from team where id = %s", team)


def test_projects_are_cards_the_busiest_first(page):
    cards = page.locator("a.pc")
    assert [c.locator("b").first.inner_text() for c in cards.all()] == ["Shop API", "storefront", "someday"]
    assert "4 events\n4 open, 4 new" in cards.nth(0).inner_text()
    assert "1 event\n1 open, 0 new" in cards.nth(1).inner_text()
    assert "Waiting for its first event" in cards.nth(2).inner_text()
    values = cards.nth(0).locator("svg[data-v]").get_attribute("data-v")
    assert sum(map(int, values.removeprefix("events:").split(","))) == 4
    cards.nth(0).click()
    page.wait_for_url("**/acme/projects/shop-api/")


def test_events_by_project_have_their_numbers_beside_them(page):
    card = section(page, "Events by project")
    data = card.locator("svg[data-v]").get_attribute("data-v")
    assert {n: sum(map(int, v.split(","))) for n, v in (s.split(":") for s in data.split(";"))} == {
        "shop-api": 4, "storefront": 1}
    card.get_by_text("The numbers as a table").click()
    assert card.locator("thead th").all_inner_texts() == ["From, UTC", "shop-api", "storefront"]
    assert card.locator("tbody td").all_inner_texts() == ["4", "1"]


def test_a_bar_leads_to_its_events(page, new_browser, stack):
    chart = section(page, "Events by project").locator("svg[data-v]")
    bars = chart.get_attribute("data-v").partition(";")[0].partition(":")[2].split(",")
    box = chart.bounding_box()
    last = max(n for n, count in enumerate(bars) if count != "0")  # that of now, or of just before
    page.mouse.click(box["x"] + box["width"] * (last + .5) / len(bars), box["y"] + 100)
    page.wait_for_url("**/acme/explore/?by=project&from=*&to=*")
    assert page.locator(".card-head").first.inner_text().split("\n")[0] == "5 events"
    assert page.locator("[data-table=groups] tbody tr").count() == 2
    page = new_browser(stack.admin, java_script_enabled=False).open("/acme/dashboard/")
    page.get_by_text("The numbers as a table").click()
    section(page, "Events by project").locator("tbody th a").last.click()
    assert page.locator(".card-head").first.inner_text().split("\n")[0] == "5 events"


def test_drops_say_why(page):
    rows = section(page, "Why events were dropped").locator("li").all_inner_texts()
    assert [row.split("\n") for row in rows] == [["Application's before_send discarded by clients", "40"],
                                                 ["Not JSON invalid", "1"]]


def test_issues_for_review_are_listed(page):
    card = section(page, "For review")
    assert card.locator("tr").count() == 5
    late = card.locator("tr", has_text="Late")
    assert late.locator(".chip").inner_text() == "Regressed"
    assert late.locator("td.num").inner_text() == "1"
    rows = section(page, "New and regressed").locator("tbody tr").all_inner_texts()
    assert [row.split("\t") for row in rows] == [["shop-api", "4", "0"], ["storefront", "0", "1"]]
    card.get_by_role("link", name="All 5").click()
    page.wait_for_url("**/acme/issues/?q=is*")
    assert page.locator(".stream tbody tr").count() == 5


def test_issues_for_review_are_dealt_with_on_the_spot(stack, shop, new_browser):
    for script, button, said in [(True, "Reviewed", "reviewed"), (False, "Archive", "archived"), (False, "Resolve", "resolved")]:
        page = new_browser(stack.admin, java_script_enabled=script).open("/acme/dashboard/?range=24h")
        row = section(page, "For review").locator("tr", has_text="Late")
        row.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("status")).to_contain_text(said)
        assert page.url.endswith("/acme/dashboard/?range=24h")
        expect(section(page, "For review").locator("tr")).to_have_count(4)
        page.get_by_role("button", name="Undo").click()
        expect(section(page, "For review").locator("tr")).to_have_count(5)


def test_countries_are_counted_and_lead_to_their_issues(page):
    card = section(page, "Events by country")
    assert card.locator("li").all_inner_texts() == ["France\n1"]
    assert card.locator(".map path.q5 title").text_content() == "France: 1 (100.0 %)"
    card.get_by_role("link", name="France").click()
    page.wait_for_url("**/acme/issues/?q=*country*")
    assert page.locator(".stream .ttl b").all_inner_texts() == ["Late"]


def test_the_delay_is_that_of_the_oldest_event_that_waits(shop, stack, browser):
    stack.stop("worker")
    try:
        stack.send_event(shop[0], message="Disk a full")
        strip = browser.open("/acme/dashboard/").locator(".stats").inner_text()
        assert re.search(r"Delay now\n[\d.]+ (ms|s)\n", strip)
    finally:
        stack.start("worker")
    stack.wait_for(lambda: "Delay now\nnone" in browser.open("/acme/dashboard/").locator(".stats").inner_text())


def test_many_projects_are_eight_cards_and_one_other(shop, stack, browser, reader):
    projects = [stack.create_project(f"crowd-{n:02}", org="crowd") for n in range(10)]
    org = stack.value("select id from organization where slug = 'crowd'")
    for n, p in enumerate(projects):
        stack.sql("update project set first_event_at = now() where id = %s", p.id)
        stack.sql("insert into outcome_hour values (%s, %s, 0, date_trunc('hour', now()),"
                  " 'error', 'accepted', '', %s)", org, p.id, n + 1)
    answer = reader.get("/crowd/dashboard/")
    assert statements(answer) <= 12 and len(answer.content) < 60_000
    page = browser.open("/crowd/dashboard/")
    assert page.locator("a.pc b.cut").all_inner_texts() == [f"crowd-{n:02}" for n in range(9, 1, -1)]
    legend = section(page, "Events by project").locator(".legend").inner_text()
    assert "crowd-09, 10" in legend and "other, 15" in legend
    assert "Events\n55\n" in page.locator(".stats").inner_text()
    page.get_by_role("link", name="All 10 projects").click()
    page.wait_for_url("**/crowd/projects/")


def test_sums_that_are_kept_are_those_of_the_organisation(shop, stack, reader):
    """Of many projects sums may be a minute old, and are nobody else's."""
    for slug, events in (("fleet", 7), ("armada", 900)):
        first = stack.create_project(f"{slug}-00", org=slug)
        stack.sql("insert into project (organization_id, slug, name, first_event_at) select o.id, o.slug || '-' || n,"
                  " 'ship', now() from organization o, generate_series(1, 55) as n where o.slug = %s", slug)
        stack.sql("insert into outcome_hour select organization_id, id, 0, date_trunc('hour', now()), 'error', 'accepted',"
                  " '', %s from project where id = %s", events, first.id)

    def events(slug, span):
        html = reader.get(f"/{slug}/dashboard/?range={span}").text
        return int(re.search(r"([\d,]+) events, peak", html).group(1).replace(",", ""))
    for _ in range(3):
        assert [events(slug, span) for slug in ("fleet", "armada") for span in ("24h", "14d")] == [7, 7, 900, 900]


@pytest.mark.parametrize("span", ["24h", "14d", "30d"])
def test_the_page_is_small_and_takes_few_statements(shop, reader, span):
    answer = reader.get(f"/acme/dashboard/?range={span}")
    assert statements(answer) <= 12
    assert len(answer.content) < 60_000


def test_an_organisation_without_events_is_told_what_to_do(stack, browser):
    stack.create_project("lonely", org="elsewhere")
    page = browser.open("/elsewhere/dashboard/")
    assert page.get_by_role("heading", name="Nothing has arrived yet").is_visible()
    page.get_by_role("link", name="Set up lonely").click()
    page.wait_for_url("**/elsewhere/projects/lonely/getting-started/")


def test_without_javascript_it_is_all_there(shop, new_browser, stack):
    page = new_browser(stack.admin, java_script_enabled=False).open("/acme/dashboard/")
    page.get_by_text("The numbers as a table").click()
    assert page.locator(".twin tbody tr").first.is_visible()
    page.locator("summary", has_text="14 days").click()
    page.get_by_role("menuitemradio", name="24 hours").click()
    page.wait_for_url("**range=24h")


def test_strangers_see_nothing(shop, new_person):
    assert new_person().get("/acme/dashboard/").status_code == 404


def test_releases_are_flags_and_alerts_that_fired_are_listed(shop, stack, browser, new_person):
    """Of projects that the reader may see, and of no others."""
    project = shop[0]
    stack.sql("insert into release (organization_id, project_id, version, first_seen, last_seen)"
              " select organization_id, id, 'shop@7.4.2', now() - interval '3 days', now() from project where id = %s", project.id)
    rule = stack.value("insert into alert_rule (organization_id, kind, name, data) select organization_id, 'issue',"
                       " 'Too <b>many</b>', '{}' from project where id = %s returning id", project.id)
    stack.sql("insert into alert_fire (organization_id, rule_id, project_id, at, cause)"
              " select organization_id, %s, id, now(), 'A new issue' from project where id = %s", rule, project.id)
    page = browser.open("/acme/dashboard/")
    assert section(page, "Events by project").get_by_text("7.4.2").first.is_visible()
    assert "Too <b>many</b>" in section(page, "Recent alerts").inner_text()
    section(page, "Recent alerts").get_by_role("link", name="Too <b>many</b>").click()
    page.wait_for_url(f"**/alerts/history/?rule={rule}")

    stack.sql("update organization set open_membership = false where slug = 'acme'")
    try:
        account = stack.create_account()
        stack.sql("insert into member (organization_id, account_id, role) select o.id, a.id, 'member'"
                  " from organization o, account a where o.slug = 'acme' and a.email = %s", account.email)
        text = new_person(account.email).get("/acme/dashboard/").text
        assert "7.4.2" not in text and "Recent alerts" not in text
    finally:
        stack.sql("update organization set open_membership = true where slug = 'acme'")


def test_of_many_projects_the_worker_adds_up_how_releases_did(stack, reader):
    stack.create_project("throng-0", org="throng")
    org = stack.value("select id from organization where slug = 'throng'")
    stack.sql("insert into project (organization_id, slug, name, first_event_at)"
              " select %s, 'throng-' || n, 'Throng ' || n, now() from generate_series(1, 60) n", org)
    stack.sql("insert into release (organization_id, project_id, version, first_seen, last_seen)"
              " select organization_id, id, slug || '@1', now(), now() from project where organization_id = %s order by id",
              org)
    stack.sql("insert into release_hour (organization_id, project_id, release_id, environment_id, hour, sessions, crashed)"
              " select organization_id, project_id, id, 0, date_trunc('hour', now() - make_interval(hours => h)), 100, 1"
              "   from release, unnest(array[0, 5, 40]) h where organization_id = %s", org)

    def free():
        return re.findall(r"Crash-free.*?</section>", reader.get("/throng/dashboard/").text, re.DOTALL)

    hours = free()
    assert len(hours) == 1 and "throng-60" in hours[0]
    stack.restart("worker")
    stack.wait_for(lambda: stack.value("select count(*) from release_recent_mark where organization_id = %s", org))
    stack.stop("worker")
    try:
        assert stack.sql("select sessions, crashed, count(*) from release_recent group by 1, 2") == [(200, 2, 61)]
        stack.sql("update release_hour set sessions = 0 where organization_id = %s", org)
        stack.restart("web")
        assert free() == hours
        stack.sql("delete from release_recent_mark")
        stack.restart("web")
        assert free() != hours
    finally:
        stack.start("worker")
