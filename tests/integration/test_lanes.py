"""Senders work side by side: an endpoint gets one request at a time, and one that hangs holds up nobody but itself."""

import json
import threading
import uuid

import pytest

from integration.conftest import NOTICE, SETTINGS, Owner
from integration.fake import Fake

SENDERS = 6


@pytest.fixture(scope="module")
def stack(new_stack):
    stack = new_stack(start=[])
    stack.write_config({**SETTINGS, "outbound.timeout": 30, "worker.notifiers": SENDERS})
    return stack.start()


@pytest.fixture(scope="module")
def owner(stack, shop):
    return Owner(stack).sign_in(stack.admin.email)


class Hook(Fake):
    """A webhook, connected; how many requests are in it at once, and the keys of all, in their order."""

    def __init__(self, owner):
        super().__init__()
        self.inside, self.most, self.keys, self.lock = 0, 0, [], threading.Lock()
        self.meet = None
        """Called while a request is inside."""
        self.expect("POST", "/x", self.serve, lambda seen: seen.json)
        self.owner, self.id = owner, owner.connect("webhook", name=f"at {self.port}", url=f"{self.url}/x")
        self.keys.clear()
        self.seen.clear()

    def serve(self, seen):
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        if self.meet:
            self.meet()
        with self.lock:
            self.inside -= 1
            self.keys.append(seen.headers["Idempotency-Key"])
        return 200, ""

    def add(self, n, **columns):
        """So many rows for it; their keys."""
        keys = [f"fire:1:{uuid.uuid4().hex}" for _ in range(n)]
        stack = self.owner.stack
        [org] = stack.sql("select organization_id from integration where id = %s", self.id)[0]
        for key in keys:
            row = {"organization_id": org, "cause": "issue", "channel": "webhook", "integration_id": self.id,
                   "endpoint": f"integration:{self.id}", "key": key,
                   "data": json.dumps({**NOTICE, "organization_id": org, "key": key}), **columns}
            stack.sql(f"insert into outbox ({', '.join(row)}) values ({', '.join(['%s'] * len(row))})", *row.values())
        stack.sql("select pg_notify('vedette_outbox', '')")
        return keys

    def rows(self, where="true"):
        return self.owner.stack.value(f"select count(*) from outbox where integration_id = %s and {where}", self.id)

    def all_sent(self):
        return self.rows("state <> 1") == 0


@pytest.fixture
def hook(stack, owner):
    """hook(): another one; none of its rows stays."""
    made = []

    def make():
        made.append(Hook(owner))
        return made[-1]
    yield make
    for one in made:
        stack.sql("delete from outbox where integration_id = %s", one.id)
        one.close()
        owner.disconnect(one.id)
        assert one.faults == []
    stack.sql("delete from outbox_endpoint")


def hang(stack, hooks, n=4):
    """Each of them has a request in it that is not answered."""
    for one in hooks:
        one.misbehave(*["hang"] * 50)
        one.add(n)
    stack.wait_for(lambda: all(one.hung for one in hooks), what="all to hang")


def test_one_that_hangs_delays_nobody_else(stack, hook):
    hanging, well = [hook() for _ in range(3)], hook()
    hang(stack, hanging)
    well.add(3)
    stack.wait_for(well.all_sent, what="the deliveries of who is well")
    assert [len(one.hung) for one in hanging] == [1, 1, 1], "each of them has only its first in flight"
    assert [one.rows("leased_until is null and attempts > 0") for one in hanging] == [0, 0, 0], "and none has ended"


def test_those_that_have_failed_before_share_half_of_the_senders(stack, hook):
    hanging, well = [hook() for _ in range(SENDERS)], hook()
    for one in hanging:
        stack.sql("insert into outbox_endpoint (name, failures, open_until) values (%s, 1, now())", f"integration:{one.id}")
        one.misbehave(*["hang"] * 50)
        one.add(1)
    stack.wait_for(lambda: sum(len(one.hung) for one in hanging) == SENDERS // 2, what="half of the senders")
    well.add(3)
    stack.wait_for(well.all_sent, what="the deliveries of who is well")
    assert sum(len(one.hung) for one in hanging) == SENDERS // 2


def test_an_endpoint_gets_one_request_at_a_time_and_several_get_theirs_at_once(stack, hook):
    hooks, together = [hook() for _ in range(3)], threading.Barrier(3, timeout=60)
    for one in hooks:
        one.meet = together.wait
    keys = [one.add(25) for one in hooks]
    for one, expected in zip(hooks, keys):
        stack.wait_for(one.all_sent, what="all deliveries")
        assert (one.most, one.keys) == (1, expected), "in their order"
    assert not together.broken


def test_senders_that_are_killed_repeat_those_in_flight_and_no_other(stack, hook):
    hooks = [hook() for _ in range(3)]
    hang(stack, hooks, n=5)
    stack.kill("worker")
    in_flight = {one.hung[0].headers["Idempotency-Key"] for one in hooks}
    assert [len(one.hung) for one in hooks] == [1, 1, 1]
    for one in hooks:
        one.bad.clear()
    stack.start("worker")
    for one in hooks:
        stack.wait_for(one.all_sent, what="all deliveries")
        assert len(one.keys) == len(set(one.keys)) == 5
    assert in_flight < {key for one in hooks for key in one.keys}, "the same keys once more"


def test_an_endpoint_that_fails_rests_while_others_do_not(stack, hook):
    bad, well = hook(), hook()
    bad.misbehave(*[(500, {})] * 50)
    bad.add(20)
    well.add(20)
    stack.wait_for(well.all_sent, what="the deliveries of who is well")
    stack.wait_for(lambda: stack.sql("select 1 from outbox_endpoint where open_until > now() + interval '30 seconds'"
                                     " and failures = 5 and name = %s", f"integration:{bad.id}"), what="its rest")
    assert (50 - len(bad.bad), bad.rows("attempts > 0"), bad.rows("attempts = 1")) == (5, 5, 5), "five were tried, once each"


def test_nothing_of_an_issue_passes_what_is_to_be_tried_again(stack, hook):
    one = hook()
    one.misbehave((500, {}))
    [first] = one.add(1, issue_id=7)
    stack.wait_for(lambda: one.rows("attempts = 1 and leased_until is null and state = 0"), what="the failure")
    stack.sql("update outbox set due_at = now() + interval '1 hour' where key = %s", first)
    [second], [other] = one.add(1, issue_id=7), one.add(1, issue_id=8)
    stack.wait_for(lambda: one.rows("state = 1"), what="the other issue's")
    assert one.keys == [other]
    stack.sql("update outbox set due_at = now() where key = %s", first)
    stack.sql("select pg_notify('vedette_outbox', '')")
    stack.wait_for(one.all_sent, what="the rest")
    assert one.keys == [other, first, second]
