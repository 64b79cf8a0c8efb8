"""Ends of events at the edge, by their ids: message.h, 11."""

import gzip
import secrets
import time
import uuid

from edge.server import event, pack

LIST = "vedette:ended"
BIG = event(extra={"x": "y" * 60_000})


def listed(edge):
    return [entry.decode().split(" ", 8) for entry in edge.redis.lrange(LIST, 0, -1)]


def ends(edge, id):
    """What is told of an id: (project, key, status, outcome, category, reason) of each entry."""
    found = [entry for entry in listed(edge) if entry[5] == id]
    assert all(abs(int(at) / 1e6 - time.time()) < 3600 for at, *_ in found)
    return [(int(project), int(key), int(status), *rest) for _, _, project, key, status, _, *rest in found]


def told(edge, id):
    return edge.wait_for(lambda: ends(edge, id), what=f"the end of {id}")


def attachment(size=5):
    return {"type": "attachment", "filename": "a.txt"}, b"x" * size


CASES = [
    ("limit of a key", [event()], {"limits": ["l key 3600 0 error key_quota"]}, 429,
     ("rate_limited", "error", "key_quota")),
    ("limit of all", [event(), attachment()], {"limits": ["m project 3600 0 * project_quota"]}, 429,
     ("rate_limited", "error", "project_quota")),
    ("feedback", [({"type": "feedback"}, {"contexts": {}})], {"limits": ["f key 3600 0 feedback key_quota"]}, 429,
     ("rate_limited", "feedback", "key_quota")),
    ("event too large", [BIG], {"prefix": "/small"}, 413, ("invalid", "error", "too_large:event")),
    ("attachment too large", [event(), attachment(150_000)], {"prefix": "/small"}, 413,
     ("invalid", "error", "too_large:attachment")),
    ("body too large", b'{"event_id":"ID"}\n' + b" " * 300_000, {"prefix": "/small"}, 413,
     ("invalid", "default", "too_large:body")),
    ("key is off", [event()], {"state": "off"}, 403, ("invalid", "error", "project_id")),
    ("wrong origin", [event()], {"origins": ["shop.example"], "Origin": "http://evil.example"}, 403,
     ("invalid", "error", "cors")),
    ("no item header", b'{"event_id":"ID"}\n{\n', {}, 400, ("invalid", "default", "invalid_envelope")),
    ("item header without type", b'{"event_id":"ID"}\n{"length":99}\n', {}, 400,
     ("invalid", "default", "invalid_envelope")),
]


def test_what_is_refused_whole_is_told_by_its_id(edge):
    sent = []
    for name, items, fields, status, end in CASES:
        key = edge.key(limits=fields.get("limits", ()), state=fields.get("state", "on"), origins=fields.get("origins"))
        headers = {"Origin": fields["Origin"]} if "Origin" in fields else {}
        for known in (False, True):                     # the edge asks for the key, then knows it
            id = uuid.uuid4().hex
            if isinstance(items, bytes):
                body = gzip.compress(items.replace(b"ID", id.encode()))
                headers["Content-Encoding"] = "gzip"
            else:
                body = pack(*items, header={"event_id": str(uuid.UUID(id))})
            answer = edge.envelope(key, body, prefix=fields.get("prefix", ""), **headers)
            assert answer.status_code == status, (name, answer.text)
            sent.append((name, known, id, (42, key.id, status, *end)))
    for name, known, id, end in sent:
        assert told(edge, id) == [end], (name, known)


def test_an_event_without_a_header_is_told_by_the_id_in_it(edge):
    key, id = edge.key(limits=["s key 3600 0 error key_quota"]), uuid.uuid4().hex
    assert edge.store(key, {"event_id": id}).status_code == 429
    assert told(edge, id) == [(42, key.id, 429, "rate_limited", "error", "key_quota")]


def test_what_nobody_can_ask_for_is_not_told(edge):
    key = edge.key(limits=["n key 3600 0 error;transaction;attachment key_quota"])
    nobody, last = event(event_id=None), uuid.uuid4().hex
    assert edge.envelope(key, nobody).status_code == 429                                # no id but the one we made
    for item in (({"type": "transaction"}, {"type": "transaction"}), attachment()):
        assert edge.envelope(key, item, header={"event_id": uuid.uuid4().hex}).status_code == 429
    unknown = f"/api/42/envelope/?sentry_key={secrets.token_hex(16)}"
    stranger = uuid.uuid4().hex
    assert edge.post(unknown, pack(event(), header={"event_id": stranger})).status_code == 403
    assert edge.envelope(key, event(), header={"event_id": last}).status_code == 429
    assert told(edge, last) and ends(edge, stranger) == []
    assert [id for _, _, _, k, _, id, *_ in listed(edge) if k == str(key.id)] == [last]


def test_what_goes_on_without_a_limited_event_is_the_workers_to_tell(edge):
    key, id = edge.key(limits=["p key 3600 0 error key_quota"]), uuid.uuid4().hex
    assert edge.envelope(key, event(), ({"type": "session"}, {}), header={"event_id": id}).status_code == 200
    last = uuid.uuid4().hex
    assert edge.envelope(key, event(), header={"event_id": last}).status_code == 429
    told(edge, last)
    assert ends(edge, id) == []


def test_a_flood_loses_some_and_says_how_many(new_edge):
    """Each is told or counted as lost; another key's is told all the same."""
    edge = new_edge()
    loud = edge.key(limits=["loud key 3600 0 error key_quota"])
    quiet = edge.key(limits=["quiet key 3600 0 error key_quota"])
    while quiet.id % 8 == loud.id % 8:
        quiet = edge.key(limits=["quiet key 3600 0 error key_quota"])
    id, n = uuid.uuid4().hex, 300
    assert edge.envelope(quiet, event(), header={"event_id": id}).status_code == 429
    for _ in range(n):
        assert edge.envelope(loud, event(), header={"event_id": uuid.uuid4().hex}).status_code == 429
    told(edge, id)
    edge.wait_for(lambda: edge.redis.llen(LIST) + edge.status()["zone"]["ends_lost"] == n + 1,
                  told=lambda: (edge.redis.llen(LIST), edge.status()["zone"]))


def test_what_waits_goes_out_when_nginx_ends_and_while_redis_was_away(new_edge):
    edge = new_edge()
    key = edge.key(limits=["e key 3600 0 error key_quota"])
    first, second = uuid.uuid4().hex, uuid.uuid4().hex
    assert edge.envelope(key, event(), header={"event_id": first}).status_code == 429
    edge.nginx.stop()
    assert told(edge, first)
    edge.nginx.start()
    edge.wait_for(lambda: edge.envelope(key, event()).status_code == 429)
    edge.redis_part.kill()
    assert edge.envelope(key, event(), header={"event_id": second}).status_code == 429
    edge.redis_part.start()
    assert told(edge, second)
