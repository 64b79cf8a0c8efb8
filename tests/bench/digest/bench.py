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


def fill(line, args):
    rng = random.Random(1)
    issues = {"one": lambda n: 0, "many": lambda n: rng.randint(0, 999), "new": lambda n: n}[args.issues]
    total = 0
    for start in range(0, args.events, 500):
        batch = []
        for n in range(start, min(start + 500, args.events)):
            body = envelope(event(rng, args.size, issues(n)))
            total += len(body)
            fields = {"d": gzip.compress(body, 1), "c": "gzip"} if args.gzip else {}
            batch.append(line.entry(body, **fields))
        line.add_all(batch)
    return total


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
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        build = Build(ROOT / args.build, folder)
        cluster = Cluster(build, folder / "pg", durable=True)
        try:
            cluster.start()
            stack = Stack(build, folder / "stack", cluster, cluster.database(cluster.migrated()))
            stack.start("redis")
            run(Line(stack), args)
            stack.close()
        finally:
            cluster.stop()


def run(line, args):
    line.sql("select event_partition(current_date), event_partition(current_date + 1)")
    size = fill(line, args)
    parts = {"redis": line.stack.part("redis").pid, "postgresql": line.stack.cluster.part.pid}
    before = {name: cpu_of(pid) for name, pid in parts.items()}
    began = time.monotonic()
    line.start_worker(processes=args.workers)
    line.drained(600)
    seconds = time.monotonic() - began
    parts["worker"] = line.stack.part("worker").pid
    cpu = {name: cpu_of(pid) - before.get(name, 0) for name, pid in parts.items()}
    line.check_books(args.events)
    disk = line.value("select sum(pg_total_relation_size(relid)) from pg_stat_user_tables")

    for name, table, index in line.sql("""
            select regexp_replace(relname, '_[0-9]{8}$', ''), sum(pg_table_size(relid))::int,
                   sum(pg_indexes_size(relid))::int
              from pg_stat_user_tables group by 1 having sum(pg_total_relation_size(relid)) > 300000
             order by sum(pg_total_relation_size(relid)) desc"""):
        print(f"  {name:20} {table / args.events:7.0f} + {index / args.events:5.0f} bytes/event")
    print(f"{args.events} events of {size / args.events / 1024:.1f} KB, {args.issues} issue(s), "
          f"{args.workers} worker(s): {args.events / seconds:.0f} events/s, "
          f"{size / seconds / 1e6:.0f} MB/s")
    print("CPU s / 10,000 events: " + ", ".join(
        f"{name} {seconds_ * 10_000 / args.events:.2f}" for name, seconds_ in cpu.items()))
    print(f"disk: {disk / args.events:.0f} bytes/event, {disk / size:.2f} of the raw size")


if __name__ == "__main__":
    main()
