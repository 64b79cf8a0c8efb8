#!/usr/bin/env python3
"""What the digest costs and how fast it is: a real Redis and PostgreSQL, events of real shape.

    build/venv/bin/python tests/bench/digest/bench.py [--size KB ...] [--issues one many new ...] [--workers N ...]
        [--events N] [--share N] [--full MILLIONS [--data FOLDER]] [--gzip] [--statements] [--perf FILE] [--build DIR]

Each line of the tables is a run with a database of its own: the stream is filled as an edge does that has much to do,
small requests sharing entries, then workers empty it.  Events have the shape of three SDKs (shapes.py) and belong to one
issue, to a thousand, or each to a new one.  synchronous_commit is
on, Redis has "appendfsync always", bodies are packed with the project's dictionary, and none is left out.

CPU seconds are those of whole programs per 10,000 events, counters that follow the digest included; stages are the
worker's own.  "MB/s" is what one core parses, normalises, filters, scrubs and groups.  "of COPY": against the limit that
one connection reaches, in the same run, which only packs the bodies (in the time that the worker takes for it) and copies
the rows that the run has left in all tables (copying.py); "of rows": which finds them packed, for "COPY" CPU seconds.  Disk is all that grew, with indexes and counters: what grows once (the first users and tags of an
issue, the megabyte that an index gathers before it sorts it in) is a sixth of it after 10,000 events.  In each run every
event has exactly one outcome, and counters are what the rows say.

--full compares with a database that has so many million events and a tenth as many issues (web/fill.py); it is made anew for
each of --issues, in about 20 s a million on two idle cores, takes 2 GB a million with PostgreSQL's log, and goes with it,
unless --data keeps it for the next run.  It is settled before: what is due once has been done, and all is vacuumed.

Machines drift, and CPU less than rates: compare what stands in one table.
"""

import argparse
import gzip
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

import copying  # noqa: E402
import shapes  # noqa: E402

from harness.build import ROOT, Build  # noqa: E402
from harness.cluster import Cluster  # noqa: E402
from harness.line import Line, envelope  # noqa: E402
from harness.packed import pack_entry, several  # noqa: E402
from harness.stack import Stack  # noqa: E402
from web.fill import Fill, settle  # noqa: E402

PROJECTS = 500  # of a full database
FULL = "vedette_full"
SHARED_BYTES, SHARED_EACH = 64 << 10, 32 << 10  # of an entry, and of a request that may share one
SIZES, ISSUES = (2, 8, 40), ("one", "many", "new")
WARM = 600
STAGES = ("queue", "unpack", "parse", "normalise", "filter", "scrub", "group", "pack", "store", "rest")
UNDERSTAND = ("parse", "normalise", "filter", "scrub", "group")
GOALS = "8 KB, many issues: 8,000 events/s with 2 workers (2.5 CPU s), 0.6 of COPY, 150 MB/s, 0.3 on disk, 40 MB"


# ---- measuring

def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(child) for child in f.read().split()]


def peak_of(pid):
    """Its largest resident size so far, in MB."""
    with open(f"/proc/{pid}/status") as f:
        return int(next(line for line in f if line.startswith("VmHWM")).split()[1]) / 1024


def cpu_of(pid):
    """CPU seconds of a process and its children, those that ended included."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(") ")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") + sum(map(cpu_of, children(pid)))


def sizes(line):
    """{(table or index, is it an index): bytes} without the day of partitions."""
    return {(name, index): int(n) for name, index, n in line.sql("""
        select regexp_replace(c.relname, '_[0-9]{8}', ''), c.relkind = 'i',
               sum(case when c.relkind = 'r' then pg_table_size(c.oid) else pg_relation_size(c.oid) end)
          from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i') group by 1, 2""")}


def stages_of(log):
    """CPU seconds by stage, of all workers that have ended."""
    spent = dict.fromkeys(STAGES, 0.0)
    for text in re.findall(r"stages: (.*)", log):
        for name, us in re.findall(r"(\w+) (\d+) us", text):
            spent[name] += int(us) / 1e6
    return spent


