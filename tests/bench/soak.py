#!/usr/bin/env python3
"""A whole Vedette under a modest load, and a fault of reliability.md each minute: does the ledger close, and does anything grow?

    build/venv/bin/python tests/bench/soak.py [--minutes 30] [--seed 1] [--every 60] [--only NAME ...] [--build DIR]

Three clients send events, one reads pages, one sends what is broken on purpose.  Each fault is drawn from a seed that is
printed, ends within its minute, and after it an event has to arrive.  At the end whatever was answered with 200 is stored,
once; the ledger has one outcome for each; and no log has an [alert], [emerg] or a sanitizer's report.

Memory and open files of each part are looked at every two seconds, of processes that have lived for --settled seconds, those
that a fault has ended left out.  Slopes are of each process by itself (least squares), weighted by how long it was seen: a
process that a fault has ended takes its memory with it, and hides no leak of its successor.
"""

import argparse
import gzip
import json
import os
import random
import re
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import psycopg
import redis as redis_py
import requests

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from harness.build import ROOT, Build  # noqa: E402
from harness.clock import Clock  # noqa: E402
from harness.cluster import Cluster  # noqa: E402
from harness.line import DEAD, STREAM  # noqa: E402
from harness.stack import PARTS, Stack  # noqa: E402

PAGE = os.sysconf("SC_PAGE_SIZE")
AWAY = (requests.RequestException, psycopg.Error, redis_py.RedisError, OSError)


# ---- who uses it meanwhile

class User(threading.Thread):
    """Does one thing again and again; what it is answered is counted."""

    def __init__(self, soak, pause):
        super().__init__(daemon=True)
        self.soak, self.pause, self.codes, self.broken = soak, pause, {}, None

    def count(self, code):
        self.codes[code] = self.codes.get(code, 0) + 1

    def run(self):
        n = 0
        while not self.soak.over.is_set():
            n += 1
            try:
                self.once(n)
            except AWAY as error:
                self.count(type(error).__name__)
            except Exception as error:  # a mistake of ours is told at the end
                self.broken = error
                return
            self.soak.over.wait(self.pause)


class Sender(User):
    def __init__(self, soak, pause):
        super().__init__(soak, pause)
        self.sent, self.taken = set(), set()

    def once(self, n):
        event = {"event_id": uuid.uuid4().hex, "message": f"issue {n % 23}", "user": {"id": str(n % 50)},
                 "tags": {"n": str(n % 9)}, "extra": {"text": "soak " * (n % 400)}, "release": f"1.{n // 2000}"}
        self.sent.add(event["event_id"])
        answer = self.soak.stack.send_envelope(self.soak.project, {"event_id": event["event_id"]}, [({"type": "event"}, event)])
        self.count(answer.status_code)
        if answer.status_code == 200:
            self.taken.add(event["event_id"])


class Reader(User):
    """An administrator who looks around."""

    def __init__(self, soak, pause):
        super().__init__(soak, pause)
        self.session = requests.Session()
        self.session.post(soak.stack.sign_in_link(soak.stack.admin.email), data={"csrf": ""}, allow_redirects=False, timeout=60)

    def once(self, n):
        org, slug = self.soak.project.org, self.soak.project.slug
        path = (f"/{org}/issues/", f"/{org}/issues/?project={slug}", f"/{org}/explore/", f"/{org}/releases/", "/admin/health/", "/healthz")[n % 6]
        self.count(self.session.get(self.soak.stack.url + path, allow_redirects=False, timeout=60).status_code)


