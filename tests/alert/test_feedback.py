"""What somebody writes sets off rules: each message once, in time and in the rehearsal."""

import uuid

from alert.mailbox import text_of
from alert.rules import F, NEW

RECEIVED = {"id": "vedette.conditions.feedback.FeedbackCondition"}
MAIL = {"id": "vedette.actions.MailAddressAction", "address": "desk@example.org"}


def category(value):
    return {"id": F + "issue_category.IssueCategoryFilter", "value": value}


def attribute(name, match, value):
    return {"id": F + "event_attribute.EventAttributeFilter", "attribute": name, "match": match, "value": value}


# filter, whether it lets through a message of Ann in production, and one of nobody in staging
FILTERS = [
    (category(6), True, True), (category(1), False, False),
    ({"id": F + "issue_type.IssueTypeFilter", "value": "feedback"}, True, True),
    (attribute("message", "co", "refund"), True, False),
    (attribute("user.email", "ew", "@example.org"), True, False),
    (attribute("http.url", "co", "/cart"), True, True),
    ({"id": F + "tagged_event.TaggedEventFilter", "key": "environment", "match": "eq", "value": "staging"}, False, True),
    ({"id": F + "issue_occurrences.IssueOccurrencesFilter", "value": 1}, False, False),  # of no issue
]


def test_feedback_fires_each_time_by_what_it_says_and_is_rehearsed(stack, rules, project, mailbox, known, rehearsed):
    every = rules.add(project, RECEIVED, actions=[MAIL], frequency=1440, escalate={"minutes": 30, "actions": [MAIL]})
    both = rules.add(project, NEW, RECEIVED, frequency=1440)
    production = rules.add(project, RECEIVED, environments=["production"])
    filtered = [rules.add(project, RECEIVED, filters=[f], frequency=0) for f, *_ in FILTERS]
    known()

    def tell(message, environment, **who):
        id = uuid.uuid4().hex
        answer = stack.send_envelope(project, {"event_id": id}, [({"type": "feedback"}, {
            "event_id": id, "environment": environment, "request": {"url": "https://shop.example/cart"},
            "contexts": {"feedback": {"message": message, **who}}})])
        assert answer.status_code == 200
        stack.wait_for(lambda: stack.sql("select 1 from feedback where event_id = %s", uuid.UUID(id)), what="the message")

    tell("I want a refund", "production", name="Ann", contact_email="ann@example.org")
    tell("Nice", "staging")
    rules.settle()
    expected = [int(one) + int(other) for _, one, other in FILTERS]
    assert [rules.fired(rule) for rule in filtered] == expected
    assert [rules.fired(rule) for rule in (every, both, production)] == [2, 2, 1]
    stack.wait_for(lambda: len(mailbox.to("desk@example.org")) == 2, what="both mails")
    mail = next(m for m in map(text_of, mailbox.to("desk@example.org")) if "refund" in m)
    assert "Feedback from Ann" in mail and "/acme/feedback/" in mail

    # a report stands on an event, and belongs to its issue; a second one takes its place and is told no more
    event = stack.send_event(project, message="Broken")
    stack.wait_for_event(event)
    for words in ("It broke", "It broke again"):
        stack.send_envelope(project, {"event_id": event}, [({"type": "user_report"}, {"event_id": event, "comments": words})])
        stack.wait_for(lambda: stack.sql("select 1 from feedback where message = %s", words), what="the report")  # noqa: B023
    rules.settle()
    assert stack.sql("select issue_id is null, count(*) from alert_fire where rule_id = %s group by 1 order by 1",
                     every) == [(False, 1), (True, 2)]
    assert rules.fired(filtered[-1]) == 1

    made = {"every": every, "production": production, "refund": filtered[3], "category": filtered[0]}
    assert {name: rehearsed(rule) for name, rule in made.items()} == {name: rules.fired(rule) for name, rule in made.items()}

    # who takes it over ends the wait
    stack.sql("update feedback set status = 1 where message = 'Nice'")
    stack.sql("update outbox set due_at = now() where cause = 'escalate'")
    rules.settle()
    assert sorted(stack.sql("select m.message, f.escalated from alert_fire f join feedback m on m.id = f.feedback_id"
                            " where f.rule_id = %s", every)) == [
        ("I want a refund", "done"), ("It broke again", "done"), ("Nice", "acted")]
    stack.wait_for(lambda: len(mailbox.to("desk@example.org")) == 5, what="the mails of the second step")
