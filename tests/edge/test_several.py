"""Requests that come in one turn of nginx' loop share an entry of the stream (queue/message.h, version 5)."""

import json
import os
import random
import signal
import socket
import uuid
from pathlib import Path

import pytest

from edge.server import pack
from edge.test_redis import pause, resume
from edge.test_spool import ids, new_spool  # noqa: F401
from harness.packed import requests_of

BUFFERS = "client_body_buffer_size 300k;"
ONE = {"workers": 1, "redis": "unix:{socket} timeout=30s", "http": BUFFERS}
SIZES = (1, 300, 3000, 4095, 4096, 8192, 12_000)

def envelope(size, id=None):
    """(event id, body); bytes by chance, so that no two bodies can be mistaken."""
    id = id or uuid.uuid4().hex
    return id, pack(({"type": "attachment", "filename": "x"}, random.randbytes(size)), header={"event_id": id})


def request(key, body, prefix="", more=""):
    return (f"POST {prefix}/api/{key.project}/envelope/?sentry_key={key.public} HTTP/1.1\r\nHost: x\r\n{more}"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


class Client:
    """A connection that nginx knows already, and keeps."""

    def __init__(self, edge):
        self.socket = socket.create_connection(("127.0.0.1", edge.port), timeout=120)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(b"GET /api/relay/healthcheck/live/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert self.answer() == 200

    def answer(self):
        """The status of the next one."""
        code = int(self.file.readline().split()[1])
        length = 0
        while (line := self.file.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        self.file.read(length)
        return code

    def close(self):
        self.file.close()
        self.socket.close()


def stopped(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("T")


def in_one_turn(edge, sent, clients=()):
    """So many connections, on each of which a request has come when the worker looks again."""
    worker, = edge.nginx.children()
    clients = [*clients, *(Client(edge) for _ in sent[len(clients):])]
    os.kill(worker, signal.SIGSTOP)
    try:
        edge.wait_for(lambda: stopped(worker))
        for client, data in zip(clients, sent, strict=True):
            client.socket.sendall(data)
    finally:
        os.kill(worker, signal.SIGCONT)
    return clients


def begun(edge, keys=({"project": 42}, {"project": 43, "org": 2}), servers=()):
    """Starts it; it knows its keys, for good, and has an empty stream.  The keys."""
    edge.redis_part.start()
    keys = [edge.key(**parameters) for parameters in keys]
    for server in servers:
        for key in keys:
            server.write_key(key)
    # a key is looked up again when something has changed since the version that was known
    edge.nginx.start()
    edge.wait_for(lambda: all(server["seconds_since_poll"] >= 0 for server in edge.status()["redis"]))
    for key in keys:
        edge.wait_for(lambda key=key: edge.post_anew(key) == 200)
    for server in (edge, *servers):
        server.redis.delete("vedette:events")
    return keys


def answers(clients):
    codes = [client.answer() for client in clients]
    for client in clients:
        client.close()
    return codes


def stored(edge, *keys):
    """{event id: body}, each once."""
    found = [(entry["i"], entry["d"]) for key in keys for entry in edge.entries(key)]
    assert len(dict(found)) == len(found), "one is there twice"
    return dict(found)


def counts(edge):
    """How many requests each entry has, oldest first."""
    return [len(requests_of(fields)) for _, fields in edge.redis.xrange("vedette:events")]


def test_one_turn_is_one_entry(new_edge):
    """Small and larger bodies, of two keys of two organisations; each is answered, and is there byte for byte."""
    edge = new_edge(start=False, **ONE)
    keys = begun(edge)
    made = [envelope(size) for size in SIZES]
    sent = dict(made)
    clients = in_one_turn(edge, [request(keys[n % 2], body) for n, (_, body) in enumerate(made)])
    assert answers(clients) == [200] * len(made)
    assert counts(edge) == [len(made)]
    assert stored(edge, *keys) == sent
    assert stored(edge, keys[1]) == dict(made[1::2])
    entries = {entry["i"]: entry for key in keys for entry in edge.entries(key)}
    assert [(entries[id]["o"], entries[id]["p"], entries[id]["k"]) for id, _ in made] == [
        (str(keys[n % 2].org), str(keys[n % 2].project), str(keys[n % 2].id)) for n in range(len(made))]
    # one by itself is as ever
    assert edge.envelope(keys[0], envelope(10)[1]).status_code == 200
    assert edge.redis.xrevrange("vedette:events", count=1)[0][1][b"v"].startswith(b"3")


def test_as_many_as_an_entry_takes(new_edge):
    edge = new_edge(start=False, **ONE)
    key, _ = begun(edge)
    made = [envelope(100) for _ in range(150)]
    assert answers(in_one_turn(edge, [request(key, body) for _, body in made])) == [200] * 150
    assert counts(edge) == [64, 64, 22]
    assert stored(edge, key) == dict(made)


def test_as_many_bytes_as_an_entry_takes(new_edge):
    """What is large, or lies in a file, has its own; what is small need not wait behind it."""
    edge = new_edge(start=False, **ONE)
    key, _ = begun(edge)
    made = [envelope(size) for size in [10_000] * 20 + [33_000, 250_000, 1_200_000]]
    file = envelope(9_000)
    sent = [request(key, body) for _, body in made] + [request(key, file[1], prefix="/prefix")]
    assert answers(in_one_turn(edge, sent)) == [200] * len(sent)
    assert stored(edge, key) == dict([*made, file])
    assert sorted(counts(edge)) == [1] * 4 + [2, 6, 6, 6]
    shared = [entry[b"v"] for _, entry in edge.redis.xrange("vedette:events") if entry[b"v"][:1] == b"5"]
    assert max(map(len, shared)) <= 64 * 1024 + 6 * 8


def test_packed_texts_share_as_well(new_edge):
    edge = new_edge(start=False, **ONE)
    key, _ = begun(edge)
    made = {uuid.uuid4().hex: None for _ in range(10)}
    for id in made:
        text = json.dumps([{"lineno": n, "function": f"handle_{n}"} for n in range(1000)])
        made[id] = pack(({"type": "attachment", "filename": "x"}, text.encode()), header={"event_id": id})
    assert len(next(iter(made.values()))) > 40_000
    assert answers(in_one_turn(edge, [request(key, body) for body in made.values()])) == [200] * 10
    assert counts(edge)[0] > 1
    assert stored(edge, key) == made


def test_several_on_one_connection(new_edge):
    """The answer to the first begins the second, while others of the same entry are still to be told."""
    edge = new_edge(start=False, **ONE)
    key, _ = begun(edge)
    made = [envelope(SIZES[n % len(SIZES)]) for n in range(40)]
    sent = [request(key, made[n][1]) + request(key, made[n + 20][1]) for n in range(20)]
    clients = in_one_turn(edge, sent)
    assert [client.answer() for client in clients] == [200] * 20
    assert answers(clients) == [200] * 20
    assert stored(edge, key) == dict(made)


def test_keys_with_a_limit(new_edge):
    """They are counted first, and share then."""
    edge = new_edge(start=False, **ONE)
    key, = begun(edge, [{"limits": ["several key 3600 30 * key_quota"]}])
    made = [envelope(500) for _ in range(40)]
    codes = answers(in_one_turn(edge, [request(key, body) for _, body in made]))
    assert sorted(codes) == [200] * 29 + [429] * 11
    assert stored(edge, key) == {id: body for (id, body), code in zip(made, codes, strict=True) if code == 200}


def test_servers_have_entries_of_their_own(new_edge):
    """Each key's events go to one of them (message.h)."""
    other = new_edge(workers=1)
    edge = new_edge(workers=1, redis=f"unix:{{socket}} unix:{other.socket} timeout=30s", http=BUFFERS,
                    start=False)
    keys = begun(edge, [{}] * 16, [other])
    made = [envelope(500) for _ in keys]
    sent = [request(key, body) for key, (_, body) in zip(keys, made, strict=True)]
    assert answers(in_one_turn(edge, sent)) == [200] * 16
    found = {**stored(edge, *keys), **stored(other, *keys)}
    assert found == dict(made)
    assert [counts(server) for server in (edge, other)] == [
        [len(stored(server, *keys))] if stored(server, *keys) else [] for server in (edge, other)]


@pytest.mark.parametrize("filled", [False, True], ids=["written", "on the way"])
def test_clients_that_go(new_edge, filled):
    """What has been begun is ended, and the others are answered."""
    edge = new_edge(start=False, workers=1, redis="unix:{socket} connections=1 timeout=60s", http=BUFFERS)
    key, _ = begun(edge)
    made = [envelope(200_000) for _ in range(4 * filled)] + [envelope(SIZES[n % len(SIZES)]) for n in range(35)]
    pause(edge.redis_part)
    try:
        clients = in_one_turn(edge, [request(key, body) for _, body in made])
        for client in clients[1::2]:
            client.close()
        edge.get("/api/relay/healthcheck/live/")
    finally:
        resume(edge.redis_part)
    assert answers(clients[::2]) == [200] * len(clients[::2])
    edge.wait_for(lambda: len(edge.entries(key)) >= len(made))
    assert stored(edge, key) == dict(made)


def test_a_worker_that_waits_no_longer(new_edge):
    """Requests are taken out of an entry that is under way, one by one, before and after its connection is closed."""
    edge = new_edge(start=False, redis="unix:{socket} connections=1 timeout=60s", main="worker_shutdown_timeout 1s;", workers=1,
                    http=BUFFERS)
    edge.expect_log("no connection to redis")
    key, _ = begun(edge)
    # nginx closes in the order in which it has opened: half of them come before its connection to Redis
    early = [Client(edge) for _ in range(15)]
    edge.redis_part.kill()
    early += [Client(edge) for _ in range(10)]
    edge.redis_part.start()
    edge.wait_for(lambda: edge.post_anew(key) == 200)
    edge.redis.delete("vedette:events")
    made = [envelope(200_000) for _ in range(4)] + [envelope(SIZES[n % len(SIZES)]) for n in range(42)]
    pause(edge.redis_part)
    try:
        clients = in_one_turn(edge, [request(key, body) for _, body in made], early)
        edge.get("/api/relay/healthcheck/live/")
        edge.nginx.process.send_signal(signal.SIGQUIT)
        edge.nginx.process.wait(60)
    finally:
        resume(edge.redis_part)
    for client in clients:
        client.close()
    arrived = stored(edge, key)
    assert {id: dict(made)[id] for id in arrived} == arrived


@pytest.mark.parametrize("how", ["killed", "hung"])
def test_redis_goes_while_they_are_under_way(new_spool, how):  # noqa: F811
    """Each is in the spool once."""
    spool = new_spool(start=False, more=BUFFERS, redis="unix:{socket} connections=1 timeout=" + ("60s" if how == "killed" else "300ms"))
    edge = spool.edge
    edge.expect_log("does not answer|no connection to redis")
    key, other = begun(edge)
    edge.wait_for(lambda: edge.post_anew(key) == 200)
    before = edge.status()["spool"]["records"]
    made = [envelope(SIZES[n % len(SIZES)]) for n in range(30)]
    pause(edge.redis_part)
    clients = in_one_turn(edge, [request((key, other)[n % 2], body) for n, (_, body) in enumerate(made)])
    if how == "killed":
        # the worker has sent them when it has served another
        edge.get("/api/relay/healthcheck/live/")
        edge.redis_part.kill()
    assert answers(clients) == [200] * len(made)
    assert edge.status()["spool"]["records"] - before == len(made)
    if how == "hung":
        # what it has had is not part of this
        edge.redis_part.kill()
    edge.redis_part.start()
    edge.redis.delete("vedette:events")
    spool.vedette("replay", spool.folder)
    found = ids(edge, key) + ids(edge, other)
    assert sorted(id for id in found if id in dict(made)) == sorted(dict(made))
    arrived = {entry["i"]: entry["d"] for k in (key, other) for entry in edge.entries(k)}
    assert {id: arrived[id] for id in dict(made)} == dict(made)


def test_without_a_spool_each_is_told(new_edge):
    edge = new_edge(start=False, **ONE)
    edge.expect_log("no connection to redis")
    key, _ = begun(edge)
    pause(edge.redis_part)
    clients = in_one_turn(edge, [request(key, envelope(size)[1]) for size in SIZES])
    edge.get("/api/relay/healthcheck/live/")
    edge.redis_part.kill()
    assert answers(clients) == [503] * len(SIZES)


def test_redis_refuses(new_edge):
    """Its memory is full: the entry is refused, and each of its requests."""
    edge = new_edge(start=False, **ONE)
    edge.expect_log("does not take events")
    key, _ = begun(edge)
    edge.redis.config_set("maxmemory", "1mb")
    edge.redis.config_set("maxmemory", "1")
    assert answers(in_one_turn(edge, [request(key, envelope(size)[1]) for size in SIZES])) == [503] * len(SIZES)
    edge.redis.config_set("maxmemory", "0")
    assert edge.entries(key) == []
    assert edge.log().count("does not take events") == 1


@pytest.mark.parametrize("how", ["reload", "quit"])
def test_the_worker_waits_for_them(new_edge, how):
    edge = new_edge(start=False, **ONE)
    key, _ = begun(edge)
    made = [envelope(SIZES[n % len(SIZES)]) for n in range(20)]
    old, = edge.nginx.children()
    pause(edge.redis_part)
    try:
        clients = in_one_turn(edge, [request(key, body) for _, body in made])
        edge.get("/api/relay/healthcheck/live/")
        if how == "reload":
            edge.nginx.process.send_signal(signal.SIGHUP)
        else:
            edge.nginx.process.send_signal(signal.SIGQUIT)
        edge.wait_for(lambda: "gracefully shutting down" in edge.log())
    finally:
        resume(edge.redis_part)
    assert answers(clients) == [200] * len(made)
    assert stored(edge, key) == dict(made)
    if how == "reload":
        edge.wait_for(lambda: old not in edge.nginx.children())
        assert edge.post_anew(key) == 200
    else:
        edge.nginx.process.wait(60)
