"""The side bar says what waits: unresolved issues, unread feedback, open incidents."""

import re
import secrets

import pytest

ROW = re.compile(r'<a href="/[^"]*/(issues|feedback|alerts)/"[^>]*>(?:<svg.*?</svg>)?[^<]*<span class="count">([^<]*)</span>')


@pytest.fixture(scope="module")
def org(stack):
    """A closed organisation with two projects: two issues, a feedback and an incident in one, an issue in the other."""
    owner = stack.create_account()
    slug = f"waits-{secrets.token_hex(3)}"
    one, two = (stack.create_project(org=slug, owner=owner.email, name=name) for name in ("One", "Two"))
    stack.sql("update organization set open_membership = false where slug = %s", slug)
    for project, word in ((one, "first"), (one, "second"), (two, "third")):
        stack.wait_for_event(stack.send_event(project, message=f"{word} message"))
    answer = stack.send_envelope(one, {}, [({"type": "user_report"}, {
        "event_id": secrets.token_hex(16), "comments": "it fails", "email": "ann@example.org"})])
    assert answer.status_code == 200
    stack.wait_for(lambda: stack.value("select count(*) from feedback where project_id = %s", one.id) == 1)
    stack.sql("with r as (insert into alert_rule (organization_id, kind, name, data) select organization_id,"
              " 'metric', 'Rule', '{}' from project where id = %s returning id, organization_id)"
              " insert into incident (organization_id, number, rule_id, project_id, title, severity, worst, value,"
              " threshold, started_at) select organization_id, 1, id, %s, 'It burns', 20, 20, 9, 5, now() from r",
              one.id, one.id)
    return {"slug": slug, "owner": owner.email, "one": one, "two": two}


def counts(person, org):
    return dict(ROW.findall(person.get(f"/{org['slug']}/releases/").text))


def test_the_owner_sees_what_waits_everywhere(org, new_person):
    assert counts(new_person(org["owner"]), org) == {"issues": "3", "feedback": "1", "alerts": "1"}


def test_a_member_sees_what_waits_in_the_projects_of_the_team(stack, org, new_person):
    email = stack.create_account().email
    stack.sql("with t as (insert into team (organization_id, slug, name) select organization_id, 'two', 'Two'"
              " from project where id = %s returning id, organization_id), m as (insert into member"
              " (organization_id, account_id, role) select t.organization_id, a.id, 'member' from t, account a"
              " where a.email = %s returning organization_id, account_id), p as (insert into team_project"
              " (organization_id, team_id, project_id) select organization_id, id, %s from t)"
              " insert into team_member (organization_id, team_id, account_id) select t.organization_id, t.id,"
              " m.account_id from t, m", org["two"].id, email, org["two"].id)
    assert counts(new_person(email), org) == {"issues": "1"}


def test_what_was_done_no_longer_waits(stack, org, new_person):
    person = new_person(org["owner"])
    page = f"/{org['slug']}/issues/{org['two'].slug.upper()}-1/"
    assert person.post(page, do="resolve").status_code == 303
    assert counts(person, org)["issues"] == "2"
    assert person.post(page, do="unresolve").status_code == 303
    assert counts(person, org)["issues"] == "3"


def test_no_number_is_counted_beyond_999(stack, org, new_person):
    columns = ", ".join(row[0] for row in stack.sql(
        "select column_name from information_schema.columns where table_name = 'issue'"
        " and column_name not in ('id', 'number') and is_generated = 'NEVER'"))
    stack.sql(f"insert into issue (number, {columns}) select n, {columns} from issue, generate_series(100, 1100) n"
              " where project_id = %s", org["two"].id)
    try:
        assert counts(new_person(org["owner"]), org)["issues"] == "999+"
    finally:
        stack.sql("delete from issue where project_id = %s and number >= 100", org["two"].id)
