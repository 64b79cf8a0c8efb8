"""Asking an organisation to be let in: only one that takes requests, and nobody else learns of any."""

import re

import pytest

from page.conftest import Person

SAME = "If there is such an organisation and it takes requests, its managers see yours now."


@pytest.fixture
def own(stack):
    """An organisation of its own: (slug, its owner)."""
    account = stack.create_account()
    slug = "join-" + account.email[:8].replace(".", "-")
    stack.create_project(org=slug, owner=account.email)
    return slug, Person(stack).sign_in(account.email)


@pytest.fixture
def asker(stack, new_person):
    account = stack.create_account()
    person = new_person(account.email)
    person.email = account.email
    person.id = stack.value("select id from account where email = %s", account.email)
    return person


def answer_to(person, slug):
    answer = person.post("/account/join/", organization=slug)
    assert answer.status_code == 303 and answer.headers["Location"] == "/account/join/"
    page = person.get("/account/join/").text.partition("<body")[2].partition("<footer")[0]
    return re.sub(r'value="[0-9a-f]{32,}"', "", page)


def decide(person, slug, what, **fields):
    answer = person.post(f"/{slug}/settings/members/requests/", do=what, **fields)
    assert answer.status_code == 303, answer.text
    return answer


def actions(stack, slug):
    return [row[0] for row in stack.sql("select a.action from audit a join organization o on o.id = a.organization_id"
                                        " where o.slug = %s order by a.id", slug)]


def test_a_request_is_accepted_with_a_role(stack, own, asker):
    slug, owner = own
    assert "Ask to join one" in asker.get("/").text
    decide(owner, slug, "open")
    assert SAME in answer_to(asker, slug)
    answer_to(asker, slug.upper())
    text = owner.get(f"/{slug}/settings/members/").text
    assert text.count(f'aria-label="Accept {asker.email}"') == 1 and "Requests to join" in text
    assert asker.get(f"/{slug}/").status_code == 404
    decide(owner, slug, "accept", account=asker.id, role="viewer")
    assert asker.get(f"/{slug}/").status_code == 200
    assert asker.get(f"/{slug}/settings/").status_code == 403
    assert "Requests to join" not in owner.get(f"/{slug}/settings/members/").text
    assert [a for a in actions(stack, slug) if a.startswith("member.")][-2:] == [
        "member.join-request", "member.accept-request"]


def test_a_request_is_declined(stack, own, asker):
    slug, owner = own
    decide(owner, slug, "open")
    answer_to(asker, slug)
    decide(owner, slug, "decline", account=asker.id)
    assert asker.get(f"/{slug}/").status_code == 404
    assert actions(stack, slug)[-1] == "member.decline-request"
    # nobody comes in by a request that was answered, or never made
    decide(owner, slug, "accept", account=asker.id, role="viewer")
    assert asker.get(f"/{slug}/").status_code == 404


def test_a_stranger_cannot_tell_whether_an_organisation_exists(stack, own, asker):
    slug, owner = own
    closed = answer_to(asker, slug)
    assert SAME in closed and closed == answer_to(asker, "join-no-such-one")
    decide(owner, slug, "open")
    owner.post(f"/{slug}/settings/security/", local_passwords="1", mail_domains="elsewhere.test")
    assert answer_to(asker, slug) == closed
    assert stack.value("select count(*) from join_request where account_id = %s", asker.id) == 0
    assert asker.post("/account/join/", organization="").status_code == 422


def test_nobody_gives_a_role_above_the_own(stack, own, asker, new_person):
    slug, owner = own
    email = stack.create_account().email
    stack.sql("insert into member (organization_id, account_id, role) select o.id, a.id, 'manager'"
              " from organization o, account a where o.slug = %s and a.email = %s", slug, email)
    manager = new_person(email)
    decide(owner, slug, "open")
    answer_to(asker, slug)
    path = f"/{slug}/settings/members/requests/"
    assert manager.post(path, do="accept", account=asker.id, role="owner").status_code == 403
    assert manager.post(path, do="accept", account=asker.id, role="king").status_code == 404
    assert asker.get(f"/{slug}/").status_code == 404
    decide(manager, slug, "accept", account=asker.id, role="manager")
    assert asker.get(f"/{slug}/settings/").status_code == 200


def test_in_two_browsers(stack, project, new_browser):
    """Ada lets requests in, Nora asks and waits, Ada says yes, Nora is in."""
    account = stack.create_account()
    ada, nora = new_browser(stack.admin), new_browser(account)
    page = ada.open("/acme/settings/members/")
    page.get_by_role("button", name="Take requests").click()
    asked = nora.open("/")
    asked.get_by_role("link", name="Ask to join one").click()
    asked.get_by_label("Its address").fill("acme")
    asked.get_by_role("button", name="Ask to join").click()
    asked.get_by_text(SAME).wait_for()
    page = ada.open("/acme/settings/members/")
    page.get_by_label(f"Role for {account.email}").select_option("viewer")
    page.get_by_role("button", name=f"Accept {account.email}").click()
    page.get_by_role("button", name=f"Remove {account.email}").or_(page.get_by_text(account.email)).first.wait_for()
    assert nora.open("/acme/projects/").get_by_role("heading", name="Projects").is_visible()
