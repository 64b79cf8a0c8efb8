"""Bodies that travel apart from their entry: the worker puts them together and tidies up."""

import os
import uuid

import pytest

from harness.line import DEAD, STREAM, envelope, make_event

MB = 1024 * 1024
PIECE = 256 * 1024


def add_apart(line, body, **fields):
    """An entry whose body came before it, as the edge sends it (message.h, 1a); its id."""
    entry = line.entry(b"", **fields)
    del entry["d"]
    entry.update(v="2", z=len(body))
    id = line.redis.xadd(STREAM, entry).decode()
    name = f"vedette:body:{id}"
    for n in range(0, len(body), PIECE):
        line.redis.hset(name, n // PIECE, body[n:n + PIECE])
    line.redis.hset("vedette:bodies", id, len(body))
    return id


def large(event, size=5 * MB):
    """The event comes last: it is found only where every byte before it is right."""
    return envelope(({"type": "attachment", "filename": "core"}, os.urandom(size)), event)


def test_a_large_request_is_digested_and_leaves_nothing_behind(new_stack):
    stack = new_stack()
    project = stack.create_project()
    ids = [uuid.uuid4().hex for _ in range(3)]
    for id in ids:
        core = {"type": "attachment", "filename": "core"}, os.urandom(12 * MB)
        event = {"type": "event"}, make_event({"event_id": id})
        assert stack.send_envelope(project, {"event_id": id}, [core, event]).status_code == 200
    for id in ids:
        stack.wait_for_event(id)
    stack.wait_for(lambda: stack.redis.xlen(STREAM) == 0)
    assert stack.redis.keys("vedette:bod*") == []


def test_a_large_body_survives_a_burial_and_goes_with_the_letter(own_line):
    line = own_line
    line.sql("alter table event add constraint poison check (title not like 'poison%%')")
    line.stack.expect_log("poison")
    first = add_apart(line, large(make_event({"message": "poison 1"})))
    second = add_apart(line, large(make_event({"message": "poison 2"})))
    line.start_worker()
    line.stack.wait_for(lambda: line.redis.xlen(DEAD) == 2)
    line.drained()
    assert {first, second} == {key.decode().rpartition(":")[2] for key in line.redis.keys("vedette:body:*")}
    assert line.redis.hgetall("vedette:bodies") == {}

    line.sql("alter table event drop constraint poison")
    again, gone = (entry.decode() for entry, _ in line.redis.xrange(DEAD))
    assert "\t52431" in line.stack.vedette("queue", "list").stdout
    assert "core" in line.stack.vedette("queue", "show", gone).stdout
    line.stack.vedette("queue", "purge", gone)
    line.stack.vedette("queue", "replay", again)
    line.drained()
    assert line.value("select count(*) from event") == 1
    assert line.redis.keys("vedette:bod*") == []


def test_a_body_that_is_gone_is_an_outcome_and_stops_nobody(own_line):
    line = own_line
    line.stack.expect_log("is gone")
    broken = add_apart(line, large(make_event()))
    line.redis.hdel(f"vedette:body:{broken}", 3)
    lost = add_apart(line, large(make_event()))
    line.redis.unlink(f"vedette:body:{lost}")
    line.send()
    line.start_worker()
    line.drained()
    assert line.value("select count(*) from event") == 1
    assert line.outcomes()["error", "invalid", "body_lost"] == 2


def test_a_worker_stays_small_whatever_the_size_of_events(own_line):
    line = own_line
    if line.stack.build.sanitized:
        pytest.skip("a sanitizer needs its own memory")
    for size, events in (2_000, 600), (40_000, 300), (900_000, 14):
        parts = [os.urandom(400).hex() for _ in range(size // 800)]
        line.add_all(line.entry(envelope(make_event({"extra": {f"{n}.{k}": part for k, part in enumerate(parts)}})))
                     for n in range(events))
    line.start_worker()
    line.drained()
    assert line.value("select count(*) from event") == 914
    for pid in line.stack.part("worker").children():
        with open(f"/proc/{pid}/status") as f:
            peak = next(int(text.split()[1]) for text in f if text.startswith("VmHWM:"))
        assert peak < 40 * 1024, f"{peak} kB"
