"""Every kind of mail as its reader sees it: in a browser, in a language, by a clock."""

import json
import os
import re
import uuid
from pathlib import Path

import pytest
from alert.mailbox import html_of, text_of
from alert.rules import NEW
from alert.test_mail import OWNERS, act, issue_of, wait
from alert.test_metric import add_metric, put
from alert.test_weekly import monday
from axe_playwright_python.sync_playwright import Axe
from page.conftest import Person

EVENT = {
    "exception": {"values": [{"type": "TypeError", "value": "x is undefined in <b>pay</b>", "stacktrace": {"frames": [
        {"filename": "app/pay.py", "function": "pay", "lineno": 3, "in_app": True,
         "context_line": "    raise TypeError(an_argument_with_a_long_name, 'and words that go on and on to the right')"}]}}]},
    "transaction": "/pay/step/two/of/a/path/that/never/ends/and/has/no/spaces/in/it/so/that/it/must/be/broken",
    "tags": {"browser": "Firefox", "server": "web-1", "customer": uuid.UUID(int=7).hex * 3},
    "release": "shop@1.2.3", "environment": "production", "user": {"id": "7"}}


class Reader:
    def __init__(self, stack, name, language, zone):
        # a word of people, not of eight random letters: texts are searched for words
        account = stack.create_account(f"{name.lower()}7@example.org", name=name)
        self.email, self.language = account.email, language
        self.id = stack.value("update account set language = %s, time_zone = %s where email = %s returning id",
                              language, zone, account.email)


@pytest.fixture(scope="module")
def place(stack):
    """A project with a name that people gave it."""
    project = stack.create_project("till", name="Tills & shops")
    stack.sql("insert into project_setting (organization_id, project_id, name, value)"
              " select organization_id, id, 'mail.digest.shortest', '600' from project where id = %s", project.id)
    return project


@pytest.fixture(scope="module")
def readers(stack, place):
    made = [Reader(stack, "Ann", "en", "America/New_York"), Reader(stack, "Vera", "ru", "Europe/Riga")]
    for reader in made:
        stack.sql("insert into member (organization_id, account_id, role)"
                  " select organization_id, %s, 'owner' from project where id = %s", reader.id, place.id)
    return made


@pytest.fixture(scope="module")
def mails(stack, mailbox, rules, place, readers):
    """{(kind, language): mail} of all kinds that there are."""
    found = {}

    def take(kind, subject=""):
        """The latest of each reader."""
        for reader in readers:
            before = {mail["message-id"] for key, mail in found.items() if key[1] == reader.language}
            found[kind, reader.language] = stack.wait_for(
                lambda r=reader, b=before: [m for m in mailbox.to(r.email, subject) if m["message-id"] not in b],
                what=f"{kind} to {reader.email}")[-1]

    rules.add(place, NEW, actions=[OWNERS], name="What is new")
    stack.restart("worker", "web")
    stack.wait_for_event(stack.send_event(place, EVENT))
    take("new issue", "TILL-1")
    issue = issue_of(stack, place)
    actor = Reader(stack, "Olga", "en", "UTC")
    for reader in readers:
        stack.sql("insert into issue_subscription (issue_id, account_id, organization_id, reason)"
                  " select id, %s, organization_id, 'chosen' from issue where id = %s", reader.id, issue)
    stack.sql("insert into member (organization_id, account_id, role)"
              " select organization_id, %s, 'member' from project where id = %s", actor.id, place.id)
    for reader in readers:
        act(stack, issue, "assigned", actor.id, json.dumps({"account_id": reader.id, "name": "Ann"}))
    take("assigned", "TILL-1")
    names = " ".join("@" + reader.email.split("@")[0] for reader in readers)
    for kind, name, by, data in (
            ("commented", "comment", actor.id, {"text": "I look into it.\nIt is the till."}),
            ("mentioned", "comment", actor.id, {"text": f"{names} please look"}),
            ("resolved", "resolved", actor.id, {}), ("regressed", "regressed", None, {})):
        act(stack, issue, name, by, json.dumps(data))
        take(kind, "TILL-1")

    metric = add_metric(stack, place, actions=[OWNERS])
    stack.sql("update alert_rule set name = 'Too many errors' where id = %s", metric)
    for kind, events in (("critical", 9), ("fine again", 1)):
        put(stack, place, events)
        take(kind, "Too many errors")

    for n in range(2):
        stack.wait_for_event(stack.send_event(place, message=f"Another one {'ab'[n]}", level="warning"))
    waiting = "select count(*) from outbox where project_id = %s and endpoint = 'digest' and state = 0"
    stack.wait_for(lambda: stack.value(waiting, place.id) >= 2 * len(readers), what="mails that wait")
    stack.sql("update mail_digest set due_at = now(), latest_at = now() where project_id = %s", place.id)
    stack.sql("update outbox set due_at = now() where project_id = %s and endpoint = 'digest'", place.id)
    stack.sql("select pg_notify('vedette_outbox', '')")
    take("digest", "Tills & shops")

    tuesday = monday().replace(hour=3)
    stack.sql("insert into issue_hour (issue_id, hour, times_seen) values (%s, %s, 40)", issue, tuesday)
    stack.sql("insert into outcome_hour (organization_id, project_id, key_id, hour, category, outcome, reason,"
              " quantity) select organization_id, id, 0, %s, 'error', 'accepted', '', 1242 from project where id = %s",
              tuesday, place.id)
    stack.vedette("report", "acme")
    take("weekly report", "acme")

    broken = stack.value("insert into integration (organization_id, type, name, sealed) select organization_id,"
                         " 'webhook', 'Broken', 'not sealed' from project where id = %s returning id", place.id)
    stack.expect_log("is given up")
    stack.sql("insert into outbox (organization_id, cause, channel, integration_id, endpoint, key, data)"
              " select organization_id, 'issue', 'webhook', %s, 'test:broken', 'test:broken', '{}' from project"
              " where id = %s", broken, place.id)
    stack.sql("select pg_notify('vedette_outbox', '')")
    take("dead endpoint", "webhook")

    admin = Person(stack).sign_in(readers[0].email)
    guest = Reader(stack, "Ivan", "ru", "Europe/Riga")  # of no organisation
    for language, email in (("en", "guest@example.org"), ("ru", guest.email)):
        assert admin.post("/acme/settings/members/", email=email, role="member").status_code == 200
        found["invitation", language] = wait(stack, mailbox, email)
    return found