# ---- one run

def shared(values, most):
    """The entries of these requests: up to so many in one, while they are small."""
    groups = [[]]
    for value in values:
        group = [*groups[-1], value]
        if len(group) > most or max(map(len, group)) > SHARED_EACH or sum(map(len, group)) > SHARED_BYTES:
            groups.append([])
        groups[-1].append(value)
    return [several(*group) if len(group) > 1 else {"v": group[0]} for group in groups if group]


def fill(line, run, events, seed):
    """Their bytes, before compression; another seed gives other events."""
    rng = random.Random(seed)
    issue = {"one": lambda n: 0, "many": lambda n: rng.randint(0, 999), "new": lambda n: n}[run.issues]
    total = 0
    for start in range(0, events, 500):
        batch = []
        for n in range(start, min(start + 500, events)):
            body = envelope(shapes.event(rng, run.size, issue(n)))
            total += len(body)
            batch.append(pack_entry(line.entry(gzip.compress(body, 1), c="gzip") if run.gzip else line.entry(body)))
        line.add_all(shared(batch, run.share))
    return total


def warm_up(line, run):
    """Until the project's dictionary is trained and used, as it is in production after minutes."""
    line.sql("select event_partition(current_date), event_partition(current_date + 1)")
    line.sql("insert into project_setting (organization_id, project_id, name, value)"
             " values (%s, %s, 'keep.sampling', 'off')", line.org, line.project)
    warm = min(WARM, run.events)
    fill(line, run, warm, "warm")
    line.start_worker()
    line.drained(120)
    if warm == WARM:
        line.stack.wait_for(lambda: line.sql("select 1 from body_dictionary"), 60)
    line.folded(120)
    line.stop_worker()
    return warm


def entries_read(line):
    return line.redis.xinfo_groups("vedette:events")[0]["entries-read"]


def until(line, condition):
    while not condition():
        assert line.stack.part("worker").alive(), line.stack.log("worker")
        time.sleep(0.005)


def print_statements(line, events):
    for calls, ms, rows, pages, wal, text in line.sql("""
            select calls, total_exec_time, rows, shared_blks_hit + shared_blks_read, wal_bytes,
                   regexp_replace(left(query, 80), '\\s+', ' ', 'g') from pg_stat_statements
             where dbid = (select oid from pg_database where datname = current_database())
             order by total_exec_time desc limit 25"""):
        print(f"    {ms * 10 / events:8.3f} s/10,000  {calls:6} calls  {rows:7} rows  {pages / events:7.2f} pages,"
              f" {wal / events:6.0f} bytes of log/event  {text}")


def seconds_of_trends(line):
    """By the clock: they are reckoned every five minutes, however often a worker starts."""
    return float(line.value("select coalesce(sum(total_exec_time), 0) / 1000 from pg_stat_statements"
                            " where query like '%insert into issue_trend %'"))


def check(line, last, events, whole, before):
    """The ledger closes; and, in a database that is all ours, every counter."""
    if whole:
        line.check_books(events)
    outcomes = {key: n - before.get(key, 0) for key, n in line.outcomes().items() if n != before.get(key)}
    assert outcomes == {("error", "accepted", ""): events}, outcomes
    assert line.value("select count(*) from event where id > %s", last) == events
    assert line.value("select count(*) from event where id > %s and has_body", last) == events
    assert line.redis.xlen("vedette:events:dead") == 0


