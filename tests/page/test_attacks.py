"""What an attacker tries, each with its result.

Sessions replayed and fixed, forged forms, guesses, accounts asked for, redirects and headers bent, fields added, ids of
others, paths and files with tricks in their names.  Single sign-on has its own in tests/sso, what an event may hold in
the corpus of markup, and what integrations may reach in tests/integration.
"""

import json
import secrets
import time
from urllib.parse import quote

import pytest

from page.conftest import Person, hold_waits, web_seconds

PASSWORD = "correct horse battery"


@pytest.fixture
def account(stack, new_person):
    account = stack.create_account()
    new_person(account.email).set_password(PASSWORD)
    return account


def sign_in(person, email, password=PASSWORD, **fields):
    return person.post("/login/", csrf="", email=email, password=password, **fields)


# ---- forged forms

@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_a_form_of_another_site_changes_nothing(stack, new_person, headers):
    person = new_person()
    answer = person.post("/account/", headers=headers, name="Mallory")
    assert answer.status_code == 403
    assert "Mallory" not in person.get("/account/").text


@pytest.mark.parametrize("token", ["", "0" * 64, "another"])
def test_a_form_without_the_token_of_this_login_changes_nothing(new_person, token):
    person = new_person()
    if token == "another":
        token = new_person().csrf
    assert person.post("/account/", csrf=token, name="Mallory").status_code == 403


def test_a_form_of_an_earlier_login_changes_nothing(stack, account):
    person = Person(stack)
    sign_in(person, account.email)
    token = person.csrf
    sign_in(person, account.email)
    assert person.post("/account/", csrf=token, name="Mallory").status_code == 403


@pytest.mark.parametrize("type, body", [
    ("application/json", '{"name": "Mallory"}'), ("text/plain", "csrf=x&name=Mallory"),
    ("multipart/form-data; boundary=x", "--x--"), ("application/csp-report", "{}")])
def test_other_bodies_than_forms_are_refused(new_person, type, body):
    person = new_person()
    answer = person.session.post(person.stack.url + "/account/", data=body, headers={"Content-Type": type},
                                 allow_redirects=False, timeout=30)
    assert answer.status_code in (403, 415)


def test_asking_changes_nothing(stack, project, admin):
    """Addresses that change things are no pages: GET is answered 405."""
    for path in ("/logout/", f"/acme/projects/{project.slug}/delete/", "/account/close/", "/acme/settings/leave/"):
        assert admin.get(path).status_code == 405, path


# ---- sessions

def test_a_session_that_somebody_else_has_chosen_is_not_used(stack, account):
    person = Person(stack)
    chosen = "A" * 43
    person.session.cookies.set("vedette", chosen)
    assert sign_in(person, account.email).status_code == 303
    assert [c.value for c in person.session.cookies if c.name == "vedette" and c.value != chosen]
    attacker = Person(stack)
    attacker.session.cookies.set("vedette", chosen)
    assert attacker.get("/account/").status_code == 303


def test_what_was_signed_out_is_not_replayed(stack, account):
    person = Person(stack)
    sign_in(person, account.email)
    stolen = person.session.cookies["vedette"]
    assert person.post("/logout/").status_code == 303
    thief = Person(stack)
    thief.session.cookies.set("vedette", stolen)
    assert thief.get("/account/").status_code == 303


def test_a_new_password_ends_the_other_sessions(stack, account):
    person, thief = Person(stack), Person(stack)
    sign_in(person, account.email)
    sign_in(thief, account.email)
    answer = person.post("/account/password/", current=PASSWORD, new=PASSWORD + "!", again=PASSWORD + "!")
    assert answer.status_code == 303
    assert thief.get("/account/").status_code == 303 and person.get("/account/").status_code == 200


# ---- guesses

def test_guesses_are_slowed_down_and_nobody_is_locked_out(stack, account):
    codes = []
    for n in range(9):
        codes.append(sign_in(Person(stack), account.email, f"guess {n}").status_code)
        hold_waits(stack)
    assert codes[0] == 403 and codes[-1] == 429
    for key in stack.redis.keys("vedette:signin:wait:*"):
        stack.redis.delete(key)
    assert sign_in(Person(stack), account.email).status_code == 303, "the owner comes in between two guesses"


