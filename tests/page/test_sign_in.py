"""Signing in, the login that it makes, and out again."""

import hashlib
import time

import pytest
from page.conftest import Person, hold_waits, web_seconds

PASSWORD = "correct horse battery"


@pytest.fixture
def account(stack, new_person):
    account = stack.create_account()
    new_person(account.email).set_password(PASSWORD)
    return account


def try_password(person, email, password, **fields):
    return person.post("/login/", csrf="", email=email, password=password, **fields)


def test_a_password_signs_in(stranger, account):
    answer = try_password(stranger, account.email.upper(), PASSWORD, keep="1", next="/account/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/")
    assert account.email in stranger.get("/account/").text


def test_the_cookie_is_for_us_alone(stack, stranger, account):
    cookie = try_password(stranger, account.email, PASSWORD, keep="1").headers["Set-Cookie"]
    assert cookie.startswith("vedette=")
    assert "; HttpOnly" in cookie and "; SameSite=Lax" in cookie and "; Path=/" in cookie
    assert "; Max-Age=2592000" in cookie
    assert "Max-Age" not in try_password(Person(stack), account.email, PASSWORD).headers["Set-Cookie"]


def test_under_https_the_cookie_has_the_host_prefix(new_stack):
    stack = new_stack(start=["redis", "nginx"])
    stack.write_config({"system.url-prefix": "https://vedette.example"})
    stack.start("web")
    person = Person(stack)
    link = stack.sign_in_link(stack.admin.email).replace("https://vedette.example", stack.url)
    answer = person.post(link, csrf="")
    assert answer.headers["Set-Cookie"].startswith("__Host-vedette=")
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_only_a_digest_of_the_secret_is_kept(stack, new_person):
    secret = new_person().session.cookies["vedette"]
    assert len(secret) == 43
    digest = hashlib.blake2b(secret.encode(), digest_size=32).hexdigest()
    keys = stack.redis.keys("vedette:log*")
    assert f"vedette:login:{digest}".encode() in keys
    for key in keys:
        assert secret.encode() not in (stack.redis.dump(key) + key)
    assert 0 < stack.redis.ttl(f"vedette:login:{digest}") <= 7 * 86400


def test_every_sign_in_is_a_new_login_and_ends_the_one_before(stack, account):
    person = Person(stack)
    try_password(person, account.email, PASSWORD)
    first = person.session.cookies["vedette"]
    try_password(person, account.email, PASSWORD)
    assert person.session.cookies["vedette"] != first
    person.session.cookies.clear()
    person.session.cookies["vedette"] = first
    assert person.get("/account/").status_code == 303


def test_a_made_up_cookie_is_nobody(stranger):
    stranger.session.cookies["vedette"] = "A" * 43
    assert stranger.get("/account/").status_code == 303


def test_signing_out_ends_the_login_on_the_server(stack, new_person):
    person = new_person()
    secret = person.session.cookies["vedette"]
    assert person.post("/logout/").headers["Location"] == "/login/?out=1"
    assert "vedette" not in person.session.cookies
    person.session.cookies["vedette"] = secret
    assert person.get("/account/").status_code == 303


def test_a_disabled_account_is_out_at_once(stack, new_person, account):
    person = new_person(account.email)
    link = stack.sign_in_link(account.email)
    stack.sql("update account set is_active = false where email = %s", account.email)
    assert person.get("/account/").status_code == 303
    assert try_password(Person(stack), account.email, PASSWORD).status_code == 403
    assert Person(stack).post(link, csrf="").status_code == 404


def test_a_login_ends_after_thirty_days_however_busy(stack, new_person):
    person = new_person()
    secret = person.session.cookies["vedette"]
    key = "vedette:login:" + hashlib.blake2b(secret.encode(), digest_size=32).hexdigest()
    stack.redis.hset(key, "created", int(time.time()) - 30 * 86400 + 60)
    assert person.get("/account/").status_code == 200
    stack.redis.hset(key, "created", int(time.time()) - 30 * 86400)
    assert person.get("/account/").status_code == 303


