"""A second factor: codes of oathtool, recovery codes, a remembered device."""

import re
import subprocess
import time

import pytest

from page.conftest import Person, hold_waits

PASSWORD = "a long enough riddle"


def oathtool(secret, at="now"):
    return subprocess.run(["oathtool", "--totp", "-b", "-N", at, secret], check=True, capture_output=True,
                          text=True).stdout.strip()


@pytest.fixture
def person(stack, new_person):
    someone = new_person()
    someone.email = stack.value("select email from account order by id desc limit 1")
    return someone.set_password(PASSWORD)


def switch_on(person):
    """Its secret and its recovery codes."""
    secret = re.search(r'class="mono u secret">([A-Z2-7]+)<', person.get("/account/security/").text).group(1)
    answer = person.post("/account/security/", do="enable", code=oathtool(secret), current=PASSWORD)
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<li>([0-9a-f]{4}(?:-[0-9a-f]{4}){3})</li>", answer.text)


def first_door(stack, email):
    guest = Person(stack)
    answer = guest.post("/login/", csrf="", email=email, password=PASSWORD, keep="1", next="/account/")
    return guest, answer.headers.get("Location")


def later(secret):
    """The next code: the one of now was used to switch it on."""
    return oathtool(secret, f"@{int(time.time()) + 30}")


def test_it_asks_for_the_code_and_takes_none_twice(stack, person):
    secret, codes = switch_on(person)
    assert len(codes) == 10
    guest, where = first_door(stack, person.email)
    assert where == "/login/second/"
    assert guest.get("/account/").status_code == 303, "between the doors nothing is open"
    assert guest.post("/login/second/", csrf="", code="000000").status_code == 403
    code = later(secret)
    answer = guest.post("/login/second/", csrf="", code=code)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/")
    assert guest.get("/account/").status_code == 200

    other, _ = first_door(stack, person.email)
    assert other.post("/login/second/", csrf="", code=code).status_code == 403, "replayed"
    assert other.post("/login/second/", csrf="", code=codes[0]).status_code == 303
    third, _ = first_door(stack, person.email)
    assert third.post("/login/second/", csrf="", code=codes[0]).status_code == 403, "used"
    assert third.post("/login/second/", csrf="", code=codes[1].upper().replace("-", " ")).status_code == 303


def test_a_one_time_link_asks_for_it_too(stack, person):
    switch_on(person)
    guest = Person(stack)
    answer = guest.post(stack.sign_in_link(person.email), csrf="")
    assert answer.headers["Location"] == "/login/second/"


def test_a_remembered_device_is_not_asked_until_the_password_changes(stack, person):
    secret, codes = switch_on(person)
    guest, _ = first_door(stack, person.email)
    assert guest.post("/login/second/", csrf="", code=codes[0], remember="1").status_code == 303
    guest.post("/logout/")
    again = guest.post("/login/", csrf="", email=person.email, password=PASSWORD)
    assert again.headers["Location"] == "/"
    assert guest.post("/account/password/", new=PASSWORD + "!", again=PASSWORD + "!",
                      current=PASSWORD).status_code == 303
    guest.post("/logout/")
    again = guest.post("/login/", csrf="", email=person.email, password=PASSWORD + "!")
    assert again.headers["Location"] == "/login/second/"


def test_guessing_codes_takes_longer_each_time(stack, person):
    secret, codes = switch_on(person)
    guest, _ = first_door(stack, person.email)
    answers = []
    while 429 not in answers and len(answers) < 12:
        answers.append(guest.post("/login/second/", csrf="", code="123456").status_code)
        hold_waits(stack)
    assert answers[:5] == [403] * 5 and answers[-1] == 429
    assert guest.post("/login/second/", csrf="", code=codes[0]).status_code == 429, "not even the right one"


def test_switching_it_off_needs_password_and_code(stack, person):
    secret, codes = switch_on(person)
    for fields in ({"code": "000000", "current": PASSWORD}, {"code": codes[0], "current": "wrong"}):
        assert person.post("/account/security/", do="disable", **fields).status_code == 422
    assert person.post("/account/security/", do="disable", code=codes[0],
                       current=PASSWORD).status_code == 303
    _, where = first_door(stack, person.email)
    assert where == "/account/"


def test_the_secret_is_sealed_and_codes_are_digests(stack, person):
    secret, codes = switch_on(person)
    row = str(stack.sql("select * from account where email = %s", person.email))
    row += str(stack.sql("select * from recovery_code"))
    assert secret not in row
    assert all(code.replace("-", "") not in row for code in codes)


def test_logins_are_listed_and_ended(stack, person):
    other, _ = first_door(stack, person.email)
    page = person.get("/account/security/").text
    assert "python-requests" in page and "127.0.0.1" in page
    ids = re.findall(r'name="login" value="([0-9a-f]{64})"', page)
    assert len(ids) == 2
    mine = re.search(r'This browser.*?name="login" value="([0-9a-f]{64})"', page, re.DOTALL).group(1)
    assert person.post("/account/logins/", login=next(i for i in ids if i != mine)).status_code == 303
    assert other.get("/account/").status_code == 303
    assert person.get("/account/").status_code == 200


def test_nobody_ends_anothers_login(stack, person, new_person):
    stranger = new_person()
    mine = re.search(r'name="login" value="([0-9a-f]{64})"', person.get("/account/security/").text).group(1)
    assert stranger.post("/account/logins/", login=mine).status_code == 404
    assert person.get("/account/").status_code == 200


def test_the_qr_code_is_drawn_here(stack, person):
    page = person.get("/account/security/").text
    assert re.search(r'<svg class="qr" viewBox="0 0 (\d+) \1"', page)
    assert re.search(r'd="M4 4h7v1h-7z', page), "the corner of a QR code"
