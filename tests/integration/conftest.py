"""A stack that may speak to 127.0.0.1, fake servers to speak to, and people to connect them."""

import json
import re
import uuid

import pytest

from integration.fake import Fake
from page.conftest import Person

SETTINGS = {"outbound.allow": "127.0.0.1"}


@pytest.fixture(scope="module")
def stack(new_stack):
    stack = new_stack(start=[])
    stack.write_config(SETTINGS)
    return stack.start()


@pytest.fixture
def fake():
    fake = Fake()
    yield fake
    fake.close()
    assert fake.faults == [], "\n".join(fake.faults)


class Owner(Person):
    """Somebody who may connect things in "acme"."""

    def connect(self, type, **fields):
        """Connects, which tests it; the connection's id."""
        answer = self.submit(f"/acme/settings/integrations/new/{type}/", {"name": f"my {type}", **fields})
        assert answer.status_code == 303, re.findall(r'hint-bad"[^>]*>([^<]*)', answer.text) or answer.text
        return int(answer.headers["Location"].rstrip("/").rpartition("/")[2])

    def submit(self, path, fields):
        """post() for forms with fields of any name."""
        return self.session.post(self.stack.url + path, data={"csrf": self.csrf, **fields},
                                 allow_redirects=False, timeout=60)

    def test(self, id):
        answer = self.post(f"/acme/settings/integrations/{id}/test/")
        assert answer.status_code == 303, answer.text
        return self.state(id)

    def state(self, id):
        """(state, what went wrong)"""
        return self.stack.sql("select state, error from integration where id = %s", id)[0]

    def disconnect(self, id):
        assert self.post(f"/acme/settings/integrations/{id}/remove/").status_code == 303


@pytest.fixture(scope="module")
def shop(stack):
    return stack.create_project("shop")


@pytest.fixture(scope="module")
def owner(stack, shop):
    return Owner(stack).sign_in(stack.admin.email)


@pytest.fixture
def connect(owner):
    """connect(type, **fields), disconnected at the end."""
    made = []

    def make(type, **fields):
        made.append(owner.connect(type, **fields))
        return made[-1]
    yield make
    for id in made:
        owner.disconnect(id)


NASTY = '<script>alert(1)</script> & "quotes" *stars* `ticks` @everyone <!channel> \u202e\n[x](http://evil.example)'

NOTICE = {
    "cause": "issue", "action": "triggered", "key": "fire:1:1", "at": 1785000000000000,
    "title": f"TypeError: {NASTY}", "url": "https://errors.example.org/acme/issues/SHOP-1/", "culprit": "app.views in render",
    "short_id": "SHOP-1", "issue_id": 1, "event_id": "0123456789abcdef0123456789abcdef", "level": 40, "state": "new",
    "first_seen": 1785000000000000, "last_seen": 1785000100000000, "times_seen": 214, "users_seen": 12,
    "organization": "acme", "organization_name": "Acme", "project": "shop", "project_name": "Shop",
    "environment": "production", "release": "shop@1.2.3", "measured": "214 events in 10 min", "threshold": "more than 200",
    "frame": "app/views.py in render, line 42", "source": "    return x[NASTY]", "notes": "Call the duty phone.",
    "rules": [{"id": 1, "words": "Many errors", "url": "https://errors.example.org/acme/alerts/1/"}],
    "tags": [["", "x"], ["empty", ""], *([f"tag{n}", NASTY * (1 + n % 3)] for n in range(38))],
    "actions": [{"words": "Resolve", "url": "https://errors.example.org/act/abc/"},
                {"words": "Archive", "url": "https://errors.example.org/act/def/"}],
}


@pytest.fixture
def deliver(stack):
    """Puts a notice into the outbox and waits for its end; the row's (state, last_code, last_answer)."""
    def make(integration, wait=True, **changes):
        org, type = stack.sql("select organization_id, type from integration where id = %s", integration)[0]
        number = uuid.uuid4().hex
        notice = {**NOTICE, "organization_id": org, "key": f"fire:1:{number}", **changes}
        id = stack.value(
            "insert into outbox (organization_id, cause, channel, integration_id, endpoint, key, data)"
            " values (%s, 'issue', %s, %s, %s, %s, %s) returning id", org, type, integration,
            f"test:{number}", notice["key"], json.dumps(notice))
        stack.sql("select pg_notify('vedette_outbox', '')")
        if not wait:
            return id
        return stack.wait_for(lambda: stack.sql(
            "select state, last_code, last_answer from outbox where id = %s and (state <> 0 or attempts > 0)"
            " and leased_until is null", id), what=f"delivery {id}")[0]
    return make
