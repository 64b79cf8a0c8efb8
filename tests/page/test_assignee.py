"""An issue can be a team's: assigned to it, found by it, told to its members."""

import json

import pytest

from page.conftest import Person
from page.test_issue_life import act, error, issues, kinds, send, undo


@pytest.fixture(scope="module")
def ada(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture(scope="module")
def team(stack, ada):
    """The id of #payments, with Ada."""
    stack.create_project()
    ada.post("/acme/settings/teams/", name="Payments", slug="payments")
    id = stack.value("select id from team where slug = 'payments'")
    stack.sql("insert into team_member (organization_id, team_id, account_id)"
              " select m.organization_id, %s, m.account_id from member m join account a on a.id = m.account_id"
              " where a.email = %s on conflict do nothing", id, stack.admin.email)
    return id


@pytest.fixture
def issue(stack, project):
    send(stack, project, error("Late"), error("Other"))
    return issues(stack, project)["Late"]


def holder(stack, id):
    return stack.sql("select assignee_id is not null, assignee_team_id from issue where id = %s", id)[0]


def found(person, project, query):
    page = person.get(f"/acme/issues/?project={project.slug}&q={query}").text
    return {type for type in ("Late", "Other") if f">{type}<" in page}


def test_a_team_takes_an_issue_and_a_person_takes_it_over(stack, ada, team, issue):
    page = ada.get(f"/acme/issues/{issue}/").text
    assert f'name="assign" value="team:{team}"' in page
    act(ada, path=f"/acme/issues/{issue}/", assign=f"team:{team}")
    assert holder(stack, issue) == (False, team)
    page = ada.get(f"/acme/issues/{issue}/").text
    assert "#payments" in page and "assigned it to" in page
    data = stack.value("select data from activity where issue_id = %s and kind = 'assigned'", issue)
    assert json.loads(data) == {"team_id": team, "name": "#payments"}
    me = stack.value("select id from account where email = %s", stack.admin.email)
    act(ada, path=f"/acme/issues/{issue}/", assign=str(me))
    assert holder(stack, issue) == (True, None)
    undo(ada, f"/acme/issues/{issue}/")
    assert holder(stack, issue) == (False, team)
    act(ada, path=f"/acme/issues/{issue}/", assign="0")
    assert holder(stack, issue) == (False, None)
    assert kinds(stack, issue) == ["assigned", "assigned", "undone", "unassigned"]


@pytest.mark.parametrize("query, types", [
    ("assigned:%23payments", {"Late"}), ("assigned:my_teams", {"Late"}), ("!assigned:%23payments", {"Other"}),
    ("assigned:[me, my_teams]", {"Late"}), ("assigned:me", set()), ("is:assigned", {"Late"}),
    ("is:unassigned", {"Other"}), ("assigned:none", {"Other"})])
def test_the_search_knows_teams(stack, ada, team, project, issue, query, types):
    act(ada, issue, assign=f"team:{team}")
    assert found(ada, project, query) == types


def test_a_team_that_is_not_there_is_named(ada, team):
    assert "There is no team “#nobody”." in ada.get("/acme/issues/?q=assigned:%23nobody").text


def test_exports_name_the_team(ada, team, project, issue):
    act(ada, issue, assign=f"team:{team}")
    lines = ada.get(f"/acme/issues/ndjson/?project={project.slug}&q=is:assigned").text.splitlines()
    assert [json.loads(line)["assignee"] for line in lines] == ["#payments"]


def test_a_team_of_others_or_a_word_is_refused(stack, ada, issue):
    stack.create_project(org="umbra")
    foreign = stack.value("insert into team (organization_id, slug, name) select id, 'payments', 'Payments'"
                          " from organization where slug = 'umbra' returning id")
    for team in (999999, foreign):
        assert ada.post(f"/acme/issues/{issue}/", assign=f"team:{team}").status_code == 404
    for bad in ("team:", "team:0", "team:x", "team:-1"):
        assert ada.post(f"/acme/issues/{issue}/", assign=bad).status_code == 400
    assert holder(stack, issue) == (False, None)


def test_a_team_that_is_deleted_leaves_its_issues_to_nobody(stack, ada, issue):
    id = stack.value("insert into team (organization_id, slug, name) select id, 'brief', 'Brief'"
                     " from organization where slug = 'acme' returning id")
    act(ada, issue, assign=f"team:{id}")
    assert holder(stack, issue) == (False, id)
    assert ada.post("/acme/settings/teams/brief/delete/").status_code == 303
    assert holder(stack, issue) == (False, None)
