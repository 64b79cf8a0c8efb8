"""General settings of organisations and projects, and what each role may do."""

import re
from types import SimpleNamespace

import psycopg
import pytest

from page.conftest import Person, statements


@pytest.fixture
def own(stack):
    """A project in an organisation of its own, and the owner's name there."""
    account = stack.create_account()
    project = stack.create_project(org="org-" + account.email[:8], owner=account.email)
    project.person = Person(stack).sign_in(account.email)
    project.account = account.email
    return project


def last_audit(stack, action):
    return stack.sql("select object, before, after from audit where action = %s"
                     " order by id desc limit 1", action)[0]


def test_an_organisation_gets_a_new_name_and_address(stack, own):
    person, slug = own.person, f"{own.org}-new"
    answer = person.post(f"/{own.org}/settings/", name="Größe & Co", slug=slug)
    assert answer.status_code == 303 and answer.headers["Location"] == f"/{slug}/settings/"
    old = person.get(f"/{own.org}/")
    assert (old.status_code, old.headers["Location"]) == (308, f"/{slug}/")
    assert person.get(f"/{slug}/").status_code == 200
    assert last_audit(stack, "org.edit") == (
        slug, f'{{"name":"{own.org}","slug":"{own.org}"}}', f'{{"name":"Größe & Co","slug":"{slug}"}}')
    stack.send_event(own)


@pytest.mark.parametrize("name, slug", [("", "fine"), ("x" * 101, "fine"), ("Fine", "login"),
                                        ("Fine", "-"), ("Fine", "a b"), ("Fine", "invitation")])
def test_a_wrong_name_or_address_of_an_organisation_is_refused(stack, own, name, slug):
    answer = own.person.post(f"/{own.org}/settings/", name=name, slug=slug)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert own.person.get(f"/{own.org}/").status_code == 200


def test_a_taken_address_is_refused(stack, own, project):
    answer = own.person.post(f"/{own.org}/settings/", name="Mine", slug="acme")
    assert answer.status_code == 422 and "has this address already" in answer.text
    other = stack.create_project(org=own.org)
    answer = own.person.post(f"/{own.org}/projects/{own.slug}/settings/", name="x", slug=other.slug,
                             platform="go")
    assert answer.status_code == 422 and "has this address already" in answer.text


def test_a_project_is_changed_in_the_browser(stack, browser, project):
    page = browser.open(f"/acme/projects/{project.slug}/settings/")
    page.get_by_label("Name").fill("Shop & Söhne")
    page.get_by_label("Address").fill(f"{project.slug}-x")
    page.get_by_label("Platform").select_option("go")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert page.url.endswith(f"/projects/{project.slug}-x/settings/")
    assert stack.sql("select name, slug, platform from project where id = %s", project.id) == [
        ("Shop & Söhne", f"{project.slug}-x", "go")]
    stack.send_event(project)


def test_a_platform_that_an_sdk_has_set_is_kept(stack, admin, project):
    stack.sql("update project set platform = 'cobol' where id = %s", project.id)
    path = f"/acme/projects/{project.slug}/settings/"
    assert admin.post(path, name="A", slug=project.slug, platform="cobol").status_code == 303
    assert stack.value("select platform from project where id = %s", project.id) == "cobol"


