"""Entries of the stream that several requests share (queue/message.h, version 5)."""

import os
import signal
from pathlib import Path

import pytest

from harness.line import DEAD, STREAM, envelope, fail_at, make_event, with_session
from harness.packed import pack_entry, several

POINTS = ["after_read", "before_store", "mid_transaction", "before_commit", "after_commit", "after_ack"]


def request(line, message="good", **fields):
    """What a request of an event puts into a shared entry."""
    event = make_event({"message": message, "user": {"id": "1"}})
    return pack_entry(line.entry(with_session(event), i=event["event_id"], **fields))


def shared(line, count, each=4, **fields):
    """Entries of so many requests."""
    requests = [request(line, f"issue {n % 5}", **fields) for n in range(count)]
    return [several(*requests[n:n + each]) for n in range(0, count, each)]


def stopped(line):
    """Those of the worker's processes that a signal has stopped."""
    children = Path(f"/proc/{line.stack.part('worker').pid}/task/{line.stack.part('worker').pid}/children").read_text().split()
    return [int(child) for child in children if Path(f"/proc/{child}/stat").read_text().rpartition(") ")[2].startswith("T")]


@pytest.fixture
def poisoned(own_line):
    """A line whose database refuses some events."""
    own_line.sql("alter table event add constraint poison check (title not like 'poison%%')")
    own_line.stack.expect_log("poison|taken apart|put aside")
    return own_line


def check(line, stored, dead=()):
    """What was sent is stored once, or a dead letter of its own with this message; nothing is left anywhere."""
    line.folded()
    letters = [fields for _, fields in line.redis.xrange(DEAD)]
    assert sorted(message for message in dead if any(message.encode() in fields[b"d"] for fields in letters)) == sorted(dead)
    assert len(letters) == len(dead)
    assert line.value("select count(*) from event") == stored
    line.check_books(stored + len(dead))
    assert line.value("select coalesce(sum(sessions), 0) from release_hour") == stored, "what has no row is counted once, too"
    assert line.redis.xpending(STREAM, "digest")["pending"] == 0
    assert line.redis.hlen("vedette:events:tries") == 0


def test_requests_of_two_projects_are_stored_as_if_each_had_its_own(own_line):
    line = own_line
    first = request(line), request(line, a="192.0.2.7", u="curl/8 7:x")
    line.org, line.project = other = line.add_project()
    line.add_all([several(first[0], request(line), first[1])])
    line.start_worker()
    line.drained()
    check(line, 3)
    rows = line.sql("select project_id, count(*) from event group by 1 order by 1")
    assert rows[1] == (other[1], 1) and rows[0][1] == 2


def test_one_that_the_database_refuses_is_put_aside_alone(poisoned):
    line = poisoned
    line.add_all([*shared(line, 9), several(request(line), request(line, "poison"), request(line)), *shared(line, 9)])
    line.start_worker()
    line.drained()
    check(line, 20, dead=["poison"])
    assert line.redis.xrange(DEAD)[0][1][b"dead_reason"] == b"the database refuses its content"


def test_one_that_is_alone_in_the_stream_is_taken_apart_too(poisoned):
    line = poisoned
    line.add_all([several(request(line), request(line, "poison 1"), request(line), request(line, "poison 2"))])
    line.start_worker()
    line.drained()
    check(line, 2, dead=["poison 1", "poison 2"])


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_worker_process_is_replaced_and_goes_on(own_line, point):
    line = own_line
    line.stack.expect_log("signal 9")
    line.add_all(shared(line, 40) + [line.entry(with_session(make_event())) for _ in range(5)])
    line.start_worker(**fail_at(point, line.stack.run))
    line.stack.wait_for(lambda: (line.stack.run / "failed").exists())
    line.drained()
    check(line, 45)