class Vandal(User):
    """F24 to F30 and F33: bombs, lies, hostile events; whoever answers 5xx to one of them has lost."""

    def once(self, n):
        pid, key = self.soak.vandal.id, self.soak.vandal.key
        post = lambda endpoint, body, **headers: self.count(requests.post(  # noqa: E731
            f"{self.soak.stack.url}/api/{pid}/{endpoint}/?sentry_key={key}", data=body, timeout=60, headers=headers).status_code)
        events = [
            {"message": "\u0000\ud800", "tags": {"\u0000": "\udfff"}}, {"message": "x" * 65536, "level": 7},
            {"exception": {"values": [{"type": "E", "value": "v", "stacktrace": {"frames": [{"function": "f"}] * 3000}}]}},
            {"timestamp": "9999-12-31T23:59:59Z", "release": "a/b", "tags": None}, {"breadcrumbs": [{}] * 2000},
            {"user": [[[[]]]], "contexts": 1e308, "request": "text", "fingerprint": [None, {}]},
            {"event_id": f"{n // 5:032x}", "message": "the same one again"},
        ]
        body = json.dumps(events[n % len(events)]).encode()
        bodies = [
            lambda: post("store", body), lambda: post("store", gzip.compress(body), **{"Content-Encoding": "gzip"}),
            lambda: post("envelope", b'{}\n{"type":"event","length":900}\n' + body[:100]),
            lambda: post("envelope", b'{}\n' + b'{"type":"attachment","length":1}\na\n' * 40),
            lambda: post("store", gzip.compress(bytes(8 << 20)), **{"Content-Encoding": "gzip"}),
            lambda: post("store", b'{"extra":' + b"[" * 20000),
            lambda: post("minidump", b"MDMP" + bytes(5000), **{"Content-Type": "application/octet-stream"}),
            lambda: post("security", body, **{"Content-Type": "text/html"}),
        ]
        bodies[n % len(bodies)]()


# ---- faults: what each does, and undoes

FAULTS = {}


def fault(number, name):
    def add(run):
        FAULTS[name] = number, run
        return run
    return add


def one_of(soak, part):
    return soak.rng.choice(soak.stack.part(part).children())


@fault("F1", "an nginx worker is killed")
def _(soak):
    os.kill(one_of(soak, "nginx"), signal.SIGKILL)


@fault("F1", "nginx is killed")
def _(soak):
    soak.stack.kill("nginx")
    soak.stack.part("nginx").start()


@fault("F2", "nginx reloads five times")
def _(soak):
    for _ in range(5):
        soak.stack.part("nginx").process.send_signal(signal.SIGHUP)
        time.sleep(1)


@fault("F3", "a worker process is killed")
def _(soak):
    os.kill(one_of(soak, "worker"), signal.SIGKILL)


@fault("F3", "the worker is killed")
def _(soak):
    soak.stack.kill("worker")
    soak.stack.part("worker").start()


@fault("F4", "a worker process stands still for 35 s")
def _(soak):
    pid = one_of(soak, "worker")
    os.kill(pid, signal.SIGSTOP)
    time.sleep(35)
    os.kill(pid, signal.SIGCONT)


@fault("F5", "Redis is killed")
def _(soak):
    soak.stack.kill("redis")
    time.sleep(soak.rng.choice((0, 5)))
    soak.stack.part("redis").start()


@fault("F7", "Redis is killed and its log is torn")
def _(soak):
    soak.stack.kill("redis")
    newest = max((soak.stack.folder / "redis" / "appendonlydir").glob("*.incr.aof"), key=lambda p: p.stat().st_mtime)
    with open(newest, "ab") as f:
        f.write(b"*3\r\n$3\r\nSET\r\n$5\r\nto")
    soak.stack.part("redis").start()


@fault("F8", "Redis stands still for 10 s")
def _(soak):
    soak.stack.pause("redis")
    time.sleep(10)
    soak.stack.resume("redis")


@fault("F9", "Redis has no memory")
def _(soak):
    soak.stack.redis.config_set("maxmemory", "1mb")
    time.sleep(5)
    soak.stack.redis.config_set("maxmemory", 0)


@fault("F9", "Redis may not write without replicas")
def _(soak):
    soak.stack.redis.config_set("min-replicas-to-write", 1)
    time.sleep(5)
    soak.stack.redis.config_set("min-replicas-to-write", 0)