def test_a_project_is_deleted_with_all_that_it_had(stack, browser, project):
    other = stack.create_project()
    for where in (project, other):
        stack.wait_for_event(stack.send_event(where))
    page = browser.open(f"/acme/projects/{project.slug}/settings/")
    page.get_by_label("to confirm").fill("something else")
    browser.expect_error("422")
    page.get_by_role("button", name="Delete project").click()
    assert page.get_by_text("nothing was deleted").is_visible()
    page.get_by_label("to confirm").fill(project.slug)
    page.get_by_role("button", name="Delete project").click()
    page.get_by_text("It will be deleted in a day.").wait_for()

    def refused():
        return stack.send_envelope(project, {}, []).status_code in (401, 403)
    stack.wait_for(refused)
    page.get_by_role("button", name="Keep the project").click()
    page.get_by_text("Taken back: the project stays.").wait_for()
    stack.wait_for(lambda: not refused())
    page.get_by_label("to confirm").fill(project.slug)
    page.get_by_role("button", name="Delete project").click()
    page.get_by_text("This project will be deleted in 23 h").wait_for()
    stack.sql("update project set delete_at = now() where id = %s", project.id)
    stack.wait_for(lambda: not stack.sql("select 1 from project where id = %s", project.id))
    stack.wait_for(lambda: stack.redis.exists(f"vedette:key:{project.key}") == 0)
    for table in ("project_key", "issue", "event"):
        assert stack.value(f"select count(*) from {table} where project_id = %s", project.id) == 0
        assert stack.value(f"select count(*) from {table} where project_id = %s", other.id) == 1
    assert stack.value("select count(*) from event_body b where not exists"
                       " (select 1 from event e where e.day = b.day and e.id = b.id)") == 0
    assert last_audit(stack, "project.remove")[0] == project.slug
    stack.send_event(other)


def test_an_organisation_is_deleted_with_all_that_it_had(stack, own, project, new_browser):
    """By its owner, who types its name and can take it back for a day; others' are left alone."""
    browser = new_browser(SimpleNamespace(email=own.account))
    path = f"/{own.org}/settings/"
    for where in (own, project):
        stack.wait_for_event(stack.send_event(where))
    org = stack.value("select organization_id from project where id = %s", own.id)
    page = browser.open(path)
    browser.expect_error("422")
    page.get_by_label("to confirm").fill("something")
    page.get_by_role("button", name="Delete organisation").click()
    page.get_by_text("so nothing was deleted").wait_for()
    page.get_by_label("to confirm").fill(own.org)
    page.get_by_role("button", name="Delete organisation").click()
    page.get_by_text("It will be deleted in a day.").wait_for()

    def refused(where):
        return stack.send_envelope(where, {}, []).status_code in (401, 403)
    stack.wait_for(lambda: refused(own))
    assert not refused(project)
    page.get_by_text("This organisation will be deleted in 23 h").wait_for()
    page.get_by_role("button", name="Keep the organisation").click()
    page.get_by_text("Taken back: the organisation stays.").wait_for()
    stack.wait_for(lambda: not refused(own))

    assert own.person.post(path + "delete/", confirm=own.org).status_code == 303
    stack.wait_for(lambda: refused(own))
    stack.sql("update organization set delete_at = now() where id = %s", org)
    stack.wait_for(lambda: not stack.sql("select 1 from organization where id = %s", org))
    tables = stack.sql("select distinct table_name from information_schema.columns where table_schema = 'public'"
                       " and column_name = 'organization_id'")
    for (table,) in tables:
        assert stack.sql(f'select 1 from "{table}" where organization_id = %s limit 1', org) == [], table
    assert stack.sql("select 1 from event where project_id = %s", project.id), "others' stay"
    assert stack.sql("select object, organization_id from audit where action = 'org.remove'") == [(own.org, None)]
    assert own.person.get(path).status_code == 404
    assert own.person.get("/account/").status_code == 200, "accounts stay"


def test_a_worker_killed_while_it_deletes_an_organisation_leaves_the_rest_to_the_next(stack, own, project):
    second = stack.create_project(org=own.org)
    for where in (own, second, project):
        stack.wait_for_event(stack.send_event(where))
    org = stack.value("select organization_id from project where id = %s", own.id)
    with psycopg.connect(stack.cluster.conninfo(stack.database)) as held:
        held.execute("select 1 from issue where project_id = %s for update", [second.id])
        stack.sql("update organization set delete_at = now(), delete_by = 'ann' where id = %s", org)
        stack.wait_for(lambda: stack.sql("select 1 from pg_stat_activity where datname = current_database()"
                                         " and wait_event_type = 'Lock' and query like '%%project%%'"))
        stack.kill("worker")
        assert stack.sql("select 1 from organization where id = %s", org), "it ends last"
        held.rollback()
    stack.start("worker")
    stack.wait_for(lambda: not stack.sql("select 1 from organization where id = %s", org))
    assert stack.sql("select 1 from event where project_id in (%s, %s)", own.id, second.id) == []
    assert stack.sql("select 1 from event where project_id = %s", project.id), "others' stay"
    stack.wait_for_event(stack.send_event(project))


