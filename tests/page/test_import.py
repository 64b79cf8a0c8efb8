"""Projects of another server come with their numbers and keys."""

import json
import secrets
from urllib.parse import urlsplit

import pytest

from page.conftest import Person, statements

KEY = secrets.token_hex(16)


def row(model, pk, **fields):
    return {"model": model, "pk": pk, "fields": fields}


def sentry(number, key, slug="shop", org=1):
    return [
        row("sentry.organization", org, slug="old", name="Old & Co"),
        row("sentry.team", 3, organization=org, slug="web", name="Web"),
        row("sentry.projectkey", 8, project=number, label="Default", public_key=key, status=0,
            rate_limit_count=100, rate_limit_window=60),
        row("sentry.project", number, organization=org, slug=slug, name="Shop", platform="python-django", status=0),
        row("sentry.projectteam", 4, project=number, team=3),
        row("sentry.organizationmember", 5, organization=org, role="owner"),
        row("sentry.option", 1, value="whatever"),
    ]


@pytest.fixture
def own(stack):
    """An organisation of its own, and its owner."""
    account = stack.create_account()
    project = stack.create_project(org="org-" + account.email[:8], owner=account.email)
    project.person = Person(stack).sign_in(account.email)
    return project


def path(own):
    return f"/{own.org}/settings/import/"


def test_the_old_dsn_sends_to_the_imported_project(stack, own, new_browser):
    number = 70001
    page = new_browser(stack.admin).open(path(own))
    page.get_by_label("Export").fill(json.dumps(sentry(number, KEY)))
    page.get_by_role("button", name="Show what would come").click()
    assert "Old & Co" in page.locator("#plan h2").inner_text()
    assert page.locator("#plan tbody tr").inner_text().split() == [str(number), "Shop", "shop", "1"]
    assert stack.sql("select 1 from project where id = %s", number) == []
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Imported.").wait_for()
    own.dsn, own.id = f"http://{KEY}@{urlsplit(own.dsn).netloc.rpartition('@')[2]}/{number}", number
    event = stack.send_event(own)
    stack.wait_for_event(event)
    assert stack.sql("select slug, platform from project where id = %s", number) == [("shop", "python-django")]
    assert stack.sql("select limit_count, limit_window from project_key where public_key = %s", KEY) == [(100, 60)]
    assert stack.value("select t.slug from team t join team_project p on p.team_id = t.id"
                       " where p.project_id = %s", number) == "web"
    assert stack.create_project(org=own.org).id > number
    again = own.person.post(path(own), text=json.dumps(sentry(number, KEY)), **{"import": "1"})
    assert again.status_code == 303
    assert stack.value("select count(*) from project_key where project_id = %s", number) == 1


@pytest.mark.parametrize("number, rows", [
    (91001, lambda n, key: [
        row("organizations_ext.organization", 1, slug="old", name="Old"),
        row("projects.project", n, organization=1, slug="gt", name="GT", platform="node"),
        row("projects.projectkey", 2, project=n, public_key=f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}",
            is_active=True),
        row("teams.team", 9, organization=1, slug="gt-team", projects=[n])]),
    (95001, lambda n, key: [
        row("projects.project", n, name="BS", slug="bs", sentry_key=key.upper(), is_deleted=False)])], ids=["GlitchTip", "Bugsink"])
def test_the_others_exports_are_read_too(stack, own, number, rows):
    key = secrets.token_hex(16)
    text = json.dumps(rows(number, key))
    (stack.folder / "export.json").write_text(text)
    out = stack.vedette("import", "--plan", own.org, stack.folder / "export.json")
    assert "1 projects, 1 keys" in str(out)
    assert stack.sql("select 1 from project where id = %s", number) == []
    stack.vedette("import", own.org, stack.folder / "export.json")
    assert stack.value("select public_key from project_key where project_id = %s", number) == key


TWO = [row("sentry.organization", 1, slug="a", name="A"), row("sentry.organization", 2, slug="b", name="B")]


@pytest.mark.parametrize("text, why", [
    ("", "It is not JSON"), ("{", "It is not JSON"), ("{}", "It is no export"), ("[]", "no project in it"),
    ("[" * 200, "It is not JSON"), ("[1, null, {\"model\": 3}]", "no project in it"),
    (json.dumps(TWO), "more than one organisation"),
    (json.dumps([row("sentry.project", "x", name="n")]), "no project in it"),
    (json.dumps([row("sentry.organization", -1, slug="a", name="A")]), "has no number")])
def test_a_hostile_file_gets_a_clear_sentence(own, text, why):
    answer = own.person.post(path(own), text=text, **{"import": "1"})
    assert answer.status_code == 422 and why in answer.text and "Nothing was imported" in answer.text


def test_what_is_anothers_stops_it_all(stack, own, project):
    for number, key in ((project.id, secrets.token_hex(16)), (81234, project.key)):
        rows = sentry(number, key) + [row("sentry.project", 81299, organization=1, slug="fine", name="Fine", status=0)]
        answer = own.person.post(path(own), text=json.dumps(rows), **{"import": "1"})
        assert answer.status_code == 422 and "of another project here" in answer.text
        assert stack.sql("select 1 from project where id in (81234, 81299)") == []
    assert stack.value("select slug from project where id = %s", project.id) == project.slug


def test_what_cannot_be_is_left_out_and_said(stack, own):
    number = 60001
    rows = sentry(number, "zz" * 16, slug="Bad Slug!") + [
        row("sentry.project", number + 1, organization=1, slug="login", name="\u202e<b>" + "x" * 300, status=0),
        row("sentry.project", number + 2, organization=1, slug="gone", name="Gone", status=2)]
    text = own.person.post(path(own), text=json.dumps(rows)).text
    assert f"A key of project {number} is none" in text and f"Project {number + 2} is deleted" in text
    assert "<b>x" not in text
    assert statements(own.person.get(path(own))) <= 4
