#!/usr/bin/env python3
"""How fast the edge is, against what nginx itself can do and against a script.

    build/venv/bin/python tests/bench/edge/bench.py [--rounds N] [--seconds S] [--size KB ...] [--only NAME ...]

limit      nginx reads the body and answers 200 (read/, a module of a few lines)
relaxed    the module, XADD acknowledged by a Redis without AOF
quota      the same, for keys that have a limit: one more round trip
redis      the module, XADD acknowledged by a Redis with "appendfsync always"
spool      the module, every event to the disk of the node
lua        nginx, lua-nginx-module and XADD over a cosocket; Redis without AOF
lua-always the same against the Redis with "appendfsync always"
bad-key    the module refuses a key that does not exist
limited    the module refuses a key whose limit is reached

64 connections that are kept alive send 256 of 10,000 keys in turn.  wrk and Redis share core 0, one worker of nginx has
core 1.  What is compared runs in turns of a few seconds, and the medians of the ratios within a turn count: machines
drift.  CPU is that of the nginx worker and of Redis, per request, from /proc.  A second process trims the streams and
deletes what is spooled, as a worker would.

Debian packages wrk, libnginx-mod-http-lua, lua-resty-core; the last two only for lua.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import redis as redis_py
import requests

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from harness.build import ROOT, Build  # noqa: E402
from harness.cluster import make_folder  # noqa: E402
from harness.part import Part  # noqa: E402
from harness.stack import free_port  # noqa: E402

CLIENT, SERVER = "0", "1"  # cores
CONNECTIONS = 64
KEYS, USED_KEYS = 10_000, 256
TICKS = os.sysconf("SC_CLK_TCK")

VARIANTS = ("limit", "relaxed", "quota", "redis", "spool", "lua", "lua-always", "bad-key", "limited")

CONF = """
{modules}
daemon off;
worker_processes 1;
pid {folder}/{name}.pid;
error_log {folder}/log/{name}.log warn;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_buffer_size 256k;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
}}
"""

SERVER_BLOCK = "server {{ listen 127.0.0.1:{port} backlog=1024; location / {{ {inside} }} {more} }}\n"


def body_of(kilobytes):
    """An envelope with an event of about this size, as the SDK for Python sends it."""
    id = uuid.uuid4().hex
    event = {"event_id": id, "timestamp": "2025-06-01T10:00:00.000000Z", "platform": "python", "level": "error",
             "environment": "production", "release": "shop@1.2.3", "server_name": "web-1",
             "exception": {"values": [{"type": "ValueError", "value": "no such thing", "stacktrace": {"frames": []}}]}}
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    n = 0
    while len(json.dumps(event, separators=(",", ":"))) < kilobytes * 1024 - 400:
        n += 1
        frames.append({"filename": f"shop/views{n}.py", "function": f"handle_{n}", "lineno": n * 7, "in_app": True,
                       "context_line": "    return handler(request, *args, **kwargs)",
                       "pre_context": ["    try:", f"        check({n})"], "vars": {"n": str(n)}})
    payload = json.dumps(event, separators=(",", ":"))
    head = json.dumps({"event_id": id, "sent_at": "2025-06-01T10:00:00.000000Z"}, separators=(",", ":"))
    item = json.dumps({"type": "event", "content_type": "application/json", "length": len(payload)},
                      separators=(",", ":"))
    return "\n".join((head, item, payload)).encode() + b"\n"


def cpu(pid):
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Bench:
    def __init__(self, build, folder):
        self.build = build
        self.folder = folder
        self.parts = {}
        self.ports = {}
        for name in ("", "run", "log", "plain", "always", "spool"):
            make_folder(build, folder / name)
        self.redis = {name: self.start_redis(name, args) for name, args in {
            "plain": ["--appendonly", "no"],
            "always": ["--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-min-size", "256mb"],
        }.items()}
        self.write_keys()
        self.start_nginx()
        self.stop = threading.Event()
        self.tidy = subprocess.Popen([sys.executable, __file__, "--tidy", str(folder)])
        os.sched_setaffinity(self.tidy.pid, {int(CLIENT)})

    def start_part(self, name, command, ready, core):
        part = Part(name, ["taskset", "-c", core, *command], self.build, self.folder / "log" / f"{name}.out", ready)
        self.parts[name] = part
        part.start()
        return part

    def start_redis(self, name, args):
        socket = self.folder / "run" / f"{name}.sock"
        client = redis_py.Redis(unix_socket_path=str(socket))

        def ready():
            try:
                return client.ping()
            except redis_py.ConnectionError:
                return False

        self.start_part(f"redis-{name}", [self.build.tool("REDIS_SERVER"), "--port", "0", "--unixsocket", socket,
                                          "--unixsocketperm", "777", "--dir", self.folder / name, "--save", "",
                                          "--loglevel", "warning", *args], ready, CLIENT)
        return client

    def write_keys(self):
        self.keys = [uuid.UUID(int=n + 2 ** 100).hex for n in range(KEYS)]
        lists = {"keys": self.keys[::KEYS // USED_KEYS][:USED_KEYS],
                 "quota": [uuid.UUID(int=n + 2 ** 101).hex for n in range(USED_KEYS)],
                 "limited": [uuid.UUID(int=n + 2 ** 102).hex for n in range(USED_KEYS)],
                 "unknown": [uuid.UUID(int=n + 2 ** 103).hex for n in range(USED_KEYS)]}
        for name, keys in lists.items():
            (self.folder / f"{name}.txt").write_text("".join(f"{key}\n" for key in keys))
        for client in self.redis.values():
            pipe = client.pipeline(transaction=False)
            for n, key in enumerate(self.keys):
                pipe.hset(f"vedette:key:{key}", mapping={"org": 1, "project": 42, "key": n + 1, "state": "on"})
            for n, key in enumerate(lists["quota"]):
                pipe.hset(f"vedette:key:{key}", mapping={
                    "org": 1, "project": 42, "key": n + 20_000, "state": "on",
                    "limits": f"q{n} key 3600 1000000000 * key_quota"})
            for n, key in enumerate(lists["limited"]):
                pipe.hset(f"vedette:key:{key}", mapping={"org": 1, "project": 42, "key": n + 30_000, "state": "on",
                                                         "limits": f"l{n} key 3600 0 * key_quota"})
            pipe.execute()

    def start_nginx(self):
        read = self.build_read_module()
        module = self.build.module
        plain, always = (f"unix:{self.folder}/run/{name}.sock" for name in ("plain", "always"))
        self.nginx("limit", f"load_module {read};", {"limit": "read;"})
        vedette = {"relaxed": f"vedette on; vedette_redis {plain} connections=2 timeout=5s;"
                              " vedette_durability relaxed;",
                   "redis": f"vedette on; vedette_redis {always} connections=16 timeout=5s;",
                   "spool": f"vedette on; vedette_redis {always} connections=16 timeout=5s; vedette_durability spool;"
                            f" vedette_spool {self.folder}/spool size=20g min_free=0%;"}
        self.nginx("vedette", f"load_module {module};", vedette, more="location = /status { vedette_status; }")
        for name in ("quota", "bad-key", "limited"):
            self.ports[name] = self.ports["relaxed"]
        lua = Path("/usr/lib/nginx/modules/ngx_http_lua_module.so")
        if lua.exists():
            shutil.copy(HERE / "xadd.lua", self.folder / "xadd.lua")
            (self.folder / "xadd.lua").chmod(0o644)
            self.nginx("lua", f"load_module {lua.parent}/ndk_http_module.so;\nload_module {lua};",
                       {name: f"set $bench_redis {socket}; content_by_lua_file {self.folder}/xadd.lua;"
                        for name, socket in (("lua", plain), ("lua-always", always))}, "lua_shared_dict keys 8m;")

    def nginx(self, name, modules, locations, http="", more=""):
        for variant, inside in locations.items():
            port = self.ports[variant] = free_port()
            http += SERVER_BLOCK.format(port=port, inside=inside, more=more)
        conf = self.folder / f"{name}.conf"
        conf.write_text(CONF.format(modules=modules, folder=self.folder, name=name, http=http))
        port = next(iter(locations))

        def ready():
            try:
                return requests.get(f"http://127.0.0.1:{self.ports[port]}/x", timeout=1).status_code > 0
            except requests.ConnectionError:
                return False

        self.start_part(name, [self.build.tool("NGINX"), "-p", self.folder, "-c", conf], ready, SERVER)

    def build_read_module(self):
        out = self.folder / "read-module"
        out.mkdir()
        done = subprocess.run(["bash", "-c", """
            cd /usr/share/nginx/src && . ./conf_flags
            bash ./configure "${NGX_CONF_FLAGS[@]}" --with-cc-opt='-O2 -g -fPIC' --with-ld-opt=-fPIC \
                --builddir="$1" --add-dynamic-module="$2" && make -f "$1/Makefile" modules""",
                               "build", out, HERE / "read"], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"the module that only reads did not build:\n{done.stdout}{done.stderr}")
        return out / "ngx_http_read_module.so"

    def worker(self, variant):
        name = "limit" if variant == "limit" else "lua" if variant.startswith("lua") else "vedette"
        (pid,) = self.parts[name].children()
        return pid

    def redis_of(self, variant):
        name = {"redis": "always", "lua-always": "always", "limit": None, "spool": None}.get(variant, "plain")
        return self.parts[f"redis-{name}"].pid if name else None

    def run(self, variant, size, seconds):
        body = self.folder / f"body-{size}"
        if not body.exists():
            body.write_bytes(body_of(size))
        keys = {"quota": "quota", "bad-key": "unknown", "limited": "limited"}.get(variant, "keys")
        pids = [self.worker(variant), self.redis_of(variant)]
        before = [cpu(pid) if pid else 0 for pid in pids]
        done = subprocess.run(["taskset", "-c", CLIENT, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency",
                               "-s", HERE / "post.lua", f"http://127.0.0.1:{self.ports[variant]}", "--", body,
                               self.folder / f"{keys}.txt", "42"], capture_output=True, text=True,
                              timeout=seconds + 30)
        used = [cpu(pid) - was if pid else 0 for pid, was in zip(pids, before)]
        line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT")), None)
        if line is None:
            sys.exit(f"wrk: {done.stdout}{done.stderr}")
        requests_, micros, p50, p99, errors = map(int, line.split()[1:])
        refused = variant in ("bad-key", "limited")
        if not refused and errors or requests_ == 0 or refused and errors < requests_ * 0.9:
            print(f"{variant}: {errors} of {requests_} were refused or failed", file=sys.stderr)
        return {"rate": requests_ / (micros / 1e6), "p50": p50 / 1000, "p99": p99 / 1000,
                "nginx": used[0] * 1e6 / max(requests_, 1), "redis": used[1] * 1e6 / max(requests_, 1)}

    def close(self):
        self.tidy.terminate()
        self.tidy.wait()
        for part in reversed(self.parts.values()):
            part.stop()


def tidy(folder):
    """What a worker and a replay do for the queue: keep it short."""
    clients = [redis_py.Redis(unix_socket_path=str(folder / "run" / f"{name}.sock")) for name in ("plain", "always")]
    while True:
        for client in clients:
            client.xtrim("vedette:events", maxlen=2000, approximate=True)
        for segment in (folder / "spool").glob("*.seg"):
            segment.unlink(missing_ok=True)
        time.sleep(0.05)


# ---- the table

def median(values):
    return statistics.median(values) if values else 0


GOALS = [  # name, variant, figure, against, {size: goal}, at least or at most
    ("relaxed / limit", "relaxed", "rate", "limit", {2: 0.70, 8: 0.60, 40: 0.45}, ">="),
    ("redis / relaxed", "redis", "rate", "relaxed", {2: 0.5, 8: 0.5, 40: 0.5}, ">="),
    ("spool / redis", "spool", "rate", "redis", {2: 1, 8: 1, 40: 1}, ">="),
    ("relaxed / lua", "relaxed", "rate", "lua", {2: 1.8, 8: 1.7, 40: 1.2}, ">="),
    ("redis / lua-always", "redis", "rate", "lua-always", {2: 1.8, 8: 1.7, 40: 1.2}, ">="),
    ("p99 relaxed / limit", "relaxed", "p99", "limit", {2: 3, 8: 3, 40: 3}, "<="),
    ("bad-key / limit", "bad-key", "rate", "limit", {2: 0.9, 8: 0.9, 40: 0.9}, ">="),
    ("limited / limit", "limited", "rate", "limit", {2: 0.9, 8: 0.9, 40: 0.9}, ">="),
    ("CPU relaxed / limit", "relaxed", "nginx", "limit", {8: 1.5}, "<="),
]


def report(results, sizes, variants):
    print(f"{'':12}" + "".join(f"{size:>4} KB: req/s   p50   p99  nginx  redis" for size in sizes))
    for variant in variants:
        cells = []
        for size in sizes:
            rounds = results[size][variant]
            cells.append("{:14.0f}{:6.2f}{:6.2f}{:7.1f}{:7.1f}".format(
                *(median([r[figure] for r in rounds]) for figure in ("rate", "p50", "p99", "nginx", "redis"))))
        print(f"{variant:12}" + "".join(cells))
    print("(p50, p99: ms; nginx, redis: microseconds of CPU a request)\n")
    for name, variant, figure, against, goals, relation in GOALS:
        if variant not in variants or against not in variants:
            continue
        cells = []
        for size, goal in goals.items():
            if size not in sizes:
                continue
            pairs = zip(results[size][variant], results[size][against])
            ratio = median([ours[figure] / max(theirs[figure], 1e-9) for ours, theirs in pairs])
            held = ratio >= goal if relation == ">=" else ratio <= goal
            cells.append(f"{size} KB {ratio:.2f} ({relation} {goal}{'' if held else ', MISSED'})")
        print(f"{name:22}" + "   ".join(cells))


def measure(bench, args):
    variants = [v for v in VARIANTS if (not args.only or v in args.only) and v in bench.ports]
    results = {size: {v: [] for v in variants} for size in args.size}
    for variant in variants:
        bench.run(variant, args.size[0], 1)
    for number in range(args.rounds):
        for size in args.size:
            for variant in variants:
                results[size][variant].append(bench.run(variant, size, args.seconds))
        print(f"round {number + 1} of {args.rounds}", file=sys.stderr)
    report(results, args.size, variants)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--size", type=int, nargs="+", default=[2, 8, 40])
    parser.add_argument("--only", nargs="+", choices=VARIANTS)
    parser.add_argument("--build", default=str(ROOT / "build"))
    parser.add_argument("--tidy", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.tidy:
        return tidy(Path(args.tidy))
    if not shutil.which("wrk"):
        sys.exit("bench: wrk is missing (Debian package wrk)")

    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as scratch:
        os.chmod(scratch, 0o755)
        bench = Bench(Build(args.build, scratch), Path(scratch) / "edge")
        try:
            measure(bench, args)
        finally:
            bench.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
