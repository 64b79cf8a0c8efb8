"""WHEN and IF: what makes a rule fire, and what does not."""

import datetime
import uuid
from zoneinfo import ZoneInfo

from alert.rules import EVERY, F, LOG, NEW, S, frequency, users

V = "vedette.conditions."


def tag(key, match, value=""):
    return {"id": F + "tagged_event.TaggedEventFilter", "key": key, "match": match, "value": value}


def attribute(name, match, value=""):
    return {"id": F + "event_attribute.EventAttributeFilter", "attribute": name, "match": match,
            "value": value}


def level(match, value):
    return {"id": F + "level.LevelFilter", "match": match, "level": value}


def around_now(zone):
    """From eight hours ago until in eight hours, by the clocks there."""
    now = datetime.datetime.now(ZoneInfo(zone))
    return {name: f"{now + datetime.timedelta(hours=hours):%H:%M}" for name, hours in (("from", -8), ("to", 8))} | {"zone": zone}


EVENT = {
    "level": "warning", "environment": "production", "release": "app@2.0", "platform": "python",
    "tags": {"Provider": "SEPA-direct", "empty.one": "x"},
    "user": {"id": "7", "email": "ann@example.org", "data": {"plan": "gold"}},
    "extra": {"cart": {"items": 3}}, "contexts": {"unreal": {"crash_type": "Ensure"}},
    "request": {"url": "https://shop.example/pay", "method": "POST"},
    "exception": {"values": [{
        "type": "ValueError", "value": "cannot pay: no money",
        "mechanism": {"type": "generic", "handled": False},
        "stacktrace": {"frames": [{"filename": "shop/pay.py", "function": "pay", "lineno": 7,
                                   "module": "shop.pay", "context_line": "raise ValueError(m)",
                                   "in_app": True}]}}]},
}

# filter, whether it lets EVENT through
FILTERS = [
    (level("eq", "30"), True), (level("eq", "40"), False),
    (level("gte", "30"), True), (level("gte", "40"), False), (level("lte", "20"), False),
    (tag("provider", "eq", "sepa-DIRECT"), True), (tag("provider", "ne", "sepa-direct"), False),
    (tag("provider", "co", "direct"), True), (tag("provider", "nc", "direct"), False),
    (tag("provider", "sw", "sepa"), True), (tag("provider", "nsw", "sepa"), False),
    (tag("provider", "ew", "card"), False), (tag("provider", "new", "card"), True),
    (tag("provider", "is"), True), (tag("provider", "ns"), False),
    (tag("nothing", "is"), False), (tag("nothing", "ns"), True), (tag("nothing", "ne", "x"), True),
    (tag("provider", "in", "card, sepa-direct"), True), (tag("provider", "nin", "card,bank"), True),
    (tag("environment", "eq", "production"), True),
    (attribute("message", "co", "no money"), True), (attribute("platform", "eq", "python"), True),
    (attribute("environment", "eq", "staging"), False),
    (attribute("error.handled", "eq", "false"), True),
    (attribute("error.unhandled", "eq", "true"), True),
    (attribute("exception.type", "eq", "valueerror"), True),
    (attribute("exception.value", "sw", "cannot"), True),
    (attribute("user.id", "eq", "7"), True), (attribute("user.email", "ew", "@example.com"), False),
    (attribute("http.url", "co", "/pay"), True), (attribute("http.method", "eq", "post"), True),
    (attribute("stacktrace.filename", "ew", "pay.py"), True),
    (attribute("stacktrace.module", "eq", "shop.pay"), True),
    (attribute("stacktrace.code", "co", "raise"), True),
    (attribute("sdk.name", "is"), True), (attribute("unreal.crash_type", "eq", "ensure"), True),
    (attribute("extra.cart.items", "eq", "3"), True), (attribute("extra.cart.none", "is"), False),
    (attribute("user.data.plan", "eq", "gold"), True), (attribute("user.plan", "eq", "silver"), False),
    ({"id": F + "age_comparison.AgeComparisonFilter", "comparison_type": "older", "value": 1,
      "time": "hour"}, False),
    ({"id": F + "age_comparison.AgeComparisonFilter", "comparison_type": "newer", "value": 1,
      "time": "hour"}, True),
    ({"id": F + "issue_occurrences.IssueOccurrencesFilter", "value": 1}, True),
    ({"id": F + "issue_occurrences.IssueOccurrencesFilter", "value": 5}, False),
    ({"id": F + "assigned_to.AssignedToFilter", "targetType": "Unassigned"}, True),
    ({"id": F + "assigned_to.AssignedToFilter", "targetType": "Team", "targetIdentifier": "1"}, False),
    ({"id": "vedette.filters.issue.OwnedFilter", "targetType": "Unassigned"}, True),
    ({"id": "vedette.filters.issue.OwnedFilter", "targetType": "Team", "targetIdentifier": "1"}, False),
    ({"id": F + "assigned_to.AssignedToFilter", "targetType": "Member", "targetIdentifier": "1"},
     False),
    ({"id": F + "latest_release.LatestReleaseFilter"}, True),
    ({"id": F + "issue_priority.IssuePriorityFilter", "value": "50"}, True),
    ({"id": F + "issue_priority.IssuePriorityFilter", "value": "75"}, False),
    ({"id": "vedette.filters.issue.DeescalatedFilter"}, False),
    ({"id": F + "issue_type.IssueTypeFilter", "value": "error"}, True),
    ({"id": F + "issue_type.IssueTypeFilter", "value": "csp"}, False),
    ({"id": F + "issue_category.IssueCategoryFilter", "value": 1}, True),
    ({"id": F + "issue_category.IssueCategoryFilter", "value": 2}, False),
    ({"id": "vedette.filters.time.DeployFilter", "side": "outside", "value": 5}, True),
    ({"id": "vedette.filters.time.DeployFilter", "side": "inside", "value": 5}, False),
    ({"id": "vedette.filters.time.TimeFilter", **around_now("Europe/Riga"), "side": "outside", "days": "all"}, False),
    ({"id": "vedette.filters.time.TimeFilter", **around_now("Europe/Riga"), "side": "inside", "days": "all"}, True),
]


