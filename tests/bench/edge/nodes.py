"""The daemons of the bench, and one run of wrk against one of them."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import redis as redis_py
import requests

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from harness.cluster import make_folder  # noqa: E402
from harness.part import Part  # noqa: E402
from harness.stack import free_port  # noqa: E402

CLIENT, SERVER = "0", "1"  # cores
CONNECTIONS = 64
KEYS, USED_KEYS = 10_000, 256
TICKS = os.sysconf("SC_CLK_TCK")

VARIANTS = ("limit", "relaxed", "quota", "everysec", "redis", "spool", "lua", "lua-always", "bad-key", "limited")

# which Redis a variant writes to
REDIS_OF = {"relaxed": "plain", "quota": "plain", "lua": "plain", "everysec": "everysec", "redis": "always",
            "lua-always": "always"}

# sanitized: nginx itself is not clean at its end, so its leaks are sorted later
LEAKS = "ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=0:disable_coredump=1"

# see README, "Installing": the same for all
MALLOC = "MALLOC_CONF=lg_extent_max_active_fit:20,dirty_decay_ms:-1,lg_tcache_max:17"

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
    def __init__(self, build, folder, others=True):
        """With others: what the module is compared with, too."""
        self.build = build
        self.folder = folder
        self.parts = {}
        self.ports = {}
        for name in ("", "run", "log", "plain", "everysec", "always", "spool"):
            make_folder(build, folder / name)
        aof = ["--appendonly", "yes", "--auto-aof-rewrite-min-size", "1gb", "--appendfsync"]
        self.redis = {name: self.start_redis(name, args) for name, args in {
            "plain": ["--appendonly", "no"], "everysec": [*aof, "everysec"], "always": [*aof, "always"]}.items()}
        self.write_keys()
        self.start_nginx()
        if others:
            self.start_others()
        self.tidy = subprocess.Popen([sys.executable, __file__, str(folder)])
        os.sched_setaffinity(self.tidy.pid, {int(CLIENT)})

    def start_part(self, name, kind, command, ready, core):
        part = Part(kind, ["taskset", "-c", core, *command], self.build, self.folder / "log" / f"{name}.out", ready)
        self.parts[name] = part
        part.start()

    def start_redis(self, name, args):
        socket = self.folder / "run" / f"{name}.sock"
        client = redis_py.Redis(unix_socket_path=str(socket))

        def ready():
            try:
                return client.ping()
            except redis_py.ConnectionError:
                return False

        self.start_part(f"redis-{name}", "redis", ["env", MALLOC, self.build.tool("REDIS_SERVER"), "--port", "0", "--unixsocket", socket,
                                          "--unixsocketperm", "777", "--dir", self.folder / name, "--save", "",
                                          "--loglevel", "warning", "--jemalloc-bg-thread", "no", *args], ready, CLIENT)
        return client

    def write_keys(self):
        self.keys = [uuid.UUID(int=n + 2 ** 100).hex for n in range(KEYS)]
        lists = {"all": self.keys, "keys": self.keys[::KEYS // USED_KEYS][:USED_KEYS],
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
        module = f"load_module {self.build.module};"
        plain, everysec, always = (self.socket(name) for name in self.redis)
        relaxed = {name: f"vedette on; vedette_redis {socket} timeout=5s; vedette_durability relaxed;"
                   for name, socket in (("relaxed", plain), ("everysec", everysec))}
        vedette = {**relaxed, "redis": f"vedette on; vedette_redis {always} timeout=5s;",
                   "spool": f"vedette on; vedette_redis {always} timeout=5s; vedette_durability spool;"
                            f" vedette_spool {self.folder}/spool size=20g min_free=0%;"}
        status = "location = /status { vedette_status json; }"
        self.nginx("vedette", module, vedette, more=status)
        self.nginx("small", module, {"small": relaxed["relaxed"]}, "vedette_zone 256k;", status)
        for name in ("quota", "bad-key", "limited"):
            self.ports[name] = self.ports["relaxed"]

    def socket(self, name):
        return f"unix:{self.folder}/run/{name}.sock"

    def start_others(self):
        self.nginx("limit", f"load_module {self.build_read_module()};", {"limit": "read;"})
        lua = Path("/usr/lib/nginx/modules/ngx_http_lua_module.so")
        if lua.exists():
            shutil.copy(HERE / "xadd.lua", self.folder / "xadd.lua")
            (self.folder / "xadd.lua").chmod(0o644)
            self.nginx("lua", f"load_module {lua.parent}/ndk_http_module.so;\nload_module {lua};",
                       {name: f"set $bench_redis {socket}; content_by_lua_file {self.folder}/xadd.lua;"
                        for name, socket in (("lua", self.socket("plain")), ("lua-always", self.socket("always")))},
                       "lua_shared_dict keys 8m;")

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

        leaks = ["env", LEAKS] if self.build.sanitized else []
        self.start_part(name, "nginx", [*leaks, self.build.tool("NGINX"), "-p", self.folder, "-c", conf], ready, SERVER)

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
        name = variant if variant in ("limit", "small") else "lua" if variant.startswith("lua") else "vedette"
        (pid,) = self.parts[name].children()
        return pid

    def redis_of(self, variant):
        return self.parts[f"redis-{REDIS_OF[variant]}"].pid if variant in REDIS_OF else None

    def status(self, variant="relaxed"):
        return requests.get(f"http://127.0.0.1:{self.ports[variant]}/status", timeout=10).json()

    def run(self, variant, size, seconds, keys=None):
        body = self.folder / f"body-{size}"
        if not body.exists():
            body.write_bytes(body_of(size))
        keys = keys or {"quota": "quota", "bad-key": "unknown", "limited": "limited"}.get(variant, "keys")
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
        return {"requests": requests_, "errors": errors, "rate": requests_ / (micros / 1e6), "p50": p50 / 1000, "p99": p99 / 1000,
                "nginx": used[0] * 1e6 / max(requests_, 1), "redis": used[1] * 1e6 / max(requests_, 1)}

    def close(self):
        self.tidy.terminate()
        self.tidy.wait()
        for part in reversed(self.parts.values()):
            part.stop()


def requests_in(value):
    """How many share an entry, by its version's value (queue/message.h)."""
    number, at = 0, 1
    while value[:1] == b"5" and at < len(value):
        colon = value.index(b":", at)
        at = colon + 1 + int(value[at:colon])
        number += 1
    return max(number, 1)


