"""Every part is killed again and again while events are sent through the door: what was answered with 200 is
there, once, and the ledger closes at zero."""

import os
import random
import signal
import threading
import uuid

import psycopg
import requests

from harness.line import DEAD, STREAM

STEP = 30  # events that have to get through between two deaths


class Sender(threading.Thread):
    """Sends events one after the other until it is told to end."""

    def __init__(self, stack, project):
        super().__init__()
        self.stack, self.project = stack, project
        self.sent, self.taken, self.running = set(), set(), True

    def run(self):
        n = 0
        while self.running:
            n += 1
            event = {"event_id": uuid.uuid4().hex, "message": f"issue {n % 7}", "user": {"id": str(n % 20)}}
            self.sent.add(event["event_id"])
            try:
                answer = self.stack.send_envelope(self.project, {"event_id": event["event_id"]},
                                                  [({"type": "event"}, event)])
                if answer.status_code == 200:
                    self.taken.add(event["event_id"])
            except requests.RequestException:
                pass


def stored(stack):
    """How many, or -1 while PostgreSQL recovers."""
    try:
        return stack.value("select count(*) from event")
    except psycopg.Error:
        return -1


def kill_worker(stack, rng):
    """One of its processes; the parent starts another."""
    os.kill(rng.choice(stack.part("worker").children()), signal.SIGKILL)


def kill_backend(stack, rng):
    """PostgreSQL then ends all of them, and recovers from its log."""
    pids = [pid for pid, in stack.sql("select pid from pg_stat_activity where datname = current_database()"
                                      " and pid <> pg_backend_pid() and backend_type = 'client backend'")]
    rng.shuffle(pids)
    for pid in pids:
        try:
            return os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:  # it has just ended by itself
            continue
    raise AssertionError("nobody is connected")


def kill_redis(stack, _):
    stack.kill("redis")
    stack.part("redis").start()


DEATHS = (kill_worker, kill_redis, kill_backend, kill_worker, kill_redis, kill_worker)


def test_what_was_answered_with_200_is_there_once_whoever_is_killed(durable_stack):
    stack, rng = durable_stack, random.Random(11)
    stack.expect_log("signal|redis|postgresql|connection|server|terminat")
    project = stack.create_project("shop")
    stack.sql("checkpoint")  # else PostgreSQL recovers all of the template
    senders = [Sender(stack, project) for _ in range(3)]
    for sender in senders:
        sender.start()
    try:
        for kill in DEATHS:
            before = stack.wait_for(lambda: max(stored(stack) + 1, 0), what="PostgreSQL") - 1
            stack.wait_for(lambda: stored(stack) >= before + STEP, what=f"{STEP} more events")
            kill(stack, rng)
    finally:
        for sender in senders:
            sender.running = False
        for sender in senders:
            sender.join()
    sent = set().union(*(sender.sent for sender in senders))
    taken = set().union(*(sender.taken for sender in senders))

    stack.stop("nginx")
    stack.wait_for(lambda: not list((stack.folder / "spool").glob("*.seg")), 120, "an empty spool")
    stack.wait_for(lambda: stack.redis.xlen(STREAM) == 0, 120, "an empty stream")
    stack.wait_for_counters()
    ids = [id.hex for id, in stack.sql("select event_id from event")]
    assert len(ids) == len(set(ids)) and taken <= set(ids) <= sent
    assert len(taken) >= STEP

    # accepted = stored + ended + dead + in flight
    outcomes = dict(stack.sql("select outcome || ' ' || reason, sum(quantity)::int from outcome_hour"
                              " where category = 'error' group by 1"))
    assert outcomes.pop("accepted ") == len(ids)
    assert set(outcomes) <= {"invalid duplicate"}, "a delivery that was repeated, and nothing else"
    assert stack.redis.xlen(DEAD) == 0 and stack.redis.xpending(STREAM, "digest")["pending"] == 0
    assert stack.sql("select id from event where has_body except select id from event_body") == []
    assert stack.value("select sum(times_seen)::int from issue") == len(ids)
