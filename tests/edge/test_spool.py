"""The spool: no accepted event is lost while Redis is away (reliability of the edge)."""

import os
import re
import signal
import statistics
import subprocess
import threading
import time
import uuid

import pytest
import requests

from edge.server import event, pack
from harness.spool import FIRST

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

int fdatasync(int fd)
{
    static int (*real)(int);

    if (access(BROKEN, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    if (real == 0) {
        *(void **) &real = dlsym(RTLD_NEXT, "fdatasync");
    }
    return real(fd);
}
"""


class Spool:
    """An edge with a spool, and the program that replays it."""

    def __init__(self, edge):
        self.edge = edge
        self.folder = edge.folder / "spool"
        self.running = []

    def segments(self):
        return sorted(self.folder.glob("*.seg"))

    def command(self, *args):
        build = self.edge.build
        environment = {**build.environment(), "VEDETTE_REDIS_SOCKET": str(self.edge.socket)}
        return [str(build.program), "spool", *map(str, args)], {"env": environment, "cwd": "/"}

    def vedette(self, *args, check=True):
        words, options = self.command(*args)
        return subprocess.run(words, capture_output=True, text=True, check=check, **options)

    def replay(self, check=True):
        return self.vedette("replay", self.folder, check=check).stdout

    def follow(self):
        words, options = self.command("replay", self.folder, "--follow")
        process = subprocess.Popen(words, stderr=subprocess.DEVNULL, **options)
        self.running.append(process)
        return process

    def records(self):
        return int(re.search(r"(\d+) records, \d+ lost\n", self.vedette("verify", self.folder).stdout)
                   .group(1))

    def warm_up(self, key, times=1):
        """All workers know the key, and Redis is away."""
        for _ in range(times):
            # a new nginx may have found Redis away
            self.edge.wait_for(lambda: self.edge.envelope(key, event()).status_code == 200)
        self.edge.redis_part.stop()

    def close(self):
        for process in self.running:
            process.terminate()
            assert process.wait(30) == 0


@pytest.fixture
def new_spool(new_edge):
    made = []

    def make(parameters="size=64m min_free=0%", more="", **options):
        options.setdefault("workers", 1)
        made.append(Spool(new_edge(http=f"vedette_spool {{folder}}/spool {parameters}; {more}", **options)))
        return made[-1]

    yield make
    for spool in made:
        spool.close()


def ids(edge, key):
    return [entry["i"] for entry in edge.entries(key)]


def test_what_comes_out_of_the_spool_is_what_redis_would_have_got(new_spool):
    spool = new_spool()
    edge = spool.edge
    key = edge.key()
    headers = {"User-Agent": "agent/1", "Content-Type": "application/x-sentry-envelope", "Origin": "http://o"}
    bodies = [pack(event(message="x" * size)) for size in (10, 70_000)]
    for body in bodies:
        assert edge.envelope(key, body, prefix="/prefix", **headers).status_code == 200
    direct = edge.entries(key)
    edge.redis.xtrim("vedette:events", maxlen=0)

    spool.warm_up(key, times=0)
    for body in bodies:
        answer = edge.envelope(key, body, prefix="/prefix", **headers)
        assert answer.status_code == 200
    edge.redis_part.start()
    assert spool.replay() == "2 records replayed, 0 lost; 0 segments removed, 1 left\n"
    replayed = edge.entries(key)
    assert len(replayed) == 2
    for one, other, version in zip(direct, replayed, (b"3", b"4"), strict=True):
        times = [int(entry.fields.pop(b"t")) for entry in (one, other)]
        versions = one.fields.pop(b"v"), other.fields.pop(b"v")
        assert versions == (version, b"1"), "the fields of one were packed, and its body if it was large"
        assert one.fields == other.fields
        assert times[0] < times[1] < time.time() * 1e6
    assert [entry["d"] for entry in replayed] == bodies
    assert edge.status()["spool"]["records"] == 2


def test_a_body_larger_than_a_segment(new_spool):
    spool = new_spool()
    edge = spool.edge
    key = edge.key()
    spool.warm_up(key)
    body = pack(event(), ({"type": "attachment", "filename": "x"}, os.urandom(9_000_000)))
    assert edge.envelope(key, body).status_code == 200
    assert edge.envelope(key, event()).status_code == 200
    edge.redis_part.start()
    spool.replay()
    assert edge.entries(key)[1]["d"] == body


def test_redis_stopped_under_traffic(new_spool):
    """Every request is answered 200, and all of them come to the stream."""
    spool = new_spool(workers=2)
    edge = spool.edge
    key = edge.key()
    spool.follow()
    sent, wrong, seen = [], [], []
    stop = threading.Event()

    def taken():
        """As a worker would: a replay waits behind a long queue."""
        for id, fields in edge.stream():
            seen.append(fields[b"i"].decode())
            edge.redis.xdel("vedette:events", id)
        return seen

    def send():
        with requests.Session() as session:
            while not stop.is_set():
                item = event()
                answer = session.post(f"{edge.url}/api/42/envelope/?sentry_key={key.public}",
                                      data=pack(item), timeout=60)
                sent.append(item[1]["event_id"])
                if answer.status_code != 200:
                    wrong.append((answer.status_code, answer.text))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    edge.wait_for(lambda: len(sent) > 100)
    for end in (edge.redis_part.stop, edge.redis_part.kill):
        before = edge.status()["spool"]["records"]
        end()
        edge.wait_for(lambda: edge.status()["spool"]["records"] > before + 200)
        edge.redis_part.start()
        accepted = len(sent)
        edge.wait_for(lambda: len(sent) > accepted + 100)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    edge.wait_for(lambda: set(sent) <= set(taken()), what="the replay")
    # a command whose answer was cut off may have been carried out
    assert len(taken()) <= len(sent) + 2 * 500 + 32


@pytest.mark.parametrize("who", ["worker", "master"])
def test_a_killed_nginx_loses_nothing_that_was_accepted(new_spool, who):
    spool = new_spool()
    edge = spool.edge
    edge.expect_log("exited on signal 9")
    key = edge.key()
    spool.warm_up(key)
    sent = []
    for _ in range(3):
        for _ in range(10):
            item = event()
            assert edge.envelope(key, item).status_code == 200
            sent.append(item[1]["event_id"])
        if who == "worker":
            old = edge.nginx.children()
            os.kill(old[0], signal.SIGKILL)
            edge.wait_for(lambda: edge.nginx.children() not in (old, []))
        else:
            edge.nginx.kill()
            (edge.folder / "run" / "http.sock").unlink()
            edge.session.close()
            edge.nginx.start()
            edge.redis_part.start()  # a new nginx has to learn the key
            spool.warm_up(key)
    assert len(spool.segments()) >= 3
    edge.redis_part.start()
    spool.replay()
    assert [i for i in ids(edge, key) if i in sent] == sent
    assert len(spool.segments()) == 0


def test_a_reload_while_spooling(new_spool):
    spool = new_spool(workers=2)
    edge = spool.edge
    key = edge.key()
    spool.warm_up(key, times=10)
    sent, wrong = [], []
    stop = threading.Event()

    def send():
        while not stop.is_set():
            item = event()
            answer = requests.post(f"{edge.url}/api/42/envelope/?sentry_key={key.public}", data=pack(item),
                                   timeout=60)
            (sent if answer.status_code == 200 else wrong).append(item[1]["event_id"])

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        old = edge.reload()
        count = len(sent)
        edge.wait_for(lambda: len(sent) > count + 20)
        edge.wait_for(lambda: not set(old) & set(edge.nginx.children()), what="old workers to leave")
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert spool.records() == len(sent)
    edge.redis_part.start()
    spool.replay()
    assert set(sent) <= set(ids(edge, key))


def test_a_clean_stop_seals_the_segment(new_spool):
    spool = new_spool()
    edge = spool.edge
    key = edge.key()
    spool.warm_up(key)
    assert edge.envelope(key, event()).status_code == 200
    assert " written " in spool.vedette("list", spool.folder).stdout
    edge.nginx.stop()
    assert " sealed " in spool.vedette("list", spool.folder).stdout
    out = spool.vedette("verify", spool.folder).stdout
    assert "1 records" in out and "torn" not in out


def test_a_redis_that_does_not_answer(new_spool):
    """Paused: every answer comes from the spool, soon; later nothing is lost and nobody waits."""
    spool = new_spool(redis="unix:{socket} timeout=500ms")
    edge = spool.edge
    key = edge.key()
    assert edge.envelope(key, event()).status_code == 200
    os.kill(edge.redis_part.pid, signal.SIGSTOP)
    try:
        sent = []
        edge.expect_log("does not answer")
        for n in range(60):
            item = event()
            assert edge.envelope(key, item).status_code == 200
            sent.append(item[1]["event_id"])
        took = []
        for n in range(21):
            begin = time.monotonic()
            assert edge.envelope(key, event()).status_code == 200
            took.append(time.monotonic() - begin)
        # the breaker is open: no waiting for Redis; in the middle, as a busy machine may hold up one or another
        assert statistics.median(took) < 0.4
    finally:
        os.kill(edge.redis_part.pid, signal.SIGCONT)
    spool.follow()
    edge.wait_for(lambda: set(sent) <= set(ids(edge, key)))


@pytest.mark.parametrize("setting", [("maxmemory", 1), ("min-replicas-to-write", 1)])
def test_a_redis_that_refuses(new_spool, setting):
    """OOM, NOREPLICAS: spooled, and taken as soon as Redis takes events again."""
    spool = new_spool()
    edge = spool.edge
    key = edge.key()
    assert edge.envelope(key, event()).status_code == 200
    edge.redis.config_set(*setting)
    for _ in range(5):
        assert edge.envelope(key, event()).status_code == 200
    assert len(edge.entries(key)) == 1
    spool.follow()
    edge.redis.config_set(setting[0], 0)
    edge.wait_for(lambda: len(edge.entries(key)) == 6)
    assert edge.envelope(key, event()).status_code == 200
    assert edge.status()["spool"]["records"] == 5


def test_a_read_only_redis(new_spool):
    spool = new_spool()
    edge = spool.edge
    key = edge.key()
    assert edge.envelope(key, event()).status_code == 200
    edge.redis.replicaof("127.0.0.1", 1)
    assert edge.envelope(key, event()).status_code == 200
    edge.redis.replicaof("NO", "ONE")
    spool.replay()
    assert len(edge.entries(key)) == 2


def test_a_full_spool_is_answered_429_and_counted(new_spool):
    spool = new_spool("size=2m min_free=0%")
    edge = spool.edge
    key = edge.key()
    spool.warm_up(key)
    accepted = refused = 0
    while refused < 20:
        answer = edge.envelope(key, event(message="x" * 100_000))
        if answer.status_code == 200:
            accepted += 1
            assert refused == 0
            continue
        refused += 1
        assert answer.status_code == 429
        limits = re.fullmatch(r"(\d+)::organization:spool_full", answer.headers["X-Sentry-Rate-Limits"])
        assert 30 <= int(limits.group(1)) <= 90
        assert answer.headers["Retry-After"] == limits.group(1)
    assert 15 <= accepted <= 20
    assert sum(path.stat().st_size for path in spool.segments()) <= 2 * 1024 * 1024
    assert edge.get("/api/relay/healthcheck/ready/").status_code == 503
    assert edge.log().count("is full") == 1
    edge.wait_for(lambda: edge.access_log().count(" spool_full ") == 20)

    edge.redis_part.start()
    spool.replay()
    assert len(edge.entries(key)) == accepted + 1
    edge.wait_for_outcomes(key, {("rate_limited", "error", "spool_full"): 20})
    edge.redis_part.stop()
    edge.wait_for(lambda: edge.envelope(key, event()).status_code == 200)


def test_the_disk_keeps_some_room(new_spool):
    spool = new_spool("size=64m min_free=99%")
    edge = spool.edge
    key = edge.key()
    spool.warm_up(key)
    assert edge.envelope(key, event()).status_code == 429
    assert spool.segments() == []


def test_a_folder_that_cannot_be_written(new_spool, build):
    if build.user is None:
        pytest.skip("root tells another user not to write")
    spool = new_spool()
    edge = spool.edge
    key = edge.key()
    spool.warm_up(key)
    spool.folder.chmod(0o500)
    for _ in range(5):
        assert edge.envelope(key, event()).status_code == 503
    assert edge.log().count("open() of a new segment failed") == 1
    spool.folder.chmod(0o700)
    assert edge.envelope(key, event()).status_code == 200


def test_a_failed_fdatasync_condemns_the_segment(new_spool, build, scratch):
    """The request is answered 503, what was durable stays, and nothing is added."""
    spool = new_spool()
    edge = spool.edge
    edge.nginx.stop()
    broken, source, shim = (edge.folder / name for name in ("broken", "shim.c", "shim.so"))
    source.write_text(SHIM)
    subprocess.run([build.config["CC"], "-shared", "-fPIC", f'-DBROKEN="{broken}"', "-o", shim, source],
                   check=True)
    preload = " ".join(filter(None, [build.environment("nginx").get("LD_PRELOAD"), str(shim)]))
    edge.nginx.command = ["env", f"LD_PRELOAD={preload}", *edge.nginx.command]
    edge.nginx.start()
    key = edge.key()
    spool.warm_up(key)

    assert edge.envelope(key, event()).status_code == 200
    first, = spool.segments()
    broken.touch()
    assert edge.envelope(key, event()).status_code == 503
    assert edge.envelope(key, event()).status_code == 503
    broken.unlink()
    assert edge.envelope(key, event()).status_code == 200
    assert edge.log().count("fdatasync() failed") == 1
    assert len(spool.segments()) == 3
    assert spool.records() == 2
    assert first.stat().st_size < 100_000
    edge.redis_part.start()
    spool.replay()
    assert len(edge.entries(key)) == 3


def test_a_damaged_record_is_the_only_one_lost(new_spool):
    spool = new_spool()
    edge = spool.edge
    key = edge.key()
    spool.warm_up(key)
    sent = []
    for _ in range(10):
        item = event()
        assert edge.envelope(key, item).status_code == 200
        sent.append(item[1]["event_id"])
    edge.nginx.stop()
    segment, = spool.segments()
    data = bytearray(segment.read_bytes())
    data[data.index(sent[4].encode())] ^= 1
    segment.write_bytes(data)
    edge.redis_part.start()
    done = spool.vedette("replay", spool.folder, check=False)
    assert done.stdout == "9 records replayed, 1 lost; 1 segments removed, 0 left\n"
    assert sent[4] in done.stderr
    assert ids(edge, key)[1:] == sent[:4] + sent[5:]


def test_a_record_in_a_body_never_becomes_one(new_spool):
    """Whoever knows the format does not know the segment's nonce."""
    spool = new_spool()
    edge = spool.edge
    key = edge.key()
    spool.warm_up(key)
    assert edge.envelope(key, event()).status_code == 200
    forged = spool.segments()[0].read_bytes()[FIRST:FIRST + 2000]
    edge.nginx.stop()
    edge.redis_part.start()
    spool.replay()
    edge.redis.xtrim("vedette:events", maxlen=0)

    edge.nginx.start()
    assert edge.envelope(key, event()).status_code == 200  # learn the key
    edge.redis.xtrim("vedette:events", maxlen=0)
    edge.redis_part.stop()
    body = pack(event(), ({"type": "attachment"}, b"x" * 1000 + b"".join(bytes(n) + forged for n in range(8))))
    for _ in range(2):
        assert edge.envelope(key, body).status_code == 200
    edge.nginx.stop()
    segment, = spool.segments()
    with segment.open("r+b") as file:
        file.seek(FIRST + 20)
        file.write(b"\xff")
    edge.redis_part.start()
    done = spool.vedette("replay", spool.folder, check=False)
    assert done.stdout == "1 records replayed, 1 lost; 1 segments removed, 0 left\n"


def test_durability_spool_writes_before_redis(new_spool):
    spool = new_spool(more="vedette_durability spool;")
    edge = spool.edge
    key = edge.key()
    for _ in range(3):
        assert edge.envelope(key, event()).status_code == 200
    assert edge.entries(key) == []
    spool.follow()
    edge.wait_for(lambda: len(edge.entries(key)) == 3)
    assert edge.envelope(key, event()).status_code == 200
    edge.wait_for(lambda: len(edge.entries(key)) == 4)


@pytest.mark.parametrize("setting, bad, good", [("no-appendfsync-on-rewrite", "yes", "no"),
                                                ("maxmemory-policy", "allkeys-lru", "noeviction")])
def test_a_redis_that_forgets_otherwise_is_not_trusted_either(new_spool, setting, bad, good):
    """Without fsync while it rewrites its log; or what was accepted makes room for other keys."""
    spool = new_spool(redis_args=[f"--{setting}", bad])
    edge = spool.edge
    key = edge.key()
    edge.wait_for(lambda: f'has "{setting} {bad}" and may lose what it has acknowledged' in edge.log())
    assert edge.envelope(key, event()).status_code == 200
    assert edge.entries(key) == []
    edge.redis_part.stop()
    edge.redis_part.command += [f"--{setting}", good]
    edge.redis_part.start()
    edge.wait_for(lambda: edge.envelope(key, event()).status_code == 200 and edge.entries(key))


def test_a_redis_that_may_lose_gets_events_from_the_spool_alone(new_spool):
    """Unless "relaxed" says that its losses are wanted."""
    spool = new_spool(redis_args=["--appendfsync", "everysec"],
                      server="location /relaxed/ {{ vedette on; vedette_durability relaxed; }}")
    edge = spool.edge
    key = edge.key()
    edge.wait_for(lambda: "may lose what it has acknowledged: events go to the spool" in edge.log())
    assert edge.envelope(key, event()).status_code == 200
    assert edge.entries(key) == []
    assert edge.envelope(key, event(message="x" * 9_000), prefix="/relaxed").status_code == 200
    assert edge.entry(key)["v"] == "3", "where no fsync is waited for, a body is not worth packing"

    edge.redis_part.stop()
    edge.redis_part.command[edge.redis_part.command.index("everysec")] = "always"
    edge.redis_part.start()
    edge.wait_for(lambda: (edge.envelope(key, event()).status_code, len(edge.entries(key))) == (200, 2))


def test_many_at_once_share_a_sync(new_spool):
    spool = new_spool(more="vedette_durability spool;")
    edge = spool.edge
    key = edge.key()
    results = []

    def send():
        for _ in range(25):
            results.append(edge.post_anew(key))

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [200] * 400
    assert spool.records() == 400


def test_a_client_that_goes_away_while_it_waits(new_spool):
    spool = new_spool(more="vedette_durability spool;")
    edge = spool.edge
    key = edge.key()
    assert edge.envelope(key, event()).status_code == 200
    for _ in range(50):
        edge.send(key).close()
    assert edge.envelope(key, event()).status_code == 200
    edge.nginx.stop()
    out = spool.vedette("verify", spool.folder).stdout
    assert " 0 lost" in out and "torn" not in out


def test_without_a_spool_the_answer_is_503(new_edge):
    edge = new_edge(workers=1)
    key = edge.key()
    assert edge.envelope(key, event()).status_code == 200
    edge.redis_part.stop()
    assert edge.envelope(key, event()).status_code == 503


@pytest.mark.parametrize("http, sentence", [
    ("vedette_spool {folder}/a size=1m;", "2m or more"),
    ("vedette_spool {folder}/a min_free=5;", "min_free=0%..99%"),
    ("vedette_spool {folder}/a speed=high;", "invalid parameter"),
    ("vedette_spool {folder}/a; server {{ vedette_spool {folder}/a/ size=1g; }}",
     "given twice with different parameters"),
    ("vedette_spool {folder}/a; vedette_spool {folder}/b;", "is duplicate"),
    ("vedette_durability spool;", 'needs a "vedette_spool"'),
    ("vedette_durability always;", "invalid value"),
])
def test_nginx_t_explains(new_edge, http, sentence):
    edge = new_edge(start=False, http=http)
    edge.nginx.log.touch()
    done = subprocess.run([*edge.nginx.command, "-t"], env=edge.build.environment("nginx"),
                          capture_output=True, text=True)
    edge.expect_log(r"\[emerg\]")
    assert done.returncode == 1 and sentence in done.stderr


def test_off_turns_an_inherited_spool_off(new_spool):
    spool = new_spool(server="location /no/ {{ vedette on; vedette_spool off; }}")
    edge = spool.edge
    key = edge.key()
    spool.warm_up(key)
    assert edge.envelope(key, event(), prefix="/no").status_code == 503
    assert edge.envelope(key, event()).status_code == 200


def test_accepted_is_stored_once(fresh_stack):
    """The whole line: Redis goes under traffic, and every accepted event is stored exactly once."""
    stack = fresh_stack
    project = stack.create_project()
    first = stack.send_event(project)
    stack.wait_for_event(first)
    sent = [first]
    for how in (stack.stop, stack.kill):
        how("redis")
        sent += [stack.send_event(project) for _ in range(50)]
        stack.start("redis")
        sent += [stack.send_event(project) for _ in range(10)]
    stack.wait_for(lambda: stack.value("select count(*) from event") >= len(sent))
    stored = [row[0] for row in stack.sql("select event_id from event")]
    assert sorted(map(str, stored)) == sorted(str(uuid.UUID(i)) for i in sent)
