"""What an organisation asks of those who come in; the forgotten password; the first account."""

import json
import re
import secrets

import pytest
import requests

from page.conftest import Person

PASSWORD = "a long enough riddle"


@pytest.fixture
def place(stack, member_of):
    """An organisation of one's own: its owner, and a member."""
    slug = f"org-{secrets.token_hex(3)}"
    stack.create_project(org=slug)
    return slug, member_of(slug, "owner"), member_of(slug, "member")


def save(owner, slug, **fields):
    return owner.post(f"/{slug}/settings/security/", **{"local_passwords": "1", **fields})


def test_who_has_no_second_factor_is_led_to_it(stack, place):
    slug, owner, member = place
    assert save(owner, slug, require_second="1").status_code == 422, "the owner has none"
    stack.sql("update organization set require_second = true where slug = %s", slug)
    answer = member.get(f"/{slug}/issues/")
    assert answer.status_code == 403 and "/account/security/" in answer.text
    assert member.post(f"/{slug}/settings/leave/").status_code == 403
    stack.sql("update account set totp_sealed = 'x' where id = (select max(account_id) from member)")
    assert member.get(f"/{slug}/issues/").status_code == 200


def test_only_from_the_listed_addresses(stack, place):
    slug, owner, member = place
    assert save(owner, slug, addresses="10.0.0.0/8").status_code == 422, "it would shut the owner out"
    assert save(owner, slug, addresses="nowhere").status_code == 422
    assert save(owner, slug, addresses="127.0.0.0/8, 10.0.0.0/8\n2001:db8::/32").status_code == 303
    assert stack.value("select addresses from organization where slug = %s", slug) \
        == "10.0.0.0/8 127.0.0.0/8 2001:db8::/32"
    assert member.get(f"/{slug}/issues/").status_code == 200
    stack.sql("update organization set addresses = '10.0.0.0/8' where slug = %s", slug)
    answer = member.get(f"/{slug}/issues/")
    assert answer.status_code == 403 and "Not from here" in answer.text
    assert member.get("/account/").status_code == 200
    stack.sql("update organization set addresses = '' where slug = %s", slug)


def test_a_sign_in_that_is_too_old_is_asked_for_again(stack, place):
    slug, owner, member = place
    assert save(owner, slug, session_hours="x").status_code == 422
    assert save(owner, slug, session_hours="8").status_code == 303
    assert member.get(f"/{slug}/issues/").status_code == 200
    for key in stack.redis.keys("vedette:login:*"):
        stack.redis.hincrby(key, "created", -9 * 3600)
    answer = member.get(f"/{slug}/issues/")
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/login/?next=")


def test_passwords_can_be_switched_off_but_not_for_owners(stack, place):
    slug, owner, _ = place
    assert owner.post(f"/{slug}/settings/security/", session_hours="").status_code == 303
    for role, status in (("member", 403), ("owner", 200)):
        email = stack.create_account().email
        stack.sql("insert into member select o.id, a.id, %s from organization o, account a"
                  " where o.slug = %s and a.email = %s", role, slug, email)
        Person(stack).sign_in(email).set_password(PASSWORD)
        person = Person(stack)
        assert person.post("/login/", csrf="", email=email, password=PASSWORD).status_code == 303
        assert person.get(f"/{slug}/issues/").status_code == status, role


def test_only_certain_mail_domains_are_invited(place):
    slug, owner, _ = place
    assert save(owner, slug, mail_domains="example.com, example.org").status_code == 303
    path = f"/{slug}/settings/members/"
    assert owner.post(path, email="a@evil.example", role="member").status_code == 422
    assert owner.post(path, email="a@example.com", role="member").status_code == 200


def test_it_stands_in_the_audit_log(stack, place):
    slug, owner, _ = place
    save(owner, slug, session_hours="12")
    before, after = stack.sql("select before, after from audit where action = 'org.security'"
                              " order by id desc limit 1")[0]
    assert (json.loads(before), json.loads(after)) == ({"session hours": "0"}, {"session hours": "12"})


@pytest.fixture
def unsent(stack):
    """Mails stay in the outbox, with what nobody but who gets them may know."""
    stack.stop("worker")
    yield
    stack.start("worker")


# ---- a forgotten password

