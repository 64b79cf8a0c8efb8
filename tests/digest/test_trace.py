"""vedette event ID: what became of an event."""

import json
import uuid

import pytest

from harness.line import DEAD, envelope, make_event


def trace(line, event_id, code=0):
    done = line.stack.vedette("event", event_id, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def slug(line):
    return line.value("select o.slug || '/' || p.slug from project p join organization o"
                      " on o.id = p.organization_id where p.id = %s", line.project)


def test_a_stored_event_has_its_stages_with_times(line):
    event = line.send({"message": "Disk\x1b full"})
    line.drained()
    first, occurred, accepted, digested = trace(line, event).splitlines()
    assert first == f"stored in {slug(line)}"
    assert occurred.endswith("occurred, by the sender's clock")
    assert accepted.endswith("accepted by the edge, key 7")
    assert "digested and stored, issue" in digested and digested.endswith(" full")
    assert "\x1b" not in digested
    times = [row.split()[0] for row in (accepted, digested)]
    assert times == sorted(times)
    assert trace(line, str(uuid.UUID(event))) == trace(line, event)


def test_an_id_of_two_projects_is_told_of_both(line):
    event = make_event()
    line.add(envelope(event))
    org, project = line.add_project()
    line.add(envelope(event), o=org, p=project)
    line.drained()
    assert trace(line, event["event_id"]).count("stored in") == 2


def test_an_event_that_waits(own_line):
    event = own_line.send()
    assert f"in the queue, for {slug(own_line)}" in trace(own_line, event)
    assert "no worker has begun it" in trace(own_line, event)


def test_an_event_that_a_worker_has_begun(own_line):
    own_line.redis.xgroup_create("vedette:events", "digest", id="0", mkstream=True)
    event = own_line.send()
    own_line.redis.xreadgroup("digest", "host:1", {"vedette:events": ">"})
    shown = trace(own_line, event)
    assert "begun by worker host:1, handed out 1 time, not finished" in shown


def test_a_dead_letter(own_line):
    line = own_line
    line.sql("alter table event add constraint poison check (title not like 'poison%%')")
    line.stack.expect_log("poison")
    event = line.send({"message": "poison"})
    line.start_worker()
    line.stack.wait_for(lambda: line.redis.xlen(DEAD) == 1)
    line.drained()
    line.sql("alter table event drop constraint poison")
    shown = trace(line, event)
    assert f"a dead letter, for {slug(line)}" in shown
    assert "put aside: the database refuses its content" in shown
    assert f"vedette queue show {line.redis.xrange(DEAD)[0][0].decode()}" in shown


CRAWLER = {"request": {"headers": {"User-Agent": "Googlebot/2.1"}}}
REPORT = {"csp-report": {"violated-directive": "nonsense"}}


def discard(line):
    """Every later event of this message is dropped."""
    line.send({"message": "unwanted"})
    line.drained()
    line.sql("with gone as (insert into issue_discard (organization_id, project_id, title, level, culprit, times_seen)"
             " select organization_id, project_id, title, level, culprit, times_seen from issue"
             " where project_id = %s returning id)"
             " update issue_hash set issue_id = null, discard_id = gone.id from gone where project_id = %s",
             line.project, line.project)


@pytest.mark.parametrize("body, fields, said", [
    (envelope(make_event(CRAWLER)), {}, "filtered: web-crawlers (error)"),
    (envelope(({"type": "event"}, b"{")), {}, "invalid: invalid_json (error)"),
    (b"no envelope", {}, "invalid: invalid_envelope (default)"),
    (b"x", {"c": "gzip"}, "invalid: invalid_compression (error)"),
    (json.dumps(REPORT).encode(), {"e": "security"}, "invalid: security_report (security)"),
    (envelope(({"type": "session"}, b"{}"), make_event()), {"x": "1"}, "rate_limited (error)"),
    (envelope(make_event({"message": "unwanted"})), {}, "filtered: discarded (error)")],
    ids=lambda v: v if isinstance(v, str) else "")
def test_an_event_that_is_not_stored_has_the_reason_and_the_moment(line, body, fields, said):
    if "discarded" in said:
        discard(line)
    event = uuid.uuid4().hex
    line.add(body, i=event, **fields)
    line.drained()
    first, accepted, end = trace(line, event).splitlines()
    assert first == f"ended in {slug(line)}" and accepted.endswith("accepted by the edge")
    assert end.split(None, 1)[1] == said
    assert accepted.split()[0] <= end.split()[0]


def test_a_flood_is_counted_and_only_some_of_it_is_known_by_id(own_line):
    line = own_line
    line.add_all([line.entry(envelope(make_event(CRAWLER)), i=uuid.uuid4().hex) for _ in range(2500)])
    line.start_worker(VEDETTE_WORKER_BATCH=500)
    line.drained()
    known = line.value("select count(*) from event_ended where project_id = %s", line.project)
    assert 100 <= known < 2500
    assert line.value("select sum(quantity) from outcome_hour where project_id = %s", line.project) == 2500
    shown = trace(line, uuid.uuid4().hex, code=1)
    assert shown.startswith("nothing is known of this id\n")
    assert "counted by hour, and kept by id for a week, of a flood only some" in shown
    assert f"{slug(line)}  error  filtered: web-crawlers  2500" in shown
    assert "without a known key (401, 403)" in shown and "only the access log of nginx has it" in shown


def test_ends_are_forgotten_after_a_week(own_line):
    line = own_line
    line.start_worker()
    for _ in range(2):
        line.send(CRAWLER)
    line.drained()
    line.stop_worker()
    line.sql("update event_ended set ended_at = now() - interval '8 days' where id = (select min(id) from event_ended)")
    line.start_worker()
    line.stack.wait_for(lambda: line.value("select count(*) from event_ended") == 1)


def test_wrong_words(line):
    for words in ((), ("x",), ("a" * 31,), ("a" * 32, "b")):
        assert line.stack.vedette("event", *words, check=False).returncode == 2
