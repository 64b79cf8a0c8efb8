"""The explorer where an organisation has many projects: days that are over are added up once, and stay true."""

import re

import pytest
from page.conftest import Person

CHROME = {"contexts": {"browser": {"name": "Chrome", "version": "126.0"}}}
FIREFOX = {"contexts": {"browser": {"name": "Firefox", "version": "141.0"}}}


@pytest.fixture(scope="module")
def fleet(stack):
    """Six events of two days ago and one of today, in three of 63 projects."""
    ships = [stack.create_project(f"ship-{n}", org="fleet") for n in range(3)]
    stack.sql("insert into project (organization_id, slug, name, first_event_at) select o.id, 'boat-' || n, 'Boat', now()"
              " from organization o, generate_series(1, 60) n where o.slug = 'fleet'")
    for ship, kinds in zip(ships, ([CHROME] * 3, [CHROME, FIREFOX], [FIREFOX])):
        for kind in kinds:
            stack.wait_for_event(stack.send_event(ship, message="Leak", **kind))
    stack.wait_for_counters()
    for table in ("event_day", "tag_day"):
        stack.sql(f"update {table} set day = day - 2")
    stack.wait_for_event(stack.send_event(ships[0], message="Leak", **CHROME))
    stack.wait_for_counters()
    return ships


@pytest.fixture
def browsers(stack, fleet):
    reader = Person(stack).sign_in(stack.admin.email)

    def read(more=""):
        html = reader.get(f"/fleet/explore/?by=browser.name&as=table{more}").text
        rows = html.split('data-table="groups"')[1].split("</table>")[0]
        return {name: int(n.replace(",", "")) for name, n in
                re.findall(r"<bdi>(\w+)</bdi>.*?<td class=\"num\">(?:<span[^>]*>)?([\d,]+)", rows)}
    return read


def sums(stack):
    return stack.value("select sum(s.times_seen)::int from tag_sum s join organization o on o.id = s.organization_id"
                       " where o.slug = 'fleet' and s.key = 'browser.name'")


def add_up(stack):
    """What the chore does each minute it does when it begins."""
    stack.restart("worker")
    stack.wait_for(lambda: sums(stack))


def make_wrong(stack):
    """Who sees these has read sums."""
    stack.sql("update tag_sum set times_seen = times_seen + 100")


def test_days_that_are_over_are_read_as_sums(stack, fleet, browsers):
    assert browsers() == {"Chrome": 5, "Firefox": 2}
    add_up(stack)
    assert browsers() == {"Chrome": 5, "Firefox": 2}
    make_wrong(stack)
    assert browsers() == {"Chrome": 105, "Firefox": 102}
    assert browsers("&project=ship-0") == {"Chrome": 4}, "of some projects their own counters are read"
    assert browsers("&q=browser.name:Firefox") == {"Firefox": 2}


def test_what_is_counted_late_makes_them_anew(stack, fleet, browsers):
    add_up(stack)
    make_wrong(stack)
    stack.sql("select event_partition(max(day) - 2) from event")
    stack.sql("insert into event select e.day - 2, nextval('event_id_seq'), e.organization_id, e.project_id, e.key_id,"
              " e.issue_id, gen_random_uuid(), e.occurred_at - i, e.received_at - i, e.digested_at, e.level, e.platform,"
              " e.title, e.release, e.environment, e.transaction, e.server_name, e.user_tag, e.tags, e.has_body"
              " from event e, make_interval(days => 2) i where e.project_id = %s order by e.id desc limit 1",
              fleet[0].id)
    stack.wait_for_counters()
    assert browsers() == {"Chrome": 6, "Firefox": 2}
    add_up(stack)
    assert (sums(stack), browsers()) == (7, {"Chrome": 6, "Firefox": 2})


def test_a_project_that_goes_takes_its_part_along(stack, fleet, browsers):
    add_up(stack)
    stack.stop("worker")  # what has just begun would add up anew at once
    try:
        make_wrong(stack)
        stack.sql("delete from project where id = %s", fleet[2].id)
        assert sums(stack) is None
        assert browsers() == {"Chrome": 6, "Firefox": 1}
    finally:
        stack.start("worker")


def test_a_key_with_many_values_has_no_sums(stack, fleet, browsers):
    stack.sql("insert into tag_day select k.id, current_date - 2, 1000000 + n, 1"
              " from tag_key k, generate_series(1, 600) n"
              " where k.project_id = %s and k.key = 'level'", fleet[1].id)
    stack.sql("delete from tag_sum_day")
    add_up(stack)
    assert stack.value("select count(*) from tag_sum where key = 'level'") == 0
