"""No secret of an event reaches a table."""

import json
import uuid

import pytest
import zstandard
from digest.test_crash import dump, form, minidump, post
from harness.line import envelope, ledger, make_event

CANARY = "hunter2-5f1c"
CARD = "4111 1111 1111 1111"

EVENT = {
    "platform": "python",
    "server_name": "web-1",
    "user": {"id": "7", "data": {"auth_token": CANARY}},
    "extra": {"password": CANARY, "note": f"token={CANARY}", "bar": 43},
    "request": {
        "url": f"https://ann:{CANARY}@shop.example/pay?api_key={CANARY}",
        "headers": {"Authorization": f"Bearer {CANARY}", "Cookie": f"session={CANARY}; theme=dark"},
        "data": json.dumps({"card": CARD, "secret": CANARY}),
    },
    "contexts": {"response": {"headers": {"authorization": f"Bearer {CANARY}"}, "status_code": 402,
                              "cookies": f"sessionid={CANARY}; theme=dark", "data": json.dumps({"secret": CANARY})}},
    "breadcrumbs": {"values": [{"message": f"GET /?secret={CANARY}", "data": {"passwd": CANARY}}]},
    "exception": {"values": [{
        "type": "PayError", "value": "declined",
        "stacktrace": {"frames": [{"function": "pay", "filename": "pay.py", "in_app": True,
                                   "vars": {"credentials": CANARY, "amount": "3"}}]},
    }]},
}


def body(line, event_id):
    packed = line.value("select b.body from event_body b join event e on e.id = b.id and e.day = b.day"
                        " where e.project_id = %s and e.event_id = %s",
                        line.project, uuid.UUID(event_id))
    return json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(bytes(packed)))


