"""Whatever dies, and whenever: nothing is lost, nothing is counted twice."""

import json
import os
import signal
import threading
import time
import uuid

import pytest
import redis

from harness.line import DEAD, STREAM, envelope, fail_at, make_event, with_session

POINTS = ["after_read", "before_store", "mid_transaction", "before_commit", "after_commit",
          "after_ack"]


def entries(line, count, issues=5):
    """Events of a few issues, users and tags; every tenth is sent twice."""
    events = [make_event({"message": f"issue {n % issues}", "user": {"id": str(n % 7)},
                          "tags": {"n": str(n % 3)}}) for n in range(count)]
    events += events[::10]
    return [line.entry(with_session(event), i=event["event_id"]) for event in events]


def check(line, count, sent):
    assert line.value("select count(*) from event") == count
    line.check_books(sent)
    outcomes = line.outcomes()
    assert outcomes[("session", "accepted", "")] == sent
    assert line.sql("select sum(events), sum(sessions) from release_hour") == [(count, sent)]
    assert outcomes.get(("error", "invalid", "duplicate"), 0) == sent - count
    assert line.redis.xlen(DEAD) == 0
    assert line.redis.xpending(STREAM, "digest")["pending"] == 0
    assert line.redis.hlen("vedette:events:tries") == 0


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_worker_process_is_replaced_and_goes_on(own_line, tmp_path, point):
    line = own_line
    line.stack.expect_log("signal 9")
    work = entries(line, 40)
    line.add_all(work)
    line.start_worker(**fail_at(point, line.stack.run))
    line.stack.wait_for(lambda: (line.stack.run / "failed").exists())
    line.drained()
    check(line, 40, len(work))


@pytest.mark.parametrize("point", ["mid_transaction", "after_commit"])
def test_another_worker_takes_over_at_once_when_all_of_one_died(own_line, point):
    line = own_line
    work = entries(line, 40)
    line.add_all(work)
    line.start_worker(**fail_at(point, line.stack.run, VEDETTE_FAIL_SIGNAL=19))
    line.stack.wait_for(lambda: (line.stack.run / "failed").exists())
    line.kill_worker()
    line.start_worker()
    line.drained(25)
    check(line, 40, len(work))


def test_entries_of_a_silent_worker_elsewhere_are_taken_over(own_line):
    line = own_line
    work = entries(line, 20)
    ids = line.add_all(work)
    line.redis.xgroup_create(STREAM, "digest", "0")
    line.redis.xreadgroup("digest", "elsewhere:1", {STREAM: ">"}, count=15)
    line.redis.xclaim(STREAM, "digest", "elsewhere:1", 0, ids[:15], idle=60_000)
    line.start_worker()
    line.drained()
    check(line, 20, len(work))


def test_a_worker_that_stood_still_wakes_up_behind_the_one_that_took_over(own_line):
    """Both stand still while Redis gives them entries; after the lease one of them has all, and the other's hold is over."""
    line = own_line
    work = entries(line, 40)
    line.start_worker(processes=2)
    line.stack.wait_for(lambda: len(readers(line)) == 2, what="both to read")
    pid_of = lambda row: int(row["name"].rpartition(b":")[2])  # noqa: E731
    for row in readers(line):
        os.kill(pid_of(row), signal.SIGSTOP)
    line.add_all(work)
    *_, first, sleeper = sorted(readers(line), key=lambda row: row["pending"])
    assert sleeper["pending"] > 0, "nobody was reading"
    first, sleeper = pid_of(first), pid_of(sleeper)
    os.kill(first, signal.SIGCONT)
    line.drained()
    os.kill(sleeper, signal.SIGCONT)
    line.stop_worker()  # which waits for the turn that it is in
    check(line, 40, len(work))


def test_an_entry_that_the_database_refuses_is_put_aside_alone(own_line):
    line = own_line
    line.sql("alter table event add constraint poison check (title not like 'poison%%')")
    line.stack.expect_log("poison")
    work = entries(line, 30)
    poison = line.entry(envelope(make_event({"message": "poison"})))
    line.add_all(work[:10] + [poison] + work[10:] + [poison])
    line.start_worker()
    line.drained()
    line.check_books(len(work) + 2)
    assert line.value("select count(*) from event") == 30
    assert line.outcomes()[("error", "invalid", "dead_letter")] == 2
    dead = [fields for _, fields in line.redis.xrange(DEAD)]
    assert [fields[b"d"] for fields in dead] == [poison["d"]] * 2
    assert {fields[b"dead_reason"] for fields in dead} == {b"the database refuses its content"}
    assert {f[b"dead_id"].decode() for f in dead} == {
        entry for entry, in line.sql("select entry from dead_letter")}


