"""Everything in an event is written by an attacker.  Whatever it is, it ends as
a row or as an outcome, its neighbours do not notice, and nothing is put aside
as a dead letter: dead letters are for our own mistakes."""

import json
import random
import time
import uuid

import pytest
import zstandard

from harness.line import DEAD, envelope, ledger, make_event


def raw(text, **fields):
    """An envelope around JSON that no library would write."""
    text = text if isinstance(text, bytes) else text.encode()
    return envelope(({"type": "event"}, text), **fields)


def nested(depth):
    return "[" * depth + "]" * depth


HOSTILE = {
    "empty object": raw("{}"),
    "nul in value": raw('{"message":"a\\u0000b"}'),
    "raw nul": raw(b'{"message":"a\0b"}'),
    "nul in keys": raw('{"message":"m","tags":{"k\\u0000":"v"},"extra":{"\\u0000":{"\\u0000":1}}}'),
    "lone surrogates": raw('{"message":"\\ud800 \\udfff","user":{"id":"\\udc00"},"release":"\\ud800"}'),
    "broken utf-8": raw(b'{"message":"\xff\xfe\xc0\x80\xed\xa0\x80","transaction":"\xf5","tags":{"\xff":"\xff"}}'),
    "bom": raw(b'\xef\xbb\xbf{"message":"bom"}'),
    "depth 100": raw('{"message":"m","extra":{"x":' + nested(100) + "}}"),
    "depth 100000": raw('{"extra":{"x":' + nested(100_000) + "}}"),
    "100000 keys": raw("{" + ",".join(f'"k{n}":1' for n in range(70_000)) + "}"),
    "the same key": raw("{" + ",".join('"message":"x"' for _ in range(60_000)) + "}"),
    "many values": raw('{"message":"m","extra":{"x":[' + ",".join("1" * 1 for _ in range(240_000)) + "]}}"),
    "too many values": raw('{"message":"m","extra":{"x":[' + ",".join("1" for _ in range(400_000)) + "]}}"),
    "long number": raw('{"message":"m","timestamp":' + "9" * 500_000 + ',"extra":{"n":' + "1" * 400_000 + "}}"),
    "endless number": raw('{"message":"m","timestamp":1e999999,"level":-0,"extra":{"n":1e999999}}'),
    "nan": raw('{"message":"m","timestamp":NaN,"extra":{"n":-Infinity}}'),
    "long message": raw(json.dumps({"message": "x" * 900_000})),
    "long everything": raw(json.dumps({k: k + "é" * 6_000 for k in (
        "message", "release", "environment", "transaction", "server_name", "logger", "platform", "culprit",
        "dist", "level", "type", "checksum")})),
    "10000 tags": raw(json.dumps({"message": "m", "tags": {f"tag{n}": f"v{n}" for n in range(10_000)}})),
    "long tag": raw(json.dumps({"message": "m", "tags": {"a" * 300_000: "v", "k": "v" * 300_000}})),
    "wrong types": raw(json.dumps({k: [{"x": 1}] for k in (
        "message", "tags", "user", "request", "contexts", "exception", "stacktrace", "threads", "release",
        "environment", "level", "timestamp", "platform", "fingerprint", "breadcrumbs", "sdk", "modules",
        "extra", "logentry", "event_id", "transaction", "server_name", "debug_meta", "errors", "_meta")})),
    "wrong scalars": raw(json.dumps({k: 42 for k in (
        "message", "tags", "user", "request", "contexts", "exception", "stacktrace", "threads", "release",
        "environment", "level", "timestamp", "platform", "fingerprint", "breadcrumbs", "sdk", "modules",
        "extra", "logentry", "event_id", "transaction", "server_name", "debug_meta", "errors", "_meta")})),
    "10000 frames": raw(json.dumps({"exception": {"values": [{"type": "E", "value": "v", "stacktrace": {
        "frames": [{"function": f"f{n}", "lineno": n, "in_app": True} for n in range(10_000)]}}]}})),
    "10000 exceptions": raw(json.dumps({"exception": {"values": [
        {"type": f"E{n}", "value": "v"} for n in range(10_000)]}})),
    "10000 breadcrumbs": raw(json.dumps({"message": "m", "breadcrumbs": {"values": [
        {"message": f"b{n}"} for n in range(10_000)]}})),
    "10000 fingerprints": raw(json.dumps({"message": "m", "fingerprint": [str(n) for n in range(10_000)]})),
    "year 1970": raw('{"message":"m","timestamp":0}'),
    "year 9999": raw('{"message":"m","timestamp":"9999-12-31T23:59:59Z"}'),
    "before christ": raw('{"message":"m","timestamp":-1e15}'),
    "sql": raw(json.dumps({"message": "'; drop table event; --", "tags": {"a'b\\\"{},": "{\"x\",NULL}\\"},
                           "release": "{a,\"b\\", "user": {"id": "\\x00'\\"}})),
    "sent in the future": envelope(make_event(), header={"sent_at": "9999-01-01T00:00:00Z"}),
    "header of hostile types": envelope(make_event(), header={"sent_at": 5, "trace": nested(20), "sdk": []}),
    "10000 items": envelope(*[({"type": "x"}, b"") for _ in range(10_000)]),
    "a long item type": envelope(({"type": "x" * 500_000}, b"")),
}


