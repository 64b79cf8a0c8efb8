"""A stack that may speak to 127.0.0.1, an OpenID provider and a directory to sign in with."""

import re
import secrets

import pytest

from page.conftest import Person
from sso.directory import Directory
from sso.provider import CLIENT, SECRET, Provider


@pytest.fixture(scope="module")
def stack(new_stack):
    stack = new_stack(start=[])
    stack.write_config({"outbound.allow": "127.0.0.1"})
    return stack.start()


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    provider.close()
    assert provider.faults == [], "\n".join(provider.faults)


@pytest.fixture(scope="module")
def directory(build, scratch):
    directory = Directory(build, scratch / f"slapd-{secrets.token_hex(3)}")
    yield directory
    directory.stop()


@pytest.fixture
def stranger(stack):
    return Person(stack)


@pytest.fixture
def admin(stack):
    return Person(stack).sign_in(stack.admin.email)


class Place:
    """An organisation of one's own, with its owner."""

    def __init__(self, stack):
        self.stack = stack
        self.org = f"org-{secrets.token_hex(3)}"
        self.account = stack.create_account(f"{secrets.token_hex(4)}@example.org")
        self.project = stack.create_project(org=self.org, owner=self.account.email)
        self.id = stack.value("select id from organization where slug = %s", self.org)
        self.owner = Person(stack).sign_in(self.account.email)

    def set_up(self, kind, status=303, **fields):
        fields = {"name": f"{kind} of {self.org}", "outsiders": "join", "provider_on": "1", **fields}
        fields = {n: v for n, v in fields.items() if v is not None}
        answer = self.owner.session.post(f"{self.stack.url}/{self.org}/settings/sso/{kind}/",
                                         data={"csrf": self.owner.csrf, **fields}, allow_redirects=False, timeout=60)
        assert answer.status_code == status, re.findall(r'hint-bad"[^>]*>([^<]*)', answer.text) or answer.text
        return answer

    def openid(self, provider, **fields):
        return self.set_up("oidc", **{"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET,
                                      "scopes": "openid email profile", "groups_claim": "groups", **fields})

    def ldap(self, directory, **fields):
        return self.set_up("ldap", **{
            "url": directory.url, "bind_dn": directory.reader, "bind_password": directory.password,
            "base": "ou=people,dc=example,dc=org", "filter": "(|(uid=%u)(mail=%u))", "id": "entryUUID", "mail": "mail",
            "group_name": "cn", "group_base": "ou=groups,dc=example,dc=org", "group_filter": "(member=%d)", **fields})

    def role(self, email):
        rows = self.stack.sql("select m.role from member m join account a on a.id = m.account_id"
                              " where m.organization_id = %s and a.email = %s", self.id, email)
        return rows[0][0] if rows else None

    def teams(self, email):
        return dict(self.stack.sql(
            "select t.slug, m.role from team_member m join team t on t.id = m.team_id join account a"
            " on a.id = m.account_id where m.organization_id = %s and a.email = %s", self.id, email))

    def team(self, slug):
        self.stack.sql("insert into team (organization_id, slug, name) values (%s, %s, %s)", self.id, slug, slug)


@pytest.fixture
def place(stack):
    return Place(stack)


@pytest.fixture
def go(stack):
    """go(person, place): through an OpenID provider and back; the last answer of ours."""
    def make(person, place, next="/account/", back=None):
        answer = person.get(f"/login/sso/{place.org}/oidc/?next={next}")
        if answer.status_code != 303:
            return answer
        there = person.session.get(answer.headers["Location"], allow_redirects=False, timeout=60)
        url = there.headers["Location"]
        return person.get((back or (lambda u: u))(url).removeprefix(stack.url))
    return make


def email():
    return f"{secrets.token_hex(4)}@example.org"
