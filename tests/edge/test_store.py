"""The legacy store endpoint; cases 1 to 16 of protocol.md, section 10."""

import base64
import json
import uuid
import zlib

import pytest

from edge.server import event, pack

ID = "0123456789abcdef0123456789abcdef"


def test_an_event(edge, key):
    answer = edge.store(key, {"message": "hi"})
    assert answer.status_code == 200
    assert uuid.UUID(answer.json()["id"]).version == 4
    assert edge.entry(key)["i"] == answer.json()["id"]


def test_id_of_the_event(edge, key):
    answer = edge.store(key, {"message": "hi", "event_id": str(uuid.UUID(ID)), "tags": {"event_id": "no"}})
    assert answer.json() == {"id": ID}


@pytest.mark.parametrize("id", ["xyz", "", 1, ID + "0", "0123456-89abcdef0123456789abcdef-abc"])
def test_malformed_id(edge, key, id):
    answer = edge.store(key, {"event_id": id})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("invalid JSON data: ")


@pytest.mark.parametrize("id", [None, "0" * 32])
def test_no_id(edge, key, id):
    assert edge.store(key, {"event_id": id}).json()["id"] not in (id, None)


@pytest.mark.parametrize("body", [b'{"message":', b'{"message":"hi"', b'{"a":1}}', b'{"a":1} x', b'{"a":tru}', b"{,}",
                                  b'{"a":[}', b"{" + b'"a":[' * 300, b'{"a":"\\ud"}'])
def test_broken_json(edge, key, body):
    answer = edge.store(key, body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["detail"].startswith("invalid JSON data: ")
    assert edge.entries(key) == []


@pytest.mark.parametrize("body", [b'{"a":NaN,"b":[Infinity,-Infinity]}', b'{"a":"\x01\n\xff"}', b' {"a":1} \n',
                                  b'{"a":"\\ud800","a\\u0000":-0.0e+1}', b"{}", b"{" + b'"a":{' * 500 + b"}" * 501])
def test_json_that_real_sdks_send(edge, key, body):
    assert edge.store(key, body).status_code == 200
    assert edge.entry(key)["d"] == body


def test_empty_body(edge, key):
    for post in (edge.store, edge.envelope):
        answer = post(key, b"")
        assert (answer.status_code, answer.json()) == (400, {"detail": "empty request body"})


def test_empty_chunked_body(edge, key):
    answer = edge.session.post(f"{edge.url}/api/42/store/?sentry_key={key.public}", data=iter([]), timeout=60)
    assert (answer.status_code, answer.json()) == (400, {"detail": "empty request body"})


def legacy(event):
    return base64.b64encode(zlib.compress(json.dumps(event).encode()))


@pytest.mark.parametrize("body", [legacy({"event_id": ID}), base64.b64encode(b'{"event_id":"%s"}' % ID.encode()),
                                  legacy({"event_id": ID, "x": "yz" * 100_000})])
def test_legacy_body(edge, key, body):
    answer = edge.store(key, body)
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert edge.entry(key)["d"] == body


@pytest.mark.parametrize("body", [b"hello world", b"aGVsbG8", b"aGVsbG8=", legacy({})[:-8], b"=", b"eA==eA==", b"[1]"])
def test_broken_legacy_body(edge, key, body):
    answer = edge.store(key, body)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "invalid request body"


def test_event_over_the_limit(edge, key):
    assert edge.store(key, {"a": "x" * 2**20}).status_code == 413
    assert edge.store(key, legacy({"a": "x" * 2**20})).status_code == 413


def test_envelope_sent_to_the_store(edge, key):
    body = pack(event(event_id=ID))
    answer = edge.store(key, body, Content_Type="application/x-sentry-envelope")
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert edge.entry(key)["e"] == "envelope"


def test_transaction_counts_as_one(edge):
    key = edge.key(limits=["t1 key 60 0 transaction no_transactions"])
    assert edge.store(key, {"type": "transaction"}).status_code == 429
    assert edge.store(key, {"type": "error"}).status_code == 200
