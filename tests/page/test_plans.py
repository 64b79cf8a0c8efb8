"""How PostgreSQL goes about the stream of many issues: what a busy machine does not change."""

import re

import psycopg
import pytest

from page.conftest import statements

# issues enough that sorting them all would cost more than walking along an index
MANY = 30_000
NOTHING_ASKED = ", ".join(["null"] * 15)


def text_of(stack, name):
    """A statement of model/*.sql as the build has made it."""
    built = (stack.build.dir / "gen" / "db" / "statements.c").read_text()
    lines = re.search(rf'{{ "{name}",\n(.*?)\n      , \d+, (?:true|false) }}', built, re.DOTALL).group(1)
    return "\n".join(re.findall(r'^ *"(.*)\\n"$', lines, re.MULTILINE)).replace('\\"', '"')


def plan(stack, name, args, settings=""):
    """Of one plan for all values, as `vedette web` asks for it."""
    with psycopg.connect(stack.cluster.conninfo(stack.database)) as db:
        org = db.execute("select id from organization where slug = 'acme'").fetchone()[0]
        db.execute("set role vedette_web")
        db.execute("select set_config('vedette.organization', %s, false)", (str(org),))
        db.execute("set max_parallel_workers_per_gather = 0; set plan_cache_mode = force_generic_plan;" + settings)
        db.execute(f"prepare it as {text_of(stack, name)}")
        return "\n".join(row[0] for row in db.execute(f"explain execute it({args.format(org=org)})"))


@pytest.fixture(scope="module")
def crowd(stack):
    project = stack.create_project("crowd", org="acme")
    stack.sql("insert into issue (organization_id, project_id, number, title, level, first_seen, last_seen, times_seen)"
              " select organization_id, id, n, 'Trouble', 40, now() - make_interval(secs => n),"
              " now() - make_interval(secs => n), n from project, generate_series(1, %s) n where id = %s",
              MANY, project.id)
    stack.sql("analyze issue, project")
    return project


@pytest.mark.parametrize("name, index", [
    ("issue_list_seen", "issue_stream"), ("issue_list_new", "issue_by_first_seen"),
    ("issue_list_events", "issue_by_events"), ("issue_list_users", "issue_by_users"),
    ("issue_list_priority", "issue_stream"), ("issue_list_seen_of", "issue_project_stream")])
def test_a_page_of_the_stream_walks_along_an_index(stack, crowd, name, index):
    found = plan(stack, name, f"{{org}}, '{{{{0}}}}', {NOTHING_ASKED}, 0, null")
    assert f"Index Scan using {index} on issue" in found and "Seq Scan on issue" not in found, found
    assert "Bitmap Heap Scan on issue" not in found, found  # what is asked of a row, as its comments, may be


def test_a_page_of_a_tag_walks_along_the_index_too(stack, crowd):
    found = plan(stack, "issue_list_tagged", f"{{org}}, '{{{{0}}}}', {NOTHING_ASKED}, 0, null,"
                 " '{{0}}', '{{0}}', '{{1}}', '{{f}}', '{{environment}}', '{{staging}}'")
    assert "Index Scan using issue_stream on issue" in found and "Seq Scan on issue" not in found, found


def test_a_common_word_is_known_by_a_sample_and_a_new_one_is_counted(stack, crowd):
    stack.sql("insert into issue_words (issue_id, organization_id, search)"
              " select id, organization_id, 'crowded' from issue where project_id = %s", crowd.id)
    newest = {row[0] for row in stack.sql("update issue_words set search = 'crowded unheard' where issue_id in"
                                          " (select id from issue where project_id = %s order by id desc limit 20)"
                                          " returning issue_id", crowd.id)}
    org = stack.value("select id from organization where slug = 'acme'")
    with psycopg.connect(stack.cluster.conninfo(stack.database)) as db:
        db.execute("set role vedette_web")
        db.execute("select set_config('vedette.organization', %s, false)", (str(org),))
        common, rare, absent = ([row[0] for row in db.execute("select issue_matches(%s, 1001)", (f"%{word}%",))]
                                for word in ("crowded", "unheard", "absent"))
    assert common == [None]  # more than is worth a look at each
    assert set(rare) == newest  # though there are many of them among the newest
    assert absent == []