def measure(line, run):
    """What the tables show of a run."""
    before_all = 0
    if run.full:
        if not run.filled:
            Fill(line.stack.cluster.conninfo(line.stack.database), int(run.full * 1e6), int(run.full * 1e5), PROJECTS,
                 [os.urandom(16)]).run()  # what counts of bodies is their index
        settle(line.stack)
        line.sql("vacuum analyze")
        before_all = line.value("select last_value from event_id_seq")
    outcomes = line.outcomes()
    warm = warm_up(line, run)
    before_sizes = sizes(line)
    raw = fill(line, run, run.events, "measured")
    if run.watched:
        line.sql("create extension if not exists pg_stat_statements")
        line.sql("select pg_stat_statements_reset()")
    line.sql("checkpoint")
    parts = {"redis": line.stack.part("redis").pid, "postgresql": line.stack.cluster.part.pid}
    began_log = len(line.stack.log("worker"))

    since = line.value("select pg_current_xact_id()::text::bigint % (1::bigint << 32)")
    read = entries_read(line)
    line.start_worker(processes=run.workers, VEDETTE_STAGES=1, **({"VEDETTE_WORKER_BATCH": run.batch} if run.batch else {}))
    parts["worker"] = line.stack.part("worker").pid
    until(line, lambda: entries_read(line) > read)  # what it takes to start is not counted
    began = time.monotonic()
    before = {name: cpu_of(pid) for name, pid in parts.items()}
    perf = None
    if run.perf:
        pids = [pid for part in ("worker", "postgresql") for pid in children(parts[part])]
        perf = subprocess.Popen(["perf", "record", "-q", "-g", "-e", "cpu-clock", "-F", "999", "-o", run.perf, "-p",
                                 ",".join(map(str, pids))])
    until(line, lambda: line.redis.xlen("vedette:events") == 0)
    seconds = time.monotonic() - began
    if perf:
        perf.send_signal(signal.SIGINT)
        perf.wait()
    line.folded(600)
    per_10_000 = 10_000 / run.events
    out = {f"cpu {name}": (cpu_of(pid) - before[name]) * per_10_000 for name, pid in parts.items()}
    out["peak"] = max(peak_of(pid) for pid in children(parts["worker"]))
    out["trends"] = seconds_of_trends(line) * per_10_000 if run.watched else 0.0
    if run.statements:
        print_statements(line, run.events)
    line.stop_worker()

    spent = stages_of(line.stack.log("worker")[began_log:])
    out |= {name: s * per_10_000 for name, s in spent.items()}
    out["cpu"] = sum(n for name, n in out.items() if name.startswith("cpu "))
    out["mb/s"] = raw / 1e6 / sum(spent[name] for name in UNDERSTAND)
    out["rate"] = run.events / seconds
    check(line, before_all, run.events + warm, not run.full, outcomes)
    line.sql("vacuum")
    grown = {key: n - before_sizes.get(key, 0) for key, n in sizes(line).items()}
    if run.tables:
        for (name, index), n in sorted(grown.items(), key=lambda x: -x[1]):
            if n / run.events >= 8:
                print(f"    {n / run.events:7.0f} bytes/event  {'index' if index else 'table'} {name}")
    out["bytes"] = sum(grown.values()) / run.events
    out["disk"] = sum(grown.values()) / raw
    out["copy"], out["copy cpu"] = copying.rate(line, since, run.events) if not run.full else (None, None)
    out["packed"] = out["copy"] and 1 / (1 / out["copy"] + spent["pack"] / run.events)
    return out


def database(cluster, run):
    """A new one, or the full one that an earlier run has kept."""
    if not (run.full and run.data):
        return cluster.database(cluster.template)
    if not run.filled:
        cluster.execute(f"create database {FULL} template {cluster.template}")
    cluster.migrate(FULL)
    return FULL


def measured(build, cluster, folder, run):
    kept = cluster.folder / "filled"
    run.filled = kept.exists()
    stack = Stack(build, folder / f"stack{time.monotonic_ns()}", cluster, database(cluster, run))
    stack.start("redis")
    out = measure(Line(stack), run)
    stack.close()
    if stack.database == FULL:
        kept.touch()
    else:
        cluster.execute(f"drop database {stack.database} with (force)")
    return out


# ---- all of them

def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


HEAD = ("KB", "issues", "workers", "events/s", "of COPY", "of rows", "COPY", "Redis", "PostgreSQL", "worker", "CPU s / 10,000", "MB/s",
        "disk, bytes", "of raw", "worker MB")


