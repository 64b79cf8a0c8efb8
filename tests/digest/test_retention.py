"""What is past its age, or too much, goes; counters stay, and it is told what went."""

import time
import uuid

import pytest

from harness.line import envelope, make_event

DAY = 86400


@pytest.fixture
def kept(line):
    """The line with limits of its own, so that tests do not meet."""
    line.sql("update organization set keep_days = 0 where id <> %s", line.org)
    line.sql("delete from project_setting")
    return line


def add(line, days, count, message=None, **event):
    """So many events that came some days ago; their ids."""
    at = time.time() - days * DAY
    events = [make_event({"message": message or f"of day {days}", "timestamp": at, **event}) for _ in range(count)]
    line.add_all([line.entry(envelope(e), t=int(at * 1e6), p=line.project, i=e["event_id"]) for e in events])
    line.drained()
    line.folded()
    return [uuid.UUID(e["event_id"]) for e in events]


def limit(line, name, value, project=None):
    line.sql("insert into project_setting values (%s, %s, %s, %s) on conflict (project_id, name) do update"
             " set value = excluded.value", line.org, project or line.project, name, str(value))


def run(line):
    """The totals of a run of now, of this organisation."""
    line.stack.vedette("retention", "run")
    row = line.sql("select events::int, bytes::int, attachments::int, reports::int, issues::int from retention_freed"
                   " where organization_id = %s and run_id = (select max(id) from retention_run)", line.org)
    return dict(zip(("events", "bytes", "attachments", "reports", "issues"), row[0] if row else (0,) * 5))


def days_of(line):
    return {(day_ago, n) for day_ago, n in line.sql(
        "select (now() at time zone 'UTC')::date - day, count(*)::int from event where project_id = %s group by 1", line.project)}


def test_a_day_that_nobody_keeps_goes_as_a_whole(kept):
    line = kept
    add(line, 12, 30, "old and new")
    add(line, 1, 5, "old and new")
    assert days_of(line) == {(12, 30), (1, 5)}
    partitions = line.value("select count(*) from pg_inherits where inhparent = 'event'::regclass")
    limit(line, "keep.days", 10)
    freed = run(line)
    assert days_of(line) == {(1, 5)}
    assert freed["events"] == 30 and freed["bytes"] > 30 * 500 and freed["issues"] == 0
    assert line.value("select count(*) from pg_inherits where inhparent = 'event'::regclass") == partitions - 2
    assert line.value("select partitions from retention_run order by id desc limit 1") == 2, "it, and the one made ahead"
    assert line.value("select sum(events) from event_day where project_id = %s", line.project) == 5

    # the numbers outlive the events, those by tag too
    assert line.value("select times_seen from issue where project_id = %s", line.project) == 35
    assert line.value("select t.times_seen::int from issue_tag_seen t join issue i on i.id = t.issue_id"
                      " where i.project_id = %s and t.key = 'level'", line.project) == 35
    assert run(line) == dict.fromkeys(("events", "bytes", "attachments", "reports", "issues"), 0)

    # one that comes late makes its day again
    add(line, 12, 1, "old and new")
    assert days_of(line) == {(12, 1), (1, 5)}


def test_of_a_day_that_another_project_keeps_only_what_is_past_its_age_goes(kept):
    line = kept
    mine = add(line, 20, 40)
    other_org, other = line.add_project()
    line.sql("update organization set keep_days = 0 where id = %s", other_org)
    own, (line.org, line.project) = (line.org, line.project), (other_org, other)
    theirs = add(line, 20, 7)
    line.org, line.project = own
    limit(line, "keep.days", 15)
    assert run(line)["events"] == 40
    left = [row[0] for row in line.sql("select event_id from event where event_id = any(%s)", mine + theirs)]
    assert sorted(left) == sorted(theirs)
    assert line.sql("select 1 from event_body b where not exists (select 1 from event e where e.id = b.id)") == []
    line.sql("delete from organization where id = %s", other_org)
    line.stack.vedette("retention", "run")
    assert line.sql("select 1 from event where event_id = any(%s)", theirs) == [], "of a project that is gone"


