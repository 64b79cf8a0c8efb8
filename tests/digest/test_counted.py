"""What is counted and not kept yet, and is looked at all the same (protocol.md §8.2, §8.7 and §10, 70, 71, 75)."""

import json
import time

import pytest
from harness.line import DEAD, envelope, ledger

TRACE = "0123456789abcdef0123456789abcdef"
NOW = time.time()
WRONG = [None, True, -1, 2 ** 70, "", "\0", "\ud800", [], [[]], {}, "x" * 70000, {"x" * 9000: "\0"}]


def log(**fields):
    return {"timestamp": NOW, "trace_id": TRACE, "level": "info", "body": "hello",
            "attributes": {"a": {"type": "integer", "value": "5"}}, **fields}


def metric(**fields):
    return {"timestamp": NOW, "trace_id": TRACE, "name": "queue.depth", "type": "gauge", "value": 3, "unit": "none", **fields}


def span(**fields):
    return {"trace_id": TRACE, "span_id": TRACE[:16], "name": "GET", "status": "ok", "is_segment": True,
            "start_timestamp": NOW - 1, "end_timestamp": NOW, **fields}


KINDS = {"log": ("log", log, "log_item", "invalid_log"),
         "trace_metric": ("trace-metric", metric, "trace_metric", "invalid_trace_metric"),
         "span": ("span.v2", span, "span", "invalid_span")}


def container(kind, *items, payload=None, **header):
    payload = json.dumps({"items": items}).encode() if payload is None else payload
    header = {"type": kind, "item_count": len(items),
              "content_type": f"application/vnd.sentry.items.{KINDS[kind][0]}+json", **header}
    return {k: v for k, v in header.items() if v is not None}, payload


def counted(line, *items, **fields):
    """The ledger without the bytes of logs, which are those of their containers."""
    line.add(envelope(*items), **fields)
    line.drained()
    counts = ledger(line)
    size = sum(n for (category, *_), n in counts.items() if category == "log_byte")
    assert size == sum(max(len(payload), 1) for header, payload in items if header["type"] == "log")
    assert line.redis.xlen(DEAD) == 0
    return {where: n for where, n in counts.items() if where[0] != "log_byte"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_of_a_container_is_counted(line, kind):
    _, make, category, _ = KINDS[kind]
    assert counted(line, container(kind, make(), make(), make())) == {(category, "accepted", "not_kept"): 3}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("header, n", [({"item_count": 3}, 2), ({"item_count": None}, 1), ({"item_count": "2"}, 1),
                                       ({"item_count": -2}, 1), ({"item_count": 2 ** 40}, 1)])
def test_a_container_of_another_number_is_none(line, kind, header, n):
    _, make, category, wrong = KINDS[kind]
    expected = header["item_count"] if n == 2 else 1
    assert counted(line, container(kind, make(), make(), **header)) == {(category, "invalid", wrong): expected}


def test_containers_are_known_by_their_content_type(line):
    assert counted(line, container("log", log(), log(), content_type=None),
                   container("trace_metric", metric(), content_type="text/plain")) == {
        ("log_item", "invalid", "content_type"): 2, ("trace_metric", "invalid", "content_type"): 1}


def test_two_containers_of_logs_are_both_refused(line):
    assert counted(line, container("log", log()), container("log", log(), log()), container("span", span())) == {
        ("log_item", "invalid", "duplicate_item"): 3, ("span", "accepted", "not_kept"): 1}


LACKS = [(kind, {name: value}) for kind, names in (
    ("log", ("timestamp", "trace_id", "level", "body")), ("trace_metric", ("timestamp", "trace_id", "name", "type", "value")),
    ("span", ("start_timestamp", "end_timestamp", "trace_id", "span_id"))) for name in names for value in (None, [], {}, True)]


@pytest.mark.parametrize("kind, fields", [
    *LACKS, ("log", {"level": ""}), ("log", {"timestamp": "soon"}), ("log", {"trace_id": TRACE[:31]}),
    ("trace_metric", {"type": "set"}), ("trace_metric", {"value": "3"}), ("span", {"start_timestamp": NOW + 1})])
def test_one_that_lacks_something_does_not_cost_the_others(line, kind, fields):
    _, make, category, wrong = KINDS[kind]
    assert counted(line, container(kind, make(), make(**fields), make())) == {
        (category, "accepted", "not_kept"): 2, (category, "invalid", wrong): 1}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"5", b'{"items":{}}', b'{"items":[]}', b"[" * 9000,
                                     b'{"items":[' + b"{}," * 300_000 + b"{}]}"], ids=lambda p: p[:12].decode())
def test_a_container_that_cannot_be_read_is_told(line, kind, payload):
    _, _, category, wrong = KINDS[kind]
    header, _ = container(kind, payload=payload, item_count=1)
    (got_category, outcome, reason), = counted(line, (header, payload))
    assert (got_category, outcome) == (category, "invalid") and reason in (wrong, "invalid_json")


def test_hostile_content_of_containers_is_counted_and_harms_nobody(line):
    for kind, (_, make, category, _) in KINDS.items():
        items = [make(**{name: value}) for name in make() | {"attributes": 0} for value in WRONG] + WRONG
        line.add(envelope(container(kind, *items)))
        line.drained()
        assert sum(n for (c, *_), n in ledger(line).items() if c == category) == len(items)
    assert line.redis.xlen(DEAD) == 0


@pytest.mark.parametrize("fields, outcome", [
    (span(timestamp=NOW), ("accepted", "not_kept")), (span(), ("invalid", "invalid_span")), ([], ("invalid", "invalid_span"))])
