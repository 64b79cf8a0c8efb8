"""The edge alone: a real nginx with the module, a real Redis, key records."""

import json
import re
import secrets
import signal
import socket
import time
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
import redis as redis_py
import requests

from harness.cluster import make_folder
from harness.packed import requests_of
from harness.part import Part
from harness.stack import BAD_LOG, free_port

CONF = """
load_module {module};
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {log} info;
{main}
events {{ worker_connections 512; }}

http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;

    log_format edge '$status $uri $vedette_project $vedette_outcome $vedette_event_id';
    access_log {folder}/log/access.log edge;

    vedette_redis {redis};
    {http}

    server {{
        listen 127.0.0.1:{port};
        listen unix:{folder}/run/http.sock;

        location / {{ vedette on; }}

        # bodies of more than 1k go through a file
        location /prefix/ {{
            vedette on;
            client_body_buffer_size 1k;
        }}

        location /small/ {{
            vedette on;
            vedette_max_envelope 200k;
            vedette_max_event 50k;
            vedette_max_attachment 100k;
        }}

        location = /status {{ vedette_status; }}
        {server}
    }}
}}
"""


@dataclass
class Key:
    public: str
    id: int
    project: int
    org: int


@dataclass
class Entry:
    """An entry of the stream, fields by their one-letter names."""
    fields: dict

    def __getitem__(self, name):
        value = self.fields[name.encode()]
        return value if name == "d" else value.decode()

    def get(self, name):
        return self[name] if name.encode() in self.fields else None


