"""Redis: what 200 promises, and what happens while Redis is away; cases 23 and 86."""

import concurrent.futures
import os
import re
import secrets
import signal
import threading
import time

import pytest

from edge.server import event, pack
from harness.stack import free_port

DOWN = r"no connection to redis|does not answer|is not ready"


def unavailable(answer, detail="failed to queue envelope"):
    assert answer.status_code == 503
    assert answer.json() == {"detail": detail}
    assert answer.headers["X-Sentry-Error"] == detail
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


NO_CONFIG = "the project's configuration cannot be read at the moment"


def pause(part):
    os.kill(part.pid, signal.SIGSTOP)


def resume(part):
    os.kill(part.pid, signal.SIGCONT)


def test_redis_stops_and_comes_back(new_edge):
    edge = new_edge()
    known, unknown = edge.key(), edge.key()
    for _ in range(10):
        assert edge.post_anew(known) == 200
    edge.redis_part.kill()
    unavailable(edge.envelope(known, event()))
    # each worker has noticed
    edge.wait_for(lambda: edge.log().count("no connection to redis") >= 2)
    unavailable(edge.envelope(unknown, event()), NO_CONFIG)
    edge.wait_for(lambda: edge.get("/api/relay/healthcheck/ready/").status_code == 503)
    assert edge.get("/api/relay/healthcheck/ready/").json() == {"is_healthy": False}
    assert edge.get("/api/relay/healthcheck/live/").json() == {"is_healthy": True}
    # what is wrong with the request is still said
    assert edge.envelope(known, b"{}\nx").status_code == 400
    assert edge.post("/api/42/store/", b"{}").status_code == 401
    edge.redis_part.start()
    # every worker
    edge.wait_for(lambda: edge.log().count('" is back') >= 2)
    assert edge.envelope(unknown, event()).status_code == 200
    assert {edge.post_anew(known) for _ in range(10)} == {200}
    log = edge.log()
    assert re.search(DOWN, log)
    # each worker says it once, not once a request
    assert len(re.findall("no connection to redis", log)) <= 4


def test_accepted_is_what_stands_in_the_stream(new_edge):
    """Redis is killed under load: each 200 is there after its restart."""
    edge = new_edge()
    key = edge.key()
    assert edge.post_anew(key) == 200
    edge.redis.delete("vedette:events")
    done = threading.Event()
    accepted = []

    def send():
        while not done.is_set():
            answer = edge.session.post(f"{edge.url}/api/42/envelope/?sentry_key={key.public}", data=pack(event()), timeout=60)
            assert answer.status_code in (200, 503)
            if answer.status_code == 200:
                accepted.append(answer.json()["id"])

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(send) for _ in range(8)]
        for _ in range(2):
            before = len(accepted)
            edge.wait_for(lambda: len(accepted) > before + 100 or any(future.done() for future in futures))  # noqa: B023
            edge.redis_part.kill()
            edge.redis_part.start()
        done.set()
        for future in futures:
            future.result()
    stored = {entry["i"] for entry in edge.entries(key)}
    assert set(accepted) <= stored


def test_redis_does_not_answer(new_edge):
    """Stopped, not gone: the client hears of it in time, and nothing hangs."""
    edge = new_edge(redis="unix:{socket} timeout=300ms")
    key = edge.key()
    # a slow disk may keep Redis longer than that
    edge.wait_for(lambda: [edge.post_anew(key) for _ in range(6)] == [200] * 6)
    pause(edge.redis_part)
    try:
        began = time.monotonic()
        unavailable(edge.envelope(key, event()))
        assert time.monotonic() - began < 30
        # when all connections have stalled the answer comes before the time is up
        edge.wait_for(lambda: quick(edge, key) < 0.2)
    finally:
        resume(edge.redis_part)
    edge.wait_for(lambda: [edge.post_anew(key) for _ in range(4)] == [200] * 4)
    edge.wait_for(lambda: edge.status()["late_replies"] > 0)


def quick(edge, key):
    began = time.monotonic()
    unavailable(edge.envelope(key, event()))
    return time.monotonic() - began


def test_client_goes_while_redis_is_asked(new_edge):
    """Neither the late reply nor the lost request does any harm."""
    edge = new_edge(redis="unix:{socket} timeout=5s", workers=1)
    known, unknown, limited = edge.key(), edge.key(), edge.key(limits=["x key 60 5 error r"])
    edge.post_anew(known)
    edge.post_anew(limited)
    pause(edge.redis_part)
    for key in (known, unknown, limited) * 5:
        edge.send(key).close()
    edge.status()  # the only worker has read what came before
    resume(edge.redis_part)
    edge.wait_for(lambda: edge.post_anew(known) == 200)
    edge.wait_for(lambda: len(edge.entries(known)) >= 7)


@pytest.mark.parametrize("setting, reason", [(("maxmemory", "1"), "OOM"), (("min-replicas-to-write", "1"), "NOREPLICAS")])
def test_redis_refuses_to_write(new_edge, setting, reason):
    edge = new_edge()
    key = edge.key()
    assert edge.envelope(key, event()).status_code == 200
    edge.redis.config_set(*setting)
    unavailable(edge.envelope(key, event()))
    assert reason in edge.log()
    edge.redis.config_set(setting[0], "0")
    assert edge.envelope(key, event()).status_code == 200


