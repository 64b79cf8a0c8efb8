"""Sign-in by a directory: slapd of Debian, by LDAP, LDAP with StartTLS, and with names that want to be filters."""

import pytest

from page.conftest import Person, hold_waits
from sso.conftest import Place
from sso.directory import PEOPLE


def sign_in(person, place, user, password):
    return person.post(f"/login/sso/{place.org}/ldap/", csrf="", user=user, password=password, next="/account/")


def test_name_or_mail_and_password_let_in_with_role_and_teams(stack, place, directory):
    place.team("backend")
    place.ldap(directory, rules="heads: admin\nengineering: team backend")
    for user in ("ada", "ada@dir.example"):
        person = Person(stack)
        assert sign_in(person, place, user, PEOPLE["ada"][2]).headers["Location"] == "/account/"
        assert "ada@dir.example" in person.get("/account/").text
    assert (place.role("ada@dir.example"), place.teams("ada@dir.example")) == ("admin", {"backend": "contributor"})


def test_signs_of_filters_in_a_password_are_no_signs(stack, place, directory):
    place.ldap(directory)
    assert sign_in(Person(stack), place, "bob", PEOPLE["bob"][2]).status_code == 303


@pytest.mark.parametrize("user, password", [
    ("ada", "wrong"), ("nobody", "wrong"), ("ada", ""), ("", "x"), ("*", "analytical engine"), ("ad*", "analytical engine"),
    ("ada)(uid=*", "analytical engine"), ("ada\\2a", "analytical engine"), ("ada\x00", "analytical engine")])
def test_every_other_pair_is_refused_alike(stack, place, directory, user, password):
    place.ldap(directory)
    person = Person(stack)
    answer = sign_in(person, place, user, password)
    if "\x00" in user:
        assert answer.status_code == 400
        return
    assert answer.status_code == 403 and "Name and password do not match." in answer.text
    assert "vedette" not in person.session.cookies


def test_a_star_in_a_name_is_a_star(stack, place, directory):
    place.ldap(directory)
    assert sign_in(Person(stack), place, "star*", PEOPLE["star*"][2]).status_code == 303


def test_guesses_are_slowed_down(stack, place, directory):
    place.ldap(directory)
    person = Person(stack)
    codes = []
    for n in range(8):
        codes.append(sign_in(person, place, "eve", f"guess {n}").status_code)
        hold_waits(stack)
    assert codes[0] == 403 and codes[-1] == 429
    assert sign_in(person, place, "eve", PEOPLE["eve"][2]).status_code == 429, "the right one has to wait, too"


def test_starttls_checks_the_certificate(stack, place, directory, new_stack):
    place.ldap(directory, starttls="on")
    answer = sign_in(Person(stack), place, "ada", PEOPLE["ada"][2])
    assert answer.status_code == 502 and "does not encrypt" in answer.text, "nobody has signed it"


def test_starttls_with_a_trusted_certificate(directory, new_stack):
    stack = new_stack(start=[])
    stack.write_config({"outbound.allow": "127.0.0.1", "outbound.ca": directory.certificate})
    stack.start("redis", "nginx", "web")
    place = Place(stack)
    place.ldap(directory, starttls="on")
    assert sign_in(Person(stack), place, "ada", PEOPLE["ada"][2]).status_code == 303


def test_where_a_directory_may_stand(stack, place, directory):
    for url in ("ldap://10.0.0.1", "http://127.0.0.1", "ldaps://ldap.example.org:6379", "ldap://ldap.example.org",
                "ldap://user@127.0.0.1", "ldapi:///tmp/x"):
        place.ldap(directory, url=url, status=422)
    place.ldap(directory, filter="(uid=ada)", status=422)


def test_the_test_page_shows_the_entry_and_never_the_hash(place, directory, stack):
    place.ldap(directory, rules="heads: manager", outsiders="refuse")
    path = f"/{place.org}/settings/sso/ldap/test/"
    text = place.owner.post(path, user="ada", password=PEOPLE["ada"][2]).text
    assert "The test sign-in worked" in text and "engineering" in text and "manager" in text
    assert "userPassword" not in text and "inetOrgPerson" in text
    text = place.owner.post(path, user="bob", password=PEOPLE["bob"][2]).text
    assert "would stay outside" in text
    assert "nobody of this name" in place.owner.post(path, user="ada", password="wrong").text
    place.ldap(directory, bind_password="wrong")
    assert "does not let us search" in place.owner.post(path, user="ada", password="x").text
    place.ldap(directory, id="noSuchAttribute")
    assert "has no attribute" in place.owner.post(path, user="ada", password=PEOPLE["ada"][2]).text


def test_a_browser_signs_in(stack, place, directory, new_browser):
    place.ldap(directory)
    page = new_browser(None, java_script_enabled=False).open("/login/sso/?next=/account/")
    page.get_by_label("Short name").fill(place.org)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name=f"ldap of {place.org}").click()
    page.get_by_label("Name").fill("gus")
    page.get_by_label("Password").fill(PEOPLE["gus"][2])
    page.get_by_role("button", name="Sign in").click()
    assert page.url == f"{stack.url}/account/"