KINDS = ("new issue", "assigned", "commented", "mentioned", "resolved", "regressed", "critical",
         "fine again", "digest", "weekly report", "dead endpoint", "invitation")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_fits_a_telephone_and_can_be_read(new_browser, mails, scheme):
    assert {kind for kind, _ in mails} == set(KINDS)
    browser = new_browser(color_scheme=scheme, viewport={"width": 390, "height": 800})
    album, found = os.environ.get("VEDETTE_ALBUM"), []
    for (kind, language), mail in mails.items():
        browser.page.set_content(html_of(mail))
        if album:  # a folder to look at
            (Path(album) / f"{kind}.{language}.txt").write_text(text_of(mail))
            browser.page.screenshot(path=Path(album) / f"{kind}.{language}.{scheme}.png".replace(" ", "-"), full_page=True)
        wide = browser.page.evaluate("document.documentElement.scrollWidth")
        if wide > 390:
            found.append(f"{kind} ({language}): {wide} px")
        if language == "en":  # colours and structure are the same in all
            found += [f"{kind}: {violation['id']}: {node['html'][:160]}"
                      for violation in Axe().run(browser.page).response["violations"]
                      if violation["impact"] in ("serious", "critical") for node in violation["nodes"]]
    assert found == []


def seen(part):
    """What is read of it: without addresses and what the reader's own people have written."""
    part = re.sub(r"(?s)<style>.*</style>|<title>.*?</title>|<[^>]*>|https?://\S+|\S+@\S+", " ", part)
    return part.replace("&amp;", "&").replace("&#39;", "'")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_whole_in_both_languages_and_by_the_readers_clock(mails, kind):
    english, russian = mails[kind, "en"], mails[kind, "ru"]
    for part in (text_of(english), html_of(english)):
        assert not re.search("[а-яё]", seen(part), re.IGNORECASE), "no Russian in an English mail"
    for mail in (english, russian):
        for part in (mail["subject"], seen(text_of(mail)), seen(html_of(mail))):
            assert not re.search(r"\d{4}-\d\d-\d\dT|[\x00-\x08]|\{\d", part), "no machine's writing"
    own = {"TypeError", "is", "undefined", "in", "pay", "app", "py", "raise", "Firefox", "web", "browser", "server",
           "customer", "shop", "production", "Tills", "shops", "TILL", "What", "new", "Too", "many", "errors", "Olga",
           "Vedette", "acme", "I", "look", "into", "it", "It", "the", "till", "please", "Another", "one", "a", "b",
           "webhook", "ID", "x", "an_argument_with_a_long_name", "and", "words", "that", "go", "on", "to", "right",
           "EET", "EEST", "of", "step", "two", "path", "never", "ends", "has", "no", "spaces", "so", "must", "be",
           "broken", "quot", "lt", "gt", "level", "error", "user", "id", "sdk", "name", "vedette", "test", "EST", "URL",
           "A", "has", "signs", "at", "most", "Ann"}
    for part in (text_of(russian), html_of(russian)):
        assert set(re.findall(r"\b[A-Za-z][A-Za-z_]*\b", seen(part))) - own == set(), "no English in a Russian mail"


def test_a_time_is_the_readers_own(mails):
    english, russian = (text_of(mails["new issue", language]) for language in ("en", "ru"))
    moments = [re.search(rf"{name}: \d+ (\S+) \d{{4}}, (\d\d):(\d\d) (\S+)", text).groups()
               for name, text in (("First seen", english), ("Первый раз", russian))]
    (month, hour, minute, zone), (there, later, same, other) = moments
    assert zone in ("EST", "EDT") and other in ("EET", "EEST") and minute == same
    assert month.isascii() and not there.isascii()
    assert (int(later) - int(hour)) % 24 in (6, 7, 8)