def print_run(name, out):
    row(*name, f"{out['rate']:.0f}", *(f"{out['rate'] / out[limit]:.2f}" if out[limit] else "" for limit in ("packed", "copy")),
        f"{out['copy cpu'] * 10_000:.2f}" if out["copy"] else "",
        *(f"{out['cpu ' + part]:.2f}" for part in ("redis", "postgresql", "worker")), f"{out['cpu']:.2f}", f"{out['mb/s']:.0f}",
        f"{out['bytes']:.0f}", f"{out['disk']:.2f}", f"{out['peak']:.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, help="of a run; default: 10,000, fewer above 8 KB")
    parser.add_argument("--size", type=int, nargs="+", help="kilobytes of an event; default: 2 8 40, and 1000 once")
    parser.add_argument("--workers", type=int, nargs="+", help="default: 1, and 2 for 8 KB")
    parser.add_argument("--issues", choices=ISSUES, nargs="+", default=ISSUES)
    parser.add_argument("--full", type=float, help="compare with a database that has so many million events")
    parser.add_argument("--data", type=Path, help="keeps PostgreSQL's data, and the full database, in this folder")
    parser.add_argument("--batch", type=int, help="worker.batch, if not its default")
    parser.add_argument("--share", type=int, default=16, help="requests that share an entry while they are small; 1: none does")
    parser.add_argument("--gzip", action="store_true", help="bodies as most SDKs send them")
    parser.add_argument("--tables", action="store_true", help="what each table and index grows by")
    parser.add_argument("--statements", action="store_true", help="the time of each SQL statement (pg_stat_statements)")
    parser.add_argument("--perf", help="a file for perf's samples of the workers and of PostgreSQL")
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        build = Build(ROOT / args.build, folder)
        settings = {"shared_preload_libraries": "pg_stat_statements"} if args.statements or args.full else {}
        cluster = Cluster(build, args.data or folder / "pg", durable=True, shared_buffers="256MB", max_wal_size="4GB", **settings)
        try:
            cluster.start()
            cluster.n = int(time.time())  # other names than those that --data has kept
            cluster.template = cluster.migrated()
            run_all(args, lambda run: measured(build, cluster, folder, run))
            cluster.execute(f"drop database {cluster.template}")
        finally:
            cluster.stop()


def plan(args):
    """What is to be run, as (size, issues, workers, millions that are there already)."""
    if args.full:
        size = args.size[0] if args.size else 8
        workers = args.workers[0] if args.workers else 1
        return [(size, issues, workers, millions) for issues in args.issues for millions in (0, args.full)]
    runs = [(size, issues, workers, 0) for size in args.size or SIZES for issues in args.issues
            for workers in args.workers or ((1, 2) if size == 8 else (1,))]
    return runs + ([] if args.size else [(1000, "many", 1, 0)])


def run_all(args, measured):
    results = {}
    print(f"CPU seconds are per 10,000 events.  Goals: {GOALS}.\n")
    row(*HEAD)
    row(*["---"] * len(HEAD))
    for size, issues, workers, millions in plan(args):
        run = argparse.Namespace(**vars(args))
        run.size, run.issues, run.workers, run.full = size, issues, workers, millions
        run.watched = run.statements or args.full
        run.events = args.events or {2: 10_000, 8: 10_000}.get(size, max(200, 160_000 // size))
        out = results[size, issues, workers, millions] = measured(run)
        name = f"{issues}, {millions:g} M there" if millions else issues
        print_run((size, name, workers), out)
    print()
    row("KB", "issues", "workers", *STAGES)
    row(*["---"] * (3 + len(STAGES)))
    for (size, issues, workers, millions), out in results.items():
        row(size, f"{issues}, {millions:g} M there" if millions else issues, workers, *(f"{out[name]:.3f}" for name in STAGES))
    if args.full:
        print()
        for (size, issues, workers, millions), out in results.items():
            if millions:
                empty = results[size, issues, workers, 0]
                print(f"{issues}: rate {out['rate'] / empty['rate']:.2f}, CPU {out['cpu'] / empty['cpu']:.2f} of an empty database"
                      " (goal: rate 0.9);"
                      f" at most {out['trends']:.2f} s of it reckon the trends, which is due every five minutes")


if __name__ == "__main__":
    main()
