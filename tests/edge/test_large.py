"""Large bodies: never whole in nginx' memory nor in the stream, and byte for byte at the worker's end."""

import hashlib
import os
import subprocess
import threading
import uuid

import pytest
import requests

from edge.server import event, pack

MB = 1024 * 1024
MILLION = 1_000_000  # of this size on, a body stands beside the other fields
LIMITS = "vedette_max_envelope 120m; vedette_max_attachment 110m;"


@pytest.fixture(scope="module")
def edge(build, scratch):
    from edge.server import Edge
    edge = Edge(build, scratch / "large", workers=1, redis="unix:{socket} timeout=30s", http=LIMITS + "vedette_spool {folder}/spool size=1g min_free=0%;")
    try:
        yield edge.start()
    finally:
        edge.close()


@pytest.fixture(autouse=True)
def empty(edge):
    if edge.redis_answers():
        for name in edge.redis.scan_iter("vedette:bod*"):
            edge.redis.unlink(name)


def envelope(size):
    """An event after an attachment of so many bytes, which nothing can compress."""
    return pack(({"type": "attachment", "filename": "core"}, os.urandom(size)), event(),
                header={"event_id": uuid.uuid4().hex})


def arrived(edge, key):
    """The hash of each body of this key, wherever it is."""
    return [sha(entry["d"]) for entry in edge.entries(key)]


def sha(body):
    return hashlib.sha256(body).hexdigest()


def peak(edge):
    """The largest memory that a worker of nginx has ever had, in bytes."""
    (pid,) = edge.nginx.children()
    with open(f"/proc/{pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) * 1024


def post(edge, key, body):
    return requests.post(f"{edge.url}/api/{key.project}/envelope/?sentry_key={key.public}", body, timeout=240)


def post_all(edge, key, bodies):
    """At the same time; the status of each."""
    statuses = []
    threads = [threading.Thread(target=lambda body=body: statuses.append(post(edge, key, body).status_code))
               for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@pytest.mark.parametrize("size", [40_000, 999_999, 1_000_000, MB - 4096, MB + 1, 3 * MB])
def test_a_body_arrives_byte_for_byte(edge, key, size):
    body = envelope(size)
    assert edge.envelope(key, body).status_code == 200
    assert arrived(edge, key) == [sha(body)]
    (id, fields), = edge.redis.xrevrange("vedette:events", count=1)
    apart = f"vedette:body:{id.decode()}"
    if size < MB:
        assert fields.keys() == ({b"v"} if len(body) < MILLION else {b"v", b"d"}) and fields[b"v"][:1] == b"3" and not edge.redis.exists(apart)
    else:
        assert fields[b"v"] == b"2" and b"d" not in fields and fields[b"p"] == b"42"
        assert edge.redis.ttl(apart) == -1
        assert edge.redis.hlen(apart) == -(-len(body) // (256 * 1024))
        assert edge.redis.hget("vedette:bodies", id) == fields[b"z"] == b"%d" % len(body)


def test_a_compressed_body_stays_as_it_came(edge, key):
    import gzip
    body = gzip.compress(envelope(2 * MB), 1)
    assert edge.envelope(key, body, Content_Encoding="gzip").status_code == 200
    assert edge.entry(key)["c"] == "gzip" and arrived(edge, key) == [sha(body)]


def test_many_at_once_leave_the_memory_of_nginx_as_it_is(edge, key, build):
    assert edge.envelope(key, envelope(2 * MB)).status_code == 200
    before = peak(edge)
    bodies = [envelope(50 * MB) for _ in range(4)]
    assert post_all(edge, key, bodies) == [200] * 4
    # a sanitizer holds on to what was freed
    assert build.sanitized or peak(edge) - before < 8 * MB
    # what a slow disk has kept Redis from taking in time is in the spool
    replay(edge)
    assert set(map(sha, bodies)) <= set(arrived(edge, key))


def test_what_redis_has_no_room_for_waits_on_the_disk(edge, key):
    edge.redis.hset("vedette:body:1-1", 0, "somebody else's")
    edge.redis.hset("vedette:bodies", "1-1", 256 * MB)
    body = envelope(2 * MB)
    assert edge.envelope(key, body).status_code == 200
    assert edge.entries(key) == []
    edge.redis.unlink("vedette:body:1-1")
    replay(edge)
    assert arrived(edge, key) == [sha(body)]


def replay(edge):
    subprocess.run([str(edge.build.program), "spool", "replay", str(edge.folder / "spool")], check=True, cwd="/",
                   env={**edge.build.environment(), "VEDETTE_REDIS_SOCKET": str(edge.socket)}, timeout=240)


def test_while_redis_is_away_the_disk_takes_large_bodies_past_the_memory(edge, key, build):
    bodies = [envelope(50 * MB) for _ in range(3)] + [envelope(100)]
    assert edge.envelope(key, event()).status_code == 200
    edge.redis_part.stop()
    before = peak(edge)
    assert post_all(edge, key, bodies) == [200] * 4
    # a sanitizer holds on to what was freed
    assert build.sanitized or peak(edge) - before < 8 * MB
    edge.redis_part.start()
    replay(edge)
    assert set(map(sha, bodies)) <= set(arrived(edge, key))


def test_a_redis_that_goes_in_the_middle_costs_nothing(new_edge):
    edge = new_edge(workers=1, http=LIMITS + "vedette_spool {folder}/spool size=1g min_free=0%;")
    key = edge.key()
    bodies = [envelope(40 * MB) for _ in range(3)]
    assert edge.envelope(key, event()).status_code == 200
    killer = threading.Thread(target=lambda: (edge.wait_for(lambda: edge.redis.exists("vedette:bodies")),
                                              edge.redis_part.kill()))
    killer.start()
    assert post_all(edge, key, bodies) == [200] * 3
    killer.join()
    edge.redis_part.start()
    replay(edge)
    # one that was complete may have come by both ways
    assert set(map(sha, bodies)) <= set(arrived(edge, key))


def test_without_a_spool_and_without_room_it_is_refused(new_edge):
    edge = new_edge(http=LIMITS)
    key = edge.key()
    edge.redis.hset("vedette:body:1-1", 0, "somebody else's")
    edge.redis.hset("vedette:bodies", "1-1", 256 * MB)
    assert edge.envelope(key, envelope(2 * MB)).status_code == 503
    assert edge.entries(key) == []


def test_what_an_edge_began_and_left_expires(edge, key):
    edge.redis.hset("vedette:bodies", "0" * 32, 256 * MB)
    assert edge.envelope(key, envelope(2 * MB)).status_code == 200
    assert edge.entry(key)["v"] == "2"
    assert edge.redis.hget("vedette:bodies", "0" * 32) is None


def test_a_buffer_that_would_hold_large_bodies_is_made_smaller(new_edge):
    edge = new_edge(http=LIMITS, server="location /big/ {{ vedette on; client_body_buffer_size 64m; }}")
    assert '"client_body_buffer_size" of a location with "vedette on" is at most 1024k' in edge.log()
    key = edge.key()
    body = envelope(2 * MB)
    assert edge.envelope(key, body, prefix="/big").status_code == 200
    assert arrived(edge, key) == [sha(body)]
