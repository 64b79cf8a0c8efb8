"""The second wall: PostgreSQL itself keeps the organisations of web's pages apart."""

import secrets

import psycopg
import pytest

from page.conftest import Person

# Tables without an organisation of their own, and why that is right.
WITHOUT = {
    "account": "people belong to several organisations",
    "api_token": "a person's", "recovery_code": "a person's",
    "event_body": "found by day and id of an event",
    "alert_version": "one number for all",
    "digest_mark": "the digest's own", "event_mark": "the digest's own", "outcome_mark": "the ledger's own",
    "issue_trend_mark": "the chore's own",
    "issue_environment": "hangs on an issue", "issue_hash": "hangs on an issue",
    "issue_fold": "hangs on an issue", "issue_hour": "hangs on an issue", "issue_minute": "hangs on an issue",
    "issue_tag": "hangs on an issue", "issue_user": "hangs on an issue",
    "tag_day": "hangs on a key", "tag_hour": "hangs on a key", "tag_value": "hangs on a key",
    "migration": "the installation's", "retention_run": "the installation's",
    "organization": "the root; its names are in addresses",
    "outbox_endpoint": "by host, of the installation",
    "disk_hour": "the installation's",
    "pulse": "the installation's own events",
    "signing_key": "the installation's",
}


@pytest.fixture(scope="module")
def tables(stack):
    """{name: has it organization_id?}"""
    return dict(stack.sql(
        "select c.relname, exists (select 1 from pg_attribute a where a.attrelid = c.oid"
        " and a.attname = 'organization_id') from pg_class c where c.relkind in ('r', 'p')"
        " and c.relnamespace = 'public'::regnamespace and not c.relispartition"))


@pytest.fixture(scope="module")
def two(stack):
    """Two organisations with an issue each; their ids."""
    found = []
    for word in ("ours", "theirs"):
        project = stack.create_project(org=f"{word}-{secrets.token_hex(3)}")
        stack.wait_for_event(stack.send_event(project, message=f"{word} message"))
        found.append(stack.value("select organization_id from project where id = %s", project.id))
    return found


@pytest.fixture
def web(stack):
    """A connection that may what `vedette web` may."""
    with psycopg.connect(stack.cluster.conninfo(stack.database), autocommit=True) as db:
        db.execute("set role vedette_web")
        yield db


def rows(db, table):
    return {row[0] for row in db.execute(f"select distinct organization_id from {table}").fetchall()}


def test_every_table_has_a_policy_or_a_reason(stack, tables):
    walled = {row[0] for row in stack.sql(
        "select c.relname from pg_class c join pg_policy p on p.polrelid = c.oid"
        " where c.relrowsecurity and p.polname = 'tenant'")}
    assert {name for name, tenant in tables.items() if tenant} - walled == set()
    assert {name for name, tenant in tables.items() if not tenant} - set(WITHOUT) == set()


def test_a_statement_without_an_organisation_gets_only_the_own_one(web, two, tables):
    ours, theirs = two
    walled = [name for name, tenant in tables.items() if tenant]
    for name in walled:
        assert rows(web, name) == set(), f"{name}: nothing was entered"
    web.execute("select set_config('vedette.organization', %s, false)", (str(ours),))
    for name in walled:
        assert rows(web, name) <= {ours}, name
    assert rows(web, "issue") == rows(web, "event") == rows(web, "project") == {ours}
    assert web.execute("update issue set title = 'x' where organization_id = %s",
                       (theirs,)).rowcount == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("insert into team (organization_id, slug, name) values (%s, 'in', 'In')", (theirs,))
    web.execute("set vedette.organization = 'all'")
    assert {ours, theirs} <= rows(web, "issue")


@pytest.mark.parametrize("statement", [
    "create table mine (id int)", "drop table team", "alter table issue disable row level security",
    "truncate issue", "update audit set actor = 'nobody'", "delete from audit",
    "delete from migration", "insert into digest_mark default values",
    "select event_partition('2031-01-01')", "select * from pg_authid",
    "copy account to program 'id'"])
def test_what_web_may_not(web, statement):
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.NotNullViolation)):
        web.execute("set vedette.organization = 'all'")
        web.execute(statement)


@pytest.mark.parametrize("statement", [
    "create table mine (id int)", "drop table team", "truncate issue",
    "select password_hash from account", "select totp_sealed from account", "update account set is_superuser = true",
    "select * from api_token", "select * from recovery_code", "select * from invitation", "select * from sso_identity",
    "insert into member select 1, 1, 'owner'", "update member set role = 'owner'", "delete from team",
    "update organization set require_second = false", "update audit set actor = 'nobody'", "delete from migration",
    "select * from pg_authid", "copy outbox to program 'id'"])
def test_what_the_worker_may_not(stack, statement):
    with psycopg.connect(stack.cluster.conninfo(stack.database), autocommit=True) as db:
        db.execute("set role vedette_worker")
        assert db.execute("select count(id) from account").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement)


@pytest.mark.parametrize("role", ["vedette_web", "public"])
def test_only_the_worker_moves_projects(stack, role):
    for function in ("project_transfer_go(bigint, bigint, bigint)",
                     "project_transfer_piece(bigint, bigint, bigint, integer)"):
        assert not stack.value("select has_function_privilege(%s, %s, 'execute')", role, function)
        assert stack.value("select has_function_privilege('vedette_worker', %s, 'execute')", function)


def test_the_worker_works_in_its_role(stack, project):
    stack.wait_for_event(stack.send_event(project))
    assert "second wall" not in stack.log("worker")
    stack.sql("revoke insert on event from vedette_worker")
    try:
        event = stack.send_event(project)
        stack.wait_for(lambda: "permission denied for table event" in stack.log("worker"), what="what it says")
    finally:
        stack.sql("grant insert on event to vedette_worker")
    stack.wait_for_event(event)


def test_web_works_in_this_role(stack, admin, project):
    assert "second wall" not in stack.log("web")
    assert admin.get("/acme/settings/audit/").status_code == 200
    stack.sql("revoke select on audit from vedette_web")
    try:
        assert admin.get("/acme/settings/audit/").status_code == 500
    finally:
        stack.sql("grant select on audit to vedette_web")
    assert admin.get("/acme/settings/audit/").status_code == 200


def test_who_looks_at_one_organisation_narrows_no_other_request(stack, new_person, project):
    """Mail settings look into an organisation, though their address names none."""
    other = f"other-{secrets.token_hex(3)}"
    owner = stack.create_account().email
    stack.create_project(org=other, owner=owner)
    ours, theirs = new_person(stack.admin.email), new_person(owner)
    for _ in range(8):  # whichever web process answers
        assert ours.get("/account/notifications/?org=acme").status_code == 200
        assert [theirs.get(f"/{other}/").status_code, theirs.get("/").status_code] == [200, 303]


def test_without_the_roles_it_works_and_says_so(fresh_stack):
    stack = fresh_stack
    stack.stop("web")
    stack.cluster.execute("alter role vedette_web rename to vedette_web_away")
    try:
        stack.start("web")
        project = stack.create_project()
        assert Person(stack).sign_in(stack.admin.email).get("/acme/").status_code == 200
        assert project and "the second wall is down" in stack.log("web")
    finally:
        stack.cluster.execute("alter role vedette_web_away rename to vedette_web")
