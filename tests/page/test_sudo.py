"""What is worth asking twice: a sign-in of long ago gives a password before it goes on."""

import hashlib
import re
from html import unescape

import pytest
from axe_playwright_python.sync_playwright import Axe

from page.conftest import hold_waits

PASSWORD = "a horse, a battery, a staple"
TRICKY = 'A "quoted" <b>name</b> & more\nsecond line'


def make_old(stack, person, seconds=901):
    """As if the person had signed in so long ago."""
    secret = person.session.cookies["vedette"]
    key = "vedette:login:" + hashlib.blake2b(secret.encode(), digest_size=32).hexdigest()
    stack.redis.hincrby(key, "created", -seconds)
    stack.redis.hdel(key, "confirmed")


@pytest.fixture
def owner(stack, project, new_person):
    person = new_person(stack.admin.email).set_password(PASSWORD)
    yield person
    stack.sql("update account set password_hash = null where email = %s", stack.admin.email)


def fields_of(page):
    """The form of the question, as a browser would send it."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {unescape(name): unescape(value) for name, value in found}


@pytest.mark.parametrize("path", [
    "projects/{project}/delete/", "projects/{project}/transfer/", "settings/transfers/1/", "settings/security/",
    "settings/sso/oidc/", "settings/sso/oidc/remove/", "settings/members/1/", "settings/members/1/remove/",
    "settings/members/1/second/"])
def test_a_sign_in_of_long_ago_is_asked(stack, project, owner, path):
    make_old(stack, owner)
    answer = owner.post("/acme/" + path.format(project=project.slug), confirm=project.slug)
    assert answer.status_code == 403 and "Is it you?" in answer.text
    assert stack.sql("select 1 from project where id = %s and delete_at is not null", project.id) == []


def test_the_password_goes_on_with_what_was_begun_and_is_asked_once(stack, project, owner):
    make_old(stack, owner)
    path = "/acme/settings/security/"
    before = owner.get(path).text
    answer = owner.post(path, local_passwords="1", mail_domains="example.org", note=TRICKY)
    fields = fields_of(answer.text)
    assert fields.pop("csrf") == owner.csrf
    assert fields == {"local_passwords": "1", "mail_domains": "example.org", "note": TRICKY}

    wrong = owner.post(path, sudo="not this one", **fields)
    assert wrong.status_code == 403 and "This is not your current password." in wrong.text
    assert fields_of(wrong.text)["note"] == TRICKY, "what was typed is still there"
    assert owner.get(path).text.count("example.org") == before.count("example.org"), "nothing was changed"

    assert owner.post(path, sudo=PASSWORD, **fields).status_code == 303
    assert owner.get(path).text.count("example.org") > before.count("example.org")
    assert owner.post(path, local_passwords="1", mail_domains="").status_code == 303, "not asked again"
    make_old(stack, owner)
    assert owner.post(path, local_passwords="1", mail_domains="").status_code == 403


def test_who_may_not_is_not_asked(stack, project, member_of):
    viewer = member_of("acme", "viewer").set_password(PASSWORD)
    make_old(stack, viewer)
    answer = viewer.post("/acme/settings/security/", mail_domains="example.org")
    assert answer.status_code == 403 and "Is it you?" not in answer.text
    answer = viewer.post("/acme/settings/security/", mail_domains="example.org", sudo=PASSWORD)
    assert answer.status_code == 403 and "Is it you?" not in answer.text


def test_an_account_without_a_password_signs_in_again(stack, project, admin):
    make_old(stack, admin)
    path = f"/acme/projects/{project.slug}/delete/"
    answer = admin.post(path, confirm=project.slug, sudo="anything")
    assert answer.status_code == 403 and "Sign in again" in answer.text
    answer = admin.post("/logout/", again="1")
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/login/")
    admin.sign_in(stack.admin.email)
    assert admin.post(path, confirm=project.slug).status_code == 303


def test_guesses_have_to_wait(stack, project, owner):
    make_old(stack, owner)
    for _ in range(20):
        answer = owner.post("/acme/settings/security/", sudo="guess")
        if answer.status_code == 429:
            break
        hold_waits(stack)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    right = owner.post("/acme/settings/security/", sudo=PASSWORD)
    assert right.status_code == 429, "not even the right one, while it waits"
    for key in stack.redis.keys("vedette:signin:*"):
        stack.redis.delete(key)  # the tests after it have the same account


def test_in_a_browser(stack, project, owner, new_browser):
    browser = new_browser(stack.admin)
    page = browser.open(f"/acme/projects/{project.slug}/settings/")
    secret = next(c["value"] for c in browser.context.cookies() if c["name"] == "vedette")
    key = "vedette:login:" + hashlib.blake2b(secret.encode(), digest_size=32).hexdigest()
    stack.redis.hincrby(key, "created", -901)
    browser.expect_error("403")
    page.locator("#confirm").fill(project.slug)
    page.get_by_role("button", name="Delete project").click()
    page.get_by_role("heading", name="Is it you?").wait_for()
    assert [v["id"] for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")] == []
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Keep the project").wait_for()
    assert stack.sql("select 1 from project where id = %s and delete_at is not null", project.id)
