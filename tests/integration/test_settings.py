"""Settings, Integrations: connect, test, change, disconnect; what is secret stays secret."""

import hashlib
import hmac
import json
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe

from integration.conftest import SETTINGS
from integration.test_chat import SERVICES, slack, slack_bot
from page.conftest import statements

LIST = "/acme/settings/integrations/"


def audit(stack, action):
    return stack.sql("select object, before, after from audit where action = %s order by id desc limit 1", action)[0]


def test_connected_in_a_browser_without_javascript(stack, shop, owner, fake, new_browser):
    fields = slack(fake)
    browser = new_browser(stack.admin, java_script_enabled=False)
    page = browser.open(LIST)
    page.get_by_role("link", name="Connect Slack").click()
    page.get_by_label("Incoming webhook").fill(fields["webhook"])
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_text("Connected: the test worked.").wait_for()
    assert fake.seen[-1].json["text"].startswith("Test message")
    assert "secret-part" not in page.content()
    page.get_by_role("button", name="Test").click()
    page.get_by_text("The test worked.").wait_for()
    page = browser.open(LIST)
    assert page.locator("table").get_by_text("Connected", exact=True).is_visible()
    page.get_by_role("link", name="Slack", exact=True).click()
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_text("Slack is disconnected.").wait_for()
    assert stack.sql("select 1 from integration where type = 'slack'") == []


@pytest.mark.parametrize("type", sorted({name.partition(" ")[0] for name in SERVICES} | {"webhook"}))
def test_every_form_can_be_seen(owner, type):
    answer = owner.get(f"{LIST}new/{type}/")
    assert answer.status_code == 200 and 'name="name"' in answer.text


def test_secrets_are_encrypted_and_never_shown(stack, owner, fake, connect):
    id = connect("slack", **slack_bot(fake))
    page = owner.get(f"{LIST}{id}/").text
    row = str(stack.sql("select * from integration where id = %s", id))
    log = str(stack.sql("select * from audit"))
    for where in (page, row, log, owner.get(LIST).text, stack.log("web"), stack.log("worker")):
        assert "xoxb-1234567890" not in where
    assert "a new secret" in log
    # kept when the field stays empty, forgotten when asked
    fields = {"name": "my slack", "channel": "#b", "url": fake.url, "connection_on": "1"}
    assert owner.post(f"{LIST}{id}/", **fields).status_code == 303
    assert owner.test(id) == (0, "") and fake.seen[-1].json["channel"] == "#b"
    assert owner.post(f"{LIST}{id}/", **fields, forget_token="1").status_code == 303
    assert owner.test(id) == (1, "It needs a webhook or a token.")


def test_a_failure_is_shown_and_its_secrets_masked(stack, owner, fake, connect):
    id = connect("slack", **slack_bot(fake))
    fake.misbehave((401, {"error": "the token xoxb-1234567890 is not known"}))
    state, error = owner.test(id)
    assert state == 1 and "[secret] is not known" in error and "xoxb" not in error
    page = owner.get(f"{LIST}{id}/").text
    assert "Needs attention" in page and "is not known" in page
    assert "Needs attention" in owner.get(LIST).text


def test_a_down_service_can_still_be_saved(stack, owner, fake, connect):
    fields = slack(fake)
    fake.misbehave((503, "sorry"))
    assert owner.state(connect("slack", **fields)) == (1, "sorry")


@pytest.mark.parametrize("url, why", [
    ("ftp://example.org/", "begins with https"), ("http://example.org/", "Only https"),
    ("https://10.0.0.1/", "private address"), ("https://user:pw@example.org/", "a password in it"),
    ("https://[::1]/", "of this host"), ("https://127.0.0.1:6379/", "no web server")])
def test_a_wrong_url_is_refused_when_it_is_typed(owner, url, why):
    answer = owner.post(f"{LIST}new/webhook/", name="Hook", url=url)
    assert answer.status_code == 422 and why in answer.text and 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "x" * 61}, {"template": "x" * 10001},
                                    {"url": ""}, {"url": "x" * 3000}])
def test_what_cannot_be_is_refused(owner, fake, fields):
    answer = owner.post(f"{LIST}new/webhook/", **{"name": "Hook", "url": fake.url, **fields})
    assert answer.status_code == 422 and "hint-bad" in answer.text


def test_names_are_taken_once(owner, fake, connect):
    connect("slack", **slack(fake))
    answer = owner.post(f"{LIST}new/slack/", name="my slack", **slack(fake))
    assert answer.status_code == 422 and "Another connection has this name." in answer.text


def test_changes_are_in_the_audit_log(stack, owner, fake):
    id = owner.connect("slack", **slack_bot(fake))
    assert audit(stack, "integration.add")[0] == "slack, my slack"
    owner.post(f"{LIST}{id}/", name="my slack", channel="#c", url=fake.url)
    _, before, after = audit(stack, "integration.edit")
    assert json.loads(before) == {"state": "on", "channel": "#errors"}
    assert json.loads(after) == {"state": "off", "channel": "#c"}
    owner.disconnect(id)
    assert audit(stack, "integration.remove")[0] == "slack, my slack"


