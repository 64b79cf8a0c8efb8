"""Teams: who is in them, what they own, and what a member sees because of them."""

import pytest

from page.conftest import Person, statements


@pytest.fixture(scope="module")
def place(stack):
    """A closed organisation: team red has the project seen, nobody has hidden."""
    owner = stack.create_account("teams-owner@example.org", name="Teams Owner")
    seen = stack.create_project("seen", org="closed", owner=owner.email)
    hidden = stack.create_project("hidden", org="closed", owner=owner.email)
    stack.sql("update organization set open_membership = false where slug = 'closed'")
    stack.sql("insert into team (organization_id, slug, name) select id, 'red', 'Red' from organization"
              " where slug = 'closed'")
    stack.sql("insert into team_project select p.organization_id, t.id, p.id from project p join team t"
              " using (organization_id) where p.id = %s", seen.id)
    for project, text in ((seen, "Sighted"), (hidden, "Kanarienvogel")):
        stack.wait_for_event(stack.send_event(project, message=text, tags={"colour": text},
                                              user={"ip_address": "127.0.0.1"}))
    return {"owner": owner.email, "seen": seen, "hidden": hidden}


def join_team(stack, email, team="red", role="contributor"):
    stack.sql("insert into team_member (organization_id, team_id, account_id, role)"
              " select t.organization_id, t.id, a.id, %s from team t, account a"
              " where t.slug = %s and a.email = %s", role, team, email)



@pytest.fixture
def closed_member(stack, member_of):
    """closed_member("viewer", "admin"): with this role, and this one in team red."""
    def make(role, team_role=None):
        person = member_of("closed", role)
        me = stack.value("select max(account_id) from member")
        if team_role:
            join_team(stack, stack.value("select email from account where id = %s", me), role=team_role)
        person.id = me
        return person
    return make


PAGES = ["/closed/issues/", "/closed/projects/", "/closed/dashboard/", "/closed/stats/",
         "/closed/stats/csv/", "/closed/issues/?q=Kanarienvogel", "/closed/issues/?project=hidden",
         "/closed/issues/?q=!project:seen", "/closed/settings/teams/", "/closed/settings/teams/red/"]


@pytest.mark.parametrize("role", ["viewer", "member", "admin"])
def test_a_member_sees_the_projects_of_the_own_teams_only(place, closed_member, role):
    person = closed_member(role, "contributor")
    for path in PAGES:
        answer = person.get(path)
        assert answer.status_code == 200, path
        text = answer.text.replace("q=Kanarienvogel", "").replace('value="Kanarienvogel"', "")
        assert "HIDDEN-1" not in text and ">hidden<" not in text, path
        assert "Kanarienvogel" not in text or "q=" in path, path
    assert "SEEN-1" in person.get("/closed/issues/").text
    assert person.get("/closed/issues/SEEN-1/").status_code == 200
    for path in ("/closed/issues/HIDDEN-1/", "/closed/projects/hidden/", "/closed/projects/hidden/keys/",
                 "/closed/projects/hidden/settings/", "/closed/issues/HIDDEN-1/events/"):
        assert person.get(path).status_code == 404, path


def test_who_is_in_no_team_sees_nothing_and_managers_see_all(place, closed_member):
    person = closed_member("member")
    assert "SEEN-1" not in person.get("/closed/issues/").text
    assert person.get("/closed/projects/seen/").status_code == 404
    manager = closed_member("manager")
    text = manager.get("/closed/issues/").text
    assert "SEEN-1" in text and "HIDDEN-1" in text


def test_many_issues_at_once_do_not_reach_further(stack, place, closed_member):
    person = closed_member("member", "contributor")
    ids = dict(stack.sql("select p.slug, i.id from issue i join project p on p.id = i.project_id"
                         " where p.slug in ('seen', 'hidden')"))
    assert person.post("/closed/issues/", do="archive", id=[ids["hidden"]]).status_code == 404
    assert person.post("/closed/issues/", do="archive", id=list(ids.values())).status_code == 404
    assert stack.value("select max(status) from issue where id = any(%s)", list(ids.values())) == 0
    assert person.post("/closed/issues/", do="archive", id=[ids["seen"]]).status_code == 303
    assert person.post("/closed/issues/", do="unresolve", id=[ids["seen"]]).status_code == 303


def test_who_leads_a_team_is_an_admin_of_its_projects_and_of_nothing_else(stack, place, closed_member):
    leader = closed_member("viewer", "admin")
    assert leader.get("/closed/projects/seen/settings/").status_code == 200
    assert leader.get("/closed/new-project/").status_code == 403
    assert leader.get("/closed/settings/").status_code == 403
    assert leader.post("/closed/settings/teams/red/", name="Red", slug="red").status_code == 303
    contributor = closed_member("member", "contributor")
    assert contributor.get("/closed/projects/seen/settings/").status_code == 403
    assert contributor.post("/closed/settings/teams/red/", name="X", slug="red").status_code == 403