def test_the_last_organisation_stays(stack, admin, own):
    others = stack.sql("update organization set delete_at = now() + interval '1 hour' where slug <> %s"
                       " returning id", own.org)
    try:
        answer = own.person.post(f"/{own.org}/settings/delete/", confirm=own.org)
        assert answer.status_code == 409 and "the only organisation" in answer.text
    finally:
        stack.sql("update organization set delete_at = null where id = any (%s)", [id for id, in others])


def test_only_an_owner_deletes_an_organisation(member_of, project):
    for role in ("manager", "admin", "viewer"):
        person = member_of("acme", role)
        assert person.post("/acme/settings/delete/", confirm="acme").status_code == 403
        assert "Delete this organisation" not in person.get("/acme/settings/").text


def paused_between(stack):
    """The worker is paused, and in no transaction whose locks the page would wait for."""
    stack.pause("worker")
    if not stack.value("select count(*) from pg_stat_activity where datname = current_database()"
                       " and pid <> pg_backend_pid() and backend_type = 'client backend' and state <> 'idle'"):
        return True
    stack.resume("worker")
    return False


def test_what_was_on_its_way_to_a_deleted_project_stops_nothing(stack, admin, project):
    other = stack.create_project()
    stack.wait_for(lambda: paused_between(stack))
    try:
        stack.send_event(project)
        path = f"/acme/projects/{project.slug}/delete/"
        assert admin.post(path, confirm=project.slug).status_code == 303
        stack.sql("update project set delete_at = now() where id = %s", project.id)
        event = stack.send_event(other)
    finally:
        stack.resume("worker")
    stack.wait_for_event(event)
    stack.wait_for(lambda: stack.value("select count(*) from event where project_id = %s", project.id) == 0)


def test_an_archived_project_takes_nothing_and_comes_back(stack, admin, browser, project):
    stack.send_event(project)
    path = f"/acme/projects/{project.slug}/archive/"
    assert admin.post(path).status_code == 303
    stack.wait_for(lambda: stack.send_envelope(project, {}, []).status_code == 403)
    page = browser.open("/acme/projects/")
    assert page.locator(f"main .card a[href*='/{project.slug}/']").count() == 0
    page.get_by_role("link", name=project.slug).click()
    page.get_by_text("This project was archived").wait_for()
    page.get_by_role("link", name="Bring it back").click()
    page.get_by_role("button", name="Bring it back").click()
    page.get_by_text("The project is back.").wait_for()
    stack.wait_for(lambda: stack.send_envelope(project, {}, []).status_code == 200)


def test_the_roles_page_says_what_the_server_does(member_of, project):
    paths = {"project:write": "/acme/new-project/", "org:write": "/acme/settings/audit/",
             "member:read": "/acme/settings/members/", "org:read": "/acme/projects/"}
    roles = ["owner", "manager", "admin", "member", "viewer"]
    for column, role in enumerate(roles):
        person = member_of("acme", role)
        page = person.get("/acme/settings/roles/")
        assert statements(page) <= 4
        for scope, path in paths.items():
            row = re.search(rf">{scope}</span></td>(.*?)</tr>", page.text, re.DOTALL).group(1)
            says = ">yes<" in row.split("</td>")[column]
            assert says == (person.get(path).status_code == 200), (role, scope)


def test_hostile_names_are_only_text(stack, own, new_browser):
    evil = '"><img src=x onerror=alert(1)>'
    for path, fields in ((f"/{own.org}/settings/", {"slug": own.org}),
                         (f"/{own.org}/projects/{own.slug}/settings/",
                          {"slug": own.slug, "platform": "go"})):
        assert own.person.post(path, name=evil, **fields).status_code == 303
        text = own.person.get(path).text
        assert "<img" not in text and "&lt;img" in text


def test_settings_keep_their_budgets(admin, project):
    for path in ("/acme/settings/", "/acme/settings/roles/"):
        assert statements(admin.get(path)) <= 4
    assert statements(admin.get(f"/acme/projects/{project.slug}/settings/")) <= 5