class Trimmer:
    """
    Keeps the stream of a Redis short as workers do that keep up: they take and delete 500 requests at a time.  To cut
    thousands at once would hold up Redis, and that pause would be the p99 of whatever is measured.
    """
    KEEP, BATCH, LOOK = 1000, 500, 16

    def __init__(self, path):
        self.redis = redis_py.Redis(unix_socket_path=str(path))
        self.pause, self.rest, self.calls, self.share = 1, 0, 0, 1

    def trim(self):
        """Every so many calls, so that there is about a batch to trim."""
        if self.rest > 0:
            self.rest -= 1
            return
        if self.calls % self.LOOK == 0:
            for _, entry in self.redis.xrevrange("vedette:events", count=1):
                self.share = requests_in(entry.get(b"v", b""))
        self.calls += 1
        batch = max(self.BATCH // self.share, 1)
        trimmed = self.redis.xtrim("vedette:events", self.KEEP // self.share, approximate=True, limit=batch)
        if trimmed < batch * 0.4:
            self.pause = min(self.pause * 2, 16)
        elif trimmed > batch * 0.9:
            self.pause = max(self.pause // 2, 1)
        self.rest = self.pause - 1


def tidy(folder):
    """What a worker and a replay do for the queue: keep it short."""
    trimmers = [Trimmer(folder / "run" / f"{name}.sock") for name in ("plain", "everysec", "always")]
    for n in itertools.count():
        for trimmer in trimmers:
            trimmer.trim()
        if n % 10 == 0:
            for segment in (folder / "spool").glob("*.seg"):
                segment.unlink(missing_ok=True)
        time.sleep(0.005)


if __name__ == "__main__":
    tidy(Path(sys.argv[1]))
