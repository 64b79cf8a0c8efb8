"""The audit log: no change of access, key or setting without its line."""

import csv
import io
import json

import pytest
from page.conftest import statements

LOG = "/acme/settings/audit/"


def entries(stack, action, org="acme"):
    """Newest first: (actor, email, address, object, before, after)."""
    rows = stack.sql("select v.actor, v.actor_email, v.address, v.object, v.before, v.after from audit v"
                     " join organization o on o.id = v.organization_id"
                     " where o.slug = %s and v.action = %s order by v.id desc", org, action)
    return [(*row[:4], json.loads(row[4]), json.loads(row[5])) for row in rows]


def test_a_key_leaves_its_line(stack, admin, project):
    keys = f"/acme/projects/{project.slug}/keys/"
    assert admin.post(keys, label="Browser").status_code == 303
    line = entries(stack, "projectkey.create")[0]
    key, public = stack.sql("select id, public_key from project_key where project_id = %s"
                            " and label = 'Browser'", project.id)[0]
    assert line == ("Ada Admin", stack.admin.email, "127.0.0.1", f"{project.slug}, Browser", {},
                    {"label": "Browser", "key": public, "state": "on"})

    assert admin.post(f"{keys}{key}/", limit="50", window="60").status_code == 303
    assert entries(stack, "projectkey.edit")[0][3:] == (
        f"{project.slug}, Browser", {"state": "on"}, {"state": "off", "limit": "50 in 60 s"})

    before = len(entries(stack, "projectkey.edit"))
    assert admin.post(f"{keys}{key}/", limit="50", window="60").status_code == 303
    assert len(entries(stack, "projectkey.edit")) == before, "nothing was changed"


def test_a_refused_change_leaves_none(stack, admin, project):
    before = stack.value("select count(*) from audit")
    answer = admin.post("/acme/new-project/", name="Again", slug=project.slug, platform="python")
    assert answer.status_code == 422
    assert admin.post(f"/acme/projects/{project.slug}/keys/", label="").status_code == 422
    assert stack.value("select count(*) from audit") == before


def test_commands_leave_lines_too(stack, project):
    actor, email, address, name, before, after = entries(stack, "project.create")[0]
    assert (actor, email, address) == ("A command", "", "")
    assert name == project.slug and before == {} and after["slug"] == project.slug
    assert entries(stack, "member.add")[0][3:] == (stack.admin.email, {}, {"role": "owner"})


def test_a_password_is_told_of_but_not_kept(stack, member_of):
    person = member_of("acme", "member").set_password("a horse, a battery")
    line = entries(stack, "account.password")[0]
    assert line[4:] == ({}, {})
    text = stack.value("select string_agg(audit::text, '') from audit")
    assert "a battery" not in text and "argon2" not in text
    assert person.get("/account/").status_code == 200


def test_the_page_shows_who_what_and_the_difference(stack, admin, browser, project):
    key = stack.value("select id from project_key where project_id = %s", project.id)
    admin.post(f"/acme/projects/{project.slug}/keys/{key}/", limit="7", window="60")
    page = browser.open(LOG)
    row = page.get_by_role("row").nth(1)
    assert row.get_by_text("Ada Admin").is_visible()
    assert row.get_by_text(f"{project.slug}, Default").is_visible()
    assert row.locator("del").inner_text() == "on"
    assert row.locator("ins").all_inner_texts() == ["off", "7 in 60 s"]

    page.get_by_label("Action").select_option("project.create")
    page.get_by_label("Person, object or address").fill(project.slug)
    page.get_by_role("button", name="Filter").click()
    assert page.get_by_role("row").count() == 2
    page.get_by_label("Person, object or address").fill("nobody at all")
    page.get_by_role("button", name="Filter").click()
    assert page.get_by_text("No such entry").is_visible()


def test_older_and_newer_pages_meet(stack, admin, project):
    stack.sql("insert into audit (organization_id, actor, action, object)"
              " select o.id, 'Paging', 'org.edit', 'entry-' || n from organization o,"
              " generate_series(1, 120) n where o.slug = 'acme'")

    def names(answer):
        return [part.partition("<")[0] for part in answer.text.split(">entry-")[1:]]

    def link(answer, word):
        part = answer.text.partition('aria-label="Pages"')[2]
        anchors = [a for a in part.split("<a ") if a.rstrip().find(f"{word}</a>") != -1]
        return LOG + anchors[0].split('href="')[1].split('"')[0].replace("&amp;", "&")

    first = admin.get(f"{LOG}?q=paging")
    second = admin.get(link(first, "Older"))
    third = admin.get(link(second, "Older"))
    assert names(first) + names(second) + names(third) == [str(n) for n in range(120, 0, -1)]
    assert admin.get(link(third, "Newer")).text.count(">entry-") == 50
    assert names(admin.get(link(third, "Newer"))) == names(second)
    assert statements(first) <= 5


@pytest.mark.parametrize("role, status", [("viewer", 403), ("member", 403), ("admin", 403),
                                          ("manager", 200), ("owner", 200)])
def test_only_managers_and_owners_read_it(member_of, project, role, status):
    assert member_of("acme", role).get(LOG).status_code == status


def test_a_hostile_name_is_only_text(stack, new_person, admin, browser, project):
    assert admin.post(f"/acme/projects/{project.slug}/keys/",
                      label='"><img src=x onerror=alert(1)>\u202e').status_code == 303
    page = browser.open(LOG)
    assert "<img" not in page.content()
    assert page.get_by_text("U+202E").first.is_visible()


def test_the_log_is_exported_with_its_filters(stack, admin, project):
    assert admin.post(f"/acme/projects/{project.slug}/keys/", label="=cmd()").status_code == 303
    answer = admin.get(f"{LOG}csv/?action=projectkey.create")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["action"] for row in rows} == {"projectkey.create"}
    assert json.loads(rows[0]["after"])["label"] == "=cmd()" and rows[0]["email"] == stack.admin.email
    answer = admin.get(f"{LOG}ndjson/?q={project.slug}")
    first = json.loads(answer.text.splitlines()[0])
    assert first["object"] == f"{project.slug}, =cmd()" and first["after"]["label"] == "=cmd()"
    assert "attachment" in answer.headers["Content-Disposition"]
    everything = admin.get(f"{LOG}ndjson/").text.splitlines()
    assert len(everything) == stack.value("select count(*) from audit v join organization o on o.id = v.organization_id"
                                          " where o.slug = 'acme'")
