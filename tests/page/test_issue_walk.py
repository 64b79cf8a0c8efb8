"""Walking through the events of an issue: which one of how many, in an environment, in a bar of the chart."""

import time

import pytest

from page.conftest import Person, statements
from page.test_issue import link, send
from page.test_issue_list import HTML_MAX, STATEMENTS_MAX


@pytest.fixture(scope="module")
def walk(stack):
    """The address of an issue and its six events: one a day, production and staging by turns, the latest now."""
    project = stack.create_project("walk", platform="python")
    now = time.time()
    ids = [send(stack, project, {"message": "step", "release": "walk@1", "timestamp": now - (5 - n) * 86400,
                                 "environment": ("staging", "production")[n % 2], "extra": {"n": n}}) for n in range(6)]
    return link(stack, project), ids


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def reader(stack, request, new_browser):
    return new_browser(stack.admin, java_script_enabled=request.param)


def shown(page):
    return page.locator("#extra td").last.inner_text()


def place(page):
    return " ".join(page.locator(".evnav > span").nth(1).inner_text().split()[:4])


def test_an_event_says_which_of_how_many_it_is(walk, browser):
    path, ids = walk
    page = browser.open(path)
    assert place(page) == "Event 6 of 6"
    page.get_by_role("link", name="Previous event").click()
    assert place(page) == "Event 5 of 6" and shown(page) == "4"
    page.get_by_role("link", name="First event").click()
    assert place(page) == "Event 1 of 6" and shown(page) == "0"


def test_where_both_ends_are_far_the_number_is_about_right(stack, project, admin):
    """As many events as would be too many to count, in the middle of which one is looked at."""
    id = send(stack, project, {"message": "many"})
    stack.sql("""
        insert into event (day, id, organization_id, project_id, issue_id, event_id, occurred_at, received_at,
                           digested_at, level, platform, title, has_body)
        select e.day, nextval('event_id_seq'), e.organization_id, e.project_id, e.issue_id, gen_random_uuid(),
               e.occurred_at, e.received_at, e.digested_at, e.level, e.platform, e.title, false
          from event e, generate_series(1, 2500) n where e.event_id = %s""", id)
    stack.sql("update issue set times_seen = 2501 where project_id = %s", project.id)
    stack.sql("update issue_hour h set times_seen = 2501 from issue i where i.id = h.issue_id and i.project_id = %s",
              project.id)
    rows = [row[0].hex for row in stack.sql(
        "select event_id from event where project_id = %s order by id", project.id)]
    path = link(stack, project)

    def says(n):
        return admin.get(f"{path}events/{rows[n]}/").text
    assert "Event 2,501 of 2,501" in says(2500)
    assert "Event 2,301 of 2,501" in says(2300)
    assert "Event 1 of 2,501" in says(0) and "Event 251 of 2,501" in says(250)
    assert "About event 2,501 of 2,501" in says(1250), "all of them are of one hour"


def test_the_walk_keeps_to_an_environment(walk, reader):
    path, ids = walk
    page = reader.open(path)
    page.locator("figure summary", has_text="All environments").click()
    page.get_by_role("menuitemradio", name="staging").click()
    assert page.url.endswith("?environment=staging") and shown(page) == "4"
    assert page.locator("figure .legend").inner_text() == "3 events"
    assert place(page).startswith("Event " + ids[4][:8])
    page.get_by_role("link", name="Previous event").click()
    assert page.url.endswith(f"/events/{ids[2]}/?environment=staging") and shown(page) == "2"
    page.get_by_role("link", name="First event").click()
    assert shown(page) == "0"
    assert page.get_by_role("link", name="Previous event").get_attribute("aria-disabled") == "true"
    page.locator("figure summary", has_text="staging").click()
    page.get_by_role("menuitemradio", name="All environments").click()
    assert page.locator("figure .legend").inner_text() == "6 events"


