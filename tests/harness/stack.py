"""A whole Vedette in a scratch folder: what the `stack` fixture hands out."""

import json
import os
import random
import re
import secrets
import signal
import socket
import subprocess
import time
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
import redis as redis_py
import requests

from harness.build import ROOT
from harness.cluster import fill, make_folder
from harness.part import Part

PARTS = ("redis", "web", "worker", "spool", "nginx")

PATIENCE = 150  # s; chores come once a minute, and the machine may be very busy

# Lines of a log that no test is to leave behind.
BAD_LOG = re.compile(r"\[alert\]|\[emerg\]|Sanitizer|runtime error:|panic|Assertion .* failed"
                     r"|LeakSanitizer|segfault|signal (6|11)\b", re.IGNORECASE)


@dataclass
class Project:
    id: int
    org: str
    slug: str
    dsn: str

    @property
    def key(self):
        return urlsplit(self.dsn).username


@dataclass
class Account:
    email: str
    link: str
    """Signs in, once."""


class Stack:
    def __init__(self, build, folder, cluster, database):
        self.build = build
        self.folder = folder
        self.cluster = cluster
        self.database = database
        self.parts = {}
        self.expected = []
        self._db = None
        self._redis = None
        self._admin = None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.run = folder / "run"
        self.config = folder / "config.yml"
        # the default patience of 150 ms would make tests depend on how busy the disk is
        self.edge_redis = f"unix:{self.run}/redis.sock user=vedette_edge password=secret-of-edge timeout=5s"
        for name in ("", "run", "log", "redis", "nginx", "spool", "attachments"):
            make_folder(build, folder / name)
        self._write_files()
        self._define()

    # ---- setting up

    def _write_files(self):
        values = {
            "MODULE": self.build.module, "DATA": self.folder, "LISTEN": "127.0.0.1",
            "PORT": self.port, "STATIC": self.build.static,
            "REDIS": self.edge_redis, "WEB_SOCKET": self.run / "web.sock",
            "THIS": self.folder / "nginx-server.conf",
        }
        dist = ROOT / "fcgi_app" / "dist"
        (self.folder / "nginx.conf").write_text(fill(dist / "nginx.conf.in", values))
        (self.folder / "nginx-server.conf").write_text(fill(dist / "nginx-server.conf.in", values))
        self.write_config()

    def write_config(self, more=None):
        """Writes config.yml again; more: {"redis.port": 1, ...}."""
        settings = {
            "system.url-prefix": self.url,
            "db.url": self.cluster.conninfo(self.database),
            "redis.socket": self.run / "redis.sock",
            "redis.users": self.build.redis_users,
            "attachment.path": self.folder / "attachments",
            "web.socket": self.run / "web.sock",
            "web.templates": self.build.templates,
            "migrate.sql": self.build.sql,
            "system.secret-key": "a key of the tests that is long enough",
            "pulse.every": 0,  # tests count what they send
            **(more or {}),
        }
        sections = {}
        for name, value in settings.items():
            section, _, key = name.partition(".")
            sections.setdefault(section, []).append(f'  {key}: "{value}"')
        self.config.write_text("".join(f"{section}:\n" + "\n".join(lines) + "\n"
                                       for section, lines in sections.items()))

    def _define(self):
        build, run = self.build, self.run
        redis = [build.tool("REDIS_SERVER"), "--port", 0, "--unixsocket", run / "redis.sock",
                 "--unixsocketperm", 777, "--dir", self.folder / "redis", "--appendonly", "yes",
                 "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction",
                 "--loglevel", "warning", "--aclfile", build.redis_acl]
        nginx = [build.tool("NGINX"), "-p", self.folder, "-c", self.folder / "nginx.conf"]
        vedette = [build.program, "-c", self.config]
        self._add("redis", redis, ready=self._redis_answers)
        self._add("web", [*vedette, "web"], ready=self._web_answers)
        self._add("worker", [*vedette, "worker"])
        self._add("spool", [*vedette, "spool", "replay", self.folder / "spool", "--follow"])
        self._add("nginx", nginx, ready=self._nginx_answers)

    def _add(self, name, command, ready=None):
        log = self.folder / "log" / f"{name}.log"
        self.parts[name] = Part(name, command, self.build, log, ready)

    def _redis_answers(self):
        try:
            return self.redis.ping()
        except (redis_py.ConnectionError, redis_py.exceptions.BusyLoadingError):
            return False

    def _web_answers(self):
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(str(self.run / "web.sock")) == 0

    def _nginx_answers(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    # ---- the parts, by name: redis web worker spool nginx, and postgresql

    def part(self, name):
        return self.cluster.part if name == "postgresql" else self.parts[name]

    def start(self, *names):
        """Without a name: all."""
        for name in names or PARTS:
            self.part(name).start()
        return self

    def stop(self, *names):
        for name in names or reversed(PARTS):
            self.part(name).stop()

    def restart(self, *names):
        for name in names:
            self.part(name).stop()
            self.part(name).start()

    def kill(self, *names):
        for name in names:
            self.part(name).kill()
        self.expect_log(r"signal (9|15)|exited on signal 9")

    def pause(self, name):
        """SIGSTOP: the part is there and does not answer."""
        for pid in (self.part(name).pid, *self.part(name).children()):
            os.kill(pid, signal.SIGSTOP)

    def resume(self, name):
        for pid in (self.part(name).pid, *self.part(name).children()):
            os.kill(pid, signal.SIGCONT)

    # ---- looking in

    @property
    def redis(self):
        if self._redis is None:
            self._redis = redis_py.Redis(unix_socket_path=str(self.run / "redis.sock"))
        return self._redis

    def sql(self, statement, *params):
        """The rows as a list of tuples; [] for a statement without rows."""
        if self._db is None or self._db.closed:
            self._db = psycopg.connect(self.cluster.conninfo(self.database), autocommit=True)
        cursor = self._db.execute(statement, params or None)
        return cursor.fetchall() if cursor.description else []

    def value(self, statement, *params):
        """The first column of the only row."""
        rows = self.sql(statement, *params)
        assert len(rows) == 1, f"{len(rows)} rows instead of one: {statement}"
        return rows[0][0]

    def log(self, name):
        return self.part(name).log.read_text(errors="replace")

    # ---- acting through the real doors

    def vedette(self, *args, check=True, timeout=120, stdin=None, **env):
        """Runs a command; the CompletedProcess (stdout, stderr, returncode)."""
        environment = self.build.environment()
        environment.update(env)
        done = subprocess.run([self.build.program, "-c", self.config, *map(str, args)], cwd="/",
                              env=environment, capture_output=True, text=True, timeout=timeout, input=stdin)
        if check and done.returncode != 0:
            raise AssertionError(f"vedette {' '.join(map(str, args))} returned {done.returncode}:\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def create_account(self, email=None, superuser=False, name=None):
        email = email or f"{secrets.token_hex(4)}@example.org"
        args = ["account", "create", email, "--name", name or email.partition("@")[0].title()]
        self.vedette(*args, *(["--superuser"] if superuser else []))
        return Account(email, self.sign_in_link(email))

    def sign_in_link(self, email):
        """A new one-time address that signs this account in."""
        return find_url(self.vedette("account", "link", email).stdout)

    @property
    def admin(self):
        """The first administrator; made when first asked for."""
        if self._admin is None:
            self._admin = self.create_account("admin@example.org", superuser=True, name="Ada Admin")
        return self._admin

    def create_project(self, slug=None, org="acme", platform=None, owner=None, name=None):
        """A project, and its organisation if that is new."""
        slug = slug or f"project-{secrets.token_hex(4)}"
        args = ["project", "create", org, slug, "--owner", owner or self.admin.email]
        if platform:
            args += ["--platform", platform]
        if name:
            args += ["--name", name]
        return self.project(org, slug, self.vedette(*args).stdout)

    def project(self, org, slug, output=None):
        """A project that is there already."""
        dsn = find_url(output or self.vedette("project", "dsn", org, slug).stdout, at=True)
        return Project(int(urlsplit(dsn).path.rpartition("/")[2]), org, slug, dsn)

    def send_event(self, project, event=None, expect=200, **fields):
        """Posts an event in an envelope, as an SDK does; its id (32 hex)."""
        event = {"message": "Something happened", "level": "error", "platform": "other",
                 **(event or {}), **fields}
        event.setdefault("event_id", uuid.uuid4().hex)
        event.setdefault("timestamp", time.time())
        answer = self.send_envelope(project, {"event_id": event["event_id"]},
                                    [({"type": "event"}, event)])
        assert answer.status_code == expect, f"{answer.status_code}: {answer.text}"
        return event["event_id"]

    def send_envelope(self, project, header, items, headers=None):
        """items: pairs of item header and payload (bytes, or an object for JSON)."""
        lines = [json.dumps(header).encode()]
        for item_header, payload in items:
            body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
            lines += [json.dumps({"length": len(body), **item_header}).encode(), body]
        auth = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_client=vedette.test/1.0, "
                                 f"sentry_key={project.key}",
                "Content-Type": "application/x-sentry-envelope"}
        return requests.post(f"{self.url}/api/{project.id}/envelope/", data=b"\n".join(lines) + b"\n",
                             headers={**auth, **(headers or {})}, timeout=60)

    def get(self, path="/", **options):
        """What nginx answers, redirects not followed."""
        return requests.get(f"{self.url}{path}", timeout=60, allow_redirects=False, **options)

    def wait_for(self, condition, timeout=PATIENCE, what=None):
        """Calls condition() until it returns something true, and returns that."""
        deadline = time.monotonic() + timeout
        pause = 0.01
        while True:
            result = condition()
            if result:
                return result
            gone = [name for name, part in self.parts.items() if part.wanted and not part.alive()]
            if gone:
                raise AssertionError(f"{gone[0]} ended by itself:\n{self.part(gone[0]).log_tail()}")
            if time.monotonic() > deadline:
                tails = "".join(f"--- {name}\n{part.log_tail(10)}" for name, part in self.parts.items()
                                if part.log.exists())
                raise AssertionError(f"waited {timeout} s for {what or condition}\n{tails}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.25)

    def wait_for_event(self, event_id, timeout=PATIENCE):
        """Until the worker has stored this event."""
        return self.wait_for(
            lambda: self.sql("select 1 from event where event_id = %s", uuid.UUID(event_id)),
            timeout, f"event {event_id}")

    def wait_for_counters(self, timeout=PATIENCE):
        """Until the counters by tag have caught up with the digest."""
        self.wait_for(lambda: self.value("select m.folded >= s.last_value or not s.is_called"
                                         " from event_mark m, event_id_seq s"), timeout, "folded counters")

    # ---- at the end

    def expect_log(self, pattern):
        """Lines that match are no fault in the logs of this stack."""
        self.expected.append(re.compile(pattern))

    def bad_log_lines(self):
        found = []
        for log in sorted((self.folder / "log").glob("*.log")):
            if log.name == "access.log":
                continue
            for line in log.read_text(errors="replace").splitlines():
                if BAD_LOG.search(line) and not any(p.search(line) for p in self.expected):
                    found.append(f"{log.name}: {line}")
        return found

    def denied(self):
        """What a part was refused in Redis: a right that its row in queue/access.c lacks."""
        if not (self.part("redis").wanted and self.part("redis").alive()):
            return []
        try:
            found = self.redis.acl_log()
        except redis_py.RedisError:  # it is paused, or out of memory
            return []
        return [f"Redis has denied {entry['username']}: {entry['reason']} {entry['object']}" for entry in found]

    def close(self):
        """Stops all; raises when a part would not stop or a log has bad lines."""
        trouble = []
        trouble += [f"{name} ended by itself:\n{part.log_tail()}"
                    for name, part in self.parts.items() if part.wanted and not part.alive()]
        trouble += self.denied()
        for name in reversed(PARTS):
            try:
                self.part(name).stop()
            except RuntimeError as error:
                trouble.append(str(error))
            self.part(name).kill()
        if self._db is not None:
            self._db.close()
        if self._redis is not None:
            self._redis.close()
        trouble += self.bad_log_lines()
        if trouble:
            raise AssertionError("at the end of the stack:\n" + "\n".join(trouble))


_given = set()  # ports whose servers may not have begun to listen
# below those that Linux gives to outgoing connections by itself; make check gives each of its pytests a part
_first, _last = map(int, os.environ.get("TEST_PORTS", "20000-31999").split("-"))


def free_port():
    """A port of our range; each only once."""
    while True:
        port = random.randrange(_first, _last + 1)
        if port in _given:
            continue
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                _given.add(port)
                return port
            except OSError:
                continue


def find_url(text, at=False):
    """The first URL of a command's output (at: the first DSN)."""
    pattern = r"https?://[^\s@]+@\S+" if at else r"https?://\S+"
    found = re.search(pattern, text)
    assert found, f"no address in: {text!r}"
    return found.group()