def test_every_filter_lets_through_what_it_says(stack, rules, project, send, known):
    made = [(rules.add(project, NEW, filters=[f], name=str(f)), expected, f) for f, expected in FILTERS]
    negated = [(rules.add(project, NEW, filters=[f], filter_match="none"), not expected, f)
               for f, expected in FILTERS]
    known()
    send(None, **{k: v for k, v in EVENT.items()}, fingerprint=[uuid.uuid4().hex])
    wrong = [f for rule, expected, f in made + negated if rules.fired(rule) != int(expected)]
    assert wrong == []


def test_all_any_and_none_of_several_filters(stack, rules, project, send, known):
    yes, no = tag("environment", "eq", "production"), tag("environment", "eq", "staging")
    made = {(match, names): rules.add(project, NEW, filters=filters, filter_match=match)
            for match in ("all", "any", "none")
            for names, filters in {"yy": [yes, yes], "yn": [yes, no], "nn": [no, no]}.items()}
    known()
    send(environment="production")
    fired = {key for key, rule in made.items() if rules.fired(rule)}
    assert fired == {("all", "yy"), ("any", "yy"), ("any", "yn"), ("none", "nn")}


def test_each_if_then_block_fires_for_itself_and_once_in_the_interval(stack, rules, project, send, known):
    def tagged(value):
        return {"id": F + "tagged_event.TaggedEventFilter", "key": "shop", "match": "eq", "value": value}

    blocks = [{"filterMatch": "all", "filters": [tagged("two")], "actions": [LOG]},
              {"filterMatch": "none", "filters": [tagged("one"), tagged("two")], "actions": [LOG]}]
    every = rules.add(project, EVERY, filters=[tagged("one")], blocks=blocks, frequency=60)
    counted = rules.add(project, frequency(1), filters=[tagged("one")], blocks=blocks, frequency=60)
    last = rules.add(project, EVERY, filters=[tagged("last")], frequency=60)
    known()
    for value in ("one", "one", "two", "two", "three", "three", "last"):
        send(tags={"shop": value})
    rules.wait(last)
    stack.wait_for(lambda: not stack.sql("select 1 from alert_due"), what="all to be counted")

    def fired(rule):
        return [blocks for (blocks,) in stack.sql("select blocks from alert_fire where rule_id = %s order by id", rule)]

    stack.wait_for(lambda: sum(bin(mask).count("1") for mask in fired(counted)) == 3, what="each block to be counted")
    assert fired(every) == [1, 2, 4]
    assert stack.value("select blocks from alert_state where rule_id = %s", every) == 7