def test_a_bar_of_the_chart_leads_to_the_events_of_its_time(walk, reader):
    path, ids = walk
    page = reader.open(path)
    assert page.locator("figure .chart a").count() == 6
    page.locator("figure .chart a").nth(2).click()
    assert shown(page) == "2"
    assert page.get_by_role("link", name="Previous event").get_attribute("aria-disabled") == "true"
    assert page.get_by_role("link", name="Latest event").get_attribute("aria-disabled") == "true"
    page.locator("figure").get_by_role("link", name="show all").click()
    assert shown(page) == "5" and place(page) == "Event 6 of 6"
    # the same by the keyboard: the table below the chart
    page.locator("figure summary", has_text="As a table").focus()
    page.keyboard.press("Enter")
    page.locator("figure td a").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**at=*")
    assert shown(page) == "1"


def test_a_range_narrows_the_walk_and_the_chart(walk, browser):
    path, ids = walk
    page = browser.open(f"{path}?range=24h")
    assert shown(page) == "5" and page.locator("figure .chart a").count() == 1
    assert page.get_by_role("link", name="Previous event").get_attribute("aria-disabled") == "true"
    for name, hours in (("30 days", 24), ("90 days", 48)):
        page.locator("figure").get_by_label("Time range").click()
        page.get_by_role("menuitemradio", name=name).click()
        assert page.locator("figure svg.chart").get_attribute("data-step") == str(hours * 3600)
        assert page.locator("figure .legend").inner_text() == "6 events"
        assert page.get_by_role("link", name="Previous event").get_attribute("aria-disabled") is None


def test_where_nothing_is_the_latest_of_all_is_shown(walk, browser):
    path, ids = walk
    page = browser.open(f"{path}?environment=nowhere")
    assert "No stored event of this issue is in the time and the environment" in page.get_by_role("status").inner_text()
    assert shown(page) == "5"
    page.get_by_role("link", name="Show all", exact=True).click()
    assert "environment" not in page.url and "No stored event" not in page.locator("main").inner_text()


def test_a_flood_is_walked_by_its_time(stack, project, admin):
    """Of more events than a walk looks at, those of an old bar are found by when they came."""
    old = send(stack, project, {"message": "flood"})
    stack.sql("select event_partition((now() at time zone 'UTC')::date - 1)")
    day = "(date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - interval '1 day')"
    stack.sql(f"""
        update event set day = {day}::date, id = nextval('event_id_seq'), occurred_at = {day} + interval '1 hour',
               received_at = {day} + interval '1 hour' where project_id = %s""", project.id)
    stack.sql(f"""
        insert into event (day, id, organization_id, project_id, issue_id, event_id, occurred_at, received_at,
                           digested_at, level, platform, title, has_body)
        select e.day, nextval('event_id_seq'), e.organization_id, e.project_id, e.issue_id, gen_random_uuid(),
               at, at, at, e.level, e.platform, e.title, false
          from event e, generate_series(1, 6000) n, lateral (select {day} + interval '12 hours' + n * interval '1 second' as at) t
         where e.project_id = %s""", project.id)
    stack.sql(f"update issue set times_seen = 6001, first_seen = {day} + interval '1 hour' where project_id = %s", project.id)
    at = stack.value(f"select to_char({day} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24')")
    html = admin.get(f"{link(stack, project)}?range=14d&at={at}").text
    assert f"/events/{old}/markdown/" in html and "No stored event" not in html


def test_the_recommended_event_is_the_one_that_says_most(stack, project, new_person):
    ids = [send(stack, project, {"message": "best", "user": {"id": "7"} if n == 1 else {}}) for n in range(3)]
    person = new_person(stack.admin.email)

    def best():
        html = person.get(f"{link(stack, project)}events/recommended/").text
        return [n for n in range(3) if f"/events/{ids[n]}/json/" in html]
    assert best() == [1]
    assert "/events/recommended/" in person.get(link(stack, project)).text


def test_a_narrowed_page_takes_no_more_statements(stack, walk):
    person = Person(stack).sign_in(stack.admin.email)
    for query in ("", "?environment=staging", "?range=24h&environment=production"):
        answer = person.get(walk[0] + query)
        assert statements(answer) <= STATEMENTS_MAX and len(answer.content) <= HTML_MAX, query


@pytest.mark.parametrize("query", ["at=x", "at=2026-13-45T99", "range=1h", "environment=" + "e" * 5000, "at=&environment="])
def test_nonsense_in_the_address_narrows_nothing(walk, admin, query):
    html = admin.get(f"{walk[0]}?{query}").text
    assert "Event 6 of 6" in html
