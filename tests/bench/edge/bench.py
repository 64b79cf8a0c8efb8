#!/usr/bin/env python3
"""How fast the edge is, against what nginx itself can do and against a script.

    build/venv/bin/python tests/bench/edge/bench.py [--rounds N] [--seconds S] [--size KB ...] [--only NAME ...]

limit      nginx reads the body and answers 200 (read/, a module of a few lines)
relaxed    the module, XADD acknowledged by a Redis without AOF
quota      the same, for keys that have a limit: one more round trip
everysec   as relaxed, with "appendfsync everysec"
redis      the module, XADD acknowledged by a Redis with "appendfsync always"
spool      the module, every event to the disk of the node
lua        nginx, lua-nginx-module and XADD over a cosocket; Redis without AOF
lua-always the same against the Redis with "appendfsync always"
bad-key    the module refuses a key that does not exist
limited    the module refuses a key whose limit is reached

64 connections that are kept alive send 256 of 10,000 keys in turn.  wrk and Redis share core 0, one worker of nginx has
core 1.  What is compared runs in turns of a second, and the medians of the ratios within a turn count: machines drift.
CPU is that of the nginx worker and of Redis, per request, from /proc.  A second process trims the streams and deletes
what is spooled, as a worker would.

Then: memory of an idle connection and of a key, a zone that is full, a million requests with the slope of RSS, and a
smaller number of them on a build with sanitizers if there is one (CONTRIBUTING, "configure").  It takes about eight
minutes and prints the tables of the README, section "What it costs", alone on the standard output.

Debian packages wrk, libnginx-mod-http-lua, lua-resty-core; the last two only for lua.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import memory
import report
from nodes import VARIANTS, Bench, body_of

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from harness.build import ROOT, Build  # noqa: E402


def tell(text):
    print(text, file=sys.stderr, flush=True)


def measure(bench, args):
    variants = [v for v in VARIANTS if (not args.only or v in args.only) and v in bench.ports]
    results = {size: {v: [] for v in variants} for size in args.size}
    for variant in variants:
        bench.run(variant, args.size[0], 1)
    for number in range(args.rounds):
        for size in args.size:
            for variant in variants:
                results[size][variant].append(bench.run(variant, size, args.seconds))
        tell(f"round {number + 1} of {args.rounds}")
    return results, variants


def remember(bench, args):
    tell("memory")
    kept = {"key": memory.zone_key(bench), "full": memory.full_zone(bench)}
    tell(f"{args.requests:,} requests")
    kept["leak"] = memory.leak(bench, args.requests)
    return kept


def sanitized(args):
    """The same requests, fewer of them, with all sanitizers; None: there is no such build."""
    if not (Path(args.sanitized) / "vedette").exists():
        tell(f"{args.sanitized} is not there: no run with sanitizers")
        return None
    tell(f"{args.sanitized_requests:,} requests with sanitizers")
    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as scratch:
        os.chmod(scratch, 0o755)
        bench = Bench(Build(args.sanitized, scratch), Path(scratch) / "edge", others=False)
        try:
            done = memory.leak(bench, args.sanitized_requests)["requests"]
        finally:
            bench.close()
        return done, memory.sanitizer_reports(bench)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--size", type=int, nargs="+", default=[2, 8, 40])
    parser.add_argument("--only", nargs="+", choices=VARIANTS)
    parser.add_argument("--requests", type=int, default=1_000_000, help="of the search for leaks; 0: no memory at all")
    parser.add_argument("--build", default=str(ROOT / "build"))
    parser.add_argument("--sanitized", default=str(ROOT / "build" / "sanitized"), help="a build of configure --sanitize")
    parser.add_argument("--sanitized-requests", type=int, default=50_000)
    args = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("bench: wrk is missing (Debian package wrk)")

    load, kept = os.getloadavg()[0], {}
    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as scratch:
        os.chmod(scratch, 0o755)
        bench = Bench(Build(args.build, scratch), Path(scratch) / "edge")
        try:
            (bench.folder / "body-2").write_bytes(body_of(2))
            # at first: later a heap has room that was used before
            connections = {v: memory.idle_connections(bench, v) for v in ("limit", "relaxed")}
            results, variants = measure(bench, args)
            report.place(args, load)
            report.figures(results, args.size, variants)
            report.ratios(results, args.size, variants)
            sys.stdout.flush()
            if args.requests:
                kept = {"connections": connections, **remember(bench, args)}
        finally:
            bench.close()
    if args.requests:
        done = sanitized(args)
        if done:
            kept["sanitized"] = done

    report.kept(kept)
    return 0


if __name__ == "__main__":
    sys.exit(main())
