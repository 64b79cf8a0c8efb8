"""Several workers at once on the same issues: nobody waits for ever, nothing is counted twice or not at all."""

import random
import uuid

from harness.line import envelope, make_event


def entries(line, messages):
    rng = random.Random(7)
    return [line.entry(envelope(make_event({
        "message": message, "user": {"id": str(rng.randint(1, 50))}, "release": f"1.{rng.randint(0, 3)}",
        "tags": {"colour": rng.choice(("red", "green", "blue"))}}))) for message in messages]


def deadlocks(line):
    return line.value("select deadlocks from pg_stat_database where datname = current_database()")


def test_four_workers_on_the_same_issues_lose_no_count_and_do_not_deadlock(own_line):
    line = own_line
    rng = random.Random(3)
    messages = [f"kind {'abcdefghijklmnopqrst'[rng.randrange(20)]}" for _ in range(3000)]
    line.add_all(entries(line, messages))
    line.start_worker(processes=4, VEDETTE_WORKER_BATCH=60)
    line.drained(120)
    line.folded()
    line.check_books(sent=3000)
    assert dict(line.sql("select title, times_seen::int from issue")) == {m: messages.count(m) for m in set(messages)}
    # whether the words of a new issue came with many others or with few
    assert {title for title, in line.sql("select i.title from issue i join issue_words w on w.issue_id = i.id"
                                         " where split_part(w.search, chr(10), 1) = chr(16) || i.title"
                                         " and w.organization_id = i.organization_id")} == set(messages)
    assert line.value("select count(distinct digested_at) from event") >= 30, "many batches"
    assert deadlocks(line) == 0 and line.redis.xlen("vedette:events:dead") == 0


def test_the_same_id_from_all_sides_is_one_event_of_each_project(own_line):
    """Whatever the bodies say: no issue is left that has none (reliability.md, F30)."""
    line = own_line
    event_id = uuid.uuid4().hex
    homes = [(line.org, line.project), line.add_project()]
    line.add_all([line.entry(envelope(make_event({"event_id": event_id, "message": f"kind {'abcdefghij'[n % 10] * 3}"})),
                             o=org, p=project, i=event_id) for n in range(100) for org, project in homes])
    line.start_worker(processes=4, VEDETTE_WORKER_BATCH=5)
    line.drained(120)
    line.folded()
    line.check_books(sent=200)
    assert sorted(line.sql("select project_id, count(*) from event group by 1")) == sorted((p, 1) for _, p in homes)
    assert sorted(line.sql("select project_id, count(*) from issue group by 1")) == sorted((p, 1) for _, p in homes)
    assert line.outcomes()[("error", "invalid", "duplicate")] == 198 and deadlocks(line) == 0


def test_a_new_issue_in_the_middle_of_a_flood_is_there_before_the_flood_is_over(own_line):
    line = own_line
    line.add_all(entries(line, ["flood"] * 1500 + ["something new"] + ["flood"] * 6000))
    line.start_worker(processes=2, VEDETTE_WORKER_BATCH=100)
    line.drained(120)
    assert line.value("select count(*) from event where digested_at > (select digested_at from event"
                      " where title = 'something new')") > 1000
    line.folded()
    line.check_books(sent=7501)
