"""The installation sends an event of its own now and then, and tells how it arrives."""

import json
import re
import time
from datetime import timedelta

import pytest

from page.conftest import Person


@pytest.fixture(scope="module")
def beating(stack):
    """A stack that sends one a second, and whose report has the first."""
    stack.write_config({"pulse.every": 1})
    stack.restart("worker")
    stack.wait_for(lambda: stack.value("select count(*) from pulse"), what="a synthetic event")
    stack.restart("worker")  # whose first look is at once
    stack.wait_for(lambda: "synthetic event stored" in stack.get("/healthz").text)
    return stack


@pytest.fixture(scope="module")
def admin(stack, beating):
    return Person(stack).sign_in(stack.admin.email)


def part(admin):
    """What the health page says of it: (ok?, words)."""
    row = re.search(r"<tr><td><b>synthetic event</b>.*?</tr>", admin.get("/admin/health/").text, re.S).group()
    return "chip-ok" in row, re.sub(r"<[^>]*>", "", row)


def test_it_travels_the_whole_way_and_is_counted_nowhere(beating, admin):
    line = r"synthetic event stored \d+ s ago, \d+ ms after it was sent\n"
    assert re.search(line, beating.get("/healthz").text)
    answer = beating.get("/readyz")
    assert answer.status_code == 200 and re.fullmatch(r"database ok\nredis ok\n" + line, answer.text)
    ok, words = part(admin)
    assert ok and "after it was sent. The slowest of the last hour took" in words
    sent, received, stored = beating.sql("select sent_at, received_at, stored_at from pulse limit 1")[0]
    assert sent - timedelta(milliseconds=1) < received <= stored, "the clock of the edge has whole milliseconds"
    for table in ("event", "issue", "project", "outcome_hour", "event_ended", "outbox"):
        assert beating.value(f"select count(*) from {table}") == 0, table
    assert beating.redis.xlen("vedette:events:dead") == 0


def test_only_who_knows_its_key_may_send_one(beating):
    import requests

    url = f"{beating.url}/api/9223372036854775807/store/"
    answer = requests.post(f"{url}?sentry_key={'0' * 32}&sentry_version=7", json={"message": "mine"}, timeout=20)
    assert answer.status_code == 403


def test_a_way_that_it_cannot_take_is_named_and_no_fault(beating, admin):
    beating.write_config({"pulse.every": 1, "pulse.url": "http://127.0.0.1:9"})
    beating.restart("worker")
    beating.wait_for(lambda: not part(admin)[0], what="the failure on the page")
    assert "The edge does not answer the worker:" in part(admin)[1]
    assert beating.get("/healthz").text.startswith("ok\n")
    beating.write_config({"pulse.every": 1})
    beating.restart("worker")
    beating.wait_for(lambda: part(admin)[0])


def test_one_that_came_through_before_and_no_longer_does_is_a_fault(beating, admin):
    beating.stop("worker")  # its chores would write over this
    report = json.loads(beating.redis.get("vedette:health"))
    old = int((time.time() - 3600) * 1e6)
    report["pulse"] |= {"since": old, "stored_at": old, "sent_at": old - 100_000, "failures": 0}
    beating.redis.hset("vedette:proc:worker:elsewhere:1", mapping={"version": "1", "started": "1", "note": ""})
    try:
        beating.redis.set("vedette:health", json.dumps(report), ex=180)
        answer = beating.get("/healthz")
        assert answer.status_code == 503 and answer.text.startswith("the synthetic event does not arrive\n")
        assert not part(admin)[0] and beating.get("/readyz").status_code == 200
        report["digested_at"] = int(time.time() * 1e6)  # but a real one does
        beating.redis.set("vedette:health", json.dumps(report), ex=180)
        assert beating.get("/healthz").status_code == 200
    finally:
        beating.redis.delete("vedette:proc:worker:elsewhere:1")
        beating.start("worker")


def test_nobody_has_to_have_it(beating, admin):
    beating.write_config()
    beating.restart("worker")
    beating.wait_for(lambda: "synthetic event" not in beating.get("/healthz").text)
    assert "synthetic event" not in admin.get("/admin/health/").text