def test_server_closes_idle_connections(new_edge):
    edge = new_edge()
    key = edge.key()
    assert edge.envelope(key, event()).status_code == 200
    for _ in range(5):
        edge.redis.client_kill_filter(_type="normal", skipme=True)
        assert edge.envelope(key, event()).status_code in (200, 503)
    edge.wait_for(lambda: edge.envelope(key, event()).status_code == 200)


# ---- how Redis is reached

def test_tcp_password_and_database(new_edge):
    port = free_port()
    edge = new_edge(start=False, redis=f"127.0.0.1:{port} password=s3cret db=3 connections=2 timeout=20s",
                    redis_args=["--port", port, "--requirepass", "s3cret"])
    edge.redis.connection_pool.connection_kwargs["db"] = 3
    edge.start()
    key = edge.key()
    assert edge.envelope(key, event()).status_code == 200
    edge.entry(key)
    assert edge.status()["redis"][0]["connections"] == 2
    assert "s3cret" not in edge.log()


def test_wrong_password(new_edge):
    edge = new_edge(start=False, redis="unix:{socket} password=wr0ng", redis_args=["--requirepass", "s3cret"])
    edge.redis_part.start()
    edge.nginx.start()
    key = edge.key()
    unavailable(edge.envelope(key, event()), NO_CONFIG)
    edge.wait_for(lambda: "refuses AUTH" in edge.log())
    assert "wr0ng" not in edge.log()


def test_nothing_listens(new_edge):
    edge = new_edge(start=False, redis=f"127.0.0.1:{free_port()}")
    edge.nginx.start()
    unavailable(edge.envelope(edge_key(), event()), NO_CONFIG)
    edge.wait_for(lambda: "no connection to redis" in edge.log())


def edge_key():
    from edge.server import Key
    return Key("a" * 32, 1, 42, 1)


# ---- keys

def test_a_known_key_is_asked_for_once(edge):
    key = edge.key()
    edge.envelope(key, event())
    edge.wait_for(lambda: steady(edge, key))
    before = edge.status()["lookups"]
    for _ in range(50):
        assert edge.envelope(key, event()).status_code == 200
    # once more for each worker, if the news of the new key came only now
    assert edge.status()["lookups"] <= before + 2


def steady(edge, key):
    """The version's last change has been seen, and the record read since."""
    before = edge.status()["lookups"]
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        edge.post_anew(key)
    return edge.status()["lookups"] == before


def test_many_requests_one_question(new_edge):
    edge = new_edge(workers=1, redis="unix:{socket} timeout=10s")
    key = edge.key()
    pause(edge.redis_part)
    before = edge.status()["lookups"]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(edge.post_anew, key) for _ in range(20)]
        edge.wait_for(lambda: edge.status()["lookups"] > before)
        resume(edge.redis_part)
        assert [answer.result() for answer in answers] == [200] * 20
    assert edge.status()["lookups"] - before <= 3


def test_revoked_soon(edge):
    key = edge.key()
    assert [edge.post_anew(key) for _ in range(4)] == [200] * 4
    edge.write_key(key, state="off")
    edge.wait_for(lambda: [edge.post_anew(key) for _ in range(4)] == [403] * 4)


def test_deleted_key(edge):
    key = edge.key()
    assert edge.post_anew(key) == 200
    with edge.redis.pipeline(transaction=True) as tx:
        tx.delete(f"vedette:key:{key.public}")
        tx.incr("vedette:keys:version")
        tx.execute()
    edge.wait_for(lambda: [edge.post_anew(key) for _ in range(4)] == [403] * 4)


def test_new_key_that_was_asked_for_too_early(edge):
    public = secrets.token_hex(16)
    path = f"/api/42/store/?sentry_key={public}"
    assert edge.post(path, b"{}").status_code == 403
    edge.key(public=public)
    edge.wait_for(lambda: edge.post(path, b"{}").status_code == 200)


def test_record_that_is_not_one(edge):
    public = secrets.token_hex(16)
    edge.redis.hset(f"vedette:key:{public}", mapping={"org": "x", "project": "1", "key": "1", "state": "on"})
    assert edge.post(f"/api/1/store/?sentry_key={public}", b"{}").status_code == 503
    edge.redis.set(f"vedette:key:{public[::-1]}", "a string")
    assert edge.post(f"/api/1/store/?sentry_key={public[::-1]}", b"{}").status_code == 503


def test_zone_full_of_keys(new_edge):
    """The oldest go, first those that do not exist; nothing is refused for it."""
    edge = new_edge(http="vedette_zone 128k;")
    keys = [edge.key(limits=[f"z{n} key 3600 1000 error q"]) for n in range(300)]
    for key in keys:
        assert edge.envelope(key, event()).status_code == 200
    for _ in range(200):
        assert edge.post(f"/api/42/store/?sentry_key={secrets.token_hex(16)}", b"{}").status_code == 403
    zone = edge.status()["zone"]
    assert zone["evicted"] > 0 and 0 < zone["keys"] < 300 and zone["outcomes_lost"] == 0
    assert edge.envelope(keys[0], event()).status_code == 200


def test_two_installations_on_one_nginx(new_edge):
    """A key of the one means nothing to the other."""
    edge = new_edge(server="""location /other/ {{ vedette on; vedette_redis unix:{socket} db=1 timeout=20s; }}""")
    key = edge.key()
    assert edge.envelope(key, event()).status_code == 200
    assert edge.envelope(key, event(), prefix="/other").status_code == 403
    assert edge.envelope(key, event()).status_code == 200
    assert len(edge.status()["redis"]) == 2
