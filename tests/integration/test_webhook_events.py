"""A webhook hears of what it has chosen, and of nothing else; what it is sent is signed."""

import hashlib
import hmac

import pytest

from alert.rules import EVERY, Rules
from alert.test_metric import add_metric, put
from integration.fake import Fake

SECRET = "a secret of the receiver"

# What happens, in the order in which it does here: (resource, action) of what is sent.
EVENTS = {
    "event_alert.triggered": ("event_alert", "triggered"),
    "issue.assigned": ("issue", "assigned"),
    "issue.unassigned": ("issue", "unassigned"),
    "issue.resolved": ("issue", "resolved"),
    "issue.unresolved": ("issue", "unresolved"),
    "issue.regressed": ("issue", "regressed"),
    "issue.archived": ("issue", "archived"),
    "issue.escalating": ("issue", "escalating"),
    "comment.created": ("comment", "created"),
    "metric_alert.warning": ("metric_alert", "warning"),
    "metric_alert.critical": ("metric_alert", "critical"),
    "metric_alert.resolved": ("metric_alert", "resolved"),
}
DATA = {"assigned": '{"account_id": 1, "name": "Ann"}', "comment": '{"text": "I look at it"}'}


@pytest.fixture(scope="module")
def receiver(owner):
    """{choice: connection}: one for each, one that has chosen all, and one that has chosen nothing; the server of all."""
    fake = Fake()

    def body(seen):
        mac = hmac.new(SECRET.encode(), seen.body, hashlib.sha256).hexdigest()
        assert seen.headers["Sentry-Hook-Signature"] == mac and seen.headers["X-Team"] == "shop"
    fake.expect("POST", "/.*", (200, ""), body)
    for name, chosen in [*((name, [name]) for name in EVENTS), ("all", list(EVENTS)), ("nothing", [])]:
        owner.connect("webhook", name=name, url=f"{fake.url}/{name}", secret=SECRET, headers="X-Team: shop", events=chosen)
    assert len(fake.seen) == len(EVENTS) + 2, "a test message to each"
    fake.seen.clear()
    yield fake
    fake.close()
    assert fake.faults == [], "\n".join(fake.faults)


def heard(receiver, name):
    return [(seen.headers["Sentry-Hook-Resource"], seen.json["action"]) for seen in receiver.requests(f"/{name}")]


def test_each_choice_is_told_of_its_event_and_of_no_other(stack, shop, receiver):
    def until(*events):
        """Each comes before the next happens."""
        stack.wait_for(lambda: heard(receiver, "all")[-1:] == [EVENTS[events[-1]]], what=events[-1])

    Rules(stack).add(shop, EVERY)
    stack.restart("worker")
    stack.wait_for_event(stack.send_event(shop, message="Heard of"))
    until("event_alert.triggered")
    issue = stack.value("select id from issue where project_id = %s", shop.id)
    for event in [event for event in EVENTS if event.startswith(("issue", "comment"))]:
        kind = "comment" if event == "comment.created" else event.partition(".")[2]
        stack.sql("insert into activity (organization_id, issue_id, kind, data)"
                  " select organization_id, id, %s, %s from issue where id = %s", kind, DATA.get(kind, "{}"), issue)
        until(event)
    add_metric(stack, shop, warning="2", level="40")
    for number, event in ((3, "metric_alert.warning"), (9, "metric_alert.critical"), (1, "metric_alert.resolved")):
        put(stack, shop, number)
        until(event)
    stack.wait_for(lambda: not stack.sql("select 1 from outbox where state = 0 and due_at <= now()"), what="all deliveries")
    assert heard(receiver, "all") == list(EVENTS.values()), "in their order"
    assert {name: heard(receiver, name) for name in EVENTS} == {name: [what] for name, what in EVENTS.items()}
    assert heard(receiver, "nothing") == []


@pytest.mark.parametrize("body", ['{"text": "{title}"', "{title}", '{"n": {title}}', "[1, 2", "no JSON"])
def test_a_template_that_makes_no_json_is_never_sent(owner, connect, deliver, fake, body):
    id = connect("webhook", name=body, url=f"{fake.url}/x", template=body)
    assert owner.state(id) == (1, "The template of the body makes no JSON.")
    assert deliver(id) == (2, 0, "The template of the body makes no JSON.")
    assert fake.seen == [] and fake.faults == []