@pytest.fixture(scope="module")
def attacked(shared):
    """Everything at once, with decent events in between."""
    line = shared
    line.org, line.project = line.add_project()
    decent = [make_event({"message": f"decent {n}"}) for n in range(len(HOSTILE))]
    work = []
    for event, body in zip(decent, HOSTILE.values()):
        work += [line.entry(envelope(event)), line.entry(body, i=uuid.uuid4().hex)]
    line.add_all(work)
    line.drained(120)
    line.decent = {event["event_id"] for event in decent}
    return line


def test_the_neighbours_of_hostile_events_are_stored(attacked):
    stored = {event.hex for event, in attacked.sql(
        "select event_id from event where project_id = %s", attacked.project)}
    assert attacked.decent <= stored


def test_hostile_events_are_no_dead_letters_and_kill_nobody(attacked):
    assert attacked.redis.xlen(DEAD) == 0
    assert "signal" not in attacked.stack.log("worker")
    attacked.check_books()


def test_what_can_be_stored_is_stored(attacked):
    """All but what is no JSON, too deep, or too much."""
    refused = {reason: n for (category, outcome, reason), n in attacked.outcomes().items()
               if category == "error" and outcome == "invalid"}
    assert refused == {"invalid_json": 2}


def test_bounds_hold_in_every_row(attacked):
    assert attacked.sql("""
        select id from event
         where length(title) > 500 or length(release) > 250 or length(environment) > 64
            or length(transaction) > 250 or length(server_name) > 300 or length(user_tag) > 400
            or occurred_at > now() + interval '2 minutes'
            or occurred_at < now() - interval '91 days'""") == []
    assert attacked.sql("select key from issue_tag_seen where length(key) > 200 or length(value) > 200") == []
    assert attacked.value("select max(n) from (select count(distinct key) n from issue_tag_seen"
                          " group by issue_id) t") <= 1000


def kept(line, body):
    """What is stored of an event of this text."""
    id = uuid.uuid4().hex
    line.add(raw(body), i=id)
    line.drained()
    packed = line.value("select b.body from event_body b join event e on e.id = b.id and e.day = b.day"
                        " where e.event_id = %s", uuid.UUID(id))
    return zstandard.ZstdDecompressor().decompressobj().decompress(bytes(packed)).decode()


def test_no_number_is_longer_than_what_holds_it_or_beyond_what_readers_know(line):
    long = "1" * 100_000
    text = kept(line, f'{{"message":"m","extra":{{"n":1e999,"long":{long},"big":18446744073709551616,"z":-0}},'
                      f'"threads":[{{"id":{long}}}],"exception":[{{"type":"E","value":{long},"thread_id":{long}}}],'
                      f'"breadcrumbs":[{{"message":"b","data":{{"n":{long}}}}}],"contexts":{{"c":{{"n":{long}}}}}}}')
    assert len(text) < 60_000
    assert '"n":"1e999"' in text and '"big":18446744073709551616' in text and '"z":-0' in text
    stored = json.loads(text)
    assert stored["extra"]["long"].startswith("1" * 16_000) and stored["extra"]["long"].endswith("...")
    assert stored["_meta"]["extra"]["n"][""]["err"] == [["invalid_data", {"reason": "a number that is kept as text"}]]
    assert stored["_meta"]["extra"]["long"][""]["len"] == 100_000