def test_many_guesses_at_once_do_not_slip_through(stack, account):
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(lambda n: sign_in(Person(stack), account.email, f"guess {n}").status_code, range(24)))
    assert codes.count(403) <= 12, codes
    for key in stack.redis.keys("vedette:signin:*"):
        stack.redis.delete(key)


# ---- who has an account

def test_known_and_unknown_accounts_get_the_same_answer_for_the_same_work(stack, account):
    """Sign-in: the same page, and as much of web's own time, which is one password hash; a forgotten password likewise."""
    texts, times = {}, {"known": 0, "unknown": 0}
    for n in range(5):
        for kind, email in (("known", account.email), ("unknown", "nobody-there@example.org")):
            for key in stack.redis.keys("vedette:signin:*"):
                stack.redis.delete(key)
            begin = web_seconds(stack)
            answer = sign_in(Person(stack), email, "wrong")
            times[kind] += web_seconds(stack) - begin
            text = answer.text.replace(email, "EMAIL")
            texts[kind] = (answer.status_code, text.split("<body>")[1].split("Request")[0])
    assert texts["known"] == texts["unknown"]
    assert 0.4 < times["known"] / times["unknown"] < 2.5, times
    answers = [Person(stack).post("/login/forgot/", csrf="", email=e) for e in (account.email, "nobody-there@example.org")]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].text.split("<body>")[1].replace(account.email, "") \
        == answers[1].text.split("<body>")[1].replace("nobody-there@example.org", "")


# ---- where a sign-in leads

@pytest.mark.parametrize("next", [
    "//evil.example/", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)",
    "/%0d%0aSet-Cookie: a=b\r\nX: y", "///evil.example", "http:evil.example", " //evil.example", "/\n/evil.example"])
def test_a_sign_in_leads_to_us_only(stack, account, next):
    answer = sign_in(Person(stack), account.email, next=next)
    assert answer.status_code == 303
    where = answer.headers["Location"]
    assert where.startswith("/") and not where.startswith(("//", "/\\")) and "\r" not in where
    assert "a" not in answer.cookies and "X" not in answer.headers


@pytest.mark.parametrize("path", ["//evil.example/..", "/%2f%2fevil.example", "/acme%0d%0aX-Evil:1", "/\\evil.example"])
def test_a_missing_slash_leads_nowhere_else(admin, path):
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", admin.stack.port, timeout=60)
    connection.putrequest("GET", path, skip_host=False)
    connection.endheaders()
    answer = connection.getresponse()
    where = answer.getheader("Location") or ""
    assert answer.getheader("X-Evil") is None
    assert not where.startswith(("//", "/\\", "http://evil", "https://evil")), where
    connection.close()


def test_a_host_header_does_not_get_into_links(stack, account):
    answer = Person(stack).session.post(stack.url + "/login/forgot/", data={"email": account.email},
                                        headers={"Host": "evil.example"}, timeout=30)
    assert "evil.example" not in answer.text
    assert stack.value("select count(*) from outbox where data::text like '%%evil.example%%'") == 0


# ---- fields that no form has

def test_fields_that_no_form_has_change_nothing(stack, new_person, member_of):
    person = new_person()
    extra = {"is_superuser": "true", "superuser": "1", "email": "root@example.org", "id": "1", "is_active": "f", "account": "1"}
    assert person.post("/account/", name="Plain", time_zone="UTC", **extra).status_code == 303
    assert stack.sql("select is_superuser, is_active from account where name = 'Plain'") == [(False, True)]
    stack.create_project("mass", org="mass-org")
    manager = member_of("mass-org", "manager")
    answer = manager.post("/mass-org/settings/", name="Mass", slug="mass-org", default_role="member", id="1",
                          organization_id="1", require_second="1", local_passwords="")
    assert answer.status_code == 303
    assert stack.sql("select require_second, local_passwords from organization where slug = 'mass-org'") == [(False, True)]


