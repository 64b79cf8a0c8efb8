"""API tokens: shown once, no more than their owner, only where data is."""

import re

import pytest
import requests


@pytest.fixture
def make(stack, project):
    def token(person, *scopes, days="30"):
        answer = person.post("/account/tokens/", name="ci", scope=list(scopes), days=days)
        assert answer.status_code == 200, answer.text
        return re.search(r'value="(sntryu_[0-9a-f]{64})"', answer.text).group(1)
    return token


def ask(stack, path, token, **headers):
    return requests.get(stack.url + path, headers={"Authorization": f"Bearer {token}", **headers},
                        allow_redirects=False, timeout=20)


def test_it_reads_data_and_nothing_else(stack, make, member_of, project):
    person = member_of("acme", "viewer")
    token = make(person, "org:read")
    answer = ask(stack, "/acme/stats/csv/", token)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/csv")
    assert "Set-Cookie" not in answer.headers
    for path in ("/acme/stats/", "/account/", "/acme/settings/members/"):
        answer = ask(stack, path, token)
        assert answer.status_code == 403 and answer.json()["detail"], path
    assert requests.post(f"{stack.url}/acme/issues/", headers={"Authorization": f"Bearer {token}"},
                         timeout=20).status_code == 403
    last = stack.sql("select used_from, used_at is not null from api_token order by id desc limit 1")
    assert last == [("127.0.0.1", True)]


def test_no_more_than_its_scopes_and_its_owner(stack, make, member_of, project):
    person = member_of("acme", "viewer")
    assert ask(stack, "/acme/stats/csv/", make(person, "event:read")).status_code == 403
    all_of_them = re.findall(r'name="scope" value="([a-z:]+)"', person.get("/account/tokens/").text)
    token = make(person, *all_of_them)
    assert ask(stack, "/acme/stats/csv/", token).status_code == 200
    assert ask(stack, "/org-none-at-all/stats/csv/", token).status_code == 404
    stack.sql("delete from member where account_id = (select max(account_id) from api_token)")
    assert ask(stack, "/acme/stats/csv/", token).status_code == 404


def test_wrong_expired_and_revoked_ones_are_401(stack, make, member_of, project):
    person = member_of("acme", "viewer")
    token = make(person, "org:read")
    number = stack.value("select max(id) from api_token")
    assert ask(stack, "/acme/stats/csv/", token[:-1] + ("1" if token[-1] == "0" else "0")).status_code == 401
    stack.sql("update api_token set expires_at = now() where id = %s", number)
    assert ask(stack, "/acme/stats/csv/", token).status_code == 401
    stack.sql("update api_token set expires_at = null where id = %s", number)
    assert ask(stack, "/acme/stats/csv/", token).status_code == 200
    assert person.post(f"/account/tokens/{number}/revoke/").status_code == 303
    assert ask(stack, "/acme/stats/csv/", token).status_code == 401
    assert person.post(f"/account/tokens/{number}/revoke/").status_code == 404


def test_only_its_digest_is_kept_and_a_cookie_does_not_help(stack, make, member_of, project):
    person = member_of("acme", "viewer")
    token = make(person, "event:read")
    assert token not in str(stack.sql("select * from api_token"))
    assert token not in person.get("/account/tokens/").text
    answer = person.get("/acme/stats/csv/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403, "the token counts, not the cookie beside it"


def test_nobody_invents_a_scope_or_revokes_anothers(stack, make, member_of, new_person, project):
    person = member_of("acme", "viewer")
    for fields in ({"scope": "root"}, {"scope": "org:read", "days": "7"}, {"scope": []}):
        fields = {"name": "x", "days": "30", **fields}
        assert person.post("/account/tokens/", **fields).status_code == 422
    make(person, "org:read")
    number = stack.value("select max(id) from api_token")
    assert new_person().post(f"/account/tokens/{number}/revoke/").status_code == 404


def test_an_account_with_a_password_is_asked_for_it(stack, member_of, project):
    person = member_of("acme", "viewer").set_password("a long enough riddle")
    fields = {"name": "x", "days": "30", "scope": "org:read"}
    assert person.post("/account/tokens/", **fields).status_code == 422
    assert person.post("/account/tokens/", current="a long enough riddle", **fields).status_code == 200