@fault("F12", "Redis closes all connections, ten times")
def _(soak):
    for _ in range(10):
        soak.stack.redis.client_kill_filter(skipme=True, _type="normal")
        time.sleep(0.2)


@fault("F13", "PostgreSQL restarts at once")
def _(soak):
    postgresql = soak.stack.part("postgresql")
    postgresql.stop(how=signal.SIGQUIT)
    postgresql.start()


@fault("F13", "a backend of PostgreSQL is killed")
def _(soak):
    pid, = soak.rng.choice(soak.stack.sql("select pid from pg_stat_activity where datname = current_database()"
                                          " and pid <> pg_backend_pid() and backend_type = 'client backend' order by pid"))
    os.kill(pid, signal.SIGKILL)


@fault("F14", "PostgreSQL is away for 10 s")
def _(soak):
    soak.stack.stop("postgresql")
    time.sleep(10)
    soak.stack.part("postgresql").start()


@fault("F14", "PostgreSQL and Redis are away for 10 s")
def _(soak):
    soak.stack.stop("postgresql")
    soak.stack.kill("redis")
    time.sleep(10)
    soak.stack.part("redis").start()
    soak.stack.part("postgresql").start()


@fault("F15", "issues are locked for 10 s")
def _(soak):
    with psycopg.connect(soak.stack.cluster.conninfo(soak.stack.database)) as db:
        db.execute("select 1 from issue for update")
        time.sleep(10)


@fault("F19", "the replay of the spool is killed while it has work")
def _(soak):
    soak.stack.stop("redis")
    time.sleep(3)
    soak.stack.part("redis").start()
    time.sleep(soak.rng.random())
    soak.stack.kill("spool")
    soak.stack.part("spool").start()


@fault("F22", "a hundred slow clients")
def _(soak):
    slow = []
    for _ in range(100):
        s = socket.create_connection(("127.0.0.1", soak.stack.port))
        s.sendall(f"POST /api/{soak.project.id}/store/?sentry_key={soak.project.key} HTTP/1.1\r\nHost: x\r\n"
                  "Content-Length: 5000\r\n\r\n{".encode())
        slow.append(s)
    time.sleep(5)
    for s in slow:
        s.close()


@fault("F23", "two thousand keys that nobody has")
def _(soak):
    with requests.Session() as session:
        for _ in range(2000):
            session.post(f"{soak.stack.url}/api/{soak.project.id}/store/?sentry_key={soak.rng.randbytes(16).hex()}", data=b"{}",
                         timeout=60)


@fault("F31", "the clock steps, and back")
def _(soak):
    for step in (soak.rng.choice((3600, -3600, 86400, -86400)), 0):
        soak.clock.step(step)
        time.sleep(8)


@fault("-", "web restarts its processes")
def _(soak):
    soak.stack.part("web").process.send_signal(signal.SIGHUP)


@fault("-", "the worker restarts its processes")
def _(soak):
    soak.stack.part("worker").process.send_signal(signal.SIGHUP)


# ---- what grows

def tree(pid):
    found, todo = [], [pid]
    while todo:
        pid = todo.pop()
        found.append(pid)
        try:
            todo += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        except OSError:
            pass
    return found