class Edge:
    def __init__(self, build, folder, **options):
        self.build = build
        self.folder = folder
        self.expected = []
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        for name in ("", "run", "log", "redis"):
            make_folder(build, folder / name)
        self.socket = folder / "run" / "redis.sock"
        self.redis_args = options.pop("redis_args", [])
        self.conf = {"module": build.module, "folder": folder, "log": folder / "log" / "nginx.log",
                     "workers": 2, "port": self.port, "h2": free_port(), "socket": self.socket,
                     "redis": "unix:{socket} user=vedette_edge password=secret-of-edge timeout=20s", "main": "", "http": "", "server": "", **options}
        for name in ("redis", "http", "server"):
            self.conf[name] = self.conf[name].format(**self.conf)
        self.redis_line = f"vedette_redis {self.conf['redis']};"
        self.write_conf()
        server = [build.tool("REDIS_SERVER"), "--port", 0, "--unixsocket", self.socket,
                  "--unixsocketperm", 777, "--dir", folder / "redis", "--appendonly", "yes",
                  "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction",
                  "--loglevel", "warning", *self.redis_args]
        password = None
        if "--requirepass" in self.redis_args:
            password = self.redis_args[self.redis_args.index("--requirepass") + 1]
        else:
            server += ["--aclfile", build.redis_acl]
        nginx = [build.tool("NGINX"), "-p", folder, "-c", folder / "nginx.conf"]
        self.redis_part = Part("redis", server, build, folder / "log" / "redis.log", self.redis_answers)
        self.nginx = Part("nginx", nginx, build, folder / "log" / "nginx.log", self.nginx_answers)
        self.db = options.get("db", 0)
        self.redis = redis_py.Redis(unix_socket_path=str(self.socket), password=password)
        self.session = requests.Session()

    def write_conf(self, **changes):
        self.conf.update(changes)
        (self.folder / "nginx.conf").write_text(CONF.format(**self.conf))

    def redis_answers(self):
        try:
            return self.redis.ping()
        except (redis_py.ConnectionError, redis_py.exceptions.BusyLoadingError):
            return False

    def nginx_answers(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def start(self):
        self.redis_part.start()
        self.nginx.start()
        self.wait_for(lambda: self.get("/api/relay/healthcheck/ready/").status_code == 200)
        return self

    def reload(self):
        """Until there are workers of the new generation; the old ones' pids."""
        old = set(self.nginx.children())
        self.nginx.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: len(set(self.nginx.children()) - old) >= self.conf["workers"])
        return old

    # ---- key records, as message.h has them

    def key(self, project=42, org=1, state="on", origins=None, limits=(), public=None):
        public = public or secrets.token_hex(16)
        key = Key(public, secrets.randbelow(10**9), project, org)
        self.write_key(key, state, origins, limits)
        return key

    def write_key(self, key, state="on", origins=None, limits=()):
        record = {"org": key.org, "project": key.project, "key": key.id, "state": state}
        if origins is not None:
            record["origins"] = " ".join(origins)
        if limits:
            record["limits"] = "\n".join(limits)
        with self.redis.pipeline(transaction=True) as tx:
            tx.delete(f"vedette:key:{key.public}")
            tx.hset(f"vedette:key:{key.public}", mapping=record)
            tx.incr("vedette:keys:version")
            tx.execute()

    # ---- sending

    def get(self, path, **options):
        return requests.get(self.url + path, timeout=60, **options)

    def post(self, path, body=b"", **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.post(self.url + path, data=body, headers=names, timeout=60)

    def store(self, key, body=b'{"message":"hi"}', prefix="", query=None, **headers):
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        query = {"sentry_key": key.public, **(query or {})}
        return self.post(f"{prefix}/api/{key.project}/store/?{urlencode(query)}", body, **headers)

    def envelope(self, key, *items, header=None, prefix="", **headers):
        body = items[0] if len(items) == 1 and isinstance(items[0], bytes) else pack(*items, header=header)
        return self.post(f"{prefix}/api/{key.project}/envelope/?sentry_key={key.public}", body, **headers)

    def post_anew(self, key):
        """An event over a connection of its own, so that any worker may take it; the status."""
        return requests.post(f"{self.url}/api/{key.project}/envelope/?sentry_key={key.public}", pack(event()),
                             headers={"Connection": "close"}, timeout=60).status_code

    def send(self, key):
        """A connection on which an event was sent; nobody has waited for the answer."""
        body = pack(event())
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection.sendall(f"POST /api/{key.project}/envelope/?sentry_key={key.public} HTTP/1.1\r\nHost: x\r\n"
                           f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return connection

    # ---- looking

    def entries(self, key):
        """What stands in the stream for this key, a request each, oldest first, with bodies that are apart."""
        return [Entry(self.with_body(id, fields)) for id, fields in self.stream()
                if fields[b"k"] == str(key.id).encode()]

    def stream(self):
        """All requests, each with its entry's id and its fields spelled out."""
        return [(id, fields) for id, entry in self.redis.xrange("vedette:events") for fields in requests_of(entry)]

    def with_body(self, id, fields):
        if b"z" in fields:
            pieces = self.redis.hgetall(f"vedette:body:{id.decode()}")
            fields[b"d"] = b"".join(pieces[b"%d" % n] for n in range(len(pieces)))
            assert len(fields[b"d"]) == int(fields[b"z"])
        return fields

    def entry(self, key):
        entries = self.entries(key)
        assert len(entries) == 1, f"{len(entries)} entries in the stream"
        return entries[0]

    def outcomes(self, key):
        """{(outcome, category, reason): quantity} of what the edge has counted."""
        found = {}
        for field, count in self.redis.hgetall("vedette:outcomes").items():
            _, org, project, id, outcome, category, reason = field.decode().split(":", 6)
            if int(id) == key.id:
                assert (int(org), int(project)) == (key.org, key.project)
                found[outcome, category, reason] = found.get((outcome, category, reason), 0) + int(count)
        return found

    def wait_for_outcomes(self, key, expected):
        self.wait_for(lambda: self.outcomes(key) == expected or None, what=f"{expected}",
                      told=lambda: self.outcomes(key))

    def status(self):
        return self.get("/status").json()

    def log(self):
        return (self.folder / "log" / "nginx.log").read_text(errors="replace")

    def access_log(self):
        return (self.folder / "log" / "access.log").read_text()

    def wait_for(self, condition, timeout=120, what=None, told=None):
        deadline = time.monotonic() + timeout
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {timeout} s for {what or condition}; "
                                     f"now {told() if told else result}\n{self.nginx.log_tail(10)}")
            time.sleep(0.01)

    # ---- the end

    def expect_log(self, pattern):
        self.expected.append(re.compile(pattern))

    def close(self):
        trouble = []
        for part in (self.nginx, self.redis_part):
            try:
                part.stop()
            except RuntimeError as error:
                trouble.append(str(error))
            part.kill()
        self.session.close()
        self.redis.close()
        trouble += [line for line in self.log().splitlines()
                    if BAD_LOG.search(line) and not any(p.search(line) for p in self.expected)]
        if trouble:
            pytest.fail("at the end of the edge:\n" + "\n".join(trouble), pytrace=False)


def pack(*items, header=None):
    """An envelope; items are pairs of header and payload (bytes, or JSON)."""
    lines = [json.dumps(header or {}).encode()]
    for item_header, payload in items:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        lines += [json.dumps({"length": len(body), **item_header}).encode(), body]
    return b"\n".join(lines) + b"\n"


def event(**fields):
    return {"type": "event"}, {"message": "hi", "event_id": uuid.uuid4().hex, **fields}
