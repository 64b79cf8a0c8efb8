"""What page tests share: a person who talks HTTP, without a browser."""

import contextlib
import os
import re
import secrets
from html import unescape
from urllib.parse import urljoin

import pytest
import requests


class Person:
    """Cookies of their own, and forms as a browser would send them.

    get(path), post(path, csrf=..., **fields)    redirects are not followed
    csrf       the token that this person's forms carry
    """

    def __init__(self, stack):
        self.stack = stack
        self.session = requests.Session()

    def get(self, path="/", **options):
        return self.session.get(urljoin(self.stack.url, path), allow_redirects=False,
                                timeout=60, **options)

    def post(self, path, csrf=None, headers=None, **fields):
        if csrf is None:
            csrf = self.csrf
        return self.session.post(urljoin(self.stack.url, path), data={"csrf": csrf, **fields},
                                 headers=headers, allow_redirects=False, timeout=60)

    @property
    def csrf(self):
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get("/account/").text)
        return found.group(1) if found else ""

    def sign_in(self, email):
        answer = self.post(self.stack.sign_in_link(email), csrf="")
        assert answer.status_code == 303, answer.text
        return self

    def set_password(self, password):
        answer = self.post("/account/password/", new=password, again=password)
        assert answer.status_code == 303, answer.text
        return self


@pytest.fixture
def stranger(stack):
    return Person(stack)


@pytest.fixture
def new_person(stack):
    """new_person(email) is signed in; new_person() is a new account's."""
    def make(email=None):
        email = email or stack.create_account().email
        return Person(stack).sign_in(email)
    return make


@pytest.fixture
def admin(stack, new_person):
    return new_person(stack.admin.email)


@pytest.fixture
def member_of(stack, new_person):
    """member_of("acme", "viewer"): a person with this role."""
    def make(org, role):
        email = f"{role}-{secrets.token_hex(4)}@example.org"
        stack.create_account(email)
        stack.sql("insert into member (organization_id, account_id, role)"
                  " select o.id, a.id, %s from organization o, account a"
                  " where o.slug = %s and a.email = %s", role, org, email)
        return new_person(email)
    return make


def saved_menu(html, label):
    """(name, link, current) of a menu of what is saved under a name."""
    return [(unescape(name), unescape(link), checked == "true") for link, checked, name in re.findall(
        r'<a href="([^"]*)" class="menu-item" role="menuitemradio" aria-checked="(\w+)"><span class="cut">(.*?)</span>',
        html.partition(f'aria-label="{label}"')[2].partition("</details>")[0])]


def statements(answer):
    """How many SQL statements a page took."""
    return int(re.search(r'db;desc="(\d+)"', answer.headers["Server-Timing"]).group(1))


def cold(stack, person, path):
    """The answer of a web process that has kept nothing of pages before: the most statements that it takes."""
    stack.restart("web")
    return person.get(path)


def latest(chart):
    """How many a chart or trend has at its end: in the last two steps, as a step may have ended since they came."""
    return sum(map(int, chart.get_attribute("data-v").rpartition(":")[2].split(",")[-2:]))


def hold_waits(stack):
    """The waits of wrong passwords and codes do not end while a test looks at them; the ms that were left of each.

    They begin before a password is looked at: on a busy machine the first, of a second, may be over by now.
    """
    left = []
    for key in stack.redis.keys("vedette:signin:wait:*"):
        ms, held = stack.redis.pipeline(transaction=True).pttl(key).expire(key, 600).execute()
        left += [ms] if held else []
    return left


def web_seconds(stack):
    """What web's processes have computed, however busy the machine is."""
    ticks = 0
    for pid in stack.part("web").children():
        with open(f"/proc/{pid}/stat") as f:
            ticks += sum(map(int, f.read().rpartition(") ")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def old_outcomes(stack, project, rows):
    """Rows of (days ago, outcome, reason, quantity), which the worker adds up to days when it likes."""
    org = stack.value("select organization_id from project where id = %s", project.id)
    # not while the worker is at it: its days of hours that are gone would stay
    only_hours = ("do $$ begin perform pg_advisory_xact_lock(hashtext('vedette ledger'));"
                  " delete from outcome_day; update outcome_mark set till = '2000-01-01Z'; end $$")
    for days, outcome, reason, quantity in rows:
        stack.sql("insert into outcome_hour values (%s, %s, 0, date_trunc('hour', now() - make_interval(days => %s)),"
                  " 'error', %s, %s, %s)", org, project.id, days, outcome, reason, quantity)
    stack.sql(only_hours)
    try:
        yield
    finally:
        stack.sql("delete from outcome_hour where hour < now() - interval '2 days'")
        stack.sql(only_hours)
