"""Addresses that were handed around lead on after a name in them has changed."""

import secrets

import pytest

JSON = {"Accept": "application/json"}


def rename(person, project, slug):
    answer = person.post(f"/acme/projects/{project.slug}/settings/", name="Shop", slug=slug, platform="python")
    assert answer.status_code == 303 and f"/{slug}/" in answer.headers["Location"]
    return slug


@pytest.fixture
def renamed(stack, project, admin):
    """(old slug, new slug) of a project that has one issue."""
    stack.wait_for_event(stack.send_event(project, message="Disk full"))
    return project.slug, rename(admin, project, f"new-{secrets.token_hex(4)}")


def test_a_project_is_found_under_its_old_name(renamed, admin):
    old, new = renamed
    answer = admin.get(f"/acme/projects/{old}/keys/?a=b%20c")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/acme/projects/{new}/keys/?a=b%20c")
    assert answer.headers["Cache-Control"] == "no-store"
    assert admin.get(answer.headers["Location"]).status_code == 200
    assert admin.get(f"/acme/projects/{old}/", headers=JSON).status_code == 308


def test_an_issue_is_found_under_the_old_short_id(renamed, admin):
    old, new = renamed
    answer = admin.get(f"/acme/issues/{old.upper()}-1/events/")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/acme/issues/{new.upper()}-1/events/")
    assert admin.get(answer.headers["Location"]).status_code == 200


def test_a_form_goes_on_to_the_new_name(stack, renamed, admin):
    old, new = renamed
    answer = admin.post(f"/acme/projects/{old}/keys/", label="Sent while it was renamed")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/acme/projects/{new}/keys/")


def test_two_renames_lead_to_the_last_name_and_back_again(stack, project, admin):
    first, second, third = project.slug, f"b-{secrets.token_hex(4)}", f"c-{secrets.token_hex(4)}"
    rename(admin, project, second)
    project.slug = second
    rename(admin, project, third)
    project.slug = third
    for old in (first, second):
        assert admin.get(f"/acme/projects/{old}/").headers["Location"] == f"/acme/projects/{third}/"
    rename(admin, project, first)
    assert admin.get(f"/acme/projects/{first}/keys/").status_code == 200
    assert admin.get(f"/acme/projects/{third}/").headers["Location"] == f"/acme/projects/{first}/"


def test_a_name_in_use_again_is_nobodys_old_one(stack, renamed, admin):
    old, new = renamed
    other = stack.create_project(old)
    assert admin.get(f"/acme/projects/{old}/keys/").status_code == 200
    assert stack.value("select slug from project where id = %s", other.id) == old


def test_nobody_learns_a_new_name_who_may_not_see_the_project(stack, renamed, new_person, member_of):
    old, new = renamed
    assert new_person().get(f"/acme/projects/{old}/").status_code == 404
    stack.sql("update organization set open_membership = false where slug = 'acme'")
    try:
        outside = member_of("acme", "member")
        for path in (f"/acme/projects/{old}/", f"/acme/issues/{old.upper()}-1/", f"/acme/issues/{new.upper()}-1/"):
            answer = outside.get(path)
            assert answer.status_code == 404 and "No such page" in answer.text, path
    finally:
        stack.sql("update organization set open_membership = true where slug = 'acme'")


def test_an_organisation_is_found_under_its_old_name_by_its_members(stack, new_person):
    owner = stack.create_account()
    stack.create_project("till", org="before-it", owner=owner.email)
    stack.sql("update organization set slug = 'after-it' where slug = 'before-it'")
    answer = new_person(owner.email).get("/before-it/projects/till/?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/after-it/projects/till/?x=1")
    assert new_person().get("/before-it/projects/till/").status_code == 404


def test_an_issue_that_was_deleted_says_so(stack, project, admin, new_person):
    stack.wait_for_event(stack.send_event(project, message="Disk full"))
    ref = f"{project.slug.upper()}-1"
    stack.sql("delete from issue where project_id = %s", project.id)
    answer = admin.get(f"/acme/issues/{ref}/")
    assert answer.status_code == 404 and "The issue is gone" in answer.text and ref in answer.text
    never = admin.get(f"/acme/issues/{project.slug.upper()}-2/")
    assert never.status_code == 404 and "No such page" in never.text
    assert "The issue is gone" not in new_person().get(f"/acme/issues/{ref}/").text


def test_an_issue_that_somebody_has_deleted_says_that(stack, project, admin, new_person):
    stack.wait_for_event(stack.send_event(project, message="Disk full"))
    ref = f"{project.slug.upper()}-1"
    assert admin.post(f"/acme/issues/{ref}/", do="delete").status_code == 303
    answer = admin.get(f"/acme/issues/{ref}/")
    assert answer.status_code == 404 and "The issue was deleted" in answer.text and ref in answer.text
    assert "was deleted</h1>" not in new_person().get(f"/acme/issues/{ref}/").text


def test_a_transfer_leaves_no_old_name_behind(stack, renamed):
    old, new = renamed
    stack.create_project("anchor", org="third")
    stack.sql("update project set organization_id = (select id from organization where slug = 'third') where slug = %s", new)
    assert stack.sql("select 1 from project_slug where slug = %s", old) == []