def test_a_new_issue_fires_once_and_its_next_event_does_not(stack, rules, project, send, known):
    new = rules.add(project, NEW)
    none = rules.add(project, NEW, match="none")
    known()
    send("first")
    assert (rules.fired(new), rules.fired(none)) == (1, 0)
    send("first")
    assert (rules.fired(new), rules.fired(none)) == (1, 1)
    send("second")
    assert rules.fired(new) == 2


def test_a_rule_with_an_environment_sees_what_is_new_there(stack, rules, project, send, known):
    rule = rules.add(project, NEW, environments=["production"])
    known()
    send("Same", environment="staging")
    assert rules.fired(rule) == 0
    send("Same", environment="production")
    assert rules.fired(rule) == 1
    send("Same", environment="production")
    assert rules.fired(rule) == 1


def test_every_event_is_silent_for_its_interval(stack, rules, project, send, known):
    rule = rules.add(project, EVERY, frequency=30)
    known()
    for _ in range(3):
        send("Again")
    assert rules.fired(rule) == 1
    send("Another")
    assert rules.fired(rule) == 2


def test_a_rule_that_is_off_or_snoozed_does_not_fire(stack, rules, project, send, known):
    off, snoozed = rules.add(project, NEW), rules.add(project, NEW)
    stack.sql("update alert_rule set is_on = false where id = %s", off)
    stack.sql("update alert_rule set snoozed_until = now() + interval '1 hour' where id = %s", snoozed)
    stack.sql("update alert_version set n = n + 1")
    known()
    send()
    assert (rules.fired(off), rules.fired(snoozed)) == (0, 0)


def test_counts_of_events_and_users_are_strictly_more(stack, rules, project, send, known):
    made = {"events": rules.add(project, frequency(2)), "too many": rules.add(project, frequency(3)),
            "users": rules.add(project, users(1)), "more users": rules.add(project, users(2)),
            "filtered": rules.add(project, frequency(2), filters=[tag("user", "eq", "id:1")]),
            "filtered out": rules.add(project, frequency(2), filters=[tag("user", "eq", "id:9")]),
            "both": rules.add(project, EVERY, frequency(2), match="all"),
            "one of": rules.add(project, NEW, frequency(2), match="any"),
            "environment": rules.add(project, frequency(0), environments=["production"]),
            "other": rules.add(project, frequency(0), environments=["staging"])}
    known()
    for user in ("1", "2", "1"):
        send("Counted", user={"id": user}, environment="production")
    rules.wait(made["events"])
    rules.wait(made["filtered"])
    stack.wait_for(lambda: not stack.sql("select 1 from alert_due"), what="nothing to be due")
    assert {name: rules.fired(rule) for name, rule in made.items()} == {
        "events": 1, "too many": 0, "users": 1, "more users": 0, "filtered": 1, "filtered out": 0,
        "both": 1, "one of": 1, "environment": 1, "other": 0}
    assert stack.sql("select value, threshold, window_s from alert_fire where rule_id = %s",
                     made["events"]) == [(3.0, 2.0, 3600)]
    assert rules.cause(made["events"]) == "3 events in 1 hour"


def test_percent_more_than_the_window_before(stack, rules, project, send, known):
    send("Rising")
    issue = stack.value("select id from issue where project_id = %s", project.id)
    stack.sql("insert into issue_minute select %s, '', date_trunc('minute', now()) - interval '1 day', 2, ''",
              issue)
    half = rules.add(project, frequency(49, comparisonType="percent", comparisonInterval="1d"))
    more = rules.add(project, frequency(50, comparisonType="percent", comparisonInterval="1d"))
    known()
    send("Rising")
    send("Rising")
    rules.wait(half)
    stack.wait_for(lambda: not stack.sql("select 1 from alert_due"))
    assert rules.fired(more) == 0


