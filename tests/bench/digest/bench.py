#!/usr/bin/env python3
"""How fast the digest is: a real Redis and PostgreSQL, events of real shape.

    build/venv/bin/python tests/bench/digest/bench.py [--events N] [--size KB]
        [--workers N] [--issues one|many|new] [--build DIR]

The stream is filled first, then workers empty it; what is printed is committed
and acknowledged events per second, and the CPU seconds of each program per
10,000 events.  synchronous_commit is on.
"""

import argparse
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from harness.build import ROOT, Build  # noqa: E402
from harness.cluster import Cluster  # noqa: E402
from harness.line import Line, envelope  # noqa: E402
from harness.stack import Stack  # noqa: E402

WORDS = ("request handler user order payment session cache index lookup failed timeout retry connection "
         "database query result value parse token header response stream buffer worker queue task").split()


def text(rng, n):
    return " ".join(rng.choice(WORDS) for _ in range(n))


def event(rng, kilobytes, issue):
    """The shape of what the Python SDK sends, grown to a size by its frames."""
    frames = []
    value = {
        "event_id": uuid.UUID(int=rng.getrandbits(128)).hex, "timestamp": time.time(), "platform": "python",
        "level": "error", "release": f"shop@1.{rng.randint(0, 5)}.0", "environment": "production",
        "server_name": f"web-{rng.randint(1, 8)}", "transaction": f"/api/{rng.choice(WORDS)}",
        "sdk": {"name": "sentry.python", "version": "2.1.0"},
        "user": {"id": str(rng.randint(1, 5000)), "email": f"u{rng.randint(1, 5000)}@example.org"},
        "request": {"url": f"https://shop.example.org/{rng.choice(WORDS)}", "method": "GET",
                    "headers": {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "Accept": "*/*"}},
        "tags": {"region": rng.choice(("eu", "us", "ap")), "plan": rng.choice(("free", "pro"))},
        "contexts": {"runtime": {"name": "CPython", "version": "3.11.2"}, "trace": {
            "trace_id": f"{rng.getrandbits(128):032x}", "span_id": f"{rng.getrandbits(64):016x}"}},
        "breadcrumbs": {"values": [{"timestamp": time.time(), "category": "httplib", "level": "info",
                                    "message": text(rng, 8), "data": {"status_code": 200}}
                                   for _ in range(2 * kilobytes)]},
        "exception": {"values": [{"type": "ValueError", "value": text(rng, 6), "mechanism": {
            "type": "django", "handled": False}, "stacktrace": {"frames": frames}}]},
        "modules": {f"{w}-lib": f"{n}.{n}.1" for n, w in enumerate(WORDS)},
    }
    size = len(json.dumps(value))
    while size < kilobytes * 1024 or not frames:
        n = len(frames)
        frame = {
            "filename": f"app/{WORDS[n % len(WORDS)]}.py", "abs_path": f"/srv/app/{WORDS[n % len(WORDS)]}.py",
            "module": f"app.{WORDS[n % len(WORDS)]}", "function": f"handle_{WORDS[(n * 7) % len(WORDS)]}",
            "lineno": rng.randint(1, 900), "in_app": n % 3 == 0, "context_line": f"    result_{issue} = call({n})",
            "pre_context": ["    " + text(rng, 5) for _ in range(5)],
            "post_context": ["    " + text(rng, 5) for _ in range(5)],
            "vars": {w: repr(rng.random()) for w in rng.sample(WORDS, 4)},
        }
        frames.append(frame)
        size += len(json.dumps(frame)) + 1
    return value


def fill(line, args, events):
    rng = random.Random(events)
    issues = {"one": lambda n: 0, "many": lambda n: rng.randint(0, 999), "new": lambda n: n}[args.issues]
    total = 0
    for start in range(0, events, 500):
        batch = []
        for n in range(start, min(start + 500, events)):
            body = envelope(event(rng, args.size, issues(n)))
            total += len(body)
            fields = {"d": gzip.compress(body, 1), "c": "gzip"} if args.gzip else {}
            batch.append(line.entry(body, **fields))
        line.add_all(batch)
    return total


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(child) for child in f.read().split()]


def memory_of(pid):
    """Its largest resident size so far, in KB, without what it shares."""
    with open(f"/proc/{pid}/status") as f:
        return int(next(line for line in f if line.startswith("VmHWM")).split()[1])