def test_use_puts_the_end_of_a_login_off(stack, new_person):
    person = new_person()
    secret = person.session.cookies["vedette"]
    key = "vedette:login:" + hashlib.blake2b(secret.encode(), digest_size=32).hexdigest()
    stack.redis.expire(key, 100)
    stack.redis.hset(key, "seen", int(time.time()) - 3600)
    assert person.get("/account/").status_code == 200
    assert stack.redis.ttl(key) > 6 * 86400


# a stranger learns nothing

def test_unknown_and_known_accounts_get_the_same_answer(stack, account):
    wrong = try_password(Person(stack), account.email, "not it at all")
    unknown = try_password(Person(stack), "nobody@example.org", "not it at all")
    without = try_password(Person(stack), stack.create_account().email, "not it at all")

    def plain(answer):
        text = answer.text
        for email in (account.email, "nobody@example.org"):
            text = text.replace(email, "EMAIL")
        return text.split("</title>")[1]

    assert wrong.status_code == unknown.status_code == without.status_code == 403
    assert plain(wrong) == plain(unknown)
    assert "do not match" in wrong.text
    for answer in (wrong, unknown, without):
        assert "Server-Timing" not in answer.headers


def test_unknown_and_known_accounts_take_the_same_time(stack, account):
    """Of the processes themselves: half of the work would be missing if the hash were not computed."""
    def once(email):
        began = web_seconds(stack)
        assert try_password(Person(stack), email, "not it at all").status_code == 403
        return web_seconds(stack) - began

    known, unknown = 0, 0
    for n in range(3):
        known += once(account.email)
        unknown += once(f"nobody-{n}@example.org")
    assert unknown > known / 2
    assert known > unknown / 2


def test_wrong_passwords_make_the_next_try_wait_longer_and_longer(stack, account):
    person = Person(stack)
    for _ in range(5):
        assert try_password(person, account.email, "wrong").status_code == 403
    for whole in (1000, 2000, 4000):
        began = time.monotonic()
        assert try_password(person, account.email, "wrong").status_code == 403
        left = max(hold_waits(stack), default=0)
        spent = (time.monotonic() - began) * 1000
        assert left <= whole <= left + spent + 1, "what is left, and what has passed of it since"
        if left:
            answer = try_password(person, account.email, PASSWORD)
            assert answer.status_code == 429, "even the right password waits"
            assert "Try again in" in answer.text
        for key in stack.redis.keys("vedette:signin:wait:*"):
            stack.redis.delete(key)  # as if the time were over
    assert try_password(person, account.email, PASSWORD).status_code == 303
    assert try_password(Person(stack), account.email, "wrong").status_code == 403


def test_the_wait_is_for_what_was_typed_not_for_what_exists(stack):
    person = Person(stack)
    for n in range(12):
        assert try_password(person, "ghost@example.org", "wrong").status_code == 403
        if hold_waits(stack):
            break
    assert n >= 5, "five are free"
    assert try_password(person, "ghost@example.org", "wrong").status_code == 429
    assert try_password(person, "other@example.org", "wrong").status_code == 403


# one-time links

def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(stack, new_browser):
    account = stack.create_account()
    browser = new_browser()
    for _ in range(3):
        browser.open(account.link)
    assert browser.page.get_by_role("button", name="Sign in").is_visible()
    browser.page.get_by_role("button", name="Sign in").click()
    browser.page.wait_for_url(stack.url + "/")
    other = Person(stack)
    assert other.get(account.link).status_code == 404
    assert "used up" in other.post(account.link, csrf="").text
    assert "vedette" not in other.session.cookies


def test_a_link_from_another_site_signs_nobody_in(stack, stranger):
    """Sign-in to somebody else's account is an attack too."""
    account = stack.create_account()
    answer = stranger.post(account.link, csrf="", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403 and "vedette" not in stranger.session.cookies
    assert stranger.get(account.link).status_code == 200
