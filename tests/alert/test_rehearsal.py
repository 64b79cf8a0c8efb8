"""The rehearsal tells what would have fired: a fortnight is replayed, and it is what did."""

import json
import random
import re
import time

from alert.rules import EVERY, F, LOG, NEW, frequency, users
from harness.line import STREAM

FILTER = {"id": F + "tagged_event.TaggedEventFilter", "key": "shop", "match": "eq", "value": "1"}


def fortnight(project, org):
    """Entries of the stream, in order: five issues, some quiet, some in bursts."""
    chance = random.Random(7)
    now = time.time()
    times = []
    for issue in range(5):
        at = now - 13.5 * 86400 + chance.random() * 86400
        while at < now - 120:
            times.append((at, issue))
            at += chance.expovariate(1 / (60 if chance.random() < .9 else 6 * 3600))
            if chance.random() < .01:
                at += 86400
    for at, issue in sorted(times)[-1500:]:
        event = {"event_id": "%032x" % chance.getrandbits(128), "timestamp": at, "level": "error",
                 "message": f"Issue {issue}", "fingerprint": [str(issue)], "user": {"id": str(chance.randrange(9))},
                 "tags": {"shop": str(chance.randrange(3))},
                 "environment": chance.choice(["production", "staging"])}
        body = json.dumps(event).encode()
        head = json.dumps({"event_id": event["event_id"]}).encode()
        item = json.dumps({"type": "event", "length": len(body)}).encode()
        yield {"v": "1", "e": "envelope", "o": org, "p": project.id, "k": 1, "t": int(at * 1e6),
               "d": b"\n".join([head, item, body])}


def test_the_preview_counts_what_fired_in_a_replayed_fortnight(stack, rules, project, known, browser):
    org = stack.value("select organization_id from project where id = %s", project.id)
    made = {
        "new": rules.add(project, NEW),
        "new in production": rules.add(project, NEW, environments=["production"]),
        "every": rules.add(project, EVERY, frequency=60),
        "every, filtered": rules.add(project, EVERY, filters=[FILTER], frequency=60),
        "events": rules.add(project, frequency(20), frequency=30),
        "events, 5 min": rules.add(project, frequency(4, "5m"), frequency=5),
        "users": rules.add(project, users(6), frequency=180),
        "events in production": rules.add(project, frequency(10), environments=["production"]),
        "events, filtered": rules.add(project, frequency(15), filters=[FILTER], frequency=30),
        "blocks": rules.add(project, EVERY, filters=[FILTER], frequency=60, blocks=[
            {"filters": [{**FILTER, "value": "2"}], "actions": [LOG]}, {"filters": [], "actions": [LOG]}]),
        "percent": rules.add(project, frequency(60, comparisonType="percent", comparisonInterval="1h")),
    }
    known()
    entries = list(fortnight(project, org))
    for start in range(0, len(entries), 500):
        # a fortnight comes in order; of a long queue the newest would come first
        pipe = stack.redis.pipeline(transaction=False)
        for entry in entries[start:start + 500]:
            pipe.xadd(STREAM, entry)
        pipe.execute()
        stack.wait_for(lambda: stack.redis.xlen(STREAM) == 0, what="these to be stored", timeout=60)
    stack.wait_for(lambda: stack.value("select count(*) from event where project_id = %s", project.id)
                   == len(entries), what="all events", timeout=120)
    stack.wait_for(lambda: not stack.sql("select 1 from alert_due"), what="all to be counted", timeout=120)
    told = {}
    for name, rule in made.items():
        browser.open(f"/acme/alerts/{rule}/")
        text = browser.page.locator("aside h2").first.inner_text()
        told[name] = 1 if text.endswith("once") else int(re.search(r"fired ([\d,]+)", text).group(1).replace(",", ""))
    fired = {name: rules.fired_blocks(rule) for name, rule in made.items()}
    assert told == fired
    assert all(fired.values()), fired