class Watcher(threading.Thread):
    """{part: {pid: [(seconds, bytes, files)]}}"""

    def __init__(self, soak):
        super().__init__(daemon=True)
        self.soak, self.seen = soak, {name: {} for name in PARTS}

    def run(self):
        begin = time.monotonic()
        while not self.soak.over.wait(2):
            for name, part in self.soak.stack.parts.items():
                for pid in tree(part.pid) if part.alive() else ():
                    try:
                        began = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
                        resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
                        files = len(os.listdir(f"/proc/{pid}/fd"))
                    except (OSError, IndexError):
                        continue
                    row = time.monotonic() - begin, resident, files
                    self.seen[name].setdefault((pid, began), []).append(row)

    def slopes(self, settled):
        """{part: (MiB at the most, MiB an hour, files at the most, files an hour, hours of processes)}"""
        found = {}
        for name, processes in self.seen.items():
            rows = [[row for row in life if row[0] - life[0][0] >= settled] for life in processes.values()]
            rows = [life for life in rows if len(life) > 10]
            hours = [(life[-1][0] - life[0][0]) / 3600 for life in rows]
            slope = lambda n: sum(  # noqa: E731
                statistics.linear_regression([row[0] / 3600 for row in life], [row[n] for row in life]).slope * weight
                for life, weight in zip(rows, hours)) / sum(hours) if rows else float("nan")
            most = lambda n: max((row[n] for life in processes.values() for row in life), default=0)  # noqa: E731
            found[name] = most(1) / 2**20, slope(1) / 2**20, most(2), slope(2), sum(hours)
        return found


# ---- the run

class Soak:
    def __init__(self, stack, clock, seed):
        self.stack, self.clock, self.rng = stack, clock, random.Random(seed)
        self.over = threading.Event()
        self.project, self.vandal = stack.create_project("shop"), stack.create_project("hostile")
        self.senders = [Sender(self, 0.03) for _ in range(3)]
        self.users = [*self.senders, Reader(self, 1), Vandal(self, 0.5)]
        self.watcher = Watcher(self)
        self.slowest = 0
        stack.expect_log(r"signal (9|15)|signal 3|redis:|postgresql|server|terminat|connection|recover")

    def begin(self):
        self.stack.sql("checkpoint")
        for thread in (*self.users, self.watcher):
            thread.start()

    def recovered(self):
        """An event that is sent now arrives; seconds."""
        began = time.monotonic()

        def sent():
            try:
                return self.stack.send_event(self.project, message="recovered")
            except (AssertionError, *AWAY):
                return None

        def there(event):
            try:
                return self.stack.sql("select 1 from event where event_id = %s", uuid.UUID(event))
            except psycopg.Error:
                return None

        event = self.stack.wait_for(sent, what="an answer of 200")
        self.senders[0].sent.add(event)
        self.senders[0].taken.add(event)
        self.stack.wait_for(lambda: there(event), what="an event after the fault")
        return time.monotonic() - began

    def run(self, names, minutes, every):
        """A fault each so many seconds, drawn without repetition until all were there."""
        end, left = time.monotonic() + minutes * 60, []
        self.begin()
        while time.monotonic() < end:
            if not left:
                left = self.rng.sample(names, len(names))
            name = left.pop()
            began = time.monotonic()
            FAULTS[name][1](self)
            took = self.recovered()
            self.slowest = max(self.slowest, took)
            print(f"{time.strftime('%H:%M:%S')}  {FAULTS[name][0]:4} {name}: an event after it arrived in {took:.1f} s", flush=True)
            self.over.wait(max(0, min(began + every, end) - time.monotonic()))

    def finish(self):
        """Waits until nothing is under way, and compares.  What is wrong, in words."""
        stack = self.stack
        self.over.set()
        for thread in (*self.users, self.watcher):
            thread.join()
        stack.stop("nginx")
        stack.wait_for(lambda: not list((stack.folder / "spool").glob("*.seg")), what="an empty spool")
        stack.wait_for(lambda: stack.redis.xlen(STREAM) == 0, what="an empty stream")
        stack.wait_for_counters()
        wrong = [f"{type(user).__name__}: {user.broken!r}" for user in self.users if user.broken]

        sent = set().union(*(s.sent for s in self.senders))
        taken = set().union(*(s.taken for s in self.senders))
        ids = [id.hex for id, in stack.sql("select event_id from event where project_id = %s", self.project.id)]
        stored = set(ids)
        outcomes = {(o, r): n for o, r, n in stack.sql(
            "select outcome, reason, sum(quantity)::int from outcome_hour where category = 'error' and project_id = %s"
            " group by 1, 2", self.project.id)}
        ledger = outcomes.pop(("accepted", ""), 0) - len(stored)
        again = outcomes.pop(("invalid", "duplicate"), 0)
        dead, pending = stack.redis.xlen(DEAD), stack.redis.xpending(STREAM, "digest")["pending"]
        lost = len(taken - stored)
        print(f"\nsent {len(sent)}, accepted {len(taken)}, stored {len(stored)}, dead {dead}, duplicates suppressed {again}, "
              f"lost {lost}, duplicated {len(ids) - len(stored)}, ledger {ledger}; slowest recovery {self.slowest:.1f} s")
        for user in self.users:
            print(f"{type(user).__name__}: " + ", ".join(f"{n} × {code}" for code, n in sorted(user.codes.items(), key=str)))
        checks = {
            "events were lost": lost, "events are there twice": len(ids) - len(stored), "unknown events": len(stored - sent),
            "the ledger does not close": ledger, "entries are pending": pending, "dead letters": dead,
            "other outcomes": outcomes, "times_seen": stack.value("select sum(times_seen)::int from issue where project_id = %s",
                                                                  self.project.id) - len(stored),
            "bodies without a row": stack.value("select count(*) from event where has_body and not exists"
                                                " (select from event_body b where b.id = event.id)"),
            "5xx for what is broken": {c: n for c, n in self.users[-1].codes.items() if isinstance(c, int) and c >= 500},
            "5xx or 429 for events": {c: n for s in self.senders for c, n in s.codes.items()
                                      if isinstance(c, int) and c != 200},
        }
        return wrong + [f"{what}: {found}" for what, found in checks.items() if found]