def test_an_entry_that_kills_workers_is_put_aside_and_its_neighbours_are_stored(own_line):
    line = own_line
    line.stack.expect_log("signal 9")
    killer = make_event()
    work = entries(line, 30)
    line.add_all(work[:10] + [line.entry(envelope(killer))] + work[10:])
    line.start_worker(VEDETTE_FAIL_POINT=f"event={killer['event_id']}")
    line.stack.wait_for(lambda: line.value("select count(*) from event") == 30, what="the neighbours")
    line.drained()
    line.check_books(len(work) + 1)
    (_, dead), = line.redis.xrange(DEAD)
    assert dead[b"dead_reason"] == b"crash"
    assert line.redis.hlen("vedette:events:tries") == 0
    # and the line goes on
    event = line.send()
    line.stack.wait_for_event(event)


@pytest.mark.parametrize("point", ["mid_burial"])
def test_a_worker_that_dies_while_it_puts_aside_counts_it_once(own_line, point):
    line = own_line
    line.sql("alter table event add constraint poison check (title not like 'poison%%')")
    line.stack.expect_log("poison|signal 9")
    line.add(envelope(make_event({"message": "poison"})))
    line.start_worker(**fail_at(point, line.stack.run))
    line.drained()
    assert line.redis.xlen(DEAD) == 1
    assert line.outcomes() == {("error", "invalid", "dead_letter"): 1}


def test_a_message_of_a_later_version_is_kept_for_those_who_know_it(own_line):
    line = own_line
    line.stack.expect_log("version")
    line.add(envelope(make_event()), v="99")
    event = line.send()
    line.start_worker()
    line.stack.wait_for_event(event)
    line.drained()
    (_, dead), = line.redis.xrange(DEAD)
    assert b"version" in dead[b"dead_reason"]


def test_messages_of_a_later_version_wait_for_the_upgrade_when_there_are_too_many(own_line):
    """Edges were renewed before workers, and a megabyte came of them: the rest waits, and what is known is stored."""
    line = own_line
    line.stack.expect_log("version|are full")
    line.add_all([line.entry(b"x" * 400_000, v="99") for _ in range(4)])
    event = line.send()
    line.start_worker(VEDETTE_WORKER_DEAD_LETTERS=1)
    line.stack.wait_for_event(event)
    line.stack.wait_for(lambda: line.redis.xlen(DEAD) == 2 and line.redis.xlen(STREAM) == 2, what="two that wait")
    line.stack.wait_for(lambda: "the digest waits with entry" in line.stack.log("worker"))
    assert line.redis.xpending(STREAM, "digest")["pending"] == 2


def test_after_the_upgrade_a_message_of_a_later_version_comes_as_it_was(own_line):
    """Spelled out, packed behind its version, and with a body that is apart."""
    line = own_line
    line.stack.expect_log("version")
    sent = [line.entry(envelope(make_event()), v="99"), {"v": b"5o1:1p1:1d" + b"%d:" % 9000 + bytes(9000)},
            line.entry(b"", v="99", z=2 << 20)]
    del sent[2]["d"]
    ids = line.add_all(sent)
    pieces = {str(n): bytes([n]) * (256 << 10) for n in range(8)}
    line.redis.hset(b"vedette:body:" + ids[2], mapping=pieces)
    line.redis.hset("vedette:bodies", ids[2], 2 << 20)
    line.start_worker()
    line.stack.wait_for(lambda: line.redis.xlen(DEAD) == 3)
    line.drained()
    line.stop_worker()
    assert int(line.redis.hget(f"{DEAD}:sums", "bytes")) > (2 << 20) + 9000
    assert line.stack.vedette("queue", "replay", "all").stdout == "3 sent again\n"

    entries = line.redis.xrange(STREAM)
    assert [fields for _, fields in entries] == [
        {name.encode(): value if isinstance(value, bytes) else str(value).encode() for name, value in entry.items()}
        for entry in sent]
    assert line.redis.hgetall(b"vedette:body:" + entries[2][0]) == {n.encode(): piece for n, piece in pieces.items()}
    assert line.redis.hgetall("vedette:bodies") == {entries[2][0]: b"%d" % (2 << 20)}
    assert line.value("select count(*) from dead_letter") == 0 and not line.redis.exists(f"{DEAD}:sums")


def test_our_own_mistake_buries_nothing(own_line):
    line = own_line
    line.sql("alter table issue_hour rename to away")
    line.stack.expect_log("issue_hour")
    line.send()
    line.start_worker()
    line.stack.wait_for(lambda: "issue_hour" in line.stack.log("worker"))
    line.sql("alter table away rename to issue_hour")
    line.drained()
    line.check_books(1)
    assert line.redis.xlen(DEAD) == 0


def test_the_edges_counters_survive_a_death_in_between(own_line):
    line = own_line
    line.stack.expect_log("signal 9")
    line.redis.hset("vedette:outcomes", f"480000:{line.org}:{line.project}:7:invalid:error:x", 5)
    line.start_worker(**fail_at("after_drain", line.stack.run))
    line.stack.wait_for(lambda: (line.stack.run / "failed").exists()
                        and not line.redis.exists("vedette:outcomes:draining"))
    assert line.outcomes() == {("error", "invalid", "x"): 5}


