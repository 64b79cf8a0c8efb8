"""Envelopes: protocol.md 2 and 4; cases 29 and 32 to 45 of its section 10."""

import json
import uuid

import pytest
import requests

from edge.server import event, pack

ID = "0123456789abcdef0123456789abcdef"


def refused(answer, cause):
    assert answer.status_code == 400
    assert answer.json() == {"detail": "invalid event envelope", "causes": [cause]}


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_event_with_length(edge, key, end):
    body = f'{{"event_id":"{ID}"}}\n{{"type":"event","length":2}}\n{{}}'.encode() + end
    answer = edge.envelope(key, body)
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    entry = edge.entry(key)
    assert (entry["e"], entry["i"], entry["d"]) == ("envelope", ID, body)


@pytest.mark.parametrize("content_type", [None, "text/plain;charset=UTF-8", "application/x-www-form-urlencoded",
                                          "multipart/form-data; boundary=x", "application/x-sentry-envelope"])
def test_any_content_type(edge, key, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    assert edge.envelope(key, event(), **headers).status_code == 200


@pytest.mark.parametrize("body", [
    b'{}\n{"type":"event"}\n{"message":"a"}',
    b'{}\n{"type":"event"}\n{"message":"a"}\n',
    b'{}\n{"type":"event"}\n{}\n{"type":"attachment"}\nto the end\r\n{"type":"session"}\n{}',
    b'{}\n{"type":"attachment"}',
    b'{}\n{"type":"attachment"}\n',
    b'{}\n{"type":"attachment","length":0}',
    b'{}\n{"type":"attachment","length":0}\n\n{"type":"attachment","length":0}\n',
    b'{}\n{"type":"session"}\n{}\n\n\n{"type":"session"}\n{}',
    b'  {"sdk":{"name":"a","version":"1"},"sent_at":"2020-01-01T00:00:00Z"}\n{"type":"session","length":2}\n{}',
    '{"x":"\\ud83d\\ude00 \\u0000 ü"}\n{"type":"event","filename":"é\\n"}\n{}'.encode(),
    b'{"x":[1,2.5e10,-1,true,false,null,{"a":[]}]}\n{"type":"event","length":null}\n{}',
], ids=range(11))
def test_sound_framing(edge, key, body):
    assert edge.envelope(key, body).status_code == 200
    assert edge.entry(key)["d"] == body


@pytest.mark.parametrize("escape", ['', '\\"', "\\\\", "\\u0022", "\\n"], ids=range(5))
def test_strings_of_a_header_of_each_length(edge, key, escape):
    """Strings are read many bytes at once: where a name, a value or an escape ends makes no difference."""
    for n in range(36):
        body = f'{{"{"n" * n}":"{escape}{"v" * n}{escape}","event_id":"{ID}"}}\n{{"type":"event"}}\n{{}}'.encode()
        answer = edge.envelope(key, body)
        assert (answer.status_code, answer.json()) == (200, {"id": ID}), n


@pytest.mark.parametrize("body, cause", [
    (b"\n", "missing envelope header"),
    (b"hello", "invalid envelope header"),
    (b"[]\n", "invalid envelope header"),
    (b'"x"\n', "invalid envelope header"),
    (b'{"event_id":"xyz"}\n', "invalid envelope header"),
    (b'{"event_id":1}\n', "invalid envelope header"),
    (b'{"sent_at":"a","sent_at":"b"}\n', "invalid envelope header"),
    (b'{"event_id":null,"event_id":null}\n', "invalid envelope header"),
    (b'{"trace":{},"x":1,"trace":{}}\n', "invalid envelope header"),
    (b'{"a":1', "invalid envelope header"),
    (b'{"a" 1}\n', "invalid envelope header"),
    (b'{"a":1,}\n', "invalid envelope header"),
    (b'{"a":nope}\n', "invalid envelope header"),
    (b'{"a":"\\x"}\n', "invalid envelope header"),
    (b"{" + b'"a":{' * 600, "invalid envelope header"),
    (b'{} \n{"type":"event"}\n{}', "missing newline after header or payload"),
    (b'{}\r\n{"type":"event"}\n{}', "missing newline after header or payload"),
    (b"{}\nhello\n", "invalid item header"),
    (b'{}\n{"length":2}\n{}', "invalid item header"),
    (b'{}\n{"type":1}\n{}', "invalid item header"),
    (b'{}\n{"type":"event","type":"event"}\n{}', "invalid item header"),
    (b'{}\n{"type":"event","length":2,"length":2}\n{}', "invalid item header"),
    (b'{}\n{"type":"event","length":-1}\n{}', "invalid item header"),
    (b'{}\n{"type":"event","length":4294967296}\n{}', "invalid item header"),
    (b'{}\n{"type":"event","length":"2"}\n{}', "invalid item header"),
    (b'{}\n{"type":"integration"}\n{}', "invalid item header"),
    (b'{}\n{"type":"event"', "invalid item header"),
    (b'{}\n{"type":"event","length":10}\n{}', "unexpected end of file"),
    (b'{}\n{"type":"event","length":10}', "unexpected end of file"),
    (b'{}\n{"type":"event","length":2}\n{}\n\n', "unexpected end of file"),
    (b"{}\n\n", "unexpected end of file"),
    (b'{}\n{"type":"event","length":2}\n{} \n', "missing newline after header or payload"),
    (b'{}\n{"type":"event","length":1}\n{}', "missing newline after header or payload"),
], ids=range(33))
def test_broken_framing(edge, key, body, cause):
    refused(edge.envelope(key, body), cause)
    assert edge.entries(key) == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_framing_does_not_depend_on_how_the_bytes_come(edge, key, size):
    """Chunks of any size: a state of the machine must survive every cut."""
    body = pack(event(event_id=ID), ({"type": "attachment", "filename": "a\"\\b"}, b"\0\n\xff" * 5),
                header={"sdk": {"name": 'x"y', "v": [1, -2.5, None]}, "dsn": f"http://{key.public}@h/42"})
    chunks = [body[i:i + size] for i in range(0, len(body), size)]
    answer = edge.session.post(f"{edge.url}/api/42/envelope/", data=iter(chunks), timeout=60)
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert edge.entry(key)["d"] == body


def test_framing_does_not_depend_on_where_the_headers_end(edge, key):
    """nginx has the first bytes of a body beside the request's headers: the cut may be at each byte of ours."""
    body = pack(event(event_id=ID), ({"type": "attachment", "length": 3}, b"abc"), header={"sent_at": "x", "event_id": ID})
    cuts = range(600, 790)
    with requests.Session() as session:
        for n in cuts:
            answer = session.post(f"{edge.url}/api/42/envelope/?sentry_key={key.public}", body, headers={"X-Pad": "x" * n})
            assert (answer.status_code, answer.json()) == (200, {"id": ID}), n
    assert [entry["d"] for entry in edge.entries(key)] == [body] * len(cuts)


@pytest.mark.parametrize("member", [
    f'"event_id":"{ID}"', f'"event_id": "{ID}"', f'"event_id" :  "{ID}"', f'"event_id"\n:\t"{ID}"',
    f'"event_id":"\\u0030{ID[1:]}"', f'"\\u0065vent_id":"{ID}"', f'"n":1,"event_id":"{ID}"', f'"n":-1, "event_id":"{ID}"',
    f'"n":1.5e3 ,"event_id":"{ID}"', f'"n":{{"event_id":"x"}},"event_id":"{ID}"', f'"n":12 ,"m":"","event_id":"{ID}" ',
    f'"n":null,"event_id":"{ID}","m":0', f'"{"n" * 40}":"{"v" * 600}","event_id":"{ID}"',
], ids=range(13))
def test_members_as_programs_write_them(edge, key, member):
    body = f'{{{member}}}\n{{"type":"event","length":2}}\n{{}}'.encode()
    answer = edge.envelope(key, body)
    assert (answer.status_code, answer.json()) == (200, {"id": ID})


@pytest.mark.parametrize("length", ["2", " 2", "2 ", "02", "2,\"x\":1", "null"], ids=range(6))
def test_lengths_as_programs_write_them(edge, key, length):
    body = f'{{}}\n{{"type":"event","length":{length}}}\n{{}}\n{{"type":"session"}}\n{{}}'.encode()
    assert edge.envelope(key, body).status_code == 200


@pytest.mark.parametrize("length", ["2x", "2\"", "2]", "2:", "-2", "2.0", "\"2\"", "2 3", "9" * 30], ids=range(9))
def test_lengths_that_are_none(edge, key, length):
    body = f'{{}}\n{{"type":"event","length":{length}}}\n{{}}'.encode()
    refused(edge.envelope(key, body), "invalid item header")


def test_binary_payload_is_unchanged(edge, key):
    payload = b"\xef\xbb\xbf\n\n{}\r\n\0" + bytes(range(256)) * 100
    answer = edge.envelope(key, event(), ({"type": "attachment", "filename": "x"}, payload))
    assert answer.status_code == 200
    assert payload in edge.entry(key)["d"]


@pytest.mark.parametrize("items", [[], [({"type": "future"}, b"x")], [({"type": "future"}, b""), ({"type": "f2"}, {})]])
def test_nothing_to_keep(edge, key, items):
    answer = edge.envelope(key, pack(*items))
    assert (answer.status_code, answer.json()) == (200, {})
    assert edge.entries(key) == []


def test_unknown_item_beside_an_event(edge, key):
    answer = edge.envelope(key, ({"type": "future"}, b"?"), event(event_id=ID))
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert edge.entry(key)["i"] == ID


def test_items_without_an_event(edge, key):
    answer = edge.envelope(key, ({"type": "session"}, {}), ({"type": "client_report"}, {}))
    assert (answer.status_code, answer.json()) == (200, {})
    assert edge.entry(key).get("i") is None


# ---- the id

def test_id_of_the_header_wins(edge, key):
    answer = edge.envelope(key, event(event_id="f" * 32), header={"event_id": ID})
    assert answer.json() == {"id": ID} and edge.entry(key)["i"] == ID


def test_id_of_the_payload(edge, key):
    answer = edge.envelope(key, event(event_id=str(uuid.UUID(ID)).upper()))
    assert answer.json() == {"id": ID} and edge.entry(key)["i"] == ID


def test_id_behind_a_large_payload(edge, key):
    body = json.dumps({"extra": {"event_id": "0" * 32, "big": "x\\\"" * 50000}, "event_id": ID}).encode()
    answer = edge.envelope(key, ({"type": "event"}, body))
    assert answer.json() == {"id": ID}


@pytest.mark.parametrize("payload", [{}, {"event_id": None}, {"event_id": "xyz"}, {"event_id": "0" * 32}, {"event_id": 1},
                                     b"not JSON", b'{"event_id":', b""])
def test_a_fresh_id(edge, key, payload):
    ids = {edge.envelope(key, ({"type": "event"}, payload)).json()["id"] for _ in range(3)}
    assert len(ids) == 3 and all(uuid.UUID(id).version == 4 and len(id) == 32 for id in ids)
    assert {entry["i"] for entry in edge.entries(key)} == ids


def test_attachment_alone_needs_an_id(edge, key):
    answer = edge.envelope(key, ({"type": "attachment"}, b"x"))
    assert answer.json()["id"] == edge.entry(key)["i"]


def test_same_event_twice(edge, key):
    body = pack(event(event_id=ID))
    assert [edge.envelope(key, body).json() for _ in range(2)] == [{"id": ID}] * 2
    assert len(edge.entries(key)) == 2  # the worker stores it once


@pytest.mark.parametrize("trace", [{}, "x", None, {"trace_id": 1}, [1]])
def test_malformed_trace(edge, key, trace):
    assert edge.envelope(key, event(), header={"trace": trace}).status_code == 200


# ---- limits of size and number

TOO_MANY = {
    "attachment": [({"type": "attachment"}, b"x")] * 31,
    "session": [({"type": "session"}, {})] * 101,
    "sessions": [({"type": "sessions"}, {})] * 51 + [({"type": "session"}, {})] * 50,
    "check_in": [({"type": "check_in"}, {})] * 2,
    "client_report": [({"type": "client_report"}, {})] * 101,
    "transaction": [event(), ({"type": "transaction"}, {})],
    "feedback": [event(), ({"type": "feedback"}, {})],
    "event": [event(), event()],
    "profile_chunk": [({"type": "profile_chunk"}, {})] * 2,
    "log": [({"type": "log", "item_count": 1}, {})] * 2,
    "span": [({"type": "span"}, {})] * 26,
    "spans": [({"type": "span", "item_count": 1, "content_type": "application/vnd.sentry.items.span.v2+json"}, {})] * 2,
    "profile": [({"type": "profile"}, {}), ({"type": "profile_chunk"}, {})],
    "trace_metric": [({"type": "trace_metric", "item_count": 1}, {})] * 2,
    "replay_recording": [({"type": "replay_recording"}, b"{}\n"), ({"type": "replay_video"}, b"{}")],
}


@pytest.mark.parametrize("kind", TOO_MANY)
def test_too_many_items(edge, key, kind):
    answer = edge.envelope(key, *TOO_MANY[kind])
    assert answer.status_code == 413
    assert answer.json()["detail"].startswith("envelope exceeded size limits for type '")
    assert edge.entries(key) == []


def test_as_many_items_as_allowed(edge, key):
    items = [event(), *[({"type": "attachment"}, b"x")] * 30, *[({"type": "session"}, {})] * 100,
             *[({"type": "client_report"}, {})] * 100, ({"type": "check_in"}, {}), ({"type": "replay_event"}, {}),
             *[({"type": "span"}, {})] * 24,
             ({"type": "span", "item_count": 9, "content_type": "application/vnd.sentry.items.span.v2+json"}, {})]
    assert edge.envelope(key, *items).status_code == 200


def test_event_over_its_limit(edge, key):
    answer = edge.envelope(key, event(message="x" * 2**20), ({"type": "session"}, {}), ({"type": "attachment"}, b"abc"))
    assert answer.status_code == 413
    assert answer.json()["detail"] == "envelope exceeded size limits for type 'event'"
    # the whole envelope goes, and each item has its outcome
    edge.wait_for_outcomes(key, {("invalid", "error", "too_large:event"): 1,
                                 ("invalid", "session", "too_large:event"): 1,
                                 ("invalid", "attachment", "too_large:event"): 3,
                                 ("invalid", "attachment_item", "too_large:event"): 1})


def test_event_just_below_its_limit(edge, key):
    item, _ = event()
    fields = b'{"event_id":"%s","x":"' % ID.encode()
    payload = fields + b"x" * (2**20 - len(fields) - 2) + b'"}'
    assert len(payload) == 2**20
    assert edge.envelope(key, (item, payload)).status_code == 200


def test_attachments_together(edge, key):
    items = [({"type": "attachment"}, b"x" * 60_000)] * 2
    assert edge.envelope(key, *items, prefix="/small").status_code == 413
    assert edge.envelope(key, items[0], prefix="/small").status_code == 200


@pytest.mark.parametrize("kind, size", [
    ("client_report", 100 << 10), ("check_in", 100 << 10), ("sessions", 10 << 20), ("replay_recording", 10 << 20),
    ("statsd", 1 << 20)])
def test_each_type_has_its_own_limit(edge, key, kind, size):
    assert edge.envelope(key, ({"type": kind}, b"x" * size)).status_code == 200
    answer = edge.envelope(key, ({"type": kind}, b"x" * (size + 1)))
    assert (answer.status_code, answer.json()["detail"]) == (413, f"envelope exceeded size limits for type '{kind}'")


@pytest.mark.parametrize("kind", ["log", "span", "trace_metric"])
def test_container_has_a_limit_as_a_whole(edge, key, kind):
    items = {"type": kind, "item_count": 1000}
    assert edge.envelope(key, (items, b"x" * (12 << 20))).status_code == 200
    assert edge.envelope(key, (items, b"x" * (12 << 20) + b"x")).status_code == 413


def test_container_is_measured_by_its_average(edge, key):
    payload = b"x" * (5 * 2**20)
    assert edge.envelope(key, ({"type": "log", "item_count": 2}, payload)).status_code == 413
    assert edge.envelope(key, ({"type": "log", "item_count": 3}, payload)).status_code == 200


def test_envelope_over_the_limit(edge, key):
    body = pack(*[({"type": "attachment"}, b"x" * 10_000)] * 25)
    answer = edge.envelope(key, body, prefix="/small")
    assert answer.status_code == 413
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    # nginx does not know the size of a chunked body before it has it
    answer = edge.session.post(f"{edge.url}/small/api/42/envelope/?sentry_key={key.public}", data=iter([body]), timeout=60)
    assert answer.status_code == 413


# ---- bodies of any size, in memory and in a file

@pytest.mark.parametrize("size", [100, 1000, 5000, 70_000, 300_000, 5_000_000])
@pytest.mark.parametrize("prefix", ["", "/prefix"])
def test_body_of_any_size(edge, key, size, prefix):
    import random
    payload = random.Random(size).randbytes(size)
    body = pack(event(event_id=ID), ({"type": "attachment"}, payload))
    answer = edge.envelope(key, body, prefix=prefix)
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert edge.entry(key)["d"] == body
