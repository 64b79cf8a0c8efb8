"""Issues that come back, settle, or are resolved by themselves."""

import json
import re

import pytest

from page.conftest import Person
from page.test_issue_life import act, error, issues, kinds, send, state


@pytest.fixture(scope="module")
def ada(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture
def issue(stack, project):
    send(stack, project, error("First", release="shop@1.0"))
    return issues(stack, project)["First"]


def becomes(stack, issue, *wanted):
    stack.wait_for(lambda: state(stack, issue)[:2] == wanted, what=f"issue {issue} in the state {wanted}")


def latest(stack, issue):
    kind, data = stack.sql("select kind, data from activity where issue_id = %s order by id desc limit 1", issue)[0]
    return kind, json.loads(data)


def test_an_old_release_does_not_reopen_what_a_newer_one_repaired(stack, ada, project, issue):
    act(ada, issue, do="resolve release shop@2.0")
    send(stack, project, error("First", release="shop@1.9"), error("First"))
    assert state(stack, issue)[:2] == (1, 0)
    send(stack, project, error("First", release="shop@10.0"))
    assert state(stack, issue)[:2] == (0, 6)
    assert latest(stack, issue) == ("regressed", {"release": "shop@10.0", "resolved_in": "shop@2.0"})
    assert stack.value("select count(*) from issue_resolution where issue_id = %s", issue) == 0
    assert "marked it regressed" in ada.get(f"/acme/issues/{issue}/").text


def test_resolved_in_the_next_release_holds_until_there_is_one(stack, ada, project, issue):
    act(ada, issue, do="resolve next")
    assert stack.value("select release from issue_resolution where issue_id = %s", issue) == "shop@1.0"
    send(stack, project, error("First", release="shop@1.0"), error("First", release="shop@0.9"))
    assert state(stack, issue)[:2] == (1, 0)
    send(stack, project, error("First", release="shop@1.0.1"))
    assert state(stack, issue)[:2] == (0, 6)


def test_the_next_release_is_named_once_it_is_there(stack, ada, project, issue):
    act(ada, issue, do="resolve next")
    assert "in the release after" in ada.get(f"/acme/issues/{issue}/").text
    send(stack, project, error("Other", release="shop@0.9"), error("Other", release="shop@1.2"),
         error("Other", release="shop@1.10"))
    page = ada.get(f"/acme/issues/{issue}/").text
    assert "in the release after" not in page and "in 1.2" in page


@pytest.mark.parametrize("message, resolved", [
    ("Fixes {id}", True), ("All of it.  (Closed: none and {id}).", False), ("Retry; resolves: X-1, {id}.", True),
    ("Prefixes {id}", False), ("See {id}", False), ("fixed {id} and the rest", True)])
def test_a_commit_of_a_release_resolves_what_it_says_it_repairs(stack, ada, project, issue, message, resolved):
    id = f"{project.slug.upper()}-{stack.value('select number from issue where id = %s', issue)}"
    stack.vedette("release", "commits", "acme", project.slug, "shop@1.0",
                  stdin="deadbeef01\tAnn\t\t\t" + message.format(id=id))
    assert state(stack, issue)[:2] == ((1, 0) if resolved else (0, 7))
    if resolved:
        assert latest(stack, issue) == ("resolved", {"release": "shop@1.0"})
        assert "in 1.0" in ada.get(f"/acme/issues/{issue}/").text


def deliver(stack, project, version, *revisions):
    stack.vedette("release", "commits", "acme", project.slug, version,
                  stdin="".join(f"{revision}\tAnn\t\t\tRepaired\n" for revision in revisions))


def test_what_is_resolved_in_a_commit_waits_for_the_release_that_brings_it(stack, ada, project, issue):
    path, revision = f"/acme/issues/{issue}/", "1f0c2d9e" + "ab" * 16
    act(ada, issue, path=path, do="resolve-commit", commit=revision[:9].upper())
    page = ada.get(path).text
    assert state(stack, issue)[:2] == (1, 0) and f"in the commit {revision[:9]}" in page
    send(stack, project, error("First", release="shop@1.1"))
    deliver(stack, project, "shop@1.1", "0" * 40)
    deliver(stack, stack.create_project(), "shop@1.2", revision)
    assert state(stack, issue)[:2] == (1, 0) and "in the commit" in ada.get(path).text
    deliver(stack, project, "shop@2.0", "1" * 40, revision)
    assert stack.sql("select kind, release from issue_resolution where issue_id = %s", issue) == [(1, "shop@2.0")]
    assert "in 2.0" in ada.get(path).text
    send(stack, project, error("First", release="shop@1.9"))
    assert state(stack, issue)[:2] == (1, 0)
    send(stack, project, error("First", release="shop@2.0"))
    assert state(stack, issue)[:2] == (0, 6)


def test_a_commit_that_a_release_has_already_is_that_release(stack, ada, project, issue):
    deliver(stack, project, "shop@2.0", "abcdef0" * 5)
    act(ada, issue, do="resolve commit abcdef0abc")
    assert stack.sql("select kind, release from issue_resolution where issue_id = %s", issue) == [(1, "shop@2.0")]


def test_a_commit_says_nothing_of_issues_of_other_projects(stack, ada, project, issue):
    other = stack.create_project()
    send(stack, other, error("Elsewhere", release="shop@1.0"))
    id = f"{project.slug.upper()}-{stack.value('select number from issue where id = %s', issue)}"
    stack.vedette("release", "commits", "acme", other.slug, "shop@1.0", stdin=f"deadbeef01\tAnn\t\t\tFixes {id}")
    assert state(stack, issue)[:2] == (0, 7)


def test_releases_without_an_order_count_by_their_time(stack, ada, project):
    send(stack, project, error("Second", release="deadbeef"), error("First", release="cafe"))
    issue = issues(stack, project)["First"]
    stack.sql("update release set first_seen = first_seen - interval '1 day' where project_id = %s"
              " and version = 'deadbeef'", project.id)
    act(ada, issue, do="resolve release cafe")
    send(stack, project, error("First", release="deadbeef"))
    assert state(stack, issue)[:2] == (1, 0)
    send(stack, project, error("First", release="babe"))
    assert state(stack, issue)[:2] == (0, 6)


def test_archived_until_a_time_ends_with_it(stack, ada, issue):
    act(ada, issue, do="archive minutes 60")
    stack.sql("update issue_snooze set until = now() where issue_id = %s", issue)
    becomes(stack, issue, 0, 3)
    assert latest(stack, issue) == ("ongoing", {"why": "time"})
    assert stack.value("select count(*) from issue_snooze where issue_id = %s", issue) == 0
    assert "because its time was up" in ada.get(f"/acme/issues/{issue}/").text


@pytest.mark.parametrize("until, why", [
    ("events 3", "events"), ("events 3 within 60", "events"), ("users 3", "users")])
def test_archived_until_a_count_ends_when_it_is_reached(stack, ada, project, issue, until, why):
    act(ada, issue, do=f"archive {until}")
    send(stack, project, *[error("First", user={"id": str(n)}) for n in range(2)])
    stack.wait_for(lambda: not stack.value("select count(*) from issue_check"), what="a look at the issue")
    assert state(stack, issue)[:2] == (2, 4)
    send(stack, project, error("First", user={"id": "9"}))
    becomes(stack, issue, 0, 2)
    assert latest(stack, issue) == ("escalating", {"why": why, "seen": 3})


def test_archived_until_it_escalates_comes_back_with_a_flood(stack, ada, project, issue):
    stack.sql("update issue set priority = 25 where id = %s", issue)
    act(ada, issue, do="archive")
    stack.wait_for(lambda: stack.sql("select ceilings[1] from issue_forecast where issue_id = %s", issue) == [(10,)],
                   what="a forecast")
    send(stack, project, *[error("First") for _ in range(3)])
    assert state(stack, issue)[:2] == (2, 1)
    stack.sql("update issue_forecast set ceilings = array_fill(4, array[14]) where issue_id = %s", issue)
    send(stack, project, *[error("First") for _ in range(5)])  # enough by themselves, should another hour have begun
    becomes(stack, issue, 0, 2)
    assert state(stack, issue)[3] == 50
    assert kinds(stack, issue)[-2:] == ["priority", "escalating"] or kinds(stack, issue)[-2:] == [
        "escalating", "priority"]


def goes_on(stack, issue, usual):
    """An ongoing issue of ten days with so many events in each hour."""
    stack.sql("update issue set status = 0, substatus = 3, priority = 25, first_seen = now() - interval '10 days',"
              " status_at = now() - interval '3 days' where id = %s", issue)
    stack.sql("insert into issue_hour (issue_id, hour, times_seen)"
              " select %s, date_trunc('hour', now()) - n * interval '1 hour', %s from generate_series(1, 200) n",
              issue, usual)


def test_an_ongoing_issue_escalates_when_far_more_come_than_usual(stack, ada, project, issue):
    goes_on(stack, issue, 2)
    for _ in range(10):  # 13 are enough; after a change of the hour they are counted anew
        send(stack, project, *[error("First") for _ in range(14)])
        stack.wait_for(lambda: not stack.value("select count(*) from issue_check"), what="a look at the issue")
        if state(stack, issue)[:2] != (0, 3):
            break
    assert state(stack, issue)[:2] == (0, 2) and state(stack, issue)[3] == 50
    [data] = [json.loads(data) for data, in stack.sql(
        "select data from activity where issue_id = %s and kind = 'escalating'", issue)]
    assert data["why"] == "forecast" and data["seen"] > 12
    page = ada.get(f"/acme/issues/{issue}/").text
    assert "because many more come than usual" in page and 'chip-warn">Escalating' in page
    stream = ada.get(f"/acme/issues/?project={project.slug}&q=is:escalating").text
    assert f'name="id" value="{issue}"' in stream and re.search(r'>Escalating<span class="n">1</span></a>', stream)


@pytest.mark.parametrize("usual, change", [
    (100, ""),  # as always
    (0, "substatus = 7"),  # a new one is told anyway
    (0, "status_at = now() + interval '1 hour'"),  # ongoing since this hour: nothing to measure it by
    (0, "status = 1, substatus = 0")])
def test_what_is_usual_or_fresh_does_not_escalate(stack, project, issue, usual, change):
    goes_on(stack, issue, usual)
    if change:
        stack.sql(f"update issue set {change} where id = %s", issue)
    send(stack, project, *[error("First") for _ in range(14)])
    stack.wait_for(lambda: not stack.value("select count(*) from issue_check"), what="a look at the issue")
    assert "escalating" not in kinds(stack, issue)


def test_archived_forever_is_forever(stack, ada, project, issue):
    act(ada, issue, do="archive forever")
    send(stack, project, *[error("First") for _ in range(3)])
    assert stack.value("select count(*) from issue_check where issue_id = %s", issue) == 0
    assert state(stack, issue)[:2] == (2, 5)


@pytest.mark.parametrize("substatus, locked, priority", [(7, False, 50), (6, False, 50), (2, False, 75), (2, True, 50)])
def test_after_a_week_an_issue_is_ongoing(stack, issue, substatus, locked, priority):
    stack.sql("update issue set substatus = %s, priority = 50, priority_locked = %s,"
              " status_at = now() - interval '8 days' where id = %s", substatus, locked, issue)
    becomes(stack, issue, 0, 3)
    assert state(stack, issue)[3] == priority
    assert "ongoing" in kinds(stack, issue)


def test_what_is_not_seen_for_long_is_resolved(stack, ada, project, issue):
    stack.sql("update issue set last_seen = now() - interval '3 days', status_at = now() - interval '3 days'"
              " where id = %s", issue)
    answer = ada.post(f"/acme/projects/{project.slug}/life/", **{"issue.auto_resolve": "2"})
    assert answer.status_code == 303, answer.text
    becomes(stack, issue, 1, 0)
    assert latest(stack, issue) == ("resolved", {"age": 48})
    assert "because it was not seen for 2 days" in ada.get(f"/acme/issues/{issue}/").text