def table(watcher, settled):
    print("\n| part | MiB at the most | MiB an hour | files at the most | files an hour | hours of processes |\n|---|---|---|---|---|---|")
    for name, row in watcher.slopes(settled).items():
        print("| {} | {:.1f} | {:+.2f} | {} | {:+.2f} | {:.2f} |".format(name, *row))


def patient(stack):
    """With the patience that an edge has by itself, which tests have not."""
    conf = stack.folder / "nginx.conf"
    conf.write_text(re.sub(r" timeout=5s;", ";", conf.read_text()))
    stack.write_config({"worker.processes": 2, "web.processes": 2, "pulse.every": 10})


def make_stack(build, folder):
    """A stack and its clock, which all of its parts have, PostgreSQL too."""
    cluster = Cluster(build, folder / "pg", durable=True).start()
    template = cluster.migrated()
    clock = Clock(build, folder)
    cluster.stop()
    clock.give(cluster.part, ours=False)
    cluster.part.start()
    stack = Stack(build, folder / "s", cluster, cluster.database(template))
    patient(stack)
    for name in PARTS:
        clock.give(stack.part(name), ours=name != "redis")
    return stack, clock


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--every", type=float, default=60, help="seconds from one fault to the next")
    parser.add_argument("--settled", type=float, default=60, help="seconds of a process before it is looked at")
    parser.add_argument("--only", nargs="+", choices=list(FAULTS), default=list(FAULTS), metavar="NAME")
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    args = parser.parse_args()
    print(f"seed {args.seed}, {args.minutes:g} minutes, {len(args.only)} faults", flush=True)

    with tempfile.TemporaryDirectory(prefix="vedette-soak-") as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        build = Build(ROOT / args.build, folder)
        stack, clock = make_stack(build, folder)
        wrong = []
        try:
            stack.start()
            soak = Soak(stack, clock, args.seed)
            soak.run(args.only, args.minutes, args.every)
            wrong = soak.finish()
            table(soak.watcher, args.settled)
        finally:
            try:
                stack.close()
            except AssertionError as error:
                wrong.append(str(error))
            stack.cluster.stop()
    print("\n" + ("\n".join(["wrong:", *wrong]) if wrong else "all is well"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