def test_a_project_and_an_organisation_decide_and_the_installation_is_asked_last(kept):
    line = kept
    line.sql("update organization set keep_days = null where id = %s", line.org)
    slug = line.value("select slug from organization where id = %s", line.org)

    def days():
        return line.stack.vedette("retention", "show", slug).stdout.splitlines()[-1].split("\t")[1]
    assert days() == "90 days"
    line.stack.vedette("retention", "set", slug, "days", 30)
    assert days() == "30 days"
    line.stack.vedette("retention", "set", slug, slug, "days", 0)
    assert days() == "0 days"
    line.stack.vedette("retention", "set", slug, slug, "days", "default")
    assert days() == "30 days"
    assert line.sql("select action from audit where organization_id = %s order by id", line.org) == [
        ("retention.edit",), ("project.edit",), ("project.edit",)]
    assert "no such number" in line.stack.vedette("retention", "set", slug, "days", "x", check=False).stderr


def test_what_is_too_much_goes_oldest_first(kept):
    line = kept
    line.sql("insert into project_setting values (%s, %s, 'keep.sampling', 'off')", line.org, line.project)
    for days in 9, 5, 0:
        add(line, days, 100, extra={"x": uuid.uuid4().hex * 20})
    held = line.value("select sum(bytes)::int from event_day where project_id = %s", line.project)
    limit(line, "keep.bytes", held * 2 // 3 + 1000)
    assert run(line)["events"] == 100
    assert days_of(line) == {(5, 100), (0, 100)}
    line.sql("update organization set keep_bytes = %s where id = %s", held // 3 + 1000, line.org)
    run(line)
    assert days_of(line) == {(0, 100)}
    assert line.value("select sum(events) from event_day where project_id = %s", line.project) == 100


def test_issues_without_events_go_unless_somebody_did_something_with_them(kept):
    line = kept
    limit(line, "keep.days", 10)
    for name in "forgotten", "assigned", "archived", "commented", "seen again":
        add(line, 25, 2, name)
    add(line, 3, 1, "seen again")
    account = line.value("insert into account (email, name) values (%s, 'A') returning id", uuid.uuid4().hex)
    where = "where project_id = %s and title = %s"
    line.sql(f"update issue set assignee_id = {account} {where}", line.project, "assigned")
    line.sql(f"update issue set status = 2, substatus = 1 {where}", line.project, "archived")
    line.sql(f"insert into activity (organization_id, issue_id, account_id, kind) select organization_id, id, {account},"
             f" 'comment' from issue {where}", line.project, "commented")
    freed = run(line)
    assert freed["issues"] == 1 and freed["events"] == 10
    assert sorted(row[0] for row in line.sql("select title from issue where project_id = %s", line.project)) == [
        "archived", "assigned", "commented", "seen again"]
    assert line.sql("select 1 from issue_hash h where not exists (select 1 from issue i where i.id = h.issue_id)") == []


def test_attachments_and_reports_go_with_their_age(kept):
    line = kept
    for days in 8, 2:
        at = time.time() - days * DAY
        event = make_event({"message": "with a file", "timestamp": at})
        line.add(envelope(event, ({"type": "attachment", "filename": "a.txt"}, b"x" * 1000),
                          ({"type": "user_report"}, b'{"event_id":"%s","comments":"Oh no","name":"A","email":"a@b.c"}'
                           % event["event_id"].encode())), t=int(at * 1e6), i=event["event_id"])
    line.drained()
    line.folded()
    limit(line, "keep.attachment-days", 5)
    freed = run(line)
    assert freed["attachments"] == 1 and freed["bytes"] == 1000 and freed["events"] == freed["reports"] == 0
    limit(line, "keep.days", 5)
    freed = run(line)
    assert freed["events"] == freed["reports"] == 1 and freed["attachments"] == 0
    assert line.value("select count(*) from feedback where project_id = %s", line.project) == 1


def test_the_worker_runs_when_it_is_asked_and_by_the_hour(kept):
    line = kept
    add(line, 28, 3)
    limit(line, "keep.days", 10)
    line.sql("insert into retention_ask values (%s)", line.org)
    line.stack.wait_for(lambda: days_of(line) == set())
    line.stack.wait_for(lambda: line.sql("select 1 from retention_run where asked and finished_at is not null"))
    assert line.sql("select 1 from retention_ask") == []
    before = line.value("select max(id) from retention_run")
    line.sql("update retention_run set started_at = started_at - interval '2 hours'")
    line.stack.wait_for(lambda: line.sql("select 1 from retention_run where not asked and id > %s", before))


def test_a_run_that_was_cut_off_is_gone_on_with(own_line):
    line = own_line
    line.sql("insert into retention_run (asked, step) values (true, 3)")
    line.stack.vedette("retention", "run")
    assert line.sql("select count(*)::int, count(finished_at)::int from retention_run") == [(1, 1)]
