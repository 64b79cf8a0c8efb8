"""What becomes of an entry of the stream."""

import base64
import gzip
import json
import time
import uuid
import zlib
from datetime import UTC, datetime

import pytest
from harness.line import DEAD, envelope, ledger, make_event


def stored(line, event_id):
    return line.sql("select title, level, issue_id from event where event_id = %s and project_id = %s",
                    uuid.UUID(event_id), line.project)


def test_an_event_becomes_a_row_and_an_issue(line):
    event = line.send({"message": "Disk full"})
    line.drained()
    (title, level, issue), = stored(line, event)
    assert (title, level) == ("Disk full", 40)
    assert line.sql("select title, times_seen, number, status, substatus, priority from issue"
                    " where id = %s", issue) == [("Disk full", 1, 1, 0, 7, 75)]
    assert line.value("select first_event_at is not null from project where id = %s", line.project)
    assert ledger(line) == {("error", "accepted", ""): 1}


def test_events_that_are_alike_share_an_issue_and_others_get_the_next_number(line):
    for message in ("one", "two", "one", "one"):
        line.send({"message": message})
    line.drained()
    assert sorted(line.sql("select title, times_seen from issue where project_id = %s",
                           line.project)) == [("one", 3), ("two", 1)]
    assert sorted(line.sql("select number from issue where project_id = %s",
                           line.project)) == [(1,), (2,)]
    line.check_books()


def test_the_same_event_twice_is_stored_once(line):
    event = make_event()
    line.add(envelope(event, event), i=event["event_id"])
    line.drained()
    line.add(envelope(event), i=event["event_id"])
    line.drained()
    assert len(stored(line, event["event_id"])) == 1
    assert ledger(line) == {("error", "accepted", ""): 1, ("error", "invalid", "duplicate"): 2}
    line.check_books()


def test_the_same_id_in_two_projects_is_two_events(line):
    event = make_event()
    line.add(envelope(event))
    org, project = line.add_project()
    line.add(envelope(event), o=org, p=project)
    line.drained()
    assert line.value("select count(*) from event where event_id = %s",
                      uuid.UUID(event["event_id"])) == 2


