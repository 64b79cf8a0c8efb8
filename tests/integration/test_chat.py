"""Each chat and pager: its request is as the vendor wants it, and its answers are understood."""

import base64
import json

import pytest

from integration.conftest import NASTY

JSON = {"Content-Type": r"application/json(; charset=utf-8)?"}


def at_webhook(fake, schema, answer=(200, "ok"), path="/hook/secret-part"):
    fake.describe(None).expect("POST", path, answer, schema, JSON)
    return {"webhook": f"{fake.url}/hook/secret-part"}


def slack(fake):
    return at_webhook(fake, "slack")


SLACK_SENT = {"ok": True, "channel": "C024BE91L", "ts": "1503435956.000247",
              "message": {"type": "message", "text": "x", "ts": "1503435956.000247", "user": "U024BE7LH", "team": "T024BE7LD"}}


def slack_bot(fake):
    bearer = {"Authorization": "Bearer xoxb-1234567890", "Content-Type": "application/json; charset=utf-8"}
    fake.expect("POST", "/auth.test", (200, {"ok": True, "team": "Acme"}), lambda seen: None, bearer)
    fake.describe("slack").expect("POST", "/chat.postMessage", (200, SLACK_SENT), "slack", bearer)
    fake.describe(None)
    return {"token": "xoxb-1234567890", "channel": "#errors", "url": fake.url}


def telegram(fake):
    fake.expect("GET", "/bot123:abcdefgh/getMe", (200, {"ok": True, "result": {"id": 1}}))
    fake.expect("POST", "/bot123:abcdefgh/sendMessage", (200, {"ok": True, "result": {"message_id": 1}}), "telegram", JSON)
    return {"token": "123:abcdefgh", "chat": "-100123", "topic": "7", "url": fake.url}


def googlechat(fake):
    fake.describe("googlechat")
    fake.expect("POST", "/v1/spaces/S/messages", (200, {"name": "spaces/S/messages/1"}), "googlechat", JSON,
                query={"key": "k", "token": "t", "messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"})
    return {"webhook": f"{fake.url}/v1/spaces/S/messages?key=k&token=t"}


def zulip(fake):
    basic = {"Authorization": "Basic " + base64.b64encode(b"bot@example.org:apikey-123").decode()}

    def body(seen):
        assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert set(seen.form) == {"type", "to", "topic", "content"} and seen.form["type"] == "stream"
        assert len(seen.form["topic"]) <= 60 and len(seen.form["content"]) <= 10000
    fake.expect("GET", "/api/v1/users/me", (200, {"result": "success"}), None, basic)
    fake.expect("POST", "/api/v1/messages", (200, {"result": "success", "id": 1}), body, basic)
    return {"url": fake.url + "/", "email": "bot@example.org", "token": "apikey-123", "channel": "errors"}


def matrix(fake):
    bearer = {"Authorization": "Bearer syt_secret_token"}
    fake.expect("GET", "/_matrix/client/v3/account/whoami", (200, {"user_id": "@v:example.org"}), None, bearer)
    fake.expect("PUT", r"/_matrix/client/v3/rooms/%21abc%3Aexample\.org/send/m\.room\.message/[0-9a-f]{32}",
                (200, {"event_id": "$1"}), "matrix", {**bearer, **JSON})
    return {"url": fake.url, "token": "syt_secret_token", "room": "!abc:example.org"}


def ntfy(fake):
    fake.expect("POST", "/", (200, {"id": "x"}), "ntfy", {"Authorization": "Bearer tk_1234567890", **JSON})
    return {"url": fake.url, "topic": "vedette-errors", "token": "tk_1234567890"}


def pagerduty(fake):
    fake.expect("POST", "/v2/enqueue", (202, {"status": "success", "dedup_key": "x"}), "pagerduty", JSON)
    return {"url": fake.url, "routing_key": "0123456789abcdef0123456789abcdef"}


def opsgenie(fake):
    key = {"Authorization": "GenieKey og-1234567890", **JSON}
    fake.expect("POST", "/v2/alerts", (202, {"result": "Request will be processed", "requestId": "1"}), "opsgenie", key)
    fake.expect("POST", "/v2/alerts/vedette%3A[a-z0-9%A]+/close", (202, {"requestId": "2"}), "opsgenie_close", key,
                query={"identifierType": "alias"})
    return {"url": fake.url, "token": "og-1234567890", "team": "Shop"}


SERVICES = {
    "slack": slack,
    "slack with a bot": slack_bot,
    "msteams": lambda fake: at_webhook(fake, "msteams", (202, "")),
    "discord": lambda fake: at_webhook(fake, "discord", (204, None)),
    "telegram": telegram,
    "mattermost": lambda fake: at_webhook(fake, "attachment"),
    "rocketchat": lambda fake: at_webhook(fake, "attachment", (200, {"success": True})),
    "googlechat": googlechat,
    "zulip": zulip,
    "matrix": matrix,
    "ntfy": ntfy,
    "pagerduty": pagerduty,
    "opsgenie": opsgenie,
}


@pytest.fixture(params=SERVICES)
def service(request, fake, connect):
    """(connection, fake): connected, and its test has worked."""
    fields = SERVICES[request.param](fake)
    id = connect(request.param.partition(" ")[0], **fields)
    return id


def test_connecting_sends_what_the_vendor_wants(service, fake, owner):
    assert owner.state(service) == (0, "") and fake.seen and fake.faults == []
    assert owner.test(service) == (0, "")


