"""Release health: what becomes of sessions (protocol.md §8.1 and §10, 66 to 69)."""

import json
import time
import uuid

import harness.line
import pytest
from harness.line import envelope, make_event

DID = "foobarbaz"
COUNTERS = ("sessions", "exited", "errored", "abnormal", "unhandled", "crashed", "users", "users_crashed")


def iso(seconds_ago=0.0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_ago))


def update(**fields):
    """A session's update; what is None is left out."""
    session = {"sid": uuid.uuid4().hex, "did": DID, "init": True, "seq": 42, "status": "ok", "errors": 0,
               "started": iso(10), "timestamp": iso(), "attrs": {"release": "shop@1.0.0",
                                                                 "environment": "production"}, **fields}
    return {name: value for name, value in session.items() if value is not None}


def send(line, *items, kind="session", header=None):
    line.add(envelope(*[({"type": kind}, json.dumps(item).encode()) for item in items], header=header))
    line.drained()


def health(line):
    """Sums over all hours, without what is zero."""
    columns = ", ".join(f"sum({name})" for name in COUNTERS)
    row, = line.sql(f"select {columns} from release_hour where project_id = %s", line.project)
    return {name: int(n) for name, n in zip(COUNTERS, row) if n}


def ledger(line):
    return {key[1:]: n for key, n in harness.line.ledger(line, "session").items()}


def test_a_session_counts_once_with_its_release_environment_and_user(line):
    sid = uuid.uuid4().hex
    send(line, update(sid=sid, seq=42))
    assert health(line) == {"sessions": 1, "users": 1}
    assert line.sql("select seq from session_state where project_id = %s", line.project) == [(0,)]
    assert line.sql("select version, sort_key is not null from release where project_id = %s",
                    line.project) == [("shop@1.0.0", True)]
    assert line.sql("select name from environment where project_id = %s", line.project) == [("production",)]
    send(line, update(sid=sid, init=False, seq=43), update(sid=sid, init=False, seq=44, status="exited",
                                                           duration=2.5))
    assert health(line) == {"sessions": 1, "exited": 1, "users": 1}
    assert line.sql("select sum(duration_ms), sum(durations) from release_hour where project_id = %s",
                    line.project) == [(2500, 1)]


def test_updates_count_by_their_number_and_not_by_their_order(line):
    sid = uuid.uuid4().hex
    send(line, update(sid=sid, init=False, seq=3, status="crashed"))
    send(line, update(sid=sid, init=False, seq=2, status="exited"))
    send(line, update(sid=sid, seq=1), update(sid=sid, seq=1))
    assert health(line) == {"sessions": 1, "errored": 1, "crashed": 1, "users": 1, "users_crashed": 1}


def test_a_session_that_has_ended_is_not_updated(line):
    sid = uuid.uuid4().hex
    send(line, update(sid=sid), update(sid=sid, init=False, seq=50, status="exited"),
         update(sid=sid, init=False, seq=51, status="crashed", did=None))
    assert health(line) == {"sessions": 1, "exited": 1, "users": 1}


@pytest.mark.parametrize("status, counters", [
    ("crashed", {"errored": 1, "crashed": 1, "users_crashed": 1}),
    ("abnormal", {"errored": 1, "abnormal": 1}),
    ("unhandled", {"errored": 1, "unhandled": 1}),
    ("errored", {"errored": 1}),
    ("exited", {"exited": 1}),
])
def test_an_end_that_is_wrong_is_an_error_whatever_it_says(line, status, counters):
    send(line, update(status=status, errors=0))
    assert health(line) == {"sessions": 1, "users": 1, **counters}


def test_errors_count_a_session_once(line):
    sid = uuid.uuid4().hex
    send(line, update(sid=sid, errors=1))
    send(line, update(sid=sid, init=False, errors=7))
    assert health(line) == {"sessions": 1, "errored": 1, "users": 1}


