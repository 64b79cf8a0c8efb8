"""Content codings and bombs: protocol.md 1.4; cases 9 to 13 and 87 of its section 10."""

import functools
import gzip
import http.client
import json
import os
import random
import zlib

import brotli
import pytest
import zstandard

from edge.server import event, pack
from harness.packed import requests_of

ID = "0123456789abcdef0123456789abcdef"


def raw_deflate(data):
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


CODINGS = {
    "gzip": (gzip.compress, "gzip"),
    "GZIP": (gzip.compress, "gzip"),
    "deflate": (zlib.compress, "deflate"),
    "deflate raw": (raw_deflate, "deflate"),
    "br": (brotli.compress, "br"),
    "zstd": (zstandard.compress, "zstd"),
    "zstd frames": (lambda data: zstandard.compress(data[:9]) + zstandard.compress(data[9:]), "zstd"),
    "identity": (bytes, None),
    "": (bytes, None),
    "UTF-8": (bytes, None),
    "utf-8": (bytes, None),
}


@pytest.mark.parametrize("name", CODINGS)
def test_coding(edge, key, name):
    encode, told = CODINGS[name]
    coding = name.split()[0] if name else ""
    for post, body in ((edge.store, json.dumps({"event_id": ID}).encode()), (edge.envelope, pack(event(event_id=ID)))):
        sent = encode(body)
        answer = post(key, sent, Content_Encoding=coding)
        assert (answer.status_code, answer.json()) == (200, {"id": ID})
        entry = edge.entries(key)[-1]
        # the worker gets it as it came
        assert entry["d"] == sent
        assert entry.get("c") == told


@pytest.mark.parametrize("name", ["gzip", "deflate", "deflate raw", "br", "zstd"])
@pytest.mark.parametrize("prefix", ["", "/prefix"])
def test_coding_of_a_large_body(edge, key, name, prefix):
    encode, _ = CODINGS[name]
    payload = random.Random(1).randbytes(300_000) + bytes(700_000)
    body = encode(pack(({"type": "attachment"}, payload), event(event_id=ID)))
    answer = edge.envelope(key, body, prefix=prefix, Content_Encoding=name.split()[0])
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert edge.entry(key)["d"] == body


# bytes of a text: whether the edge packs them for a Redis that calls fsync for each
TEXTS = {3_500: False, 5_000: True, 60_000: True, 255_000: True, 300_000: False}


@pytest.mark.parametrize("size", TEXTS)
@pytest.mark.parametrize("prefix", ["", "/prefix"])
def test_a_text_is_packed_on_its_way(edge, key, prefix, size):
    """From one piece, from two, and from a file."""
    text = json.dumps([{"lineno": n, "function": f"handle_{n}"} for n in range(size)])[:size]
    body = pack(({"type": "attachment", "filename": "x"}, text.encode()), event(event_id=ID))
    assert edge.envelope(key, body, prefix=prefix).status_code == 200
    assert edge.entry(key)["d"] == body
    raw, = [fields for _, fields in edge.redis.xrange("vedette:events") if requests_of(fields)[0][b"k"] == b"%d" % key.id]
    lasts = sum(len(value) for value in raw.values())
    assert raw[b"v"].startswith(b"4" if TEXTS[size] else b"3")
    assert lasts < len(body) / 2 if TEXTS[size] else lasts > len(body)


def test_what_does_not_get_smaller_is_not_packed(edge, key):
    body = pack(({"type": "attachment", "filename": "x"}, random.Random(3).randbytes(20_000)), event(event_id=ID))
    assert edge.envelope(key, body).status_code == 200
    assert (edge.entry(key)["v"], edge.entry(key)["d"]) == ("3", body)


@pytest.mark.parametrize("coding", ["foo", "gzip, deflate", "compress", "utf-16", "lz4"])
def test_unknown_coding(edge, key, coding):
    answer = edge.store(key, b"{}", Content_Encoding=coding)
    assert answer.status_code == 415
    assert edge.entries(key) == []


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("damage", [lambda body: body[:-3], lambda body: b"\x00" + body, lambda body: body + b"x",
                                    lambda body: body[:20] + b"????" + body[24:], lambda body: body[:1]])