@pytest.mark.parametrize("point", ["mid_transaction", "after_commit"])
def test_another_worker_takes_over_at_once_when_all_of_one_died(own_line, point):
    line = own_line
    line.add_all(shared(line, 40))
    line.start_worker(**fail_at(point, line.stack.run, VEDETTE_FAIL_SIGNAL=19))
    line.stack.wait_for(lambda: stopped(line))
    line.kill_worker()
    line.start_worker()
    line.drained(25)
    check(line, 40)


@pytest.mark.parametrize("point", ["before_split", "after_split"])
def test_a_worker_that_dies_while_it_takes_one_apart_doubles_nothing(poisoned, point):
    line = poisoned
    line.stack.expect_log("poison|taken apart|put aside|signal 9")
    line.add_all([*shared(line, 12), several(request(line), request(line, "poison"), request(line))])
    line.start_worker(**fail_at(point, line.stack.run))
    line.stack.wait_for(lambda: (line.stack.run / "failed").exists())
    line.drained()
    check(line, 14, dead=["poison"])


def test_one_that_another_worker_has_taken_over_is_left_to_it(poisoned):
    line = poisoned
    line.add_all([several(request(line), request(line, "poison"), request(line))])
    line.start_worker(**fail_at("before_split", line.stack.run, VEDETTE_FAIL_SIGNAL=19))
    pid, = line.stack.wait_for(lambda: stopped(line))
    entry, = line.redis.xrange(STREAM)
    line.redis.xclaim(STREAM, "digest", "elsewhere:1", 0, [entry[0]])
    os.kill(pid, signal.SIGCONT)
    line.stack.wait_for(lambda: "is another worker's by now" in line.stack.log("worker"))
    assert line.redis.xrange(STREAM) == [entry]
    line.redis.xclaim(STREAM, "digest", "elsewhere:1", 0, [entry[0]], idle=60_000)
    line.drained()
    check(line, 2, dead=["poison"])


def test_one_that_kills_workers_is_put_aside_and_its_neighbours_are_stored(own_line):
    line = own_line
    line.stack.expect_log("signal 9|taken apart|put aside")
    killer = make_event({"message": "killer"})
    line.add_all([*shared(line, 12), several(request(line), pack_entry(line.entry(with_session(killer))), request(line)),
                  *shared(line, 12)])
    line.start_worker(VEDETTE_FAIL_POINT=f"event={killer['event_id']}")
    line.drained(60)
    check(line, 26, dead=["killer"])
    assert line.redis.xrange(DEAD)[0][1][b"dead_reason"] == b"crash"


def test_a_broken_list_is_put_aside_whole_and_as_it_is(own_line):
    line = own_line
    line.stack.expect_log("version")
    good = request(line)
    counted = several(good)["v"][1:]
    broken = [b"5" + text for text in (
        b"", b":", b"3", b"x:3", b"-1:3", b"1:", b"2:3", b"1:33", b"0:", b"0:" + counted, b"1:5", b"2:4", b"99999999999999999999:3",
        counted + b"9:3", counted + b"rubbish", counted + several(several(good)["v"])["v"][1:], counted[:-1],
        several(b"1" + good[1:])["v"][1:], several(b"2")["v"][1:], several(b"6")["v"][1:], counted * 65)]
    line.add_all([{"v": value} for value in broken] + [several(request(line))])
    line.start_worker()
    line.drained()
    letters = line.redis.xrange(DEAD)
    assert [fields[b"v"] for _, fields in letters] == broken
    assert all(b"version" in fields[b"dead_reason"] for _, fields in letters)
    assert line.value("select count(*) from event") == 1


def test_a_broken_request_is_put_aside_alone(own_line):
    line = own_line
    line.stack.expect_log("version|taken apart")
    line.add_all([several(request(line), b"3o", b"4p9:1", request(line)), *shared(line, 4)])
    line.start_worker()
    line.drained()
    assert sorted(fields[b"v"] for _, fields in line.redis.xrange(DEAD)) == [b"3o", b"4p9:1"]
    assert line.value("select count(*) from event") == 6
    assert line.redis.xpending(STREAM, "digest")["pending"] == 0


