"""The body of what is refused before it was read: all of it goes, and no byte of what comes behind it."""

import secrets
import socket

import pytest

from edge.server import event, pack

SIZES = [1, 100, 3000, 4096, 5000, 8192, 40_000, 300_000, 3_000_000]


@pytest.fixture
def unknown(edge, key):
    """A key that this edge knows not to exist, so that it need not read the body to ask for it."""
    other = edge.key()
    assert edge.envelope(other, pack(event())).status_code == 200
    edge.write_key(other, state="off")
    # what it knows of keys is newer than the last change of one: it asks for none anew
    edge.wait_for(lambda: edge.envelope(other, pack(event())).status_code == 403)
    unknown = secrets.token_hex(16)
    assert edge.post(f"/api/42/envelope/?sentry_key={unknown}", pack(event())).status_code == 403
    return unknown


@pytest.fixture(params=["tcp", "unix"])
def connection(edge, request):
    if request.param == "tcp":
        connection = socket.create_connection(("127.0.0.1", edge.port), timeout=60)
    else:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(60)
        connection.connect(str(edge.folder / "run" / "http.sock"))
    with connection:
        yield connection


def head(public, size, more=""):
    return (f"POST /api/42/envelope/?sentry_key={public} HTTP/1.1\r\nHost: x\r\n{more}"
            f"Content-Length: {size}\r\n\r\n").encode()


def answer(stream):
    """The status of the next answer; its body is read."""
    status, length = int(stream.readline().split()[1]), 0
    while (line := stream.readline().strip()):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    stream.read(length)
    return status


@pytest.mark.parametrize("size", SIZES)
def test_the_next_request_begins_where_the_body_ends(edge, key, unknown, connection, size):
    good = pack(event())
    with connection.makefile("rb") as stream:
        for _ in range(3):
            connection.sendall(head(unknown, size) + b"P" * size + head(key.public, len(good)) + good)
            assert [answer(stream), answer(stream)] == [403, 200]
    assert [entry["d"] for entry in edge.entries(key)] == [good] * 3


@pytest.mark.parametrize("size", [5000, 40_000, 3_000_000])
def test_a_body_that_comes_later(edge, key, unknown, connection, size):
    good = pack(event())
    with connection.makefile("rb") as stream:
        for part in (0, 1, 4500, size - 1):
            connection.sendall(head(unknown, size) + b"P" * part)
            assert answer(stream) == 403
            connection.sendall(b"P" * (size - part) + head(key.public, len(good)) + good)
            assert answer(stream) == 200
    assert len(edge.entries(key)) == 4


def test_a_client_that_asks_first(edge, key, unknown, connection):
    """"Expect: 100-continue" of a body that is refused."""
    connection.sendall(head(unknown, 40_000, "Expect: 100-continue\r\n"))
    with connection.makefile("rb") as stream:
        assert b" 100 " in stream.readline() and stream.readline() == b"\r\n"
        assert answer(stream) == 403


def test_a_client_that_goes(edge, key, unknown, connection):
    connection.sendall(head(unknown, 40_000) + b"P" * 30_000)
    connection.shutdown(socket.SHUT_WR)
    with connection.makefile("rb") as stream:
        assert answer(stream) == 403
    assert edge.envelope(key, pack(event())).status_code == 200