# Tables are small here: only by these settings an index is what PostgreSQL prefers.
BY_INDEX = "set enable_seqscan = off; set enable_bitmapscan = off"


def test_tags_that_are_not_yet_folded_are_found_from_the_fold_on(stack, crowd):
    stack.sql("select event_partition(current_date)")
    found = plan(stack, "issue_tag_top", "1, '{{level}}', now(), now(), 14, 1", BY_INDEX)
    assert re.search(r"Index Cond: \(\(issue_id = .*\) AND \(id > ", found), found


def test_the_events_of_an_issue_are_found_by_the_issue(stack, crowd):
    stack.sql("select event_partition(current_date)")
    found = plan(stack, "event_view", f"1, current_date, {crowd.id}, null, 0, null, null, null, 'infinity',"
                 " 1, 300, false, now()", BY_INDEX)
    assert "_issue_id_id_idx on event_" in found, found
    assert not re.search(r"using event_\d+_id_idx", found), found


def test_the_explorer_plans_no_days_that_it_does_not_look_at(stack, crowd):
    for ago in (0, 1, 5):
        stack.sql("select event_partition(current_date - %s)", ago)
    found = plan(stack, "explore_events", f"{{org}}, '{{{{{crowd.id}}}}}', current_date - 1, current_date + 1, null, null,"
                 " 9, null, false, '{{0,1,2}}', null, null, null, null, null, 10, false",
                 "set plan_cache_mode = force_custom_plan")
    days = [row[0] for row in stack.sql("select to_char(current_date - n, 'YYYYMMDD') from unnest('{0,1,5}'::int[]) n")]
    assert [f"event_{day}" in found for day in days] == [True, True, False], found


@pytest.mark.parametrize("name, index", [
    ("issue_counts", "issue_stream"), ("issue_counts_of", "issue_project_stream")])
def test_tabs_count_along_an_index(stack, crowd, name, index):
    found = plan(stack, name, "{org}, null")
    assert f"Index Scan using {index} on issue" in found and "Bitmap" not in found, found


def test_the_wall_is_a_part_of_the_plan_and_no_function_that_is_called(stack, crowd):
    rows = stack.sql("explain verbose select wall_organization(), wall_open(), wall_account()")
    assert "wall_" not in "".join(row[0] for row in rows)


def test_a_list_of_projects_that_is_kept_knows_of_every_change(stack, crowd, admin):
    def shown():
        answer = admin.get("/acme/issues/")
        return set(re.findall(r'name="project" value="([^"]+)"', answer.text)), statements(answer)

    stack.create_project("second", org="acme")
    lists, costs = zip(*(shown() for _ in range(6)))  # each of the two processes has it by then, or reads it anew
    assert all(names == {"crowd", "second"} for names in lists)
    assert min(costs) < max(costs), "it is kept"
    stack.sql("update project set slug = 'renamed' where slug = 'second'")
    assert shown()[0] == {"crowd", "renamed"}
    stack.sql("update project set archived_at = now() where slug = 'renamed'")
    stack.create_project("third", org="acme")
    assert shown()[0] == {"crowd", "third"}
    stack.sql("delete from project where slug = 'third'")
    stack.sql("update project set archived_at = null where slug = 'renamed'")
    assert shown()[0] == {"crowd", "renamed"}


def test_the_fold_looks_at_the_issues_of_its_events_alone(stack, crowd):
    stack.sql("select event_partition(current_date)")
    found = plan(stack, "fold_list", "1, 20000, 500, 1000", "set enable_nestloop = off")  # many rows: joins would be by hash
    assert "Index Scan using issue_pkey on issue" in found and "Seq Scan on issue " not in found, found