def test_a_server_sends_sums(line):
    send(line, {"aggregates": [{"started": iso(60), "exited": 2, "errored": 3, "abnormal": 1},
                               {"started": iso(120), "did": "a", "exited": 1},
                               {"started": iso(120), "did": "b", "crashed": 1}],
                "attrs": {"release": "shop@1.0.0"}}, kind="sessions")
    assert health(line) == {"sessions": 8, "exited": 3, "errored": 5, "abnormal": 1, "crashed": 1,
                            "users": 2, "users_crashed": 1}
    assert ledger(line) == {("accepted", ""): 1}


def test_sums_that_are_too_many_for_one_item_are_told(line):
    send(line, {"aggregates": [{"started": iso(60), "exited": 1}] * 1007, "attrs": {"release": "shop@1.0.0"}},
         kind="sessions")
    assert health(line) == {"sessions": 1000, "exited": 1000}
    assert ledger(line) == {("accepted", ""): 1, ("invalid", "too_many"): 7}


WRONG = [None, True, -1, 2 ** 70, 1e300, "", "\0", "\ud800", [], [[]], {}, "x" * 70000, {"x" * 9000: "\0"}]


@pytest.mark.parametrize("kind", ["session", "sessions"])
def test_hostile_ones_have_one_outcome_each_and_harm_nobody(line, kind):
    good = update() if kind == "session" else {
        "aggregates": [{"started": iso(60), "exited": 1, "did": "a"}], "attrs": {"release": "1"}}
    items = [{**good, name: value} for name in [*good, *update()] for value in WRONG]
    items += [{**good, "attrs": {"release": "1", name: value}}
              for name in ("release", "environment", "user_agent", "ip_address") for value in WRONG]
    items += [{**good, "aggregates": [{"started": iso(60), name: value}]}
              for name in ("started", "did", "exited", "crashed") for value in WRONG]
    send(line, *items, kind=kind)
    line.add(envelope(({"type": kind}, b'{"aggregates":' + b"[" * 1000 + b"]" * 1000 + b"}"),
                      ({"type": kind}, b"[" * 100000), ({"type": kind}, b"\0")))
    line.drained()
    assert line.redis.xlen(harness.line.DEAD) == 0
    assert sum(ledger(line).values()) == len(items) + 3


def test_the_minutes_of_their_arrival_tell_alerts_what_began_and_what_crashed(line):
    long = uuid.uuid4().hex
    send(line, update(sid=long, did="a", started=iso(7200)), update(did="b"))
    send(line, update(sid=long, init=False, seq=43, status="crashed", did="a", started=iso(7200)),
         update(sid=long, init=False, seq=44, status="crashed", did="a", started=iso(7200)))
    send(line, {"aggregates": [{"started": iso(60), "exited": 2, "crashed": 3}],
                "attrs": {"release": "shop@1.0.0", "environment": "production"}}, kind="sessions")
    rows = line.sql("select is_crashed, sum(sessions)::int, string_agg(users, '') from session_minute"
                    " where project_id = %s and environment = 'production' and minute > now() - interval '5 minutes'"
                    " group by 1 order by 1", line.project)
    counted = [(crashed, n, len({users[i:i + 4] for i in range(0, len(users), 4)})) for crashed, n, users in rows]
    assert counted == [(False, 7, 2), (True, 4, 1)]


def test_a_user_is_the_same_by_name_and_by_the_uuid_of_the_name(line):
    send(line, update(did=DID), update(did="367e2499-2b45-586d-814f-778b60144e87"), update(did="other"))
    assert health(line)["users"] == 2


def test_a_user_counts_by_day_release_and_environment(line):
    send(line, update(), update(), update(attrs={"release": "shop@1.1.0"}),
         update(started=iso(3 * 86400), timestamp=iso(3 * 86400)), update(status="crashed"),
         update(status="crashed"))
    assert health(line)["users"] == 3 and health(line)["users_crashed"] == 1


