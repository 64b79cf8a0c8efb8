"""vedette event ID: what became of an event."""

import uuid

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


def test_of_a_filtered_event_only_the_count_is_known_and_that_is_said(line):
    event = line.send({"request": {"headers": {"User-Agent": "Googlebot/2.1"}}})
    line.drained()
    shown = trace(line, event, code=1)
    assert shown.startswith("nothing is known of this id\n")
    assert "counted by hour and not kept by id" in shown
    assert f"{slug(line)}  error  filtered: web-crawlers  1" in shown


def test_wrong_words(line):
    for words in ((), ("x",), ("a" * 31,), ("a" * 32, "b")):
        assert line.stack.vedette("event", *words, check=False).returncode == 2