def rows(line):
    """Every row of every table, as text."""
    tables = [name for name, in line.sql(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind = 'r' and n.nspname = 'public'")]
    for table in tables:
        for row, in line.sql(f'select t::text from "{table}" t'):
            yield table, row


def wish(line, **settings):
    for name, value in settings.items():
        line.sql("insert into project_setting (organization_id, project_id, name, value) values (%s, %s, %s, %s)",
                 line.org, line.project, name.replace("_", "."), value)


def test_no_secret_reaches_a_table(line):
    event = line.send(EVENT)
    line.drained()
    stored = body(line, event)
    text = json.dumps(stored)
    assert CANARY not in text and CARD not in text
    assert not [table for table, row in rows(line) if CANARY in row or CARD in row]

    assert stored["extra"]["password"] == "[Filtered]"
    assert stored["extra"]["bar"] == 43
    assert stored["request"]["cookies"] == [["session", "[Filtered]"], ["theme", "dark"]]
    response = stored["contexts"]["response"]
    assert response["cookies"] == [["sessionid", "[Filtered]"], ["theme", "dark"]] and response["status_code"] == 402
    assert stored["exception"]["values"][0]["stacktrace"]["frames"][0]["vars"]["amount"] == "3"
    assert stored["_meta"]["extra"]["password"][""]["rem"] == [["@password:filter", "s", 0, 10]]


def test_what_only_sounds_secret_stays(line):
    said = {"author": "Ann", "author_id": 7, "tokenizer": "gpt-2", "max_tokens": 512, "note": "author=Ann, prompt_tokens: 40"}
    event = line.send({"extra": said | {"authorization": CANARY, "tokens": CANARY, "auth": CANARY}})
    line.drained()
    assert body(line, event)["extra"] == said | dict.fromkeys(["authorization", "tokens", "auth"], "[Filtered]")


def multipart(**fields):
    return "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()) + "--x--\r\n"


@pytest.mark.parametrize("data, kept", [
    (multipart(password=CANARY, note="hi"), [["password", "[Filtered]"], ["note", "hi"]]),
    (f"password={CANARY}&note=hi", [["password", "[Filtered]"], ["note", "hi"]]),
    (json.dumps({"login": {"password": CANARY}, "note": "hi"}), {"login": {"password": "[Filtered]"}, "note": "hi"}),
], ids=["multipart", "urlencoded", "JSON"])
def test_no_secret_of_a_form_is_left(line, data, kept):
    event = line.send({"request": {"url": "https://shop.example/", "method": "POST", "data": data}})
    line.drained()
    assert body(line, event)["request"]["data"] == kept
    assert not [table for table, row in rows(line) if CANARY in row]


def test_no_session_of_any_framework_is_left(line):
    names = ["JSESSIONID", "ASP.NET_SessionId", "laravel_session", "connect.sid", "PHPSESSID", "ci_session"]
    event = line.send({"request": {"headers": {"Cookie": "; ".join(f"{name}={CANARY}" for name in [*names, "theme"])}}})
    line.drained()
    assert body(line, event)["request"]["cookies"] == [[name, "[Filtered]"] for name in names] + [["theme", CANARY]]


# what an SDK sends beyond the attributes that there are, and in forms that hide what is what
STRANGE = {
    "server_name": CANARY,
    "extra": {
        "text": json.dumps({"password": [CANARY, f'a"{CANARY}'], "n": 1}),
        "pairs": [[f"token={CANARY}", "b"]],
        "copied": {"Cookie": f"sid={CANARY}"},
        "deep": {"a": {"b": {"c": {"d": {"e": {"f": {"secret": {"x": CANARY, "y": f"{CANARY}}}"}}}}}}}},
        "ref": f"GET /?shop_ref={CANARY}&n=1",
    },
    "request": {"url": "https://shop.example/", "auth": CANARY},
    "contexts": {"response": {"headers": {"Set-Cookie": ["a=1; Path=/", f"sessionid={CANARY}; Path=/"]}}},
    "breadcrumbs": [{"message": "m", "token": CANARY, "note": f"shop_ref: {CANARY}"}],
    "threads": [{"id": 1, "api_key": CANARY, "held_locks": {"0x1": {"secret": CANARY}}}],
    "errors": [{"type": "invalid_data", "name": "password", "value": CANARY}],
    "sdk": {"name": "sentry.test", "version": "1", "secret": CANARY},
    "exception": {"values": [{
        "type": "PayError", "value": "declined", "passwd": CANARY,
        "mechanism": {"type": "m", "meta": {"token": CANARY}, "help_link": f"https://a:{CANARY}@h.example/"},
        "stacktrace": {"secret": {"a": CANARY}, "frames": [
            {"function": "pay", "filename": "pay.py", "in_app": True, "credentials": CANARY, "data": {"auth": CANARY}}]},
    }]},
    "_meta": {"extra": {"a": {"": {"err": [["invalid_data", {"value": f"password={CANARY}"}]]}}}},
}


def test_no_secret_hides_where_no_attribute_is(line):
    wish(line, scrub_sensitive="server_name\nshop_ref")
    event = line.send(STRANGE)
    line.drained()
    stored = body(line, event)
    assert CANARY not in json.dumps(stored)
    assert not [table for table, row in rows(line) if CANARY in row]
    assert stored["extra"]["ref"] == "GET /?shop_ref=[Filtered]&n=1"
    assert stored["extra"]["text"] == '{"password": [Filtered], "n": 1}'
    assert stored["breadcrumbs"]["values"][0]["message"] == "m"
    assert stored["contexts"]["response"]["cookies"] == [["a", "1"], ["sessionid", "[Filtered]"]]
    assert line.value("select server_name from event where project_id = %s", line.project) == "[Filtered]"


def test_no_secret_of_an_address_in_a_csp_report_is_left(line):
    line.add(json.dumps({"csp-report": {
        "effective-directive": "img-src", "violated-directive": "img-src 'self'", "referrer": f"https://a.example/?token={CANARY}",
        "document-uri": f"https://shop.example/?secret={CANARY}", "blocked-uri": f"https://b.example/x?api_key={CANARY}&n=1",
        "source-file": f"https://ann:{CANARY}@c.example/"}}).encode(), e="security", i=uuid.uuid4().hex)
    line.drained()
    assert line.value("select count(*) from event where project_id = %s", line.project) == 1
    assert not [table for table, row in rows(line) if CANARY in row]
    event = line.value("select event_id from event where project_id = %s", line.project).hex
    stored = body(line, event)
    assert CANARY not in json.dumps(stored)
    assert ["blocked-uri", "https://b.example/x?api_key=[Filtered]&n=1"] in stored["tags"]


def test_switched_off_addresses_and_rules_are_still_what_the_project_wants(line):
    wish(line, scrub_on="off", scrub_ip="drop", scrub_rules="mask anything from extra.pin")
    event = line.send({"user": {"ip_address": "192.0.2.17"}, "extra": {"pin": "1234", "password": "kept"}})
    line.drained()
    stored = body(line, event)
    assert stored["user"].get("ip_address") is None
    assert stored["extra"] == {"pin": "****", "password": "kept"}


def test_a_message_keeps_its_words(line):
    event = line.send({"message": f"ann@mail.example paid with {CARD}"})
    line.drained()
    assert line.value("select title from event where project_id = %s and event_id = %s",
                      line.project, uuid.UUID(event)) == "[email] paid with [creditcard]"


# what a project writes, and what then stands in extra of {"mail": "to ann@shop.example", "pay": {"salary": "9", "n": 4}}
RULES = [
    ("remove email", {"mail": "to ", "pay": {"salary": "9", "n": 4}}),
    ("mask anything from extra.pay", {"mail": "to ann@shop.example", "pay": {"salary": "*", "n": "*"}}),
    ("replace pair /salary/", {"mail": "to ann@shop.example", "pay": {"salary": "[pattern]", "n": 4}}),
    ("alias shop /@shop.example/\nreplace shop,/^9$/ with \"#\"", {"mail": "to ann#", "pay": {"salary": "#", "n": 4}}),
    ("mask email from $attachments", {"mail": "to ann@shop.example", "pay": {"salary": "9", "n": 4}}),
]


@pytest.mark.parametrize("rules, then", RULES)
def test_a_rule_of_a_project_holds_for_its_events(line, rules, then):
    wish(line, scrub_rules=rules)
    event = line.send({"extra": {"mail": "to ann@shop.example", "pay": {"salary": "9", "n": 4}}})
    line.drained()
    assert body(line, event)["extra"] == then


def file_of(line, name):
    hashed = line.value("select hash from attachment where project_id = %s and name = %s", line.project, name)
    return (line.stack.folder / "attachments" / bytes(hashed).hex()[:2] / bytes(hashed).hex()).read_bytes()


def attach(name, content):
    return {"type": "attachment", "filename": name}, content


def test_rules_look_into_the_files_that_they_name(line):
    wish(line, scrub_on="off", scrub_rules="mask email from $attachments.'*.log'\nremove anything from $attachments.'core*'")
    text = f"\0\xff to ann@{uuid.uuid4().hex[:8]}.example\n".encode("latin-1")
    event = make_event()
    line.add(envelope(event, attach("App.log", text), attach("app.txt", text), attach("core.7", text)),
             i=event["event_id"])
    line.drained()
    assert file_of(line, "App.log") == b"\0\xff to " + b"*" * 20 + b"\n"
    assert file_of(line, "app.txt") == text
    assert ledger(line, "attachment_item") == {("attachment_item", "accepted", ""): 2,
                                               ("attachment_item", "filtered", "scrubbed"): 1}


def test_a_minidump_is_looked_through_as_a_file(line):
    wish(line, scrub_rules="replace /game/ with \"plan\" from $attachments.'*.dmp'")
    post(line, form(dump()))
    kept = file_of(line, "crash.dmp")
    assert kept == minidump().replace("game".encode("utf-16-le"), "plan".encode("utf-16-le"))
    assert line.value("select title from issue where project_id = %s", line.project).endswith("in game.exe at 0x7ff600001234")


NOT_JSON = (f'{{"user": {{"email": "ann@shop.example"}}, "password": "{CANARY}", "cookies": {{"sid": "{CANARY}"}},'
            f' "headers": [["Authorization", "{CANARY}"], ["Accept", "text/html"]], "card": "{CARD}", "url": "/a?token={CANARY}",'
            f' "server": "10.1.2.3", "note": "cut here').encode()


def refused(line):
    return [(reason, text) for reason, text in line.sql(
        "select reason, body from refused where project_id = %s order by id", line.project)]


def test_what_is_refused_leaves_a_sample_without_secrets(line):
    line.add(envelope(({"type": "event"}, NOT_JSON)), i=uuid.uuid4().hex)
    line.drained()
    (reason, text), = refused(line)
    assert reason == "invalid_json"
    assert text.startswith('{"user": {"email": "[email]"}, "password": "[Filtered]"') and text.endswith("cut here")
    assert '["Accept", "text/html"]' in text and "10.1.2.3" in text
    assert CANARY not in text and "4111" not in text and "ann@" not in text


def test_of_a_reason_there_is_one_sample_a_minute_and_it_is_bounded(line):
    long = b'{"note": "' + b"so long " * 5000 + b'password=' + CANARY.encode()
    for body in (long, NOT_JSON):
        line.add(envelope(({"type": "event"}, body)), i=uuid.uuid4().hex)
        line.drained()
    (_, text), = refused(line)
    assert len(text) == 8192
    assert line.value("select bytes from refused where project_id = %s", line.project) == len(long)


@pytest.mark.parametrize("settings", [{"scrub_refused": "off"}, {"scrub_rules": "mask email from extra.**"}],
                         ids=["none is wanted", "rules of its own"])
def test_what_is_refused_is_not_kept_against_the_project(own_line, settings):
    wish(own_line, **settings)
    own_line.start_worker()
    own_line.add(envelope(({"type": "event"}, NOT_JSON)), i=uuid.uuid4().hex)
    own_line.drained()
    assert ledger(own_line)["error", "invalid", "invalid_json"] == 1
    assert refused(own_line) == ([] if "scrub_refused" in settings else [("invalid_json", None)])


def test_addresses_of_what_is_refused_go_where_addresses_do(own_line):
    wish(own_line, scrub_ip="drop")
    own_line.start_worker()
    own_line.add(envelope(({"type": "event"}, NOT_JSON)), i=uuid.uuid4().hex)
    own_line.drained()
    (_, text), = refused(own_line)
    assert '"server": "[ip]"' in text


@pytest.mark.parametrize("items, fields", [
    ([({"type": "event"}, b"\x00\x01\x02" * 40)], {}),
    ([({"type": "minidump"}, CANARY.encode())], {}),
    (None, {"c": "gzip"})], ids=["no text", "a file", "packed wrongly"])
def test_of_files_and_of_what_is_no_text_only_the_size_is_kept(line, items, fields):
    line.add(envelope(*items) if items else b"no gzip", i=uuid.uuid4().hex, **fields)
    line.drained()
    assert [text for _, text in refused(line)] == [None]


def test_samples_are_forgotten_after_a_day_or_when_they_are_too_many(own_line):
    line = own_line
    for days, n in ((2, 1), (0, 5)):
        for i in range(n):
            line.sql("insert into refused (organization_id, project_id, category, reason, client, bytes, body, received_at, refused_at)"
                     " values (%s, %s, 'error', 'invalid_json', null, 1, %s, now(), now() - %s * interval '1 day' + %s * interval '1 second')",
                     line.org, line.project, f"{days} {i}", days, i - 10)
    line.start_worker()
    line.stack.wait_for(lambda: [t for _, t in refused(line)] == ["0 2", "0 3", "0 4"])
    wish(line, scrub_refused="off")
    line.stop_worker()
    line.start_worker()
    line.stack.wait_for(lambda: refused(line) == [])