def test_an_admin_of_a_closed_organisation_leads_the_own_teams_only(place, closed_member):
    stranger = closed_member("admin")
    assert stranger.post("/closed/settings/teams/red/", name="X", slug="red").status_code == 403
    inside = closed_member("admin", "contributor")
    assert inside.post("/closed/settings/teams/red/", name="Red", slug="red").status_code == 303
    assert inside.post("/closed/settings/teams/red/projects/", owned="1",
                       project=place["hidden"].id).status_code == 404


def test_asking_to_join_accepting_and_leaving(stack, place, closed_member):
    person, leader = closed_member("member"), closed_member("member", "admin")
    assert person.post("/closed/settings/teams/red/join/").status_code == 303
    assert person.get("/closed/issues/SEEN-1/").status_code == 404
    assert "Want to join" in leader.get("/closed/settings/teams/red/").text
    assert person.post("/closed/settings/teams/red/members/", account=person.id,
                       role="contributor").status_code == 403, "not by oneself"
    assert leader.post("/closed/settings/teams/red/members/", account=person.id,
                       role="contributor").status_code == 303
    assert person.get("/closed/issues/SEEN-1/").status_code == 200
    assert person.post("/closed/settings/teams/red/leave/").status_code == 303
    assert person.get("/closed/issues/SEEN-1/").status_code == 404
    assert stack.sql("select action from audit where object = 'red' and account_id = %s order by id",
                     person.id) == [("team.request",), ("team.member",)]


def test_in_an_open_organisation_everybody_may_join(stack, place, member_of):
    stack.create_project(org="wide")
    owner = member_of("wide", "owner")
    assert owner.post("/wide/settings/teams/", name="Blue team").status_code == 303
    assert owner.post("/wide/settings/teams/", name="Blue team").status_code == 409
    person = member_of("wide", "viewer")
    assert person.post("/wide/settings/teams/blue-team/join/").status_code == 303
    assert stack.value("select role from team_member m join team t on t.id = m.team_id"
                       " where t.slug = 'blue-team'") == "contributor"


def test_who_leaves_the_organisation_leaves_its_teams(stack, place, closed_member):
    person = closed_member("member", "contributor")
    assert person.post("/closed/settings/leave/").status_code == 303
    assert stack.sql("select 1 from team_member where account_id = %s", person.id) == []


def test_an_invitation_leads_into_a_team(stack, place, new_person):
    owner = new_person(place["owner"])
    red = stack.value("select id from team where slug = 'red'")
    answer = owner.post("/closed/settings/members/", email="redcomer@example.org", role="member", team=red)
    link = answer.text.split('class="input mono" readonly value="')[1].split('"')[0]
    guest = Person(stack)
    assert guest.post(link, csrf="", name="Red Comer", password="a long enough riddle").status_code == 303
    assert guest.get("/closed/issues/SEEN-1/").status_code == 200
    assert guest.get("/closed/issues/HIDDEN-1/").status_code == 404


def test_a_new_project_of_somebody_who_does_not_see_all_has_a_team(stack, place, closed_member):
    admin = closed_member("admin", "contributor")
    assert admin.post("/closed/new-project/", name="Mine", platform="python").status_code == 422
    assert admin.post("/closed/new-project/", name="Mine", platform="python", team="red").status_code == 303
    assert admin.get("/closed/projects/mine/getting-started/").status_code == 200


def test_the_switch_is_a_setting_with_its_line_in_the_audit_log(stack, place, new_person, closed_member):
    owner, person = new_person(place["owner"]), closed_member("member")
    fields = {"name": "closed", "slug": "closed", "default_role": "viewer"}
    assert owner.post("/closed/settings/", open="1", **fields).status_code == 303
    assert person.get("/closed/issues/HIDDEN-1/").status_code == 200
    assert owner.post("/closed/settings/", **fields).status_code == 303
    assert person.get("/closed/issues/HIDDEN-1/").status_code == 404
    assert owner.post("/closed/settings/", **{**fields, "default_role": "owner"}).status_code == 422
    assert stack.value("select after from audit where action = 'org.edit' order by id desc limit 1") \
        == '{"open":"no"}'


def test_access_costs_no_statement_more(place, new_person, closed_member):
    owner, person = new_person(place["owner"]), closed_member("member", "contributor")

    def cost(who, path):
        """Of a process that knows the list of projects already: of five requests two processes have one that does."""
        return min(statements(who.get(path)) for _ in range(5))

    for path in ("/closed/issues/", "/closed/issues/SEEN-1/", "/closed/projects/seen/"):
        assert cost(person, path) == cost(owner, path), path


def test_a_team_is_made_in_the_browser(stack, place, new_browser):
    page = new_browser(stack.admin, java_script_enabled=False).open("/closed/settings/teams/")
    page.get_by_label("Name of the team").fill("Green")
    page.get_by_role("button", name="Create").click()
    page.get_by_label("Person to add").select_option(index=0)
    page.get_by_role("button", name="Add").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_label("Project to add").select_option(label="hidden")
    page.get_by_role("button", name="Give to the team").click()
    page.get_by_role("link", name="hidden").wait_for()