def test_new_values_of_tags_releases_and_countries(stack, rules, project, send, known):
    conditions = {"tag": {"id": V + "tag.NewTagValueCondition", "key": "browser"},
                  "release": {"id": V + "tag.NewReleaseCondition"}}
    made = {name: rules.add(project, c, frequency=0) for name, c in conditions.items()}
    known()
    send("One", tags={"browser": "Firefox"}, release="1.0")
    assert {n: rules.fired(r) for n, r in made.items()} == {"tag": 1, "release": 1}
    send("Two", tags={"browser": "Firefox"}, release="1.0")
    assert {n: rules.fired(r) for n, r in made.items()} == {"tag": 1, "release": 1}
    send("Three", tags={"browser": "Chrome"}, release="1.1")
    assert {n: rules.fired(r) for n, r in made.items()} == {"tag": 2, "release": 2}


def test_a_share_of_sessions_is_by_the_last_whole_hour(stack, rules, project, send, known):
    def share(value):
        return {"id": S + "event_frequency.EventFrequencyPercentCondition", "value": value, "interval": "1h"}

    send("Half", release="app@1.0")
    # both hours that the events can be compared with, should one begin meanwhile
    stack.sql("insert into release_hour (organization_id, project_id, release_id, environment_id, hour, sessions)"
              " select organization_id, project_id, id, 0, date_trunc('hour', now()) + n * interval '1 hour', 80"
              " from release, generate_series(-1, 0) n where project_id = %s"
              " on conflict (release_id, hour, environment_id) do update set sessions = excluded.sessions", project.id)
    made = {"more than 2": rules.add(project, share(2)), "more than 2.5": rules.add(project, share(2.5))}
    known()
    send("Half", release="app@1.0")
    rules.wait(made["more than 2"])
    stack.wait_for(lambda: not stack.sql("select 1 from alert_due"))
    assert rules.fired(made["more than 2.5"]) == 0
    assert rules.cause(made["more than 2"]) == "2.5 % of sessions in 1 hour"


def test_releases_against_the_adopted_one(stack, rules, project, send, known):
    def filters(end, side, environment="production"):
        return [{"id": F + "latest_adopted_release_filter.LatestAdoptedReleaseFilter", "oldest_or_newest": end,
                 "older_or_newer": side, "environment": environment}]

    for version in ("app@1.0", "app@2.0", "app@3.0"):
        send("Known", release=version, environment="production")
    stack.sql("delete from release_hour where project_id = %s", project.id)
    stack.sql("insert into release_hour (organization_id, project_id, release_id, environment_id, hour, sessions)"
              " select r.organization_id, r.project_id, r.id, e.id, date_trunc('hour', now()) - interval '1 hour',"
              " case r.version when 'app@3.0' then 9 when 'app@2.0' then 50 else 91 end"
              " from release r join environment e using (project_id) where project_id = %s", project.id)
    made = {(end, side): rules.add(project, EVERY, filters=filters(end, side))
            for end in ("oldest", "newest") for side in ("older", "newer")}
    elsewhere = rules.add(project, EVERY, filters=filters("oldest", "older", "staging"))
    known()
    send("Known", release="app@3.0", environment="production")
    assert rules.fired(elsewhere) == 0
    assert {key for key, rule in made.items() if rules.fired(rule)} == {("oldest", "older"), ("newest", "newer")}


def test_minutes_after_a_deploy_are_a_window(stack, rules, project, send, known):
    def deploys(**fields):
        return [{"id": "vedette.filters.time.DeployFilter", "value": 60, **fields}]

    send("Deployed", release="app@1.0")
    stack.sql("insert into deploy (organization_id, release_id, environment, finished_at)"
              " select organization_id, id, 'production', now() - interval '10 minutes' from release"
              " where project_id = %s", project.id)
    made = {"inside": rules.add(project, EVERY, filters=deploys(side="inside")),
            "outside": rules.add(project, EVERY, filters=deploys(side="outside")),
            "staging": rules.add(project, EVERY, filters=deploys(side="inside", environment="staging")),
            "production": rules.add(project, EVERY, filters=deploys(side="inside", environment="production")),
            "over": rules.add(project, EVERY, filters=deploys(side="outside") + deploys(side="outside", value=5),
                              filter_match="any")}
    known()
    send("Deployed", release="app@1.0")
    assert {name for name, rule in made.items() if rules.fired(rule)} == {"inside", "production", "over"}