def cpu_of(pid):
    """CPU seconds of a process and its children, those that ended included."""
    total = 0.0
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(") ")[2].split()
    total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        for child in f.read().split():
            total += cpu_of(int(child))
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=8, help="kilobytes of an event")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--issues", choices=("one", "many", "new"), default="many")
    parser.add_argument("--gzip", action="store_true", help="bodies as most SDKs send them")
    parser.add_argument("--statements", action="store_true", help="the time of each SQL statement (pg_stat_statements)")
    parser.add_argument("--perf", help="a file for perf's samples of the worker and its backend")
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        build = Build(ROOT / args.build, folder)
        settings = {"shared_preload_libraries": "pg_stat_statements"} if args.statements else {}
        cluster = Cluster(build, folder / "pg", durable=True, shared_buffers="256MB", max_wal_size="4GB", **settings)
        try:
            cluster.start()
            stack = Stack(build, folder / "stack", cluster, cluster.database(cluster.migrated()))
            stack.start("redis")
            run(Line(stack), args)
            stack.close()
        finally:
            cluster.stop()


WARM = 600


def warm_up(line, args):
    """Until the project's dictionary is trained and used, as it is in production after minutes."""
    fill(line, args, WARM)
    line.start_worker()
    line.drained(120)
    line.stack.wait_for(lambda: line.sql("select 1 from body_dictionary"), 60)
    line.folded()
    line.stop_worker()


def sizes(line):
    """{(table or index, is it an index): bytes} without the day of partitions."""
    return {(name, index): int(n) for name, index, n in line.sql("""
        select regexp_replace(c.relname, '_[0-9]{8}', ''), c.relkind = 'i',
               sum(pg_relation_size(c.oid) + case when c.relkind = 'r' then pg_table_size(c.oid) - pg_relation_size(c.oid)
                                                  else 0 end)
          from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i') group by 1, 2""")}


def print_statements(line, events):
    for calls, ms, rows, text in line.sql("""
            select calls, total_exec_time, rows, regexp_replace(left(query, 90), '\\s+', ' ', 'g') from pg_stat_statements
             where dbid = (select oid from pg_database where datname = current_database())
             order by total_exec_time desc limit 25"""):
        print(f"  {ms * 10 / events:8.3f} s/10,000  {calls:6} calls  {rows:7} rows  {text}")


def run(line, args):
    line.sql("select event_partition(current_date), event_partition(current_date + 1)")
    warm_up(line, args)
    before_sizes = sizes(line)
    size = fill(line, args, args.events)
    if args.statements:
        line.sql("create extension pg_stat_statements")
        line.sql("select pg_stat_statements_reset()")
    parts = {"redis": line.stack.part("redis").pid, "postgresql": line.stack.cluster.part.pid}
    before = {name: cpu_of(pid) for name, pid in parts.items()}
    began = time.monotonic()
    line.start_worker(processes=args.workers)
    perf = None
    if args.perf:
        line.stack.wait_for(lambda: children(line.stack.part("worker").pid))
        perf = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", "999", "-o", args.perf, "-p",
                                 ",".join(map(str, children(line.stack.part("worker").pid)))])
    line.drained(3600)
    seconds = time.monotonic() - began
    if perf:
        perf.send_signal(signal.SIGINT)
        perf.wait()
    parts["worker"] = line.stack.part("worker").pid
    cpu = {name: cpu_of(pid) - before.get(name, 0) for name, pid in parts.items()}
    memory = max(memory_of(pid) for pid in children(parts["worker"]))
    if args.statements:
        print_statements(line, args.events)
    line.folded(600)
    line.check_books(args.events + WARM)
    line.sql("vacuum")
    grown = {key: n - before_sizes.get(key, 0) for key, n in sizes(line).items()}
    disk = sum(grown.values())

    for (name, index), n in sorted(grown.items(), key=lambda x: -x[1]):
        if n / args.events >= 8:
            print(f"  {n / args.events:7.0f} bytes/event  {'index' if index else 'table'} {name}")
    print(f"{args.events} events of {size / args.events / 1024:.1f} KB, {args.issues} issue(s), "
          f"{args.workers} worker(s): {args.events / seconds:.0f} events/s, "
          f"{size / seconds / 1e6:.0f} MB/s")
    print("CPU s / 10,000 events: " + ", ".join(
        f"{name} {seconds_ * 10_000 / args.events:.2f}" for name, seconds_ in cpu.items())
        + f", all {sum(cpu.values()) * 10_000 / args.events:.2f}; largest worker {memory / 1024:.0f} MB")
    print(f"disk: {disk / args.events:.0f} bytes/event, {disk / size:.2f} of the raw size")


if __name__ == "__main__":
    main()
