"""Metric alerts: incidents that open, get worse, and close by themselves."""

import json
import re
import time

from alert.mailbox import text_of
from page.conftest import Person


def add_metric(stack, project, **fields):
    data = {"metric": "events", "level": "0", "window": "60", "compare": "0", "side": "above",
            "critical": "5", "period": "1", "actions": [], **fields}
    rule = stack.value("insert into alert_rule (organization_id, kind, name, data) select organization_id,"
                       " 'metric', 'Too many', %s from project where id = %s returning id",
                       json.dumps(data), project.id)
    stack.sql("insert into alert_rule_project (rule_id, project_id, organization_id)"
              " select %s, id, organization_id from project where id = %s", rule, project.id)
    return rule


def put(stack, project, n):
    """So many events in the window, at once: a look in between would find none."""
    stack.sql(f"""
        delete from project_minute where project_id = {project.id};
        insert into project_minute
        select organization_id, id, '', 40, date_trunc('minute', now()) - interval '10 minutes', {n}, ''
          from project where id = {project.id};
        update alert_metric set checked_at = to_timestamp(0) where project_id = {project.id}""")


def test_an_incident_warns_gets_critical_and_closes(stack, mailbox, project):
    rule = add_metric(stack, project, warning="2", level="40", compare="0", actions=[
        {"id": "vedette.actions.MailAddressAction", "address": "metric@example.org"}])

    def incident():
        rows = stack.sql("select severity, status, value from incident where rule_id = %s", rule)
        return rows and rows[0]

    for mails, (events, becomes) in enumerate([(3, (10, 0, 3.0)), (9, (20, 0, 9.0)), (1, (0, 2, 1.0))], 1):
        put(stack, project, events)
        stack.wait_for(lambda: incident() == becomes, what=f"an incident that is {becomes}")  # noqa: B023
        # before the next: two senders may overtake one another
        stack.wait_for(lambda: len(mailbox.to("metric@example.org")) == mails, what=f"{mails} mails")  # noqa: B023
    assert "9 events in 1 hour" in text_of(mailbox.to("metric@example.org")[1])
    assert stack.value("select count(*) from alert_fire where rule_id = %s", rule) == 2

    # the link is to the very query: of this project, of these levels, with the hours of the window
    link = re.search(r"What was measured: (\S+)", text_of(mailbox.to("metric@example.org")[1])).group(1)
    assert link.startswith(f"{stack.url}/acme/explore/?project={project.slug}&range=24h&q=level")
    page = Person(stack).sign_in(stack.admin.email).get(link)
    assert page.status_code == 200 and "level:[error,fatal]" in page.text


def test_the_newest_release_is_watched_by_itself(stack, project):
    """The old one crashes always, the new one in one session of four: sent as an SDK adds sessions up."""
    crash_free = {"metric": "crash_free_sessions", "window": "10", "side": "below"}
    for version, exited, crashed in (("shop@1.0.0", 0, 3), ("shop@1.1.0", 3, 1)):
        answer = stack.send_envelope(project, {}, [({"type": "sessions"}, {
            "aggregates": [{"started": time.strftime("%Y-%m-%dT%H:%M:00Z", time.gmtime()), "exited": exited, "crashed": crashed}],
            "attrs": {"release": version, "environment": "production"}})])
        assert answer.status_code == 200
    stack.wait_for(lambda: stack.value("select sum(sessions)::int from session_minute where project_id = %s", project.id) == 11)
    # as if they had come in earlier: the worker looks at a minute once it has passed
    stack.sql("update session_minute set minute = minute - interval '2 minutes' where project_id = %s", project.id)
    # only now: a look before both are there would see one
    rules = {name: add_metric(stack, project, **crash_free, **fields) for name, fields in {
        "newest, below 80": {"critical": "80", "release": "latest"},
        "newest, below 60": {"critical": "60", "release": "latest"},
        "newest, of 5": {"critical": "80", "release": "latest", "least": "5"},
        "the old one": {"critical": "60", "release": "shop@1.0.0", "least": "3"},
        "all": {"critical": "60"},
    }.items()}

    def titles():
        return dict(stack.sql("select rule_id, value from incident where project_id = %s", project.id))

    expected = {rules["newest, below 80"]: 75.0, rules["the old one"]: 0.0, rules["all"]: 3 * 100 / 7}
    stack.wait_for(lambda: titles().keys() == expected.keys(), what="three incidents")
    assert {rule: round(value, 6) for rule, value in titles().items()} \
        == {rule: round(value, 6) for rule, value in expected.items()}
    page = Person(stack).sign_in(stack.admin.email).get("/acme/alerts/incidents/").text
    assert "Less than 80 % of sessions without a crash of the newest release in 10 minutes" in page
    assert "Less than 60 % of sessions without a crash of release shop@1.0.0 in 10 minutes" in page