def test_a_silent_project_fires(stack, rules, project, send, known):
    send()
    stack.sql("update project_minute set minute = minute - interval '10 minutes' where project_id = %s",
              project.id)
    rule = rules.add(project, {"id": V + "project.SilenceCondition", "value": 5})
    later = rules.add(project, {"id": V + "project.SilenceCondition", "value": 50})
    rules.wait(rule)
    assert rules.fired(later) == 0
    assert rules.cause(rule).startswith("no event for 1")
    assert stack.sql("select issue_id from alert_fire where rule_id = %s", rule) == [(None,)]


def test_history_fires_regression_escalation_resolution_assignment_and_comment(stack, rules, project, send, known):
    account = stack.value("select id from account where email = %s", stack.admin.email)
    conditions = {"regressed": {"id": S + "regression_event.RegressionEventCondition"},
                  "escalating": {"id": S + "reappeared_event.ReappearedEventCondition"},
                  "resolved": {"id": V + "issue.ResolvedCondition"},
                  "assigned": {"id": V + "issue.AssignedCondition"},
                  "comment": {"id": V + "issue.CommentCondition", "text": "@ops"},
                  "other comment": {"id": V + "issue.CommentCondition", "text": "@dev"}}
    made = {name: rules.add(project, c) for name, c in conditions.items()}
    known()
    send("Back")
    issue = stack.value("select id from issue where project_id = %s", project.id)
    stack.sql("update issue set status = 1, substatus = 0 where id = %s", issue)
    for kind, data in (("resolved", "{}"), ("assigned", "{}"), ("escalating", '{"why": "forecast"}'),
                       ("comment", '{"text": "look, @OPS"}')):
        stack.sql("insert into activity (organization_id, issue_id, account_id, kind, data)"
                  " select organization_id, id, %s, %s, %s from issue where id = %s",
                  account, kind, data, issue)
    stack.sql("update issue set status_at = now() - interval '1 minute' where id = %s", issue)
    send("Back")
    for name in ("regressed", "resolved", "assigned", "escalating", "comment"):
        rules.wait(made[name])
    assert rules.fired(made["other comment"]) == 0


def test_an_issue_de_escalates_when_its_priority_is_lowered_and_not_when_it_is_raised(stack, rules, project, send, known):
    deescalated, lowered = V + "issue.DeescalatedCondition", "vedette.filters.issue.DeescalatedFilter"
    made = {"lowered": rules.add(project, {"id": deescalated}, frequency=0),
            "to high": rules.add(project, {"id": S + "high_priority_issue.ExistingHighPriorityIssueCondition"}, frequency=0),
            "comment after": rules.add(project, {"id": V + "issue.CommentCondition"}, filters=[{"id": lowered}], frequency=0)}
    known()
    send("Calms down")  # an error: of high priority
    issue = stack.value("select id from issue where project_id = %s", project.id)
    seen = []
    for priority in (25, 50, 25):
        stack.sql("update issue set priority = %s where id = %s", priority, issue)
        for kind, data in (("priority", f'{{"priority": {priority}}}'), ("comment", '{"text": "?"}')):
            stack.sql("delete from alert_state")
            stack.sql("insert into activity (organization_id, issue_id, kind, data) select organization_id, id, %s, %s"
                      " from issue where id = %s", kind, data, issue)
            rules.settle()
        seen.append([rules.fired(rule) for rule in made.values()])
    assert seen == [[1, 0, 1], [1, 0, 1], [2, 0, 2]]


