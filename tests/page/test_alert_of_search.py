"""From a search of the stream to a rule that tells of what it finds."""

import json
from urllib.parse import quote

import pytest

WHEN, IF = "sentry.rules.conditions.", "sentry.rules.filters."
NEW, BACK, AGAIN = (WHEN + id for id in ("first_seen_event.FirstSeenEventCondition",
                                         "regression_event.RegressionEventCondition",
                                         "reappeared_event.ReappearedEventCondition"))


def tag(key, match, value):
    return {"id": IF + "tagged_event.TaggedEventFilter", "key": key, "match": match, "value": value}


def attribute(name, match, value):
    return {"id": IF + "event_attribute.EventAttributeFilter", "attribute": name, "match": match, "value": value}


@pytest.fixture(scope="module")
def shop(stack):
    stack.create_project("blog")
    return stack.create_project("shop-api")


@pytest.mark.parametrize("query, conditions, filters, environments, left", [
    ("is:unresolved", [NEW, BACK], [], [], []),
    ("is:for_review level:fatal", [NEW, BACK, AGAIN], [{"id": IF + "level.LevelFilter", "match": "eq", "level": "50"}], [], []),
    ("is:regressed level:[error,fatal] environment:production", [BACK],
     [{"id": IF + "level.LevelFilter", "match": "gte", "level": "40"}], ["production"], []),
    ("is:new release:shop@1.4.* !browser.name:Firefox timeout error.type:ValueError", [NEW],
     [tag("release", "sw", "shop@1.4."), tag("browser.name", "ne", "Firefox"),
      attribute("message", "co", "timeout"), attribute("exception.type", "eq", "ValueError")], [], []),
    ("priority:[high,medium] assigned:none timesSeen:>99 users:>=5", [NEW, BACK],
     [{"id": IF + "issue_priority.IssuePriorityFilter", "value": "50"},
      {"id": IF + "assigned_to.AssignedToFilter", "targetType": "Unassigned"},
      {"id": IF + "issue_occurrences.IssueOccurrencesFilter", "value": "100"},
      {"id": "vedette.filters.issue.UsersFilter", "value": "5"}], [], []),
    ("is:new users:>=5 release:[a,b] user.email:mary@* stack.module:shop.*", [NEW],
     [{"id": "vedette.filters.issue.UsersFilter", "value": "5"}, attribute("user.email", "sw", "mary@"),
      attribute("stacktrace.module", "sw", "shop.")], [], ["release:[a,b]"]),
    ("is:archived level:[debug,fatal] lastSeen:-24h", [NEW, BACK], [], [],
     ["is:archived", "level:[debug,fatal]", "lastSeen:-24h"]),
])
def test_a_search_becomes_a_rule(stack, shop, browser, query, conditions, filters, environments, left):
    page = browser.open("/acme/issues/?" + "&".join(f"q={term}" for term in query.split()) + "&project=shop-api")
    page.get_by_role("link", name="Create alert").click()
    assert page.locator(".note-warn code").all_inner_texts() == left
    page.get_by_label("Name", exact=True).fill(query)
    page.get_by_role("button", name="Save alert").click()
    assert page.get_by_text("Saved.").is_visible()
    [(data, whole, places)] = stack.sql("select r.data, r.all_projects, r.environments from alert_rule r where name = %s", query)
    rule = json.loads(data) if isinstance(data, str) else data
    assert ([c["id"] for c in rule["conditions"]], rule["filters"]) == (conditions, filters)
    assert (whole, places) == (False, environments)


def test_an_or_that_stands_alone_becomes_a_rule_of_any(stack, shop, browser):
    query = "is:unresolved (level:fatal OR users:>=5 OR campaign:summer)"
    page = browser.open(f"/acme/alerts/new/?q={quote(query)}&project=shop-api")
    assert page.locator(".note-warn code").count() == 0
    page.get_by_label("Name", exact=True).fill("any of them")
    page.get_by_role("button", name="Save alert").click()
    assert page.get_by_text("Saved.").is_visible()
    data = stack.value("select data from alert_rule where name = 'any of them'")
    rule = json.loads(data) if isinstance(data, str) else data
    assert rule["filterMatch"] == "any"
    assert rule["filters"] == [{"id": IF + "level.LevelFilter", "match": "eq", "level": "50"},
                               {"id": "vedette.filters.issue.UsersFilter", "value": "5"}, tag("campaign", "eq", "summer")]


def test_an_or_beside_other_filters_is_left_out(stack, shop, browser):
    page = browser.open(f"/acme/alerts/new/?q={quote('release:1.0 (level:fatal OR users:>=5)')}&project=shop-api")
    assert page.locator(".note-warn code").all_inner_texts() == ["level:fatal OR users:>=5"]