def test_minutes_in_which_no_worker_looked_are_made_up_for(stack, project):
    stack.stop("worker")
    rule = add_metric(stack, project, window="1", critical="5")
    stack.sql("update alert_rule set updated_at = now() - interval '1 hour' where id = %s", rule)
    stack.sql("insert into alert_metric (rule_id, project_id, organization_id, checked_at)"
              " select %s, id, organization_id, date_trunc('minute', now()) - interval '6 minutes'"
              " from project where id = %s", rule, project.id)
    stack.sql("insert into project_minute select organization_id, id, '', 40,"
              " date_trunc('minute', now()) - interval '5 minutes', 9, '' from project where id = %s", project.id)
    stack.start("worker")
    stack.wait_for(lambda: stack.sql("select 1 from incident where rule_id = %s and status = 2 and worst = 20", rule),
                   what="an incident of what happened meanwhile, closed again")


def address(who):
    return {"id": "vedette.actions.MailAddressAction", "address": f"{who}@example.org"}


def test_an_incident_that_nobody_looks_after_is_told_of_further(stack, mailbox, rules):
    """One gets worse while it waits, one is acknowledged, one is over by itself."""
    projects = {name: stack.create_project(name) for name in ("worse", "acknowledged", "over")}
    made = {name: add_metric(stack, project, warning="2", actions=[address("first")],
                             escalate={"minutes": 30, "actions": [address("second")]})
            for name, project in projects.items()}

    def become(name, *state):
        stack.wait_for(lambda: stack.sql("select severity, status from incident where rule_id = %s", made[name]) == [state],
                       what=f"{name} to be {state}")

    for name, events in (("worse", 3), ("acknowledged", 9), ("over", 9)):
        put(stack, projects[name], events)
    become("worse", 10, 0)
    become("acknowledged", 20, 0)
    become("over", 20, 0)
    person = Person(stack).sign_in(stack.admin.email)
    incident = stack.value("select id from incident where rule_id = %s", made["acknowledged"])
    assert person.post("/acme/alerts/incidents/", do="acknowledge", incident=str(incident)).status_code == 303
    put(stack, projects["worse"], 9)
    put(stack, projects["over"], 0)
    become("worse", 20, 0)
    become("over", 0, 2)
    rules.settle()
    assert stack.value("select count(*) from outbox where cause = 'escalate'") == 4
    stack.sql("update outbox set due_at = now() where cause = 'escalate'")
    rules.settle()
    assert {name: stack.sql("select escalated from alert_fire where rule_id = %s order by id", rule)
            for name, rule in made.items()} == {
        "worse": [("",), ("done",)], "acknowledged": [("acted",)], "over": [("over",)]}
    stack.wait_for(lambda: mailbox.to("second@example.org"), what="the mail of the second step")
    [mail] = mailbox.to("second@example.org")
    assert "nobody has acted for 30 minutes: 9 events in 1 hour" in text_of(mail)
    assert "Nobody acted: went further" in person.get(f"/acme/alerts/history/?rule={made['worse']}").text


def test_a_rule_about_a_number_sends_a_test(stack, mailbox, project):
    put(stack, project, 7)
    person = Person(stack).sign_in(stack.admin.email)
    answer = person.post("/acme/alerts/new/", do="test", kind="metric", name="Too many, on trial", project=project.slug,
                         metric="events", level="0", window="60", compare="0", side="above", critical="5", period="1",
                         **{"a0.id": "sentry.mail.actions.NotifyEmailAction", "a0.targetType": "AllMembers",
                            "e.a0.id": "vedette.actions.MailAddressAction", "e.a0.address": "second@example.org",
                            "escalate.minutes": "15"})
    assert answer.status_code == 200 and "The test is on its way." in answer.text
    [mail] = stack.wait_for(lambda: [m for m in mailbox.to(stack.admin.email) if "on trial" in text_of(m)], what="the test")
    assert "7 events in 1 hour" in text_of(mail) and "more than 5" in text_of(mail)
    assert stack.sql("select 1 from incident where project_id = %s", project.id) == []