def test_corrupt_body(edge, key, name, damage):
    encode, _ = CODINGS[name]
    body = damage(encode(pack(event(x=str(random.Random(2).randbytes(100))))))
    answer = edge.envelope(key, body, Content_Encoding=name)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "invalid request body"


@functools.cache
def bomb(coding, begin, size=2**28):
    """`begin`, and then the same byte over and over; packed in constant memory."""
    block = b"x" * 2**20
    if coding == "br":
        stream = brotli.Compressor(quality=1)
        pack, end = stream.process, stream.finish
    else:
        stream = (zstandard.ZstdCompressor().compressobj() if coding == "zstd"
                  else zlib.compressobj(1, zlib.DEFLATED, 31 if coding == "gzip" else 15))
        pack, end = stream.compress, stream.flush
    return pack(begin) + b"".join(pack(block) for _ in range(size // 2**20)) + end()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("endpoint, begin", [("store", b'{"a":"'), ("envelope", b'{}\n{"type":"attachment"}\n')])
def test_bomb(edge, key, coding, endpoint, begin):
    body = bomb(coding, begin)
    assert len(body) < 2**28 / 100
    workers = edge.nginx.children()
    before, began = max(memory(pid) for pid in workers), sum(cpu_seconds(pid) for pid in workers)
    answer = getattr(edge, endpoint)(key, body, Content_Encoding=coding)
    took = sum(cpu_seconds(pid) for pid in workers) - began
    assert answer.status_code == 413
    assert took < (20 if edge.build.sanitized else 5), "of the workers' own time, however busy the machine is"
    if not edge.build.sanitized:
        assert max(memory(pid) for pid in workers) - before < 24 * 1024
    assert edge.entries(key) == []


def test_bomb_of_one_item(edge, key):
    """The item says how long it is, and is: the limit of the event holds."""
    body = pack(({"type": "event"}, b'{"a":"' + bytes(5 * 2**20) + b'"}'))
    assert edge.envelope(key, gzip.compress(body), Content_Encoding="gzip").status_code == 413


def test_bomb_in_base64(edge, key):
    import base64
    assert edge.store(key, base64.b64encode(zlib.compress(b'{"a":"' + bytes(2**26)))).status_code == 413


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        user, system = f.read().rpartition(") ")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


# ---- one connection, many requests

def test_keep_alive_after_refusals(edge, key):
    """What was refused unread must not be taken for the next request."""
    good = pack(event())
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=60)
    path = f"/api/42/envelope/?sentry_key={key.public}"
    cases = [(path, good, {}, 200),
             ("/api/42/store/", b"x" * 100_000, {}, 401),
             (path, good, {}, 200),
             (path, good, {"Content-Encoding": "foo"}, 415),
             (path, good, {}, 200),
             ("/nowhere", b"x" * 5000, {}, 404),
             (path, b"{}\nx", {}, 400),
             (path, good, {}, 200)]
    sockets = set()
    for url, body, headers, status in cases:
        connection.request("POST", url, body, headers)
        sockets.add(connection.sock)
        answer = connection.getresponse()
        assert answer.status == status, (url, headers)
        answer.read()
    assert len(sockets) == 1
    connection.close()


def test_keep_alive_with_chunks(edge, key):
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=60)
    for url, status in [(f"/api/42/envelope/?sentry_key={key.public}", 200), ("/api/42/envelope/", 401)] * 2:
        connection.request("POST", url, iter([pack(event()), b""]), encode_chunked=True)
        answer = connection.getresponse()
        assert answer.status == status
        answer.read()
    connection.close()


def test_pipelined_requests(edge, key):
    """Several requests in one packet are answered in order."""
    import socket
    body = pack(event(event_id=ID))
    request = (f"POST /api/42/envelope/?sentry_key={key.public} HTTP/1.1\r\nHost: x\r\n"
               f"Content-Length: {len(body)}\r\n\r\n").encode() + body
    with socket.create_connection(("127.0.0.1", edge.port), timeout=60) as s:
        s.sendall(request * 3)
        data = b""
        while data.count(b'{"id":') < 3:
            data += s.recv(65536)
    assert data.count(b"HTTP/1.1 200 OK") == 3
    assert len(edge.entries(key)) == 3
