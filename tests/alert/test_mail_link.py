"""The links of a mail: each signed for its reader, and none does anything by being looked at."""

import hashlib
import re
import time

import pytest
import requests
from alert.mailbox import html_of, text_of
from alert.rules import NEW
from alert.test_mail import OWNERS, ann, issue_of, wait  # noqa: F401 (ann is a fixture)

EFFECTS = {
    "resolve": "select status = 1 from issue where id = %(issue)s",
    "archive": "select status = 2 from issue where id = %(issue)s",
    "assign": "select assignee_id = %(ann)s from issue where id = %(issue)s",
    "mute": "select count(*) > 0 from alert_mute where account_id = %(ann)s",
    "silence": "select count(*) > 0 from notification_setting where account_id = %(ann)s and value = 'never'",
}


class Links:
    def __init__(self, stack, mail, issue, account):
        self.stack, self.mail = stack, mail
        self.ids = {"issue": issue, "ann": account}

    def url(self, action):
        if action == "silence":
            return self.mail["list-unsubscribe"].strip("<>")
        return re.search(rf'href="(http[^"]+/mail/{action}\.[^"]+)"', html_of(self.mail)).group(1)

    def done(self, action):
        [(done,)] = self.stack.sql(re.sub(r"%\((\w+)\)s", lambda m: str(self.ids[m.group(1)]), EFFECTS[action]))
        return bool(done)

    def traces(self):
        return self.stack.value("select count(*) from activity where issue_id = %s", self.ids["issue"])

    def signed(self, text):
        """As the worker signs it."""
        key = self.stack.value("select key from signing_key")
        key = hashlib.blake2b(key.encode(), digest_size=32).digest()
        mac = hashlib.blake2b(text.encode(), digest_size=32, key=key).hexdigest()[:32]
        return f"{self.stack.url}/mail/{text}.{mac}/"


@pytest.fixture
def links(stack, mailbox, rules, project, send, known, ann):  # noqa: F811
    rules.add(project, NEW, actions=[OWNERS])
    known()
    send("A link")
    return Links(stack, wait(stack, mailbox, ann.email, "A link"), issue_of(stack, project), ann.id)


def changed(text):
    """Another hexadecimal digit at its end."""
    return text[:-1] + ("1" if text[-1] == "0" else "0")


def test_a_link_acts_when_it_is_posted_and_once(links):
    for action in EFFECTS:
        url = links.url(action)
        assert url in text_of(links.mail) or action == "silence", "those who read plain text have it, too"
        for look in (requests.get, requests.head, requests.options):  # a scanner of mails, a preview
            assert look(url, timeout=60).status_code < 500
            assert not links.done(action), f"{look.__name__} of {action} must do nothing"
        assert requests.post(url, timeout=60).status_code == 200
        assert links.done(action), action
        before = links.traces()
        assert requests.post(url, timeout=60).status_code == 200
        assert links.done(action) and links.traces() == before, f"{action} twice is {action} once"


def test_one_click_of_a_mail_program_needs_no_cookie_and_no_form(links):
    url = links.url("silence")
    assert links.mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    answer = requests.post(url, data="List-Unsubscribe=One-Click", timeout=60, allow_redirects=False,
                           headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 200 and "set-cookie" not in answer.headers and links.done("silence")


def test_a_link_that_is_changed_or_old_or_anothers_does_nothing(stack, links):
    for action in EFFECTS:
        url = links.url(action)
        text, mac = re.search(r"/mail/(.+)\.([0-9a-f]{32})/", url).groups()
        name, account, org, object_id, day = text.split(".")
        today = int(time.time() // 86400)
        assert links.signed(text) == url, "the test signs as the worker does"
        assert today + 29 <= int(day) <= today + 30
        forged = {
            "signature": f"{stack.url}/mail/{text}.{changed(mac)}/",
            "no signature": f"{stack.url}/mail/{text}/",
            "another action": url.replace(action, "assign" if action == "resolve" else "resolve"),
            "another object": f"{stack.url}/mail/{name}.{account}.{org}.{int(object_id) + 1}.{day}.{mac}/",
            "another person": f"{stack.url}/mail/{name}.{int(account) - 1}.{org}.{object_id}.{day}.{mac}/",
            "longer": f"{stack.url}/mail/{name}.{account}.{org}.{object_id}.{int(day) + 1}.{mac}/",
            "expired": links.signed(f"{name}.{account}.{org}.{object_id}.{today - 1}"),
            "unknown action": links.signed(f"delete.{account}.{org}.{object_id}.{day}"),
        }
        for what, link in forged.items():
            for ask in (requests.get, requests.post):
                assert ask(link, timeout=60).status_code == 404, f"{action}: {what}"
            assert not links.done(action), f"{action}: {what}"
    stack.sql("delete from member where account_id = %s", links.ids["ann"])
    for action in EFFECTS:
        assert requests.post(links.url(action), timeout=60).status_code == 404, "nobody's member any more"
        assert not links.done(action)