def test_nobody_gives_a_role_above_the_own(stack, member_of):
    stack.create_project("roles", org="roles-org")
    manager = member_of("roles-org", "manager")
    for role in ("owner", "superuser", "", "none", "OWNER"):
        answer = manager.post("/roles-org/settings/members/", email=f"{secrets.token_hex(4)}@example.org", role=role)
        assert answer.status_code in (403, 422), role
    assert stack.value("select count(*) from invitation i join organization o on o.id = i.organization_id"
                       " where o.slug = 'roles-org'") == 0


# ---- paths and numbers

@pytest.mark.parametrize("path", [
    "/../../etc/passwd", "/static/../config.yml", "/static/..%2f..%2fconfig.yml", "/static/%2e%2e/%2e%2e/config.yml",
    "/acme/..;/settings/", "/acme/issues/%00", "/acme/issues/1%20or%201=1/", "/acme/issues/-1/", "/acme/issues/99999999999999999999/",
    "/acme/projects/%2e%2e/settings/", "/acme/settings/members/1e3/", "/acme/issues/%c0%ae/", "/acme/issues/" + "a" * 3000 + "/"])
def test_tricks_in_a_path_find_nothing(stack, project, admin, path):
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=60)
    connection.request("GET", path, headers={"Cookie": f"vedette={admin.session.cookies['vedette']}"})
    answer = connection.getresponse()
    body = answer.read().decode(errors="replace")
    connection.close()
    assert answer.status in (400, 404, 405, 414), f"{path}: {answer.status}"
    assert "root:" not in body and "db:" not in body


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\r\nX-Evil: 1.txt", 'a".html', "<svg onload=alert(1)>.svg", "\u202egpj.exe",
                                  "/absolute", "..", "C:\\boot.ini"])
def test_tricks_in_the_name_of_an_upload_stay_a_name(stack, project, admin, name):
    event = secrets.token_hex(16)
    answer = stack.send_envelope(project, {"event_id": event}, [
        ({"type": "event"}, {"event_id": event, "message": "with a file"}),
        ({"type": "attachment", "filename": name, "content_type": "text/html"}, b"<script>alert(1)</script>")])
    assert answer.status_code == 200
    stack.wait_for_event(event)
    id = stack.wait_for(lambda: stack.sql("select id from attachment where project_id = %s and event_id = %s",
                                          project.id, event))[0][0]
    raw = admin.get(f"/acme/projects/{project.slug}/attachments/{id}/raw/")
    assert raw.status_code == 200
    assert raw.headers["Content-Disposition"].startswith("attachment")
    assert "X-Evil" not in raw.headers and raw.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src" in raw.headers["Content-Security-Policy"]
    stored = [p for p in (stack.folder / "attachments").rglob("*") if p.is_file()]
    assert stored and all(p.resolve().is_relative_to((stack.folder / "attachments").resolve()) for p in stored)
    assert not any("passwd" in p.name or "evil" in p.name.lower() for p in stored)


# ---- what the browser tells us

def test_what_our_policy_blocks_is_told_to_us(stack, stranger):
    assert "report-uri /login/csp/" in stranger.get("/login/").headers["Content-Security-Policy"]
    body = json.dumps({"csp-report": {"document-uri": stack.url + "/x", "violated-directive": "script-src",
                                      "blocked-uri": "inline\n2026 web: forged line"}})
    began = time.monotonic()
    for _ in range(20):
        answer = stranger.session.post(stack.url + "/login/csp/", data=body, timeout=30,
                                       headers={"Content-Type": "application/csp-report", "Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 204
    lines = [line for line in stack.log("web").splitlines() if "a browser has blocked" in line]
    assert 1 <= len(lines) <= 2 * (2 + time.monotonic() - began), "a line a second and process"
    assert "script-src" in lines[0] and not any(line.startswith("2026 web: forged") for line in stack.log("web").splitlines())
    answer = stranger.session.post(stack.url + "/login/csp/", data=body, timeout=30,
                                   headers={"Content-Type": "application/csp-report", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
