"""Sign-in by the header of a proxy: off by default, and only from listed addresses."""

import pytest

from page.conftest import Person


@pytest.fixture(scope="module")
def stack(new_stack):
    stack = new_stack(start=["redis", "nginx"])
    stack.write_config({"sso.proxy-header": "X-Forwarded-Email", "sso.proxy-addresses": "10.0.0.0/8, 127.0.0.1"})
    stack.start("web")
    return stack


def ask(stack, email, path="/login/?next=/account/"):
    person = Person(stack)
    return person, person.get(path, headers={"X-Forwarded-Email": email})


def test_whom_the_proxy_vouches_for_is_signed_in(stack):
    email = stack.create_account().email
    person, answer = ask(stack, email.upper())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/")
    assert email in person.get("/account/").text


def test_who_has_signed_out_is_not_signed_in_again_at_once(stack):
    assert ask(stack, stack.create_account().email, "/login/?out=1")[1].status_code == 200


@pytest.mark.parametrize("email", ["nobody@example.org", "no address", "", "a@b.example\u00e9"])
def test_others_see_the_sign_in_page(stack, email):
    person, answer = ask(stack, email.encode())
    assert answer.status_code == 200 and "vedette" not in person.session.cookies


def test_a_closed_account_stays_outside(stack):
    email = stack.create_account().email
    stack.sql("update account set is_active = false where email = %s", email)
    assert ask(stack, email)[1].status_code == 200


@pytest.mark.parametrize("settings", [
    {}, {"sso.proxy-header": "X-Forwarded-Email"},
    {"sso.proxy-header": "X-Forwarded-Email", "sso.proxy-addresses": "10.0.0.0/8"}])
def test_the_header_of_anybody_else_is_nothing(stack, settings):
    """Spoofed: from an address that is not listed, or with the setting off."""
    email = stack.create_account().email
    stack.write_config(settings)
    stack.restart("web")
    person, answer = ask(stack, email)
    assert answer.status_code == 200 and "vedette" not in person.session.cookies