def test_a_whole_notice_is_within_the_vendors_limits(service, fake, deliver):
    state, _, answer = deliver(service)
    assert (state, fake.faults) == (1, []), answer
    sent = fake.seen[-1].body.decode()
    assert "TypeError" in sent and len(sent) < 28_000


def now(stack):
    return stack.value("select extract(epoch from now())::float")


def due(stack, id):
    """When the last delivery of a connection is tried again."""
    return stack.value("select extract(epoch from due_at)::float from outbox where integration_id = %s"
                       " order by id desc limit 1", id)


@pytest.mark.parametrize("bad, state, code", [
    ((500, {}), 0, 500), ((429, {}, {"Retry-After": "7"}), 0, 429), ((404, "no such hook"), 2, 404),
    ("redirect", 2, 302), ("garbage", 0, 0), ("drop", 0, 0)])
def test_bad_answers_are_understood(fake, connect, deliver, stack, bad, state, code):
    id = connect("slack", **slack(fake))
    fake.misbehave(bad)
    began = now(stack)
    got = deliver(id)
    assert got[:2] == (state, code), got
    assert stack.value("select state from integration where id = %s", id) == 1
    if code == 429:
        assert began + 4 < due(stack, id) < now(stack) + 12
    assert fake.requests("/latest/meta-data/") == []


def test_an_endless_answer_is_cut(fake, connect, deliver):
    id = connect("slack", **slack(fake))
    fake.misbehave("endless")
    state, code, answer = deliver(id)
    assert (state, code) == (1, 200) and len(answer) <= 2000


def test_slack_says_no_inside_of_a_200(fake, connect, deliver):
    id = connect("slack", **slack_bot(fake))
    fake.misbehave((200, {"ok": False, "error": "channel_not_found"}))
    assert deliver(id) == (2, 200, "channel_not_found")
    fake.misbehave((200, {"ok": False, "error": "ratelimited"}))
    assert deliver(id)[0] == 0


def test_a_rule_names_another_channel(fake, connect, deliver):
    id = connect("slack", **slack_bot(fake))
    deliver(id, settings={"channel": "#other"})
    assert fake.seen[-1].json["channel"] == "#other"


def test_pauses_inside_of_bodies_are_kept(fake, connect, deliver, stack):
    for type, fields, body in [("discord", at_webhook(fake, "discord", (204, None)), {"retry_after": 31.5}),
                               ("telegram", telegram(fake), {"ok": False, "parameters": {"retry_after": 32}}),
                               ("matrix", matrix(fake), {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 33000})]:
        id = connect(type, **fields)
        fake.misbehave((429, body))
        began = now(stack)
        assert deliver(id)[0] == 0
        assert began + 28 < due(stack, id) < now(stack) + 45, type


def test_pagerduty_is_told_that_it_is_over_by_the_same_key(fake, connect, deliver):
    id = connect("pagerduty", **pagerduty(fake))
    deliver(id, cause="metric", action="critical", incident=4)
    deliver(id, cause="metric", action="resolved", incident=4)
    begin, end = (seen.json for seen in fake.seen[-2:])
    assert (begin["event_action"], begin["payload"]["severity"], end["event_action"]) == ("trigger", "critical", "resolve")
    assert begin["dedup_key"] == end["dedup_key"]
    deliver(id, settings={"severity": "info"})
    assert fake.seen[-1].json["payload"]["severity"] == "info"


def test_opsgenie_closes_by_the_alias_that_it_opened(fake, connect, deliver):
    id = connect("opsgenie", **opsgenie(fake))
    deliver(id, cause="workflow", action="regressed", issue_id=77)
    deliver(id, cause="workflow", action="resolved", issue_id=77)
    alias = fake.seen[-2].json["alias"]
    assert fake.seen[-1].path == f"/v2/alerts/{alias.replace(':', '%3A')}/close"


def test_nobody_is_called_by_an_event(fake, connect, deliver):
    """Text of an event cannot mention people, open links of its own or break out of the markup."""
    deliver(connect("discord", **at_webhook(fake, "discord", (204, None))))
    assert fake.seen[-1].json["allowed_mentions"] == {"parse": []}
    fake.forget()
    deliver(connect("slack", **slack(fake)))
    texts = json.dumps(fake.seen[-1].json)
    assert "<!channel>" not in texts and "<script>" not in texts and "&lt;!channel&gt;" in texts
    fake.forget()
    deliver(connect("telegram", **telegram(fake)))
    assert "<script>" not in fake.seen[-1].json["text"] and "&lt;script&gt;" in fake.seen[-1].json["text"]
    fake.forget()
    deliver(connect("matrix", **matrix(fake)))
    assert "<script>" not in fake.seen[-1].json["formatted_body"]
    fake.forget()
    deliver(connect("mattermost", **at_webhook(fake, "attachment")))
    assert "[x](http://evil" not in fake.seen[-1].json["attachments"][0]["fields"][-1]["value"]
    assert NASTY not in fake.seen[-1].body.decode()


def test_matrix_repeats_a_delivery_under_the_same_id(fake, connect, deliver, stack):
    id = connect("matrix", **matrix(fake))
    fake.misbehave((500, {}))
    row = deliver(id, wait=False)
    stack.wait_for(lambda: stack.sql("select 1 from outbox where id = %s and attempts = 1", row))
    stack.sql("update outbox set due_at = now() where id = %s", row)
    stack.sql("select pg_notify('vedette_outbox', '')")
    stack.wait_for(lambda: stack.sql("select 1 from outbox where id = %s and state = 1", row))
    assert len({seen.path for seen in fake.seen if "send" in seen.path}) == 2  # the test's, and this one's
