"""Merging and taking apart while events arrive, and when a merge is large: nothing is lost or counted twice."""

import re
import threading
import time
import uuid
from collections import Counter

import psycopg
import pytest
from harness.line import Line, envelope, fail_at
from page.conftest import Person
from page.test_issue_life import act, error, finish_jobs, issues

SIZE = 4200  # events of the large ones: two steps of the job


@pytest.fixture(scope="module")
def line(new_stack):
    """Two processes of the worker, fed past the edge."""
    line = Line(new_stack(start=["redis", "web", "nginx"]))
    line.start_worker(processes=2)
    return line


@pytest.fixture(scope="module")
def stack(line):
    return line.stack


@pytest.fixture(scope="module")
def ada(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture
def project(line, stack):
    project = stack.create_project()
    line.project = project.id
    line.org = stack.value("select organization_id from project where id = %s", project.id)
    return project


def add(line, sent, types, n, first=0):
    """n events of each type, in turns; the worker takes them when it likes."""
    entries = []
    for i in range(first, first + n):
        for type in types:
            event = error(type, user={"id": str(i % 7)}, release=f"shop@{i % 3}", tags={"turn": str(i)},
                          event_id=uuid.uuid4().hex, timestamp=round(time.time(), 3), level="error")
            sent[type].append(event)
            entries.append(line.entry(envelope(event), i=event["event_id"]))
    line.add_all(entries)


def merge(ada, *ids):
    location = act(ada, *ids, path="/acme/issues/merge/", sure="1")
    assert re.fullmatch(r"/acme/issues/\d+/", location), location


def unmerge(ada, issue, child):
    act(ada, path=f"/acme/issues/{issue}/merged/", issue=str(child))


def settled(line):
    line.drained()
    finish_jobs(line.stack)
    line.folded()


def shown(stack, id):
    """What an issue says of itself."""
    tags = stack.sql("select key, value, times_seen from issue_tag_seen where issue_id = %s"
                     " and key in ('user', 'release', 'turn')", id)
    times, users, last = stack.sql("select times_seen, users_seen, extract(epoch from last_seen)"
                                   " from issue where id = %s", id)[0]
    return {"times": times, "users": users, "last": round(float(last), 3),
            "rows": stack.value("select count(*) from event where issue_id = %s", id),
            "hours": stack.value("select sum(times_seen) from issue_hour where issue_id = %s", id),
            "known": stack.value("select count(*) from issue_user where issue_id = %s", id),
            "tags": {(key, value): n for key, value, n in tags}}


def expected(events):
    tags = Counter()
    for event in events:
        tags["user", f"id:{event['user']['id']}"] += 1
        tags["release", event["release"]] += 1
        tags["turn", event["tags"]["turn"]] += 1
    users = len({event["user"]["id"] for event in events})
    return {"times": len(events), "users": users, "last": round(max(e["timestamp"] for e in events), 3),
            "rows": len(events), "hours": len(events), "known": users, "tags": dict(tags)}


def found(ada, query):
    """The issues of a page of the stream."""
    html = ada.get("/acme/issues/", params={"q": query}).text
    return {int(id) for id in re.findall(r'name="id" value="(\d+)"', html)}


def test_events_that_arrive_meanwhile_are_counted_where_they_belong(line, stack, ada, project):
    sent = {"Big": [], "Small": []}
    add(line, sent, ["Big"], 40)
    add(line, sent, ["Small"], 20)
    line.drained()
    ids = issues(stack, project)
    big, small = ids["Big"], ids["Small"]
    for turn in range(1, 4):
        add(line, sent, sent, 60, first=100 * turn)
        merge(ada, big, small)
        add(line, sent, sent, 60, first=100 * turn + 30)
        unmerge(ada, big, small)
        add(line, sent, sent, 30, first=100 * turn + 70)
        settled(line)  # a third merge in the middle of it is refused: the test below
        assert shown(stack, big) == expected(sent["Big"])
        assert shown(stack, small) == expected(sent["Small"])
    assert [kind for kind, in stack.sql("select kind from activity where issue_id = %s"
                                         " and kind like '%%merged' order by id", big)] == [
        "merged", "unmerged"] * 3
    # the words of the other may be those of an event that it had meanwhile
    assert small in found(ada, f"project:{project.slug} small")

    merge(ada, big, small)
    settled(line)
    assert shown(stack, big) == expected(sent["Big"] + sent["Small"])
    assert found(ada, f"project:{project.slug} tags[turn]:375") == {big}
    assert found(ada, f"project:{project.slug}") == {big}


def test_the_words_of_each_find_the_merged_one_at_once_and_only_its_own_afterwards(line, stack, ada, project):
    sent = {"Big": [], "Small": []}
    add(line, sent, ["Big"], 3)
    add(line, sent, ["Small"], 2)
    line.drained()
    ids = issues(stack, project)
    big, small = ids["Big"], ids["Small"]
    merge(ada, big, small)
    assert found(ada, f"project:{project.slug} small") == {big}
    assert found(ada, f"project:{project.slug} big") == {big}
    settled(line)
    words = stack.value("select search from issue_words where issue_id = %s", big)
    assert words.startswith("\x10") and words.count("\x10") == 2
    unmerge(ada, big, small)
    settled(line)
    assert found(ada, f"project:{project.slug} small") == {small}
    assert found(ada, f"project:{project.slug} big") == {big}


def test_what_is_left_has_its_own_title_and_words_again(line, stack, ada, project):
    sent = {"Big": [], "Small": []}
    add(line, sent, ["Big"], 11)
    add(line, sent, ["Small"], 2)
    line.drained()
    add(line, sent, ["Big"], 1, first=11)  # alone: of two processes that take some each, either may be the last
    line.drained()
    ids = issues(stack, project)
    big, small = ids["Big"], ids["Small"]
    merge(ada, big, small)
    add(line, sent, ["Small"], 4, first=20)  # the sixteenth event writes the words
    settled(line)
    assert issues(stack, project) == {"Small": big}
    assert found(ada, f"project:{project.slug} small") == {big}

    unmerge(ada, big, small)
    settled(line)
    assert issues(stack, project) == {"Big": big, "Small": small}
    assert found(ada, f"project:{project.slug} small") == {small}
    assert found(ada, f"project:{project.slug} big") == {big}
    assert found(ada, f"project:{project.slug} turn: 11") == {big}  # a tag of its newest event

    # what only the body says, too; the next event, which is not the sixteenth, writes them again
    words = "select search like '%%' || chr(22) || 'run' || chr(10) || '%%' from issue_words where issue_id = %s"
    assert stack.value(words, big) and stack.value(words, small)
    add(line, sent, ["Big"], 1, first=30)
    settled(line)
    assert stack.value(words, big)
    assert not stack.value("select words_due from issue where id = %s", big)


@pytest.fixture
def large(line, stack, project):
    """An issue that says it has more, and one of so many events, which only the issue itself has counted."""
    add(line, {"Big": [], "Small": []}, ["Big", "Small"], 1)
    line.drained()
    ids = issues(stack, project)
    stack.sql("""
        insert into event select (jsonb_populate_record(e, jsonb_build_object(
                   'id', nextval('event_id_seq'), 'event_id', gen_random_uuid(), 'has_body', false))).*
          from event e, generate_series(2, %s) where e.issue_id = %s""", SIZE, ids["Small"])
    stack.sql("update issue set times_seen = %s where project_id = %s", SIZE, project.id)
    stack.sql("update issue set times_seen = times_seen + 1 where id = %s", ids["Big"])
    line.folded()
    return ids["Big"], ids["Small"]


def rows(stack, id):
    return stack.value("select count(*) from event where issue_id = %s", id)


@pytest.mark.parametrize("point", ["job_step", "job_commit"])
def test_a_large_merge_goes_on_after_a_death_where_it_was(line, stack, ada, large, point):
    big, small = large
    failed = stack.run / "failed"
    failed.unlink(missing_ok=True)
    stack.expect_log("signal 9")
    line.stop_worker()
    merge(ada, small, big)
    assert stack.value("select times_seen from issue where id = %s", big) == 2 * SIZE + 1  # before an event has moved
    line.start_worker(processes=2, **fail_at(point, stack.run))
    finish_jobs(stack)
    assert failed.exists()
    assert (rows(stack, big), rows(stack, small)) == (SIZE + 1, 0)
    assert stack.value("select done from job where kind = 'merge' order by id desc limit 1") == SIZE
    line.stop_worker()
    line.start_worker(processes=2)


def test_what_is_taken_out_again_keeps_what_has_not_moved_yet_and_what_is_new(line, stack, ada, large):
    big, small = large
    line.stop_worker()
    merge(ada, small, big)
    unmerge(ada, big, small)
    answer = ada.post("/acme/issues/merge/", id=[big, small], sure="1")
    assert answer.headers["Location"] == "/acme/issues/" and "still on their way" in ada.get("/acme/issues/").text
    stack.sql("insert into event select (jsonb_populate_record(e, jsonb_build_object("
              "'id', nextval('event_id_seq'), 'event_id', gen_random_uuid()))).*"
              " from event e where e.issue_id = %s limit 1", small)
    line.start_worker(processes=2)
    finish_jobs(stack)
    assert (rows(stack, big), rows(stack, small)) == (1, SIZE + 1)
    assert stack.sql("select status, times_seen from issue where id = %s", small) == [(0, SIZE)]


def waiting(stack):
    return stack.value("select count(*) from pg_stat_activity where datname = current_database()"
                       " and wait_event_type = 'Lock'")


def test_a_batch_that_has_found_a_hash_before_it_was_taken_away_looks_again(line, stack, ada, project):
    sent = {"Big": [], "Small": []}
    add(line, sent, ["Big"], 2)
    add(line, sent, ["Small"], 1)
    line.drained()
    ids = issues(stack, project)
    big, small = ids["Big"], ids["Small"]
    merge(ada, big, small)
    settled(line)
    apart = threading.Thread(target=unmerge, args=(ada, big, small))
    with psycopg.connect(stack.cluster.conninfo(stack.database)) as other:
        other.execute("select from issue where id = %s for update", (big,))
        apart.start()
        stack.wait_for(lambda: waiting(stack) >= 1, what="the unmerge waits for the issue")
        add(line, sent, ["Small"], 1, first=5)
        stack.wait_for(lambda: waiting(stack) >= 2, what="the batch waits behind it")
    apart.join()
    settled(line)
    assert shown(stack, big) == expected(sent["Big"])
    assert shown(stack, small) == expected(sent["Small"])


def test_a_merge_of_what_was_merged_ends_at_the_last(line, stack, ada, project, large):
    big, small = large
    add(line, {"Last": []}, ["Last"], 1)
    settled(line)
    last = issues(stack, project)["Last"]
    stack.sql("update issue set times_seen = 1000000 where id = %s", last)
    line.stop_worker()
    merge(ada, small, big)
    merge(ada, big, last)
    job = stack.value("select min(id) from job where kind = 'merge' and state = 0")
    assert ada.post(f"/acme/jobs/{job}/").status_code == 400  # what is one already is not left half
    assert "Stop" not in ada.get(f"/acme/jobs/{job}/").text
    stack.sql("update job set due_at = now() - interval '1 minute' where state = 0 and id > %s", job)  # the later one first
    line.start_worker(processes=2)
    finish_jobs(stack)
    assert [rows(stack, id) for id in (big, small, last)] == [0, 0, SIZE + 2]


def test_a_discarded_hash_drops_what_comes_later_and_says_so(line, stack, ada, project):
    sent = {"Gone": []}
    add(line, sent, ["Gone"], 3)
    line.drained()
    id = issues(stack, project)["Gone"]
    act(ada, path=f"/acme/issues/{id}/", do="discard", sure="1")
    add(line, sent, ["Gone"], 50)
    settled(line)
    assert issues(stack, project) == {}
    assert stack.sql("select outcome, reason, sum(quantity) from outcome_hour where project_id = %s"
                     " group by 1, 2 order by 1", project.id) == [("accepted", "", 3), ("filtered", "discarded", 50)]


def test_two_workers_make_the_same_day_at_once(stack):
    make = "select event_partition('2031-01-01')"
    with psycopg.connect(stack.cluster.conninfo(stack.database)) as first, \
            psycopg.connect(stack.cluster.conninfo(stack.database)) as second:
        first.execute(make)
        made = []
        behind = threading.Thread(target=lambda: made.append(second.execute(make).fetchone()))
        behind.start()
        stack.wait_for(lambda: waiting(stack) >= 1, what="the second waits for the first")
        first.commit()
        behind.join()
        assert len(made) == 1
    stack.sql("drop table event_20310101, event_body_20310101")
