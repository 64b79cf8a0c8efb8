"""Counters by tag, which follow the digest: nothing is counted twice, nothing is left out."""

import psycopg

from harness.line import envelope, make_event


def add(line, count, event):
    line.add_all([line.entry(envelope(make_event(event(n)))) for n in range(count)])


def seen(line, key):
    """{value: times} of a key, over all issues."""
    return dict(line.sql("select t.value, sum(t.times_seen)::int from issue_tag_seen t join issue i on i.id = t.issue_id"
                         " where i.project_id = %s and t.key = %s group by 1", line.project, key))


def of_project(line, table, key):
    return dict(line.sql(f"select v.value, sum(t.times_seen)::int from {table} t join tag_key k on k.id = t.key_id"
                         " join tag_value v on v.id = t.tag_id where k.project_id = %s and k.key = %s group by 1",
                         line.project, key))


def own_rows(line, key):
    """What is folded into rows of issues."""
    return of_project(line, "issue_tag", key)


def test_a_project_is_counted_by_hour_and_by_day(line):
    add(line, 40, lambda n: {"message": f"kind {n % 4}", "level": "error" if n % 3 else "fatal",
                             "tags": {"colour": "red" if n % 2 else "blue"}})
    line.drained()
    line.folded()
    for table in "tag_hour", "tag_day":
        assert of_project(line, table, "level") == {"error": 26, "fatal": 14}
        assert of_project(line, table, "colour") == {"red": 20, "blue": 20}


def test_exceptions_are_counted_by_type(line):
    add(line, 3, lambda n: {"exception": {"values": [{"type": "KeyError", "value": "x"}]}})
    line.drained()
    line.folded()
    assert of_project(line, "tag_day", "error.type") == {"KeyError": 3}


def test_an_issue_with_few_events_has_no_rows_of_its_own(line):
    add(line, 30, lambda n: {"message": "few", "tags": {"n": f"{n % 3}"}})
    line.drained()
    line.folded()
    assert own_rows(line, "n") == {}
    assert seen(line, "n") == {"0": 10, "1": 10, "2": 10}


def test_many_events_are_folded_and_later_ones_added(line):
    add(line, 1200, lambda n: {"message": "many", "tags": {"n": f"{n % 3}"}})
    line.drained()
    line.folded()
    assert own_rows(line, "n") == {"0": 400, "1": 400, "2": 400}
    assert seen(line, "n") == {"0": 400, "1": 400, "2": 400}
    line.send({"message": "many", "tags": {"n": "1"}})
    line.drained()
    assert seen(line, "n") == {"0": 400, "1": 401, "2": 400}
    line.folded()
    assert seen(line, "n") == {"0": 400, "1": 401, "2": 400}
    line.check_books()


LISTED = ("select listed_seen = last_seen, listed_events, listed_users, listed_release from issue where project_id = %s"
          " and title = %s")


def listed(line, title):
    """What the stream sorts an issue by: is the time right, events, users, release."""
    return line.sql(LISTED, line.project, title)[0]


def test_the_order_of_the_stream_follows_large_batches_and_small_ones_at_once(own_line):
    line = own_line
    line.start_worker()
    line.send({"message": "hot", "user": {"id": "0"}, "release": "a@1"})
    line.drained()
    line.folded()
    line.stop_worker()
    with psycopg.connect(line.stack.cluster.conninfo(line.stack.database)) as db:
        db.execute("select from event_mark for update")  # nothing is folded meanwhile
        add(line, 300, lambda n: {"message": "hot", "user": {"id": str(n)}, "release": "a@2"})
        line.start_worker()
        line.drained()
        right, events, users, release = listed(line, "hot")
        assert not right and events < 301 and users < 300 and release is None
        line.send({"message": "hot", "user": {"id": "x"}, "release": "a@2"})
        line.drained()
        assert listed(line, "hot") == (True, 302, 301, None)
        line.stop_worker()
        line.sql("update issue set status = 1, substatus = 0 where project_id = %s", line.project)
        assert listed(line, "hot") == (True, 302, 301, "a@2")
        add(line, 100, lambda n: {"message": "hot", "release": "a@3"})
        line.start_worker()
        line.drained()
        assert listed(line, "hot")[1] < 402
    line.folded()
    assert line.sql("select status, substatus from issue where project_id = %s", line.project) == [(0, 6)]
    assert listed(line, "hot") == (True, 402, 301, "a@3")
    line.check_books()


def test_only_so_many_values_of_a_tag_are_kept_apart(line):
    add(line, 2200, lambda n: {"message": "many", "tags": {"n": f"v{n}"}})
    line.drained()
    line.folded()
    add_again = [line.entry(envelope(make_event({"message": "many", "tags": {"n": f"w{n}"}}))) for n in range(600)]
    line.add_all(add_again)
    line.drained()
    line.folded()
    assert len(own_rows(line, "n")) == 1001 and sum(seen(line, "n").values()) == 2800


def test_two_workers_and_a_kill_leave_exact_counters(own_line):
    line = own_line
    add(line, 3000, lambda n: {"message": f"kind {n % 7}", "tags": {"colour": "red" if n % 2 else "blue"}})
    line.start_worker(processes=2)
    line.stack.wait_for(lambda: line.value("select count(*) from event") > 1000)
    line.kill_worker()
    line.start_worker(processes=2)
    line.drained()
    line.folded()
    assert seen(line, "colour") == {"red": 1500, "blue": 1500}
    assert of_project(line, "tag_day", "colour") == {"red": 1500, "blue": 1500}
    line.check_books()


def test_what_is_counted_goes_with_its_issue_and_with_its_project(own_line):
    line = own_line
    line.start_worker()
    add(line, 4, lambda n: {"message": ("first", "second")[n % 2], "user": {"id": str(n)}, "tags": {"colour": "red"}})
    line.drained()
    line.folded()
    of_issues = "issue_hash", "issue_hour", "issue_minute", "issue_user", "issue_words"
    line.sql("delete from issue where id = (select min(id) from issue)")
    left, = line.sql("select id from issue")
    assert all(line.sql(f"select distinct issue_id from {table}") == [left] for table in of_issues)
    line.sql("delete from project where id = %s", line.project)
    assert not any(line.sql(f"select 1 from {table}") for table in (*of_issues, "tag_hour", "tag_day"))


def countries(line, organization):
    return dict(line.sql("select country, sum(times_seen)::int from country_hour where organization_id = %s"
                         " group by 1 having sum(times_seen) > 0", organization))


def test_countries_of_an_organisation_come_and_go_with_its_projects(own_line):
    line = own_line
    line.start_worker()
    taker = line.value("insert into organization (slug, name) values ('taker', 'Taker') returning id")
    add(line, 12, lambda n: {"message": "far", "tags": {"geo.country_code": "DE" if n % 3 else "FR"}})
    line.drained()
    line.folded()
    assert countries(line, line.org) == of_project(line, "tag_hour", "geo.country_code") == {"DE": 8, "FR": 4}

    line.sql("update tag_key set organization_id = %s where project_id = %s", taker, line.project)
    assert (countries(line, line.org), countries(line, taker)) == ({}, {"DE": 8, "FR": 4})
    add(line, 1, lambda n: {"message": "far", "tags": {"geo.country_code": "JP"}})
    line.drained()
    line.folded()
    assert (countries(line, line.org), countries(line, taker)) == ({}, {"DE": 8, "FR": 4, "JP": 1})

    line.sql("delete from tag_key where project_id = %s", line.project)
    assert countries(line, taker) == {}