def test_the_answer_is_the_same_for_everybody(stack, stranger):
    email = stack.create_account().email
    answers = [stranger.post("/login/forgot/", csrf="", email=who).text
               for who in (email, "nobody@example.org")]
    blank = [re.sub(r"Request <span[^>]*>[^<]*|data-now=\"[^\"]*\"|rendered in [^<]*", "", a) for a in answers]
    assert blank[0] == blank[1] and "Look into your mail" in blank[0]
    stack.wait_for(lambda: stack.sql("select 1 from outbox where address = %s", email))
    assert stack.sql("select 1 from outbox where address = 'nobody@example.org'") == []


def test_the_link_of_the_mail_leads_to_a_new_password(stack, stranger, unsent):
    email = stack.create_account().email
    Person(stack).sign_in(email).set_password(PASSWORD)
    stranger.post("/login/forgot/", csrf="", email=email)
    data = stack.wait_for(lambda: stack.sql("select data from outbox where address = %s", email))[0][0]
    link = re.search(r"https?://[^\"\\ ]+/login/link/[\w-]+/", data).group()
    assert stranger.get(link).status_code == 200
    assert stranger.post(link, csrf="").status_code == 303
    assert stranger.post("/account/password/", new=PASSWORD + "2", again=PASSWORD + "2").status_code == 303
    assert Person(stack).post(link, csrf="").status_code == 404, "it works once"


def test_asking_too_often_is_slowed_down(stack, stranger):
    answers = [stranger.post("/login/forgot/", csrf="", email="often@example.org").status_code
               for _ in range(8)]
    assert answers[0] == 200 and answers[-1] == 429


# ---- a new address

def test_a_new_address_holds_once_its_link_was_followed(stack, new_person, unsent):
    old = stack.create_account().email
    person = new_person(old)
    new = f"new-{secrets.token_hex(3)}@example.org"
    assert person.post("/account/email/", email=new).status_code == 303
    assert new in person.get("/account/").text
    data = stack.value("select data from outbox where address = %s", new)
    link = re.search(r"https?://[^\"\\ ]+/account/email/[\w-]+/", data).group()
    guest = Person(stack)
    assert guest.get(link).status_code == 200
    assert stack.sql("select 1 from account where email = %s", new) == [], "looking changes nothing"
    assert guest.post(link, csrf="").status_code == 303
    assert stack.sql("select 1 from account where email = %s", old) == []
    assert guest.post(link, csrf="").status_code == 404


def test_a_taken_address_is_not_told(stack, new_person):
    taken = stack.create_account().email
    person = new_person()
    assert person.post("/account/email/", email=taken).status_code == 303
    assert stack.sql("select 1 from outbox where address = %s", taken) == []


# ---- closing

def test_a_closed_account_is_out_and_its_address_free(stack, place):
    slug, owner, member = place
    me = stack.value("select max(account_id) from member")
    email = stack.value("select email from account where id = %s", me)
    assert member.post("/account/close/", email="other@example.org").status_code == 422
    assert member.post("/account/close/", email=email).status_code == 303
    assert member.get("/account/").status_code == 303
    assert stack.sql("select 1 from member where account_id = %s", me) == []
    stack.create_account(email)
    owner_email = stack.value("select a.email from account a join member m on m.account_id = a.id"
                              " join organization o on o.id = m.organization_id where o.slug = %s"
                              " and m.role = 'owner' and a.email like 'owner-%%'", slug)
    stack.sql("delete from member using organization o where o.id = organization_id and o.slug = %s"
              " and account_id <> (select id from account where email = %s)", slug, owner_email)
    assert owner.post("/account/close/", email=owner_email).status_code == 409


# ---- the first account

def test_the_first_account_is_made_by_who_reads_the_log(fresh_stack):
    stack = fresh_stack
    link = re.search(r"https?://\S+/login/first/\S+/", stack.log("web")).group()
    path = link[len(stack.url):]
    assert requests.get(f"{stack.url}/login/first/{'A' * 43}/", timeout=20).status_code == 404
    guest = Person(stack)
    assert guest.get(path).status_code == 200
    fields = {"name": "Ada", "email": "ada@example.org", "org": "Engines", "password": PASSWORD}
    for wrong in ({"password": "short"}, {"email": "x"}, {"org": "-"}, {"name": ""}):
        assert guest.post(path, csrf="", **{**fields, **wrong}).status_code == 422
    answer = guest.post(path, csrf="", **fields)
    assert answer.headers["Location"] == "/engines/new-project/"
    assert guest.get("/engines/new-project/").status_code == 200
    assert guest.post(path, csrf="", **fields).status_code == 404, "only the first one"
    stack.restart("web")
    assert "/login/first/" not in stack.log("web").split("open ")[-1].split("\n", 1)[1]
