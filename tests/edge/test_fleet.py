"""At home in an existing nginx: other servers, proxies and protocols around it; upgrades; silence about secrets."""

import base64
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
import zlib
from urllib.parse import quote

import pytest
import requests

from edge.server import event, pack
from edge.test_endpoints import DUMP, form
from harness.stack import free_port


def curl(*words, body=b""):
    done = subprocess.run(["curl", "-sS", "--data-binary", "@-", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", *map(str, words)],
                          input=body, capture_output=True, timeout=60)
    return done.stdout.decode() or done.stderr.decode()


# ---- what stands around it

def test_several_servers(new_edge):
    """One zone and one pool of connections for all of them; each with limits of its own."""
    port = free_port()
    edge = new_edge(http=f"""server {{{{
        listen 127.0.0.1:{port};
        server_name errors.example.org;
        vedette_max_event 1k;
        location / {{{{ vedette on; }}}}
        location /plain/ {{{{ return 204; }}}}
    }}}}""")
    key = edge.key()
    url = f"http://127.0.0.1:{port}/api/42/store/?sentry_key={key.public}"
    assert edge.store(key).status_code == 200
    assert requests.post(url, data=b"{}", timeout=60).status_code == 200
    assert requests.post(url, data=b'{"a":"' + b"x" * 2000 + b'"}', timeout=60).status_code == 413
    assert edge.store(key, {"a": "x" * 2000}).status_code == 200
    assert requests.get(f"http://127.0.0.1:{port}/plain/", timeout=60).status_code == 204
    assert len(edge.status()["redis"]) == 1


def test_a_prefix_that_another_location_has_rewritten(new_edge):
    edge = new_edge(server="""
        location /errors/ {{ rewrite ^/errors(/.*)$ /deep/er$1 last; }}
        location ~ ^/deep/er/api/(?!0/) {{ vedette on; }}
        location = /api/7/store/ {{ error_page 418 = @events; return 418; }}
        location @events {{ vedette on; }}""")
    key = edge.key()
    assert edge.envelope(key, event(), prefix="/errors").status_code == 200
    assert edge.store(edge.key(project=7)).status_code == 200
    assert edge.get("/deep/er/api/0/projects/").status_code == 404


def ipv6():
    """A port of ours, if there is IPv6."""
    try:
        with socket.create_server(("::1", port := free_port()), family=socket.AF_INET6):
            return port
    except OSError:
        return None


def test_ipv6(new_edge):
    port = ipv6()
    if port is None:
        pytest.skip("no IPv6 here")
    edge = new_edge(server=f"listen [::1]:{port};")
    key = edge.key()
    answer = requests.post(f"http://[::1]:{port}/api/42/store/?sentry_key={key.public}", data=b"{}", timeout=60)
    assert answer.status_code == 200 and edge.entry(key)["a"] == "::1"


@pytest.fixture(scope="module")
def certificate(scratch):
    pem = scratch / "fleet.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", pem,
                    "-out", f"{pem}.crt", "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
    os.chmod(pem, 0o644)
    return pem


@pytest.mark.parametrize("version", ["1.1", "2"])
def test_tls(new_edge, certificate, version):
    port = free_port()
    edge = new_edge(server=f"""listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {certificate}.crt; ssl_certificate_key {certificate};""")
    key = edge.key()
    body = pack(event(), ({"type": "attachment", "filename": "a"}, os.urandom(300_000)))
    said = curl("--insecure", f"--http{version}", f"https://127.0.0.1:{port}/api/42/envelope/?sentry_key={key.public}", body=body)
    assert said == f"{version} 200"
    assert edge.entry(key)["d"] == body
    said = curl("--insecure", f"--http{version}", f"https://127.0.0.1:{port}/api/42/envelope/", body=body)
    assert said == f"{version} 401"


def test_the_address_behind_a_proxy(new_edge):
    """real_ip is nginx's; the event gets what it says."""
    edge = new_edge(server="set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; real_ip_recursive on;")
    key = edge.key()
    edge.store(key, X_Forwarded_For="203.0.113.9, 127.0.0.1")
    assert edge.entry(key)["a"] == "203.0.113.9"


def test_limits_of_one_address_are_nginx_own(new_edge):
    """limit_req stands before the module; a browser can read its answer, too."""
    edge = new_edge(http="limit_req_zone $binary_remote_addr zone=address:1m rate=1r/m;",
                    server="location /one/ {{ limit_req zone=address burst=1 nodelay; limit_req_status 429; vedette on; }}")
    key = edge.key()
    answers = [edge.envelope(key, event(), prefix="/one", Origin="http://a.b") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Access-Control-Allow-Origin"] == "*"
    assert len(edge.entries(key)) == 2
    assert edge.envelope(key, event()).status_code == 200, "elsewhere it does not hold"


def test_a_header_from_anybody_is_not_believed(edge, key):
    edge.store(key, X_Forwarded_For="203.0.113.9", Forwarded="for=203.0.113.9", X_Real_IP="203.0.113.9")
    assert edge.entry(key)["a"] == "127.0.0.1"


@pytest.mark.parametrize("buffering", ["on", "off"])
def test_behind_another_nginx(new_edge, buffering):
    """Over kept connections, chunked or not, and with a client that goes away in the middle."""
    front = free_port()
    edge = new_edge(http=f"""
        upstream vedette {{{{ server 127.0.0.1:{{port}}; keepalive 4; }}}}
        server {{{{
            listen 127.0.0.1:{front};
            client_max_body_size 30m;
            location / {{{{
                proxy_pass http://vedette;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_set_header X-Forwarded-For $remote_addr;
                proxy_request_buffering {buffering};
            }}}}
        }}}}""")
    key = edge.key()
    url = f"http://127.0.0.1:{front}/api/42/envelope/?sentry_key={key.public}"
    bodies = [pack(event(), ({"type": "attachment", "filename": "a"}, os.urandom(size))) for size in (10, 100_000, 2_000_000)]
    for body in bodies:
        assert requests.post(url, data=body, timeout=60).status_code == 200
        assert requests.post(url, data=iter([body[:5], body[5:]]), timeout=60).status_code == 200
        with socket.create_connection(("127.0.0.1", front), timeout=60) as gone:
            gone.sendall(f"POST {url[url.index('/api'):]} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:-3])
    assert [entry["z"] if entry.get("z") else len(entry["d"]) for entry in edge.entries(key)][-1]
    assert len(edge.entries(key)) == 2 * len(bodies)
    assert requests.post(url, data=bodies[0], timeout=60).status_code == 200


# ---- upgrades and deaths

class Load:
    """Clients that send until they are told to stop; what was answered with what."""

    def __init__(self, edge, key, clients=4):
        self.edge, self.key = edge, key
        self.done = threading.Event()
        self.answers, self.broken = [], 0
        self.threads = [threading.Thread(target=self.send, daemon=True) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def send(self):
        while not self.done.is_set():
            item = event()
            try:
                answer = requests.post(f"{self.edge.url}/api/42/envelope/?sentry_key={self.key.public}", pack(item), timeout=60)
                self.answers.append((answer.status_code, item[1]["event_id"]))
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                self.broken += 1

    def stop(self):
        self.done.set()
        for thread in self.threads:
            thread.join(120)
        return {id for status, id in self.answers if status == 200}, {status for status, _ in self.answers}


def master_of(pid):
    """Who stands in the file; while nginx hands over there may be none."""
    try:
        return int(pid.read_text() or 0)
    except FileNotFoundError:
        return 0


@pytest.fixture
def daemon(new_edge):
    """An edge whose nginx is a daemon, for it obeys USR2 as such only."""
    # what a sanitized module needs, and a new binary does not inherit by itself
    edge = new_edge(start=False, http="vedette_spool {folder}/spool min_free=0%;",
                    main="env LD_PRELOAD; env ASAN_OPTIONS; env LSAN_OPTIONS; env UBSAN_OPTIONS;")
    conf = edge.folder / "nginx.conf"
    conf.write_text(conf.read_text().replace("daemon off;", "daemon on;"))
    owner = {} if edge.build.user is None else {"user": edge.build.user, "group": edge.build.group, "extra_groups": []}
    edge.redis_part.start()
    subprocess.run(edge.nginx.command, env=edge.build.environment("nginx"), check=True, timeout=60, **owner)
    pid = edge.folder / "nginx.pid"
    masters = {edge.wait_for(lambda: master_of(pid))}
    edge.wait_for(lambda: edge.get("/api/relay/healthcheck/ready/").status_code == 200)
    try:
        yield edge, pid, masters
    finally:
        masters.add(master_of(pid))
        masters.discard(0)
        for master in masters:
            if os.path.exists(f"/proc/{master}"):
                os.kill(master, signal.SIGTERM)
        edge.wait_for(lambda: not any(os.path.exists(f"/proc/{master}") for master in masters))


def test_binary_upgrade_under_load(daemon):
    """USR2 and QUIT: the old one finishes, the new one knows its keys from the file or asks."""
    edge, pid, masters = daemon
    [old] = masters
    key = edge.key()
    edge.post_anew(key)
    load = Load(edge, key)
    edge.wait_for(lambda: len(load.answers) > 20)
    os.kill(old, signal.SIGUSR2)
    masters.add(edge.wait_for(lambda: (new := master_of(pid)) != old and new))
    os.kill(old, signal.SIGQUIT)
    edge.wait_for(lambda: not os.path.exists(f"/proc/{old}"))
    so_far = len(load.answers)
    edge.wait_for(lambda: len(load.answers) > so_far + 20)
    accepted, statuses = load.stop()
    assert statuses == {200} and load.broken == 0
    assert accepted <= {entry["i"] for entry in edge.entries(key)}
    assert edge.status()["zone"]["keys"] == 1


def test_killed_workers_lose_nothing_that_was_accepted(new_edge):
    """Who had no answer yet sees a broken connection: that is the reason it is told."""
    edge = new_edge()
    edge.expect_log("exited on signal 9")
    key = edge.key()
    edge.post_anew(key)
    load = Load(edge, key)
    for _ in range(3):
        so_far = len(load.answers)
        edge.wait_for(lambda: len(load.answers) > so_far + 20)
        old = edge.nginx.children()
        os.kill(old[0], signal.SIGKILL)
        edge.wait_for(lambda: len(set(edge.nginx.children()) - set(old)) == 1)
    accepted, statuses = load.stop()
    assert statuses == {200}
    assert accepted <= {entry["i"] for entry in edge.entries(key)}
    # and the shared memory has come to no harm
    assert edge.status()["outcomes"]["accepted"] >= len(accepted) and edge.post_anew(key) == 200


def test_reload_counts_each_refusal_once(new_edge):
    edge = new_edge()
    key = edge.key(limits=["r0 key 60 0 error key_quota"])
    assert edge.post_anew(key) == 429
    load = Load(edge, key)
    for _ in range(3):
        edge.reload()
    load.stop()
    assert {status for status, _ in load.answers} == {429} and load.broken == 0
    edge.wait_for_outcomes(key, {("rate_limited", "error", "key_quota"): len(load.answers) + 1})


def test_a_client_that_stops_sending(new_edge):
    """Half a body, then nothing, or an end: no event, no harm, and the log says why."""
    edge = new_edge(http="client_body_timeout 2s;", workers=1)
    key = edge.key()
    edge.post_anew(key)
    body = pack(event())
    head = f"POST /api/42/envelope/?sentry_key={key.public} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    for end in (lambda s: s.recv(100), lambda s: None):
        with socket.create_connection(("127.0.0.1", edge.port), timeout=60) as s:
            s.sendall(head + body[:10])
            end(s)
    edge.wait_for(lambda: "prematurely closed" in edge.log() or "timed out" in edge.log())
    assert edge.post_anew(key) == 200 and len(edge.entries(key)) == 2
    assert key.public not in edge.log()


# ---- silence

WORD = "s3cret" + secrets.token_hex(6)


def test_no_log_holds_a_payload_or_a_credential(new_edge):
    """A run with everything that goes wrong; then all logs are searched for all secrets."""
    password, theirs = "pw" + secrets.token_hex(8), secrets.token_hex(16)
    public = secrets.token_hex(16)
    edge = new_edge(workers=1, redis=f"unix:{{socket}} password={password} timeout=200ms", redis_args=["--requirepass", password],
                    http=f"""vedette_spool {{folder}}/spool min_free=0%;
                    vedette_mirror http://127.0.0.1:{free_port()};
                    vedette_mirror_dsn {public} https://{theirs}:{WORD}@x.example/1;
                    client_body_timeout 200ms;""")
    edge.expect_log("no connection to redis|does not answer|keys.state|mirror|refuses")
    key = edge.key(public=public, limits=["q key 60 3 transaction q"])
    unknown = secrets.token_hex(16)

    def provoke():
        secret = f'{{"message":"{WORD}"}}'.encode()
        edge.envelope(key, event(message=WORD))
        edge.envelope(key, pack(event(message=WORD), header={"dsn": f"http://{key.public}:{WORD}@h/42"}))
        edge.envelope(key, pack(event(message=WORD))[:-9])
        edge.envelope(key, WORD.encode())
        edge.envelope(key, secret * 40000, prefix="/small")
        edge.envelope(key, pack(event(message=WORD)), Content_Encoding="gzip")
        edge.store(key, secret, prefix="/prefix")
        edge.store(key, secret[:-1])
        edge.store(key, b"=" + base64.b64encode(zlib.compress(secret)))
        edge.post(f"/api/42/store/?sentry_key={unknown}&sentry_secret={WORD}", secret)
        edge.post("/api/42/store/", secret, X_Sentry_Auth=f"Sentry sentry_key={key.public}, sentry_secret={WORD}")
        edge.post("/api/42/store/", secret, X_Sentry_Auth=f"Sentry sentry_key={key.public[:9]}, sentry_secret={WORD}")
        edge.post("/api/42/store/", secret, Authorization="Basic " + base64.b64encode(f"{key.public}:{WORD}".encode()).decode())
        edge.post(f"/api/42/unreal/{key.public}/?UserID={WORD}", b"")
        edge.post(f"/api/42/cron/{WORD}/{key.public}?status=nonsense", b"")
        edge.post(f"/api/42/minidump/?sentry_key={key.public}", form(("upload_file_minidump", WORD.encode(), WORD), ("sentry", secret)),
                  Content_Type="multipart/form-data; boundary=b0undary")
        edge.post(f"/api/42/minidump/?sentry_key={key.public}", form(("upload_file_minidump", DUMP, WORD)),
                  Content_Type="multipart/form-data; boundary=b0undary")
        edge.get(f"/api/42/store/?sentry_key={key.public}&sentry_data={quote(secret.decode())}")
        for cut in (None, 20):
            with socket.create_connection(("127.0.0.1", edge.port), timeout=60) as s:
                s.sendall(f"POST /small/api/42/store/?sentry_key={key.public} HTTP/1.1\r\nHost: x\r\nCookie: {WORD}\r\n"
                          f"Content-Length: {'999999999' if cut is None else 500}\r\n\r\n".encode() + secret[:cut])
                s.recv(1000)

    provoke()
    edge.redis_part.kill()
    edge.wait_for(lambda: "no connection to redis" in edge.log())
    provoke()
    edge.nginx.stop()
    edge.nginx.start()
    provoke()
    edge.wait_for(lambda: "mirror" in edge.log())
    edge.nginx.stop()

    logs = {path.name: path.read_text(errors="replace") for path in (edge.folder / "log").iterdir()}
    assert "too large body" in logs["nginx.log"] and "refused" in logs["nginx.log"]
    assert len(logs["access.log"].splitlines()) > 50
    del logs["access.log"]  # its form is the operator's: ours has the path alone
    for secret in (WORD, password, theirs, key.public, unknown):
        assert [name for name, text in logs.items() if secret in text] == [], secret
    # at a sane rate: what is wrong with Redis is said once, not for each request
    for cause in ("no connection to redis", "mirror"):
        assert logs["nginx.log"].count(cause) <= 4