def test_the_keys_can_change(stack, owner, fake, connect):
    """A new key is put in front: the old still opens, and what it sealed is sealed anew."""
    id = connect("slack", **slack(fake))
    before = stack.value("select sealed from integration where id = %s", id)
    old = "a key of the tests that is long enough"
    keys = stack.folder / "keys"
    keys.write_text(f"# two keys\na new key of the tests that nobody knows\n{old}\n")
    keys.chmod(0o644)
    stack.write_config({**SETTINGS, "system.secret-file": keys, "system.secret-key": ""})
    stack.restart("web", "worker")
    try:
        assert owner.test(id) == (0, "")
        stack.wait_for(lambda: stack.value("select sealed from integration where id = %s", id) != before)
        keys.write_text("a new key of the tests that nobody knows\n")
        assert owner.test(id) == (0, "")
    finally:
        keys.write_text(f"{old}\na new key of the tests that nobody knows\n")
        stack.restart("web", "worker")


def test_the_webhook_is_signed_and_complete(fake, connect, deliver):
    secret = "a secret of the receiver"

    def body(seen):
        mac = hmac.new(secret.encode(), seen.body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(seen.headers["Sentry-Hook-Signature"], mac)
        assert re.fullmatch(r"[0-9]{10}", seen.headers["Sentry-Hook-Timestamp"])
        assert re.fullmatch(r"[0-9a-f]{32}", seen.headers["Request-ID"])
    fake.expect("POST", "/vedette", (200, ""), body, {"X-Team": "shop", "Authorization": "Bearer abcdefgh",
                                                      "Host": r"127\.0\.0\.1:[0-9]+"})
    id = connect("webhook", url=f"{fake.url}/vedette", secret=secret, authorization="Bearer abcdefgh",
                 headers="X-Team: shop\nHost: evil.example\nSentry-Hook-Resource: fake\nbroken\nX-Bad\r: y")
    assert deliver(id)[0] == 1
    seen = fake.seen[-1]
    assert seen.headers["Sentry-Hook-Resource"] == "event_alert" and seen.headers["Idempotency-Key"].startswith("fire:")
    event = seen.json["data"]["event"]
    assert event["issue_id"] == "1" and event["tags"][2][0] == "tag0" and seen.json["data"]["triggered_rule"] == "Many errors"
    deliver(id, cause="workflow", action="comment", actor="Anna", text="Look at this")
    assert fake.seen[-1].json["data"]["comment"] == "Look at this" and fake.seen[-1].json["actor"]["name"] == "Anna"
    assert fake.seen[-1].headers["Sentry-Hook-Resource"] == "comment"
    deliver(id, cause="metric", action="critical", incident=4)
    assert fake.seen[-1].json["data"]["metric_alert"]["identifier"] == "4"


def test_a_template_makes_the_body(fake, connect, deliver):
    fake.expect("POST", "/x", (200, ""), lambda seen: seen.json, {"Content-Type": "application/json"})
    id = connect("webhook", url=f"{fake.url}/x",
                 template='{"summary": "{short_id}: {title}", "n": {events}, "keep": "{unknown}"}')
    assert deliver(id)[0] == 1
    body = fake.seen[-1].json
    assert body["summary"].startswith("SHOP-1: TypeError: <script>") and body["n"] == 214 and body["keep"] == "{unknown}"


def test_a_template_tells_times_by_the_clock_of_who_reads_them(fake, connect, deliver):
    fake.expect("POST", "/x", (200, ""), lambda seen: seen.json, {"Content-Type": "application/json"})
    times = {"plain": "{first_seen}", "riga": "{first_seen:Europe/Riga}", "utc": "{last_seen:UTC}",
             "no zone": "{first_seen:Moon/Base}", "out": "{first_seen:../../etc/passwd}", "no time": "{title:UTC}"}
    id = connect("webhook", url=f"{fake.url}/x", template=json.dumps(times))
    assert deliver(id)[0] == 1
    body = fake.seen[-1].json
    moment = datetime.fromisoformat(body["plain"])
    assert body["riga"] == f"{moment.astimezone(ZoneInfo('Europe/Riga')):%-d %b %Y, %H:%M %Z}"
    assert re.fullmatch(r"\d+ [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC", body["utc"])
    assert {name: body[name] for name in ("no zone", "out", "no time")} == {
        name: times[name] for name in ("no zone", "out", "no time")}, "what means nothing stays"


def test_many_failures_switch_it_off(stack, owner, fake, connect, deliver):
    id = connect("slack", **slack(fake))
    stack.sql("update integration set failures = 19 where id = %s", id)
    fake.misbehave((404, "no_service"))
    deliver(id)
    assert owner.state(id) == (2, "no_service")
    assert audit(stack, "integration.edit")[2] == '{"state":"off","error":"no_service"}'
    asked = len(fake.seen)
    assert deliver(id)[0] == 2 and len(fake.seen) == asked


def test_the_pages_are_cheap(owner, fake, connect):
    id = connect("slack", **slack(fake))
    owner.get(LIST)
    assert statements(owner.get(LIST)) <= 6
    assert statements(owner.get(f"{LIST}{id}/")) <= 7


def test_axe_finds_nothing(stack, fake, owner, connect, browser):
    id = connect("slack", **slack(fake))
    browser.page.goto(f"{stack.url}{LIST}{id}/")
    assert [v["id"] for v in Axe().run(browser.page).response["violations"]
            if v["impact"] in ("serious", "critical")] == []


def test_it_reads_in_a_phones_width(stack, fake, owner, connect, new_browser):
    connect("slack", **slack(fake))
    browser = new_browser(stack.admin, viewport={"width": 390, "height": 800})
    for path in (LIST, f"{LIST}new/webhook/"):
        page = browser.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


