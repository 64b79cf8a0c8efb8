"""The time that a page looks back on, when it is one that no menu has."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from page.conftest import Person


@pytest.fixture(scope="module")
def reader(stack):
    shop = stack.create_project("shop-api", platform="python")
    for id in [stack.send_event(shop, message="Disk full") for _ in range(3)]:
        stack.wait_for_event(id)
    stack.wait_for_counters()
    return Person(stack).sign_in(stack.admin.email)


def span(before, until=-1, **more):
    """The argument for so many hours ago, until so many hours ago."""
    now = datetime.now(UTC)
    return "?" + urlencode({"from": (now - timedelta(hours=before)).strftime("%Y-%m-%dT%H:%MZ"),
                            "to": (now - timedelta(hours=until)).strftime("%Y-%m-%dT%H:%MZ"), **more})


@pytest.mark.parametrize("before, until, events", [(2, -1, 3), (2, -2000, 3), (9, 5, 0), (40 * 24, 36 * 24, 0),
                                                   (5 * 24, -.1, 3), (80 * 24, -.1, 3), (2000 * 24, -.1, 3)])
def test_the_explorer_counts_between_any_two_times(reader, before, until, events):
    page = reader.get(f"/acme/explore/{span(before, until)}").text
    assert (f"<h2>{events} events</h2>" if events else "<h2>Nothing matches ") in page


def test_events_that_are_looked_at_end_when_the_time_does(reader):
    assert "<h2>3 events</h2>" in reader.get(f"/acme/explore/{span(9, -1, q='disk')}").text
    page = reader.get(f"/acme/explore/{span(9, 5, q='disk')}").text
    assert "<h2>Nothing matches " in page and "Disk full" not in page
    assert len(reader.get(f"/acme/explore/csv/{span(9, 5)}").text.splitlines()) == 1


@pytest.mark.parametrize("query", ["?from=2026&to=now", "?from=2026-01-02&to=2026-01-01", "?from=0001-01-01&to=2026-01-01",
                                   "?from=9999-12-31T23:00Z&to=9999-12-31T23:59Z", "?from=2026-01-01",
                                   *(f"?from=2026-01-01&to={hours}" for hours in
                                     ("0h", "-6h", "h", "6x", "2161h", "9223372036854775807h"))])
def test_what_is_no_time_is_the_last_two_weeks(reader, query):
    page = reader.get(f"/acme/explore/{query}").text
    assert "14 days" in page and "<h2>3 events</h2>" in page


def test_a_time_may_be_so_many_hours_long(reader):
    hour = (datetime.now(UTC) - timedelta(hours=3)).strftime("%Y-%m-%dT%H:00Z")
    assert "<h2>3 events</h2>" in reader.get(f"/acme/explore/?from={hour}&to=6h").text
    assert "<h2>Nothing matches " in reader.get(f"/acme/explore/?from={hour}&to=2h").text


@pytest.mark.parametrize("path", ["dashboard/", "stats/", "projects/shop-api/", "releases/", "explore/", "stats/csv/",
                                  "explore/csv/"])
@pytest.mark.parametrize("hours", [(3, -1), (60 * 24, 59 * 24)])
def test_every_page_with_a_time_range_takes_one(reader, path, hours):
    assert reader.get(f"/acme/{path}{span(*hours)}").status_code == 200


def test_a_form_and_the_menu_keep_what_was_chosen(reader, browser, stack):
    page = browser.open(f"/acme/explore/{span(2, by='level')}")
    page.get_by_role("button", name="Apply").click()
    assert "from=" in page.url and "by=level" in page.url
    page.locator("summary[aria-label='Time range']").click()
    page.get_by_label("From, UTC").fill("2026-01-05T06:10")
    page.get_by_label("To, UTC").fill("2026-01-05T12:00")
    page.get_by_role("button", name="Show this time").click()
    assert "by=level" in page.url
    assert page.locator("summary[aria-label='Time range']").inner_text() == "5 Jan"  # long ago: by days
    assert "Nothing matches on 5 Jan" in page.locator("main").inner_text()
    page.locator("summary[aria-label='Time range']").click()
    page.get_by_role("menuitemradio", name="24 hours").click()
    assert "from=" not in page.url and "by=level" in page.url