def test_a_stream_that_somebody_has_emptied_does_not_stop_the_worker(own_line):
    line = own_line
    line.stack.expect_log("NOGROUP")
    line.start_worker()
    line.stack.wait_for_event(line.send())
    line.redis.flushall()
    line.stack.wait_for_event(line.send())


def test_entries_that_somebody_has_deleted_do_not_stop_the_worker(own_line):
    line = own_line
    ids = line.add_all(entries(line, 10))
    line.redis.xgroup_create(STREAM, "digest", "0")
    line.redis.xreadgroup("digest", "elsewhere:1", {STREAM: ">"}, count=10)
    line.redis.xclaim(STREAM, "digest", "elsewhere:1", 0, ids, idle=60_000)
    line.redis.xdel(STREAM, *ids[:5])
    line.start_worker()
    line.drained()
    assert "gone from the stream" in line.stack.log("worker")
    assert line.redis.xpending(STREAM, "digest")["pending"] == 0


def readers(line):
    """The consumers of the stream; there may be none yet."""
    try:
        return line.redis.xinfo_consumers(STREAM, "digest")
    except redis.exceptions.ResponseError:
        return []


class Load(threading.Thread):
    """Adds entries one by one until it is stopped; retries what failed."""

    def __init__(self, line):
        super().__init__()
        self.line, self.sent, self.events, self.running = line, 0, 0, True

    def run(self):
        n = 0
        while self.running:
            event = make_event({"message": f"issue {n % 9}", "user": {"id": str(n % 50)}})
            n += 1
            while self.running:
                try:
                    self.line.add(with_session(event))
                    self.events += 1
                    break
                except Exception:
                    time.sleep(0.02)
            time.sleep(0.001)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.join()


def check_load(line, load):
    """An XADD that failed may have been carried out: at least what was told."""
    line.drained(120)
    stored = line.value("select count(*) from event")
    assert stored >= load.events
    line.check_books()
    outcomes = line.outcomes()
    sessions = outcomes[("session", "accepted", "")]
    assert sessions == stored + outcomes.get(("error", "invalid", "duplicate"), 0)
    assert line.sql("select sum(events), sum(sessions) from release_hour") == [(stored, sessions)]
    assert line.redis.xlen(DEAD) == 0


def test_two_workers_share_the_load_without_loss_or_doubling(own_line):
    line = own_line
    work = entries(line, 1500, issues=40)
    line.start_worker(processes=2, VEDETTE_WORKER_BATCH=50)
    line.stack.wait_for(lambda: len(readers(line)) == 2, what="both to read")
    for n in range(0, len(work), 100):
        line.add_all(work[n:n + 100])
    line.drained(120)
    check(line, 1500, len(work))
    line.stop_worker()
    assert len(readers(line)) == 2
    stops = [word for word in line.stack.log("worker").splitlines() if "stops after" in word]
    assert len(stops) == 2 and not any(" 0 entries" in line for line in stops)


def test_workers_that_are_killed_again_and_again_lose_nothing(own_line):
    line = own_line
    line.start_worker(processes=2, VEDETTE_WORKER_BATCH=50)
    with Load(line) as load:
        for _ in range(5):
            before = line.value("select count(*) from event")
            line.stack.wait_for(lambda: line.value("select count(*) from event") > before + 50)
            line.kill_worker()
            line.start_worker(processes=2, VEDETTE_WORKER_BATCH=50)
    check_load(line, load)


def test_a_killed_redis_loses_nothing(own_line):
    line = own_line
    line.stack.expect_log("redis:|signal")
    line.start_worker(processes=2)
    with Load(line) as load:
        for _ in range(3):
            before = line.value("select count(*) from event")
            line.stack.wait_for(lambda: line.value("select count(*) from event") > before + 50)
            line.stack.kill("redis")
            line.stack.part("redis").start()
    check_load(line, load)


def test_a_killed_postgresql_loses_nothing(durable_line):
    line = durable_line
    line.start_worker(processes=2)
    with Load(line) as load:
        for _ in range(3):
            line.stack.wait_for(lambda: load.events > 0)
            before = line.value("select count(*) from event")
            line.stack.wait_for(lambda: line.value("select count(*) from event") > before + 50)
            line.restart_postgresql()
    check_load(line, load)
    assert "postgresql" in line.stack.log("worker")


def test_a_worker_that_is_told_to_stop_finishes_its_batch(own_line):
    line = own_line
    work = entries(line, 300)
    line.add_all(work)
    line.start_worker(VEDETTE_WORKER_BATCH=100)
    line.stack.wait_for(lambda: line.value("select count(*) from event") > 0)
    line.stop_worker()
    assert line.redis.xpending(STREAM, "digest")["pending"] == 0
    line.check_books()
    line.start_worker()
    line.drained()
    check(line, 300, len(work))