def test_of_the_same_key_the_last_one_wins_everywhere(line):
    stored = json.loads(kept(line, '{"message":"a","level":"info","message":"b","tags":{"k":"1","k":"2"},'
                                   '"user":{"id":"1"},"user":{"id":"2"},"level":"fatal","extra":{"x":1,"x":[2]}}'))
    assert stored["logentry"]["formatted"] == "b" and stored["level"] == "fatal"
    assert stored["user"]["id"] == "2" and stored["extra"]["x"] == [2] and ["k", "2"] in stored["tags"]


def test_the_same_id_a_hundred_times_is_one_event(line):
    event_id = uuid.uuid4().hex
    line.add_all([line.entry(envelope(make_event({"event_id": event_id, "message": f"m{n}"})), i=event_id)
                  for n in range(100)])
    line.drained()
    assert line.value("select count(*) from event where event_id = %s", uuid.UUID(event_id)) == 1
    assert line.value("select count(*) from issue where project_id = %s", line.project) == 1
    assert ledger(line)["error", "invalid", "duplicate"] == 99


def test_the_clock_of_an_edge_may_be_anything(line):
    """reliability.md, F31: what is possible holds, for anything else there is our own clock; the ledger adds up."""
    day = 86400 * 10**6
    now = int(time.time() * 1e6)
    possible = {now - n for n in (0, day // 24, day, 29 * day)} | {now + day // 48}
    others = [now + day // 12, now + day, now + 365 * day, now - 31 * day, 0, -1, 2**63 - 1, -2**63, "yesterday", "", "9" * 40]
    for t in [*possible, *others]:
        line.add(envelope(make_event({"timestamp": time.time()})), i=uuid.uuid4().hex, t=t)
    line.drained()
    got = [us for us, in line.sql("select (extract(epoch from received_at) * 1e6)::bigint from event where project_id = %s", line.project)]
    ours = [us for us in got if us not in possible]
    assert len(got) == len(possible) + len(others) and len(ours) == len(others)
    assert all(now - 60 * 10**6 < us < time.time() * 1e6 for us in ours)
    assert line.value("select bool_and(occurred_at between now() - interval '91 days' and now() + interval '1 hour') from event"
                      " where project_id = %s", line.project)
    assert ledger(line) == {("error", "accepted", ""): len(got)} and line.redis.xlen(DEAD) == 0


def test_any_mutilation_of_a_request_ends_in_the_ledger(line):
    rng = random.Random(7)
    good = envelope(make_event({"tags": {"a": "b"}, "user": {"id": "1"}}), header={"sdk": {"name": "x"}})
    work = []
    for _ in range(600):
        body = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            body[rng.randrange(len(body))] = rng.randrange(256)
        work.append(line.entry(bytes(body[:rng.randint(0, len(body))]) if rng.random() < 0.2 else bytes(body),
                               i=uuid.uuid4().hex))
    line.add_all(work)
    line.drained()
    assert line.redis.xlen(DEAD) == 0
    assert "signal" not in line.stack.log("worker")
    assert line.value("select sum(quantity) from outcome_hour where project_id = %s",
                      line.project) >= len(work)


def test_a_worker_stays_small(attacked):
    if attacked.stack.build.sanitized:
        pytest.skip("a sanitizer needs its own memory")
    for pid in attacked.stack.part("worker").children():
        with open(f"/proc/{pid}/smaps_rollup") as f:
            pss = next(int(line.split()[1]) for line in f if line.startswith("Pss:"))
        assert pss < 40 * 1024, f"{pss} kB"