def test_a_span_by_itself(line, fields, outcome):
    assert counted(line, ({"type": "span"}, json.dumps(fields).encode())) == {("span", *outcome): 1}


def test_filters_look_at_logs_and_metrics(line):
    for name, value in (("log-message", "*secret*\nhello?"), ("trace-metric-name", "debug.*"), ("release-version", "bad*")):
        line.sql("insert into project_setting (organization_id, project_id, name, value) values (%s, %s, %s, %s)",
                 line.org, line.project, f"filter.{name}", value)
    bad = {"attributes": {"sentry.release": {"type": "string", "value": "bad@1"}}}
    assert counted(line, container("log", log(), log(body="a SECRET here"), log(body="hello!"), log(**bad)),
                   container("trace_metric", metric(), metric(name="debug.x")), container("span", span(), span(**bad))) == {
        ("log_item", "accepted", "not_kept"): 1, ("log_item", "filtered", "log-message"): 2,
        ("log_item", "filtered", "release-version"): 1, ("trace_metric", "accepted", "not_kept"): 1,
        ("trace_metric", "filtered", "trace-metric-name"): 1, ("span", "accepted", "not_kept"): 1,
        ("span", "filtered", "release-version"): 1}


# ---- check-ins

CRONTAB = {"type": "crontab", "value": "0 * * * *"}
ACCEPTED, REFUSED = ("monitor", "accepted", "not_kept"), ("monitor", "invalid", "invalid_check_in")


def check_in(**fields):
    return {"monitor_slug": "nightly", "status": "ok", **fields}


@pytest.mark.parametrize("fields, outcome", [
    ({}, ACCEPTED), ({"monitor_slug": "x" * 60}, ACCEPTED), ({"check_in_id": "0" * 32}, ACCEPTED),
    ({"status": "in_progress", "duration": 1.5, "check_in_id": TRACE, "environment": "prod"}, ACCEPTED),
    ({"status": "of another SDK"}, ACCEPTED),
    ({"monitor_config": {"schedule": CRONTAB, "checkin_margin": 5, "timezone": "Europe/Prague"}}, ACCEPTED),
    ({"monitor_config": {"schedule": {"type": "interval", "value": 5, "unit": "hour"}}}, ACCEPTED),
    ({"monitor_config": None, "duration": None}, ACCEPTED),
    ({"monitor_slug": ""}, REFUSED), ({"monitor_slug": " -- "}, REFUSED), ({"monitor_slug": 5}, REFUSED),
    ({"status": None}, REFUSED), ({"status": ""}, REFUSED), ({"status": 1}, REFUSED), ({"check_in_id": "abc"}, REFUSED),
    ({"duration": "long"}, REFUSED), ({"duration": -1}, REFUSED), ({"monitor_config": []}, REFUSED),
    ({"monitor_config": {}}, REFUSED), ({"monitor_config": {"schedule": {"type": "crontab"}}}, REFUSED),
    ({"monitor_config": {"schedule": {"type": "interval", "value": 0, "unit": "hour"}}}, REFUSED),
    ({"monitor_config": {"schedule": {"type": "interval", "value": 5, "unit": "fortnight"}}}, REFUSED),
    ({"monitor_config": {"schedule": CRONTAB, "max_runtime": "9"}}, REFUSED),
], ids=lambda v: json.dumps(v)[:40] if isinstance(v, dict) else v[1])
def test_check_ins(line, fields, outcome):
    line.add(envelope(({"type": "check_in"}, json.dumps(check_in(**fields)).encode())))
    line.drained()
    assert ledger(line) == {outcome: 1}


@pytest.mark.parametrize("body, fields, outcome", [
    (b"", {"q": "status=ok&environment=prod&duration=1.5"}, ACCEPTED),
    (b"", {"q": f"status=ok&check_in_id={TRACE}"}, ACCEPTED),
    (b'{"status":"ok"}', {}, ACCEPTED), (b'{"status":"ok","monitor_slug":"another"}', {}, ACCEPTED),
    (b"", {"q": "status=ok&duration=long"}, REFUSED), (b"", {"q": "status=ok&check_in_id=abc"}, REFUSED),
    (b"", {"q": "environment=prod"}, REFUSED), (b"", {"q": "status=ok", "s": "--"}, REFUSED),
    (b"{}", {}, REFUSED), (b"[]", {}, REFUSED), (b"{", {}, ("monitor", "invalid", "invalid_json")),
])
def test_check_ins_of_cron(line, body, fields, outcome):
    line.add(body, **{"e": "cron", "s": "nightly", **fields})
    line.drained()
    assert ledger(line) == {outcome: 1}


def test_hostile_check_ins_are_counted_and_harm_nobody(line):
    items = [({"type": "check_in"}, json.dumps(check_in(**fields)).encode()) for value in WRONG for fields in (
        *({name: value} for name in ("monitor_slug", "status", "check_in_id", "duration", "environment", "contexts", "monitor_config")),
        *({"monitor_config": {"schedule": CRONTAB, name: value}} for name in ("schedule", "timezone", "owner", "checkin_margin")),
        *({"monitor_config": {"schedule": {"type": "interval", "value": 1, "unit": "day", name: value}}}
          for name in ("type", "value", "unit")))]
    items += [({"type": "check_in"}, b"[" * 9000), ({"type": "check_in"}, b"")]
    line.add(envelope(*items))
    line.drained()
    assert line.redis.xlen(DEAD) == 0
    assert sum(ledger(line).values()) == len(items) and {where[0] for where in ledger(line)} == {"monitor"}