def test_the_most_that_may_share_one_do(own_line):
    line = own_line
    line.add_all(shared(line, 640, each=64))
    line.start_worker(VEDETTE_WORKER_BATCH=100)
    line.drained()
    check(line, 640)


def test_a_worker_that_dies_with_ones_that_it_took_early_counts_none_twice(own_line):
    line = own_line
    line.stack.expect_log("signal 9")
    line.add_all(shared(line, 2400, each=16))
    line.start_worker(processes=2, VEDETTE_WORKER_BATCH=100, **fail_at("mid_transaction", line.stack.run))
    line.drained(120)
    assert (line.stack.run / "failed").exists()
    check(line, 2400)


def test_what_is_new_is_seen_early_when_few_entries_hold_many_requests(own_line):
    line = own_line
    flood = [request(line, "flood") for _ in range(1600)]
    line.add_all([several(*flood[n:n + 16]) for n in range(0, 1600, 16)] + [several(request(line, "something new"))])
    line.start_worker(VEDETTE_WORKER_BATCH=100)
    line.drained(120)
    before = line.value("select count(*) from event where id < (select id from event where title = 'something new')")
    assert before < 300, "it was in the first batch"
    check(line, 1601)


def waiting(line):
    return int(line.stack.vedette("queue", "list").stdout.split()[0])


def test_requests_that_wait_are_counted_and_many_are_reckoned(own_line):
    line = own_line
    assert waiting(line) == 0
    line.add_all([*shared(line, 12), line.entry(b""), {"v": b"5x"}, {"v": b"59:3"}, {"v": b"99"}])
    assert waiting(line) == 16, "whatever cannot be understood counts for one"
    line.add_all(shared(line, 90, each=10))
    assert waiting(line) == 106, "sixteen entries are looked at, each"
    line.redis.delete(STREAM)
    line.add_all(shared(line, 60, each=10) + [line.entry(b"") for _ in range(4)])
    assert waiting(line) == 64
    line.add_all([line.entry(b"") for _ in range(90)])
    assert waiting(line) == round(100 * (62 + 8) / 16), "the oldest eight and the newest"
    line.add_all([line.entry(bytes(700_000)) for _ in range(3)])
    assert waiting(line) == round(103 * (62 + 2) / 10), "two large ones are enough"


def test_an_event_that_waits_with_others_is_found(own_line):
    line = own_line
    line.redis.xgroup_create(STREAM, "digest", id="0", mkstream=True)
    other = line.add_project()
    event = make_event()
    line.add_all([*shared(line, 12), several(request(line), pack_entry(line.entry(
        envelope(event), i=event["event_id"], o=other[0], p=other[1])), request(line))])
    slug = line.value("select o.slug || '/' || p.slug from project p join organization o on o.id = p.organization_id"
                      " where p.id = %s", other[1])
    assert f"in the queue, for {slug}" in line.stack.vedette("event", event["event_id"]).stdout
    line.redis.xreadgroup("digest", "host:1", {STREAM: ">"})
    assert "begun by worker host:1" in line.stack.vedette("event", event["event_id"]).stdout


def test_what_a_worker_of_before_has_put_aside_is_sent_again(own_line):
    line, event = own_line, make_event()
    entry = several(request(line), request(line), pack_entry(line.entry(with_session(event), i=event["event_id"])))
    id = line.redis.xadd(DEAD, {**entry, "dead_id": "1-1", "dead_reason": "its version is not known to this worker",
                                "dead_at": 1}).decode()
    line.start_worker()
    assert id in line.stack.vedette("queue", "list").stdout
    assert id in line.stack.vedette("event", event["event_id"]).stdout, "what became of one of them"
    assert line.stack.vedette("queue", "replay", id).stdout == "1 sent again\n"
    line.drained()
    check(line, 3)