def test_users_are_counted_by_the_tags_of_their_events(stack, rules, project, send, known, rehearsed):
    def matching(value, **more):
        return {"id": S + "event_frequency.EventUniqueUserFrequencyConditionWithConditions", "value": value,
                "interval": "1h", **more}

    paying = [tag("plan", "eq", "paid"), level("gte", "40")]  # of which only the tag is counted by
    made = {"more than 1": rules.add(project, matching(1), filters=paying),
            "more than 2": rules.add(project, matching(2), filters=paying),
            "not paid": rules.add(project, matching(0), filters=[tag("plan", "eq", "paid")], filter_match="none"),
            "staging": rules.add(project, matching(0), filters=paying, environments=["staging"]),
            "second IF": rules.add(project, matching(1), filters=paying, blocks=[{"filters": [], "actions": [LOG]}])}
    known()
    for user, plan in (("1", "paid"), ("2", "free"), ("1", "paid"), ("3", "paid")):
        send("Plans", user={"id": user}, tags={"plan": plan}, environment="production")
    rules.wait(made["more than 1"])
    stack.wait_for(lambda: not stack.sql("select 1 from alert_due"), what="all to be counted")
    fired = {name: rules.fired_blocks(rule) for name, rule in made.items()}
    assert fired == {"more than 1": 1, "more than 2": 0, "not paid": 1, "staging": 0, "second IF": 2}
    assert rules.cause(made["more than 1"]) == "2 users with events that match in 1 hour"
    # rules with the same filters count together
    assert stack.value("select count(distinct match) from alert_match m join issue i on i.id = m.issue_id"
                       " where i.project_id = %s", project.id) == 2
    del fired["staging"]  # nothing matched there: it cannot be rehearsed
    assert {name: rehearsed(made[name]) for name in fired} == fired


def test_an_issue_deviates_from_what_is_usual_at_that_time(stack, rules, project, send, known, rehearsed):
    def unusual(value, season="week", least=3):
        return {"id": V + "count.UnusualCondition", "value": value, "season": season, "least": least, "interval": "1h"}

    send("Usual")
    issue = stack.value("select id from issue where project_id = %s", project.id)
    stack.sql("update issue set first_seen = now() - interval '40 days' where id = %s", issue)
    # two in the same hour of the last four weeks, of which one was a bad one
    stack.sql("insert into issue_minute select %s, '', date_trunc('minute', now()) - n * interval '7 days' - interval '30 minutes',"
              " case n when 2 then 900 else 2 end, '' from generate_series(1, 4) n", issue)
    made = {"doubled": rules.add(project, unusual(100)), "tripled": rules.add(project, unusual(200)),
            "too few": rules.add(project, unusual(10, least=6)), "none in the days": rules.add(project, unusual(399, "day"))}
    known()
    for message in ("Usual", "New") * 4:
        send(message)
    rules.wait(made["doubled"])
    stack.wait_for(lambda: not stack.sql("select 1 from alert_due"), what="all to be counted")
    fired = {name: rules.fired(rule) for name, rule in made.items()}
    assert fired == {"doubled": 1, "tripled": 0, "too few": 0, "none in the days": 1}
    assert rules.cause(made["doubled"]) == "5 events in 1 hour; usual at this time of the week: 2"
    assert {name: rehearsed(rule) for name, rule in made.items()} == fired


def test_what_no_window_reaches_any_more_is_forgotten(stack, rules, project):
    """Counters by the minute after 45 days, firings after half a year; younger ones stay."""
    rule = rules.add(project, NEW)
    stack.stop("worker")
    for days in (44, 46):
        stack.sql("insert into session_minute select organization_id, id, 'old', false, now() - %s * interval '1 day', 1, ''"
                  " from project where id = %s", days, project.id)
    for days in (179, 181):
        stack.sql("insert into alert_fire (organization_id, rule_id, project_id, at, fired_at, cause, environment)"
                  " select organization_id, %s, id, now(), now() - %s * interval '1 day', 'new', '' from project where id = %s",
                  rule, days, project.id)
    stack.start("worker")
    stack.wait_for(lambda: rules.fired(rule) == 1)
    stack.wait_for(lambda: stack.value("select count(*) from session_minute where environment = 'old'") == 1)