@pytest.mark.parametrize("fields, reason", [
    ({"started": iso(6 * 86400)}, "timestamp"),
    ({"started": iso(-86400), "timestamp": iso(-86400)}, "timestamp"),
    ({"attrs": {"release": "latest"}}, "invalid_session"),
    ({"attrs": {"release": "a/b"}}, "invalid_session"),
    ({"attrs": {}}, "invalid_session"),
    ({"attrs": None}, "invalid_session"),
    ({"started": None}, "invalid_session"),
    ({"status": "nonsense"}, "invalid_session"),
    ({"seq": 2 ** 64 - 1}, "invalid_session"),
])
def test_what_cannot_be_counted_has_one_outcome(line, fields, reason):
    send(line, update(**fields))
    assert ledger(line) == {("invalid", reason): 1}
    assert line.sql("select 1 from release_hour where project_id = %s", line.project) == []


def test_what_is_missing_or_odd_is_made_good(line):
    send(line, update(sid=None, did=None, seq=None, timestamp=None, status=None),
         update(sid="x", did=42, seq="x", errors="x", attrs={"release": "1", "environment": "none"}),
         update(timestamp=iso(3600), started=iso(60)))
    assert health(line) == {"sessions": 3, "users": 2}
    assert line.sql("select name from environment where project_id = %s", line.project) == [("production",)]


def test_a_wrong_clock_is_put_right(line):
    send(line, update(started=iso(9 * 86400), timestamp=iso(9 * 86400)), header={"sent_at": iso(9 * 86400)})
    assert health(line) == {"sessions": 1, "users": 1}
    hour, = line.sql("select hour > now() - interval '2 hours' from release_hour where project_id = %s",
                     line.project)
    assert hour == (True,)


def test_a_filter_of_the_project_holds_for_sessions(line):
    line.sql("insert into project_setting (organization_id, project_id, name, value)"
             " values (%s, %s, 'filter.release-version', 'bad*')", line.org, line.project)
    send(line, update(attrs={"release": "bad@1"}), update(attrs={"release": "good@1"}))
    assert ledger(line) == {("filtered", "release-version"): 1, ("accepted", ""): 1}


def test_an_event_names_its_release_too(line):
    event = make_event({"release": "shop@2.0.0-rc.1", "environment": "staging"})
    line.add(envelope(event, event, ({"type": "session"}, json.dumps(update()).encode())),
             i=event["event_id"])
    line.drained()
    assert line.sql("select version, sum(h.events), sum(h.sessions) from release r join release_hour h"
                    " on h.release_id = r.id where r.project_id = %s group by 1 order by 1",
                    line.project) == [("shop@1.0.0", 0, 1), ("shop@2.0.0-rc.1", 1, 0)]
    assert sorted(line.sql("select name from environment where project_id = %s", line.project)) == [
        ("production",), ("staging",)]


def test_names_that_everybody_can_invent_are_bounded(line):
    line.sql("insert into environment (organization_id, project_id, name, first_seen, last_seen)"
             " select %s, %s, 'e' || n, now(), now() from generate_series(1, 500) n", line.org, line.project)
    send(line, update())
    assert health(line) == {"sessions": 1, "users": 1}
    assert line.value("select count(*) from environment where project_id = %s", line.project) == 500
    assert line.sql("select distinct environment_id from release_hour where project_id = %s",
                    line.project) == [(0,)]


def test_what_can_get_no_update_any_more_is_forgotten(line):
    send(line, update(), update())
    line.sql("update session_state set started = now() - interval '7 days' where project_id = %s"
             " and sid = (select min(sid::text)::uuid from session_state where project_id = %s)",
             line.project, line.project)
    line.sql("update release_user set day = day - 8")
    line.restart_worker()
    line.stack.wait_for(lambda: line.sql("select 1 from release_user") == [])
    assert line.value("select count(*) from session_state where project_id = %s", line.project) == 1
    assert health(line)["sessions"] == 2
