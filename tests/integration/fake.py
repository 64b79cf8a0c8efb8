"""A strict server of somebody else's: it knows each request by heart.

    fake = Fake()
    fake.expect("POST", "/hook", schema="slack", answer=(200, "ok"), headers={"Content-Type": "application/json"})

A request that fits no line, or whose headers, authentication or body are not as the vendor's documentation
says, is answered 400 and kept in fake.faults; a test ends by looking that there are none.  describe("github") adds
the vendor's own description to the lines that follow: it judges requests and what is answered (vendor.py).  misbehave(...)
makes the next answers bad ones: a status with headers, "hang", "endless", "redirect", "garbage", "drop".
"""

import json
import re
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jsonschema

from integration import vendor

SCHEMAS = Path(__file__).parent / "schemas"


def schema(name):
    return json.loads((SCHEMAS / f"{name}.json").read_text())


def check(value, what):
    """Validates against a schema, or one of a file by its name, and then also against the vendor's that it names."""
    rules = schema(what) if isinstance(what, str) else what
    validate(value, rules, what)
    for part, name in rules.get("x-vendor", {}).items():
        theirs = vendor.schema(name)
        if theirs is not None:
            for step in part.split("/")[1:]:
                value = value[int(step) if step.isdigit() else step]
            validate(value, theirs, f"{what}, by the vendor's schema")


def validate(value, rules, what):
    try:
        jsonschema.validate(value, rules, format_checker=jsonschema.FormatChecker())
    except jsonschema.ValidationError as error:
        raise AssertionError(f"{what}: {error.message[:500]} at {list(error.absolute_path)}") from error


class Seen:
    """One request that was as it should be."""

    def __init__(self, method, path, query, headers, body):
        self.method, self.path, self.query, self.headers, self.body = method, path, query, headers, body
        self.groups = ()  # of the path's pattern

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def form(self):
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


class Fake:
    def __init__(self, certificate=None, address="127.0.0.1", port=0):
        self.lines, self.seen, self.faults, self.bad, self.hung = [], [], [], [], []
        self.described = None, ""
        self.stop_hanging = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                outer.handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((address, port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://{address}:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self):
        self.stop_hanging.set()
        self.server.shutdown()
        self.server.server_close()

    def forget(self):
        self.lines, self.seen, self.faults, self.bad, self.hung = [], [], [], [], []

    # ---- what it knows

    def describe(self, name, prefix=""):
        """What is expected from here on is also judged by a description of vendor.py; prefix: before its paths."""
        self.described = vendor.description(name) if name else None, prefix
        return self

    def expect(self, method, path, answer=(200, {}), body=None, headers=None, query=None):
        """path: a regular expression of the whole; body: a schema's name, a function, or None for an empty one;
        headers: what each must match; answer: (status, object or text[, headers]) or a function of Seen."""
        if isinstance(body, str):
            for name in schema(body).get("x-vendor", {}).values():
                vendor.schema(name)  # made now: it takes seconds, and who has sent a request waits for some only
        self.lines.append((method, re.compile(path), answer, body, headers or {}, query, self.described))
        return self

    def misbehave(self, *answers):
        self.bad.extend(answers)
        return self

    def requests(self, path):
        return [seen for seen in self.seen if re.fullmatch(path, seen.path)]

    # ---- answering

    def handle(self, http):
        parts = urlsplit(http.path)
        length = int(http.headers.get("Content-Length") or 0)
        seen = Seen(http.command, parts.path, {n: v[0] for n, v in parse_qs(parts.query).items()},
                    dict(http.headers), http.rfile.read(length))
        if self.bad:
            return self.answer_badly(http, self.bad.pop(0), seen)
        try:
            answer, (description, prefix) = self.judge(seen)
            self.seen.append(seen)
            status, body, *headers = answer(seen) if callable(answer) else answer
            if description is not None:
                body = description.complete(seen.method, seen.path.removeprefix(prefix), status, body)
        except AssertionError as error:
            self.faults.append(f"{seen.method} {http.path}: {error}")
            return self.send(http, 400, {"fault": str(error)})
        return self.send(http, status, body, headers[0] if headers else None)

    def judge(self, seen):
        for method, path, answer, body, headers, query, described in self.lines:
            if method != seen.method or not path.fullmatch(seen.path):
                continue
            if query is not None and not query.items() <= seen.query.items():
                continue
            seen.groups = path.fullmatch(seen.path).groups()
            for name, pattern in headers.items():
                value = seen.headers.get(name, "")
                assert re.fullmatch(pattern, value), f"{name} is {value!r}, not {pattern}"
            assert seen.headers.get("User-Agent", "").startswith("Vedette/")
            self.judge_body(seen, body)
            if described[0] is not None:
                described[0].judge(seen, seen.path.removeprefix(described[1]))
            return answer, described
        raise AssertionError("no such request is known here")

    def judge_body(self, seen, body):
        if body is None:
            assert seen.body == b"", f"a body where none belongs: {seen.body[:200]}"
        elif callable(body):
            body(seen)
        else:
            assert seen.headers.get("Content-Type", "").startswith("application/json"), "no JSON by its type"
            check(json.loads(seen.body), body)

    @staticmethod
    def send(http, status, body, headers=None):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else b""
        http.send_response(status)
        http.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
        for name, value in (headers or {}).items():
            http.send_header(name, value)
        if status != 204:
            http.send_header("Content-Length", str(len(data)))
        http.end_headers()
        if status != 204:
            http.wfile.write(data)

    def answer_badly(self, http, how, seen):
        if isinstance(how, tuple):
            return self.send(http, *how)
        http.close_connection = True
        if how == "hang":
            self.hung.append(seen)
            self.stop_hanging.wait(60)
        elif how == "redirect":
            self.send(http, 302, "", {"Location": "http://169.254.169.254/latest/meta-data/"})
        elif how == "garbage":
            http.wfile.write(b"\x16\x03\x01 what is this\r\n\r\n")
        elif how == "endless":
            http.send_response(200)
            http.send_header("Content-Type", "application/json")
            http.end_headers()
            try:
                for _ in range(100_000):
                    http.wfile.write(b"x" * 65536)
            except OSError:
                pass
        elif how == "close":  # it was read, and nobody knows what became of it
            http.connection.shutdown(socket.SHUT_RDWR)
        elif how == "drop":
            http.connection.close()
        return None