@pytest.mark.parametrize("coding, pack", [
    ("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes),
    ("deflate", lambda b: zlib.compress(b)[2:-4])])
def test_a_packed_body_is_read(line, coding, pack):
    event = make_event()
    line.add(pack(envelope(event)), c=coding)
    line.drained()
    assert stored(line, event["event_id"])


def test_a_store_request_is_read_in_every_old_form(line):
    text = json.dumps(make_event({"message": "old"})).encode()
    ids = [uuid.uuid4().hex for _ in range(3)]
    line.add(text, e="store", i=ids[0])
    line.add(base64.b64encode(zlib.compress(text)), e="store", i=ids[1])
    line.add(b"", e="store", i=ids[2], q="sentry_data=" + base64.b64encode(text).decode().replace(
        "+", "%2B").replace("=", "%3D"))
    line.drained()
    assert all(stored(line, i) for i in ids)


def test_the_id_that_the_client_was_told_wins(line):
    told, other = uuid.uuid4().hex, make_event()
    line.add(envelope(other), i=told)
    line.drained()
    assert stored(line, told) and not stored(line, other["event_id"])


def span(**fields):
    now = time.time()
    return {"span_id": "0123456789abcdef", "trace_id": "0123456789abcdef0123456789abcdef",
            "start_timestamp": now - 1, "timestamp": now, **fields}


def transaction(**fields):
    now = time.time()
    return {"type": "transaction", "transaction": "/shop", "start_timestamp": now - 1, "timestamp": now,
            "contexts": {"trace": {"trace_id": "0123456789abcdef0123456789abcdef", "span_id": "0123456789abcdef"}},
            "spans": [span()], **fields}


def bomb():
    """More than an envelope may hold when unpacked, and little as sent."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(513)) + packer.flush()


@pytest.mark.parametrize("body, fields, outcome", [
    (b"", {}, ("default", "invalid", "invalid_envelope")),
    (b"{}\n", {}, ("default", "invalid", "empty_envelope")),
    (b"{}\n{\"type\":\"event\"}\n{\"mes", {}, ("error", "invalid", "invalid_json")),
    (b"{}\n{\"type\":\"event\"}\n[]", {}, ("error", "invalid", "invalid_json")),
    (b"not gzip", {"c": "gzip"}, ("error", "invalid", "invalid_compression")),
    (bomb, {"c": "gzip"}, ("error", "invalid", "too_large:envelope")),
    (b"!", {"e": "store"}, ("error", "invalid", "payload")),
    (envelope({"message": "x" * (1 << 20)}), {}, ("error", "invalid", "too_large:event")),
    (envelope(({"type": "nonsense"}, b"x")), {}, ("default", "invalid", "unknown_item")),
    (envelope(({"type": "transaction"}, b"{}")), {}, ("transaction", "invalid", "invalid_transaction")),
    (envelope(({"type": "transaction"}, b"[")), {}, ("transaction", "invalid", "invalid_json")),
    (envelope(({"type": "transaction"}, json.dumps(transaction()).encode())), {}, ("transaction", "accepted", "not_kept")),
    (envelope(({"type": "session"}, b"{}")), {}, ("session", "invalid", "invalid_session")),
    (envelope(({"type": "session"}, b"[")), {}, ("session", "invalid", "invalid_json")),
    (envelope(({"type": "profile"}, b"{}")), {}, ("profile", "accepted", "not_kept")),
    (envelope({"type": "transaction", "spans": []}), {}, ("transaction", "invalid", "invalid_transaction")),
    (envelope(transaction()), {}, ("transaction", "accepted", "not_kept")),
    (json.dumps(transaction()).encode(), {"e": "store"}, ("transaction", "accepted", "not_kept")),
    (b"{}", {"e": "cron"}, ("monitor", "invalid", "invalid_check_in")),
    (b"", {"e": "cron", "s": "job", "q": "status=ok"}, ("monitor", "accepted", "not_kept")),
    (b"{}", {"e": "otlp_traces", "y": "application/json"}, ("span", "accepted", "not_kept")),
    (envelope({"message": "x"}), {"p": 999999999}, None),
])
def test_every_item_has_exactly_one_outcome(line, body, fields, outcome):
    line.add(body() if callable(body) else body, **fields)
    line.drained()
    assert ledger(line) == ({outcome: 1} if outcome else {})
    if outcome is None:
        assert line.outcomes()[("error", "invalid", "project_id")] == 1


WRONG = [None, True, -1, "", "x", "\0", "\ud800", [], [[]], {}, "x" * 70000, {"x" * 9000: "\0"}]
TRACE = transaction()["contexts"]["trace"]


@pytest.mark.parametrize("fields", [
    *[{name: value} for name in ("start_timestamp", "timestamp", "contexts") for value in WRONG if value != -1],
    *[{"contexts": {"trace": {**TRACE, name: value}}} for name in ("trace_id", "span_id") for value in WRONG],
    {"contexts": {}}, {"start_timestamp": 1e10}, {"spans": [span(), None]}, {"spans": [3]},
    *[{"spans": [span(**{name: value})]} for name in span() for value in ("x", None, [], {})],
    {"spans": [span(start_timestamp=1e10)]},
], ids=lambda fields: json.dumps(fields)[:40])
def test_a_transaction_that_cannot_be_one_is_told(line, fields):
    """Case 73 of protocol.md §10: one bad span is enough."""
    line.add(envelope(({"type": "transaction"}, json.dumps(transaction(**fields)).encode())))
    line.drained()
    assert ledger(line) == {("transaction", "invalid", "invalid_transaction"): 1}


def test_transactions_of_any_content_have_one_outcome_each(line):
    names = ("event_id", "transaction", "tags", "request", "user", "measurements", "spans", "release", "sdk", "extra")
    items = [({"type": "transaction"}, json.dumps(transaction(**{name: value})).encode()) for name in names
             for value in WRONG]
    items.append(({"type": "transaction"}, json.dumps(transaction(extra="@")).encode().replace(
        b'"@"', b"[" * 1000 + b"]" * 1000)))
    for item in items:
        line.add(envelope(item))
    line.drained()
    assert line.redis.xlen(DEAD) == 0
    counted = ledger(line)
    assert sum(counted.values()) == len(items) and {category for category, *_ in counted} == {"transaction"}


@pytest.mark.parametrize("name, kept", [
    ("/healthz", False), ("GET /api/healthcheck/1", False), ("the heartbeat of it", False), ("/v1/PING", False),
    ("/a/ready", False), ("/a/livez", False), ("/a/health", False), ("/shop", True), ("/healthy/food", True),
    ("/already", True), ("ping", True),
])
def test_health_checks_are_filtered_among_the_transactions(line, name, kept):
    line.add(envelope(({"type": "transaction"}, json.dumps(transaction(transaction=name)).encode())))
    line.drained()
    assert ledger(line) == {("transaction", "accepted", "not_kept") if kept
                            else ("transaction", "filtered", "filtered-transaction"): 1}


def test_filters_of_the_project_hold_for_transactions(line):
    line.sql("insert into project_setting (organization_id, project_id, name, value) values"
             " (%s, %s, 'filter.release-version', 'bad*'), (%s, %s, 'filter.filtered-transaction', 'off')",
             line.org, line.project, line.org, line.project)
    for fields in ({"release": "bad@1"}, {"transaction": "/healthz"},
                   {"request": {"headers": {"User-Agent": "Googlebot/2.1 (x)"}}}):
        line.add(envelope(({"type": "transaction"}, json.dumps(transaction(**fields)).encode())))
    line.add(envelope(make_event({"transaction": "/healthz"})))
    line.drained()
    assert ledger(line) == {("transaction", "filtered", "release-version"): 1,
                            ("transaction", "filtered", "web-crawlers"): 1,
                            ("transaction", "accepted", "not_kept"): 1, ("error", "accepted", ""): 1}


def test_an_attachment_is_counted_in_bytes_and_by_number(line):
    line.add(envelope(({"type": "attachment"}, b"12345")))
    line.drained()
    assert ledger(line) == {("attachment", "accepted", ""): 5,
                            ("attachment_item", "accepted", ""): 1}


def test_damage_behind_an_event_does_not_cost_the_event(line):
    event = make_event()
    line.add(envelope(event) + b"garbage")
    line.drained()
    assert stored(line, event["event_id"])
    assert ledger(line) == {("error", "accepted", ""): 1,
                            ("default", "invalid", "invalid_envelope"): 1}


def test_items_that_the_edge_has_dropped_are_left_out(line):
    event = make_event()
    line.add(envelope(({"type": "session"}, b"{}"), event, ({"type": "session"}, b"{}")), x="0,2")
    line.drained()
    assert ledger(line) == {("error", "accepted", ""): 1}


def test_what_an_sdk_has_thrown_away_is_counted(line):
    report = {"discarded_events": [
        {"reason": "before_send", "category": "error", "quantity": 3},
        {"reason": "before_send", "category": "error", "quantity": 4},
        {"reason": "my own reason", "category": "my own category", "quantity": 2},
        {"reason": "sample_rate", "category": "transaction", "quantity": 0},
        {"reason": "sample_rate", "category": "transaction", "quantity": "many"}],
        "rate_limited_events": [{"reason": "x", "category": "session", "quantity": 1}]}
    line.add(envelope(({"type": "client_report"}, json.dumps(report).encode())))
    line.drained()
    assert ledger(line) == {("error", "client_discard", "before_send"): 7,
                            ("default", "client_discard", "other"): 2,
                            ("session", "rate_limited", "other"): 1,
                            ("internal", "accepted", ""): 1}


def discarded(quantity, **report):
    return {"discarded_events": [{"reason": "before_send", "category": "error", "quantity": quantity}], **report}


def discarded_by_hour(line):
    return {hour.timestamp(): int(n) for hour, n in line.sql(
        "select hour, quantity from outcome_hour where project_id = %s and outcome = 'client_discard'",
        line.project)}


def report_item(report):
    return {"type": "client_report"}, json.dumps(report).encode()


@pytest.mark.parametrize("form", [float, lambda at: datetime.fromtimestamp(at, UTC).isoformat()])
def test_a_client_report_counts_in_the_hour_that_it_says(line, form):
    at = time.time() - 26 * 3600
    line.add(envelope(report_item(discarded(3, timestamp=form(at))), report_item(discarded(4, timestamp=form(at)))))
    line.drained()
    assert discarded_by_hour(line) == {at // 3600 * 3600: 7}


def test_a_client_report_of_a_wrong_clock_counts_in_our_hours(line):
    now = time.time()
    entry = {"t": int(now * 1e6)}
    sent = datetime.fromtimestamp(now - 90 * 86400, UTC).isoformat()
    line.add(envelope(report_item(discarded(1, timestamp=now - 90 * 86400)), header={"sent_at": sent}), **entry)
    line.add(envelope(report_item(discarded(2, timestamp=now + 1800))), **entry)
    line.add(envelope(report_item(discarded(4, timestamp=[]))), **entry)
    line.add(envelope(report_item(discarded(8))), **entry)
    line.drained()
    assert discarded_by_hour(line) == {now // 3600 * 3600: 15}


@pytest.mark.parametrize("at", [300 * 86400, 2 * 3600, -6 * 86400, "yesterday", "", -1e300, 1e300])
def test_a_client_report_from_far_away_counts_nothing(line, at):
    line.add(envelope(report_item(discarded(1, timestamp=at if isinstance(at, str) or abs(at) > 1e9
                                            else time.time() + at))))
    line.drained()
    assert ledger(line) == {("internal", "invalid", "timestamp"): 1}


def test_rows_of_a_client_report_that_are_too_many_are_told(line):
    row = discarded(1)["discarded_events"][0]
    line.add(envelope(report_item({"discarded_events": [row] * 150, "filtered_events": [row] * 75})))
    line.drained()
    assert ledger(line) == {("error", "client_discard", "before_send"): 150,
                            ("error", "filtered", "before_send"): 50,
                            ("internal", "invalid", "too_many"): 25, ("internal", "accepted", ""): 1}


def test_a_client_report_beside_an_event_is_no_end_of_it(line):
    event = make_event()
    line.add(envelope(event, report_item(discarded(1)), header={"event_id": event["event_id"]}), i=event["event_id"])
    line.drained()
    assert line.value("select count(*) from event_ended where event_id = %s", event["event_id"]) == 0


def test_hostile_client_reports_are_counted_and_harm_nobody(line):
    wrong = [None, True, -1, 2 ** 70, 1.5, "", "\0", "\ud800", [], [[]], {}, "x" * 70000, {"x" * 9000: "\0"}]
    rows = [{name: value} for name in ("reason", "category", "quantity") for value in wrong]
    rows += [{"reason": value, "category": value, "quantity": 1} for value in wrong]
    items = [report_item({"timestamp": value}) for value in wrong]
    items += [report_item({name: value}) for name in ("discarded_events", "filtered_events") for value in wrong]
    items += [report_item({"discarded_events": rows[:30]}), report_item({"discarded_events": rows[30:]}),
              ({"type": "client_report"}, b'{"discarded_events":' + b"[" * 1000 + b"]" * 1000 + b"}"),
              ({"type": "client_report"}, b"[" * 100000), ({"type": "client_report"}, b"")]
    line.add(envelope(*items))
    line.drained()
    assert line.redis.xlen(DEAD) == 0
    assert sum(n for (category, *_), n in ledger(line).items() if category == "internal") == len(items)


def test_the_counters_of_the_edge_come_into_the_ledger_once(line):
    field = f"480000:{line.org}:{line.project}:7:rate_limited:error:key_quota"
    line.redis.hset("vedette:outcomes", mapping={
        field: 5, f"480000:{line.org}:{line.project}:7:invalid:error:too_large:event": 2, "junk": 1})
    line.stack.wait_for(lambda: len(ledger(line)) == 2)
    line.redis.hincrby("vedette:outcomes", field, 1)
    line.stack.wait_for(lambda: ledger(line).get(("error", "rate_limited", "key_quota")) == 6)
    line.stack.wait_for(lambda: not line.redis.exists("vedette:outcomes", "vedette:outcomes:draining"))
    assert ledger(line) == {("error", "rate_limited", "key_quota"): 6,
                            ("error", "invalid", "too_large:event"): 2}


def test_a_new_event_on_a_resolved_issue_is_a_regression(line):
    line.send({"message": "again"})
    line.drained()
    issue = line.value("select id from issue where project_id = %s", line.project)
    line.sql("update issue set status = 1, substatus = 0 where id = %s", issue)
    line.send({"message": "again", "release": "2.0"})
    line.send({"message": "again", "release": "2.0"})
    line.drained()
    assert line.sql("select status, substatus, times_seen from issue where id = %s",
                    issue) == [(0, 6, 3)]
    assert line.sql("select kind, account_id, data from activity where issue_id = %s",
                    issue) == [("regressed", None, '{"release":"2.0"}')]


def test_an_event_that_says_nothing_takes_no_title_away(line):
    for event in ({"message": "Disk full"}, {"message": None}, {"message": " "}):
        line.send({"fingerprint": ["disk"], "level": "warning", **event})
        line.drained()
    assert line.sql("select title, value, level, times_seen from issue where project_id = %s",
                    line.project) == [("Disk full", "Disk full", 30, 3)]
    line.send({"fingerprint": ["disk"], "message": "Disk gone"})
    line.drained()
    assert line.value("select title from issue where project_id = %s", line.project) == "Disk gone"


def test_an_archived_issue_stays_archived(line):
    line.send({"message": "again"})
    line.drained()
    line.sql("update issue set status = 2, substatus = 1 where project_id = %s", line.project)
    line.send({"message": "again"})
    line.drained()
    assert line.sql("select status, substatus, times_seen from issue where project_id = %s",
                    line.project) == [(2, 1, 2)]


def test_users_and_tags_are_counted_by_issue(line):
    for n in range(6):
        line.send({"message": "tagged", "user": {"id": f"{n % 3}"}, "tags": {"colour": "red" if n else "blue"}})
    line.drained()
    issue = line.value("select id from issue where project_id = %s", line.project)
    assert line.value("select users_seen from issue where id = %s", issue) == 3
    assert sorted(line.sql("select value, times_seen from issue_tag_seen where issue_id = %s"
                           " and key = 'colour'", issue)) == [("blue", 1), ("red", 5)]
    line.check_books()


def test_pages_that_wait_are_told(line):
    line.send({"message": "live"})
    line.send({"message": "live"})

    def told():
        lines = [entry.split() for _, fields in line.redis.xrange("vedette:live")
                 for entry in fields[b"d"].decode().splitlines()]
        return [(int(events), int(new)) for _, project, events, new, _ in lines if int(project) == line.project]
    line.stack.wait_for(lambda: sum(events for events, _ in told()) == 2)
    assert sum(new for _, new in told()) == 1


def test_the_worker_says_what_it_does(line):
    def notes():
        return [line.redis.hget(key, "note").decode() for key in line.redis.keys("vedette:proc:worker:*")]
    line.stack.wait_for(lambda: any("events/s" in note for note in notes()))
