"""What alerts cost and how fast they are; not a part of the tests:

    build/venv/bin/pytest -s tests/alert/bench_rules.py

prints the digest's rate without rules, with 1,000 of several kinds and with
1,000 that look at each event; then the delay from an event to its delivered
mail, and mails a second.
"""

import json
import random
import time

from alert.rules import EVERY, F, NEW, frequency, users
from harness.line import STREAM

TAG = {"id": F + "tagged_event.TaggedEventFilter", "key": "shop", "match": "eq", "value": "none"}
EVENTS = 12000


def entries(project, org, seed):
    chance = random.Random(seed)
    for _ in range(EVENTS):
        event = {"event_id": "%032x" % chance.getrandbits(128), "timestamp": time.time(), "level": "error",
                 "message": "x" * 200, "fingerprint": [str(chance.randrange(200))],
                 "user": {"id": str(chance.randrange(1000))}, "tags": {"shop": str(chance.randrange(9))}}
        body = json.dumps(event).encode()
        head = json.dumps({"event_id": event["event_id"]}).encode()
        item = json.dumps({"type": "event", "length": len(body)}).encode()
        yield {"v": "1", "e": "envelope", "o": org, "p": project.id, "k": 1, "t": int(time.time() * 1e6),
               "d": b"\n".join([head, item, body])}


def rate(stack, project, org, seed):
    """Events a second, from the start of the worker."""
    stack.stop("worker")
    pipe = stack.redis.pipeline(transaction=False)
    for entry in entries(project, org, seed):
        pipe.xadd(STREAM, entry)
    pipe.execute()

    def stored():
        return stack.value("select count(*) from event where project_id = %s", project.id)

    until = stored() + EVENTS
    stack.start("worker")
    began = time.monotonic()
    stack.wait_for(lambda: stored() >= until, timeout=120)
    return round(EVENTS / (time.monotonic() - began))


def test_what_alerts_cost(stack, mailbox, rules, project, known):
    org = stack.value("select organization_id from project where id = %s", project.id)
    rate(stack, project, org, 0)
    print("\nwithout rules:", [rate(stack, project, org, seed) for seed in (1, 2, 3)])
    for n in range(1000):
        condition = (NEW, frequency(10**8), users(10**8), NEW)[n % 4]
        rules.add(project, condition, filters=[TAG] if n % 4 == 3 else [])
    print("1,000 rules:", [rate(stack, project, org, seed) for seed in (4, 5, 6)])
    stack.sql("delete from alert_rule")
    for _ in range(1000):
        rules.add(project, EVERY, filters=[TAG])
    print("1,000 that look at each event:", [rate(stack, project, org, seed) for seed in (7, 8)])
    stack.sql("delete from alert_rule")

    rules.add(project, NEW, actions=[{"id": "vedette.actions.MailAddressAction", "address": "b@example.org"}])
    known()
    for n in range(300):
        stack.send_event(project, message=f"late {n}", fingerprint=[f"late {n}"])
    stack.wait_for(lambda: len(mailbox.to("b@example.org")) >= 300, timeout=60)
    print("delay p50, p99 in s; mails a second:", stack.sql(
        "select percentile_cont(array[0.5, 0.99]) within group"
        " (order by extract(epoch from o.done_at - e.received_at)),"
        " count(*) / extract(epoch from max(o.done_at) - min(o.created_at))"
        " from outbox o join event e on e.issue_id = o.issue_id"
        " where o.address = 'b@example.org' and o.state = 1"))
