"""Mirror mode: another server gets a copy of what was accepted, and nobody waits for it."""

import concurrent.futures
import gzip
import http.server
import json
import os
import secrets
import socket
import statistics
import threading
import time
import zlib

import pytest

from edge.server import event, pack
from edge.test_process import check
from harness.stack import free_port

THEIRS = "f" * 32


class Target:
    """A server that records what it gets and answers as it is told."""

    def __init__(self, port=None, answer=200, keep=True, chunked=False):
        target = self
        self.got, self.answer, self.connections = [], answer, 0
        self.gate = threading.Event()
        self.gate.set()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                target.connections += 1

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                target.gate.wait(120)
                target.got.append((self.path, dict(self.headers), body))
                text = b'{"id":"' + b"0" * 32 + b'"}'
                self.send_response(target.answer)
                if chunked:
                    self.send_header("Transfer-Encoding", "chunked")
                    text = b"%x\r\n%s\r\n0\r\n\r\n" % (len(text), text)
                else:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                # without a word of warning
                self.close_connection = not keep

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # nginx may go while we write

        self.server = Server(("127.0.0.1", port or 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def new_target():
    made = []

    def make(**options):
        made.append(Target(**options))
        return made[-1]

    yield make
    for target in made:
        target.close()


@pytest.fixture
def mirrored(new_edge):
    """An edge with a mirror at this port, and a key with a DSN there."""
    def make(port, options="", server="", address=None, workers=1, **more):
        public = secrets.token_hex(16)
        edge = new_edge(workers=workers, server=server, http=more.pop("http", "") + f"""
            vedette_mirror {address or f"http://127.0.0.1:{port}"} {options};
            vedette_mirror_dsn {public} https://{THEIRS}:secret@sentry.example:9000/sub/77;""", **more)
        return edge, edge.key(public=public, limits=more.get("limits", ()))
    return make


def ends(edge):
    return {name: count for name, count in edge.status()["mirror"].items() if count}


def wait_for_copies(edge, target, number):
    edge.wait_for(lambda: len(target.got) >= number and edge.status()["mirror"]["sent"] >= number, what=f"{number} copies",
                  told=lambda: (len(target.got), ends(edge)))
    return target.got


def test_byte_for_byte(mirrored, new_target):
    target = new_target()
    edge, key = mirrored(target.port)
    plain = pack(event(message="héllo"), ({"type": "attachment", "filename": "a"}, os.urandom(3000)))
    sent = [
        ("/envelope/", plain, {}),
        ("/envelope/", gzip.compress(plain), {"Content_Encoding": "gzip"}),
        ("/envelope/", zlib.compress(plain), {"Content_Encoding": "deflate", "Content_Type": "application/x-sentry-envelope"}),
        ("/store/", b'{"message":"hi"}', {"Content_Type": "application/json"}),
        ("/security/", b'{"csp-report":{}}', {"Content_Type": "application/csp-report", "Origin": "https://a.example"}),
        ("/cron/nightly/", b'{"status":"ok"}', {"Content_Type": "application/json"}),
    ]
    for path, body, headers in sent:
        answer = edge.post(f"/api/42{path}?sentry_key={key.public}&sentry_release=r1", body, User_Agent="sdk/1", **headers)
        assert answer.status_code in (200, 202), answer.text
    got = wait_for_copies(edge, target, len(sent))
    by_body = {body: (path, headers) for path, headers, body in got}
    for path, body, headers in sent:
        there, theirs = by_body[body]
        assert there == f"/sub/api/77{path}?sentry_release=r1"
        assert theirs["Host"] == "sentry.example:9000"
        assert theirs["X-Sentry-Auth"] == f"Sentry sentry_version=7, sentry_key={THEIRS}"
        assert (theirs["User-Agent"], theirs["X-Forwarded-For"]) == ("sdk/1", "127.0.0.1")
        for name, value in headers.items():
            assert theirs[name.replace("_", "-")] == value
    assert not any(key.public in str(copy) for copy in got)
    assert ends(edge) == {"sent": len(sent)}
    assert target.connections <= 4  # and each is kept


def test_a_pixel_and_an_unreal_crash(mirrored, new_target):
    """Where the key or the event stands in the address."""
    target = new_target()
    edge, key = mirrored(target.port)
    edge.get(f"/api/42/store/?sentry_key={key.public}&sentry_version=7&sentry_data=%7B%22message%22:%22hi%22%7D")
    edge.post(f"/api/42/unreal/{key.public}/?UserID=a", b"CR1 crash")
    got = sorted(wait_for_copies(edge, target, 2))
    assert [path for path, _, _ in got] == ["/sub/api/77/store/", f"/sub/api/77/unreal/{THEIRS}/?UserID=a"]
    assert [body for _, _, body in got] == [b'{"message":"hi"}', b"CR1 crash"]


@pytest.mark.parametrize("header", [
    '{{"dsn":"https://{key}@old.example/42"}}',
    '{{ "event_id": null, "sdk":{{"dsn":"dsn","a":["dsn",{{}}]}} , "dsn" : "https:\\/\\/{key}@old.example\\/42" }}',
    '{{"sdk":{{"name":"\\"dsn\\":\\"x"}},"dsn":"http://{key}:pw@h:1/p/42","trace":{{}}}}',
])
@pytest.mark.parametrize("pack_it", [bytes, gzip.compress])
def test_the_dsn_in_an_envelope_is_the_others(mirrored, new_target, header, pack_it):
    target = new_target()
    edge, key = mirrored(target.port)
    rest = b'\n{"type":"event"}\n{"message":"dsn"}\n'
    coding = {"Content_Encoding": "gzip"} if pack_it is gzip.compress else {}
    answer = edge.post(f"/api/42/envelope/?sentry_key={key.public}", pack_it(header.format(key=key.public).encode() + rest), **coding)
    assert answer.status_code == 200, answer.text
    [(path, headers, body)] = wait_for_copies(edge, target, 1)
    first, _, theirs = body.partition(b"\n")
    assert b"\n" + theirs == rest and "Content-Encoding" not in headers
    expected = json.loads(header.format(key=key.public))
    assert json.loads(first) == {**expected, "dsn": f"https://{THEIRS}:secret@sentry.example:9000/sub/77"}


@pytest.mark.parametrize("pack_it", [bytes, gzip.compress])
def test_what_a_limit_dropped_is_not_copied(mirrored, new_target, pack_it):
    target = new_target()
    edge, key = mirrored(target.port)
    edge.write_key(key, limits=["t key 60 0 transaction;session q"])
    session = ({"type": "session"}, {"sid": "x"})
    attachment = ({"type": "attachment", "filename": "a"}, b"\n{}\n" * 50)
    empty = ({"type": "attachment", "filename": "e"}, b"")
    headers = {"Content_Encoding": "gzip"} if pack_it is gzip.compress else {}
    for items, left in [([session, event(), attachment], 2), ([event(), session, empty], 2), ([event(), empty, session], 2),
                        ([({"type": "unheard"}, b"z"), session, session, event(), session], 2)]:
        del target.got[:]
        before = edge.status()["mirror"]["sent"]
        kept = [item for item in items if item is not session]
        edge.wait_for(lambda: edge.envelope(key, pack_it(pack(*items)), **headers).headers.get("X-Sentry-Rate-Limits"))
        edge.wait_for(lambda: edge.status()["mirror"]["sent"] > before)
        assert len(kept) == left and target.got[-1][2] == pack(*kept)
    edge.wait_for(lambda: edge.envelope(key, session).status_code == 429)
    assert ends(edge).keys() == {"sent"}


def test_a_body_in_a_file(mirrored, new_target):
    """Larger than nginx keeps in memory, and than the other side takes at once."""
    target = new_target()
    edge, key = mirrored(target.port, "timeout=60s")
    body = pack(event(), ({"type": "attachment", "filename": "a"}, os.urandom(8_000_000)))
    target.gate.clear()
    assert edge.envelope(key, body, prefix="/prefix").status_code == 200
    target.gate.set()
    [(_, _, theirs)] = wait_for_copies(edge, target, 1)
    assert theirs == body


def test_only_what_was_accepted_and_has_a_dsn(mirrored, new_target):
    target = new_target()
    edge, key = mirrored(target.port)
    other, off = edge.key(), edge.key(state="off")
    edge.write_key(key, limits=["none key 60 0 transaction q"])
    edge.wait_for(lambda: edge.envelope(key, ({"type": "transaction"}, {})).status_code == 429)
    assert edge.envelope(key, b"x").status_code == 400
    assert edge.post_anew(off) == 403
    assert edge.post_anew(other) == 200
    assert edge.envelope(key, event()).status_code == 200
    wait_for_copies(edge, target, 1)
    assert ends(edge) == {"sent": 1, "unmapped": 1}
    assert len(target.got) == 1


def post_quickly(edge, key, number):
    """What so many answers took in the middle, in seconds: a busy machine holds up one or another."""
    took = []
    for _ in range(number):
        began = time.monotonic()
        assert edge.envelope(key, event(message="x" * 2000)).status_code == 200
        took.append(time.monotonic() - began)
    return statistics.median(took)


def test_a_hanging_server_slows_nobody(mirrored, new_target):
    """What does not fit is dropped; what it had is given up after a while; each is counted."""
    target = new_target()
    target.gate.clear()
    edge, key = mirrored(target.port, "buffer=64k timeout=2s connections=2")
    assert post_quickly(edge, key, 100) < 1, "half of what the copy may take"
    ends = edge.status()["mirror"]
    assert ends["dropped"] > 0 and ends["dropped"] + ends["failed"] >= 60
    edge.wait_for(lambda: edge.status()["mirror"]["failed"] >= 2)
    target.gate.set()
    edge.wait_for(lambda: sum(edge.status()["mirror"].values()) == 100, timeout=90)
    assert "does not answer in time" in edge.log()
    assert edge.status()["outcomes"] == {"accepted": 100}


def test_a_server_that_is_not_there_yet(mirrored, new_target):
    """Copies wait for it, as long as there is room."""
    port = free_port()
    edge, key = mirrored(port)
    assert post_quickly(edge, key, 20) < 1
    assert ends(edge) == {}
    edge.wait_for(lambda: "cannot be connected to" in edge.log())
    target = new_target(port=port)
    wait_for_copies(edge, target, 20)
    assert ends(edge) == {"sent": 20}


def test_a_server_that_accepts_and_says_nothing_at_all(mirrored):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        edge, key = mirrored(listening.getsockname()[1], "timeout=2s")
        assert post_quickly(edge, key, 10) < 1
        edge.wait_for(lambda: edge.status()["mirror"]["failed"] >= 4)


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_server_that_refuses(mirrored, new_target, status):
    target = new_target(answer=status)
    edge, key = mirrored(target.port)
    assert post_quickly(edge, key, 5) < 1
    edge.wait_for(lambda: ends(edge) == {"refused": 5})
    assert edge.log().count(f"refuses a copy with status {status}") == 1  # in a minute


@pytest.mark.parametrize("options", [{"keep": False}, {"chunked": True}])
def test_connections_that_end(mirrored, new_target, options):
    target = new_target(**options)
    edge, key = mirrored(target.port)
    for _ in range(10):
        assert edge.envelope(key, event()).status_code == 200
    wait_for_copies(edge, target, 10)
    assert ends(edge) == {"sent": 10} and len(target.got) == 10


def test_nonsense_instead_of_an_answer(mirrored):
    """It is refused, or the connection broke; nothing worse."""
    answers = [b"", b"\0" * 9000, b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", b"HTTP/1.1\r\n\r\n", b"x\r\n\r\n",
               b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", b"HTTP/1.1 200 OK\r\n:\r\n\r\n" + b"y" * 20000,
               b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n12"]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        edge, key = mirrored(listening.getsockname()[1], "connections=1")

        def serve():
            for text in answers:
                peer, _ = listening.accept()
                with peer:
                    peer.recv(65536)
                    peer.sendall(text)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        for n, _ in enumerate(answers):
            assert edge.envelope(key, event()).status_code == 200
            edge.wait_for(lambda: sum(edge.status()["mirror"].values()) == n + 1, told=lambda: ends(edge))
        thread.join(60)
    assert edge.status()["outcomes"] == {"accepted": len(answers)}


def test_reload_and_stop_lose_no_copy(mirrored, new_target):
    target = new_target()
    edge, key = mirrored(target.port, "timeout=60s", workers=2)
    sent = 0
    for _ in range(3):
        target.gate.clear()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            assert set(pool.map(lambda _: edge.post_anew(key), range(20))) == {200}
        sent += 20
        edge.reload()
        target.gate.set()
    wait_for_copies(edge, target, sent)
    edge.post_anew(key)
    edge.nginx.stop()
    assert len(target.got) == sent + 1


def test_a_server_in_trouble_does_not_hold_the_worker(mirrored, new_target):
    target = new_target()
    target.gate.clear()
    edge, key = mirrored(target.port, "timeout=2s")
    assert post_quickly(edge, key, 20) < 1
    began = time.monotonic()
    edge.nginx.stop()
    assert time.monotonic() - began < 60


def test_from_one_vedette_to_another_over_tls(mirrored, new_edge):
    """nginx itself is the client of TLS: a server{} of its own on a Unix socket."""
    import subprocess
    other = new_edge(start=False)
    pem = other.folder / "tls.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", pem, "-out", str(pem) + ".crt", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    os.chmod(pem, 0o644)
    tls = free_port()
    other.write_conf(server=f"listen 127.0.0.1:{tls} ssl; ssl_certificate {pem}.crt; ssl_certificate_key {pem};")
    other.start()
    theirs = other.key(project=77, public=THEIRS)
    edge, key = mirrored(0, address="unix:{folder}/run/mirror.sock", http=f"""
        server {{{{
            listen unix:{{folder}}/run/mirror.sock;
            location / {{{{
                proxy_pass https://127.0.0.1:{tls};
                proxy_ssl_server_name on; proxy_ssl_name localhost;
                proxy_ssl_verify on; proxy_ssl_trusted_certificate {pem}.crt;
                proxy_http_version 1.1;
            }}}}
        }}}}""")
    item = event()
    assert edge.envelope(key, item).status_code == 200
    edge.wait_for(lambda: other.entries(theirs))
    assert other.entry(theirs)["d"] == edge.entry(key)["d"]
    edge.wait_for(lambda: ends(edge) == {"sent": 1})


@pytest.mark.parametrize("line, says", [
    ("vedette_mirror https://sentry.example;", "speaks plain http"),
    ("vedette_mirror http://nowhere.invalid;", "host not found"),
    ("vedette_mirror http://127.0.0.1:99999;", "invalid port"),
    ("vedette_mirror http://127.0.0.1/path;", "invalid host"),
    ("vedette_mirror http://127.0.0.1 connections=0;", "invalid parameter"),
    ("vedette_mirror http://127.0.0.1 buffer=1k;", "invalid parameter"),
    ("vedette_mirror http://127.0.0.1 timeout=0;", "invalid parameter"),
    ("vedette_mirror http://127.0.0.1 speed=1;", "invalid parameter"),
    ("vedette_mirror http://127.0.0.1; vedette_mirror off;", "is duplicate"),
    ("vedette_mirror_dsn short https://a@b/1;", "needs a public key"),
    ("vedette_mirror_dsn {key} https://b/1;", "needs a DSN"),
    ("vedette_mirror_dsn {key} https://a@b;", "needs a DSN"),
    ("vedette_mirror_dsn {key} https://a@b/;", "needs a DSN"),
    ("vedette_mirror_dsn {key} ftp://a@b/1;", "needs a DSN"),
    ("vedette_mirror_dsn {key} https://a@b/1; vedette_mirror_dsn {key} https://c@d/2;", "twice"),
])
def test_nginx_t_explains(edge, line, says):
    code, said = check(edge, "vedette_redis", line.format(key="a" * 32) + "\nvedette_redis")
    assert code != 0 and says in said, said


def test_two_locations_one_server(edge):
    place = "location = /status"
    code, said = check(edge, place, """location /a/ { vedette on; vedette_mirror http://127.0.0.1:1; }
        location /b/ { vedette on; vedette_mirror http://127.0.0.1:1 timeout=1s; } """ + place)
    assert code != 0 and "given twice" in said
