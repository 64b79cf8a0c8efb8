"""The module in nginx: reload, exit, directives, status, logs."""

import concurrent.futures
import os
import re
import signal
import subprocess
import threading
import time

import pytest

from edge.server import CONF, event, pack
from harness.build import ROOT


def test_reload_under_load(new_edge):
    """No request fails, and the old workers go."""
    edge = new_edge()
    key = edge.key()
    done = threading.Event()

    def send():
        codes = []
        while not done.is_set():
            codes.append(edge.post_anew(key))
        return codes

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(send) for _ in range(4)]
        for _ in range(5):
            old = edge.reload()
            edge.wait_for(lambda: not old & set(edge.nginx.children()), what="old workers gone")
        done.set()
        codes = [code for future in futures for code in future.result()]
    assert set(codes) == {200}
    assert len(codes) == len(edge.entries(key)) > 20


def test_idle_worker_leaves_at_once(new_edge):
    edge = new_edge()
    assert edge.envelope(edge.key(), event()).status_code == 200
    began = time.monotonic()
    edge.nginx.stop()
    assert time.monotonic() - began < 60, "what it has with Redis does not hold it"
    assert edge.nginx.process.returncode == 0


def test_request_in_flight_is_finished(new_edge):
    """The worker is told to leave while Redis thinks."""
    edge = new_edge(redis="unix:{socket} timeout=10s", workers=1)
    key = edge.key()
    edge.post_anew(key)
    os.kill(edge.redis_part.pid, signal.SIGSTOP)
    waiting = edge.send(key)
    edge.status()  # the only worker has read what came before
    edge.nginx.process.send_signal(signal.SIGQUIT)
    edge.wait_for(lambda: "gracefully shutting down" in edge.log())
    os.kill(edge.redis_part.pid, signal.SIGCONT)
    with waiting:
        assert waiting.recv(65536).startswith(b"HTTP/1.1 200 OK")
    edge.nginx.process.wait(60)


def test_fast_shutdown_with_requests_waiting(new_edge):
    """SIGTERM and the shutdown timeout take the request away under us."""
    edge = new_edge(redis="unix:{socket} timeout=20s", main="worker_shutdown_timeout 1s;", workers=1)
    key, unknown = edge.key(), edge.key()
    edge.post_anew(key)
    os.kill(edge.redis_part.pid, signal.SIGSTOP)
    waiting = [edge.send(k) for k in (key, unknown) * 3]
    edge.status()
    edge.nginx.process.send_signal(signal.SIGQUIT)
    edge.nginx.process.wait(60)
    os.kill(edge.redis_part.pid, signal.SIGCONT)
    for s in waiting:
        s.close()


def test_worker_is_killed(new_edge):
    edge = new_edge(workers=1)
    key = edge.key()
    assert edge.post_anew(key) == 200
    edge.expect_log("exited on signal 9")
    [worker] = edge.nginx.children()
    os.kill(worker, signal.SIGKILL)
    edge.wait_for(lambda: edge.nginx.children() not in ([], [worker]))
    assert edge.post_anew(key) == 200


def test_outcomes_are_sent_at_the_end(new_edge):
    edge = new_edge()
    key = edge.key(limits=["end key 60 0 error key_quota"])
    for _ in range(7):
        assert edge.post_anew(key) == 429
    edge.nginx.stop()
    assert edge.outcomes(key) == {("rate_limited", "error", "key_quota"): 7}


def test_outcomes_survive_an_outage(new_edge):
    edge = new_edge()
    key = edge.key(limits=["out key 60 0 error key_quota"])
    for _ in range(4):
        assert edge.post_anew(key) == 429
    edge.redis_part.kill()
    for _ in range(20):
        assert edge.post_anew(key) == 429
    edge.redis_part.start()
    edge.wait_for_outcomes(key, {("rate_limited", "error", "key_quota"): 24})


def test_sign_of_life(edge):
    workers = edge.nginx.children()
    names = edge.wait_for(lambda: len(found := edge.redis.keys("vedette:proc:edge:*")) == 2 and found)
    assert {int(name.rpartition(b":")[2]) for name in names} == set(workers)
    for name in names:
        record = edge.redis.hgetall(name)
        assert re.fullmatch(rb"\d+\.\d+\.\d+", record[b"version"])
        assert abs(int(record[b"started"]) - time.time()) < 600
        assert record[b"note"]
        assert 0 < edge.redis.ttl(name) <= 15


def test_sign_of_life_ends_with_the_worker(new_edge):
    edge = new_edge()
    edge.wait_for(lambda: edge.redis.keys("vedette:proc:edge:*"))
    edge.nginx.stop()
    assert edge.redis.keys("vedette:proc:edge:*") == []


def test_status(new_edge):
    edge = new_edge()
    key = edge.key(limits=["stat key 60 0 transaction q"])
    edge.envelope(key, event())
    edge.envelope(key, ({"type": "transaction"}, {}))
    edge.envelope(key, b"x")
    edge.post("/api/42/store/", b"{}")
    status = edge.status()
    assert status["requests"] == 4
    assert status["outcomes"] == {"accepted": 1, "rate_limited": 1, "invalid_envelope": 1, "auth_missing": 1}
    assert status["redis"][0]["state"] == "up"
    assert status["redis"][0]["connections"] >= 1
    assert status["zone"]["keys"] == 1
    assert edge.post("/status", b"").status_code == 405


def test_variables_for_the_access_log(edge, key):
    id = edge.envelope(key, event()).json()["id"]
    edge.envelope(key, b"x")
    edge.post("/api/43/envelope/", pack(event()))
    # nginx writes a line when the answer is out already
    for line in (f"200 /api/42/envelope/ 42 accepted {id}\n", "400 /api/42/envelope/ 42 invalid_envelope -\n",
                 "401 /api/43/envelope/ 43 auth_missing"):
        edge.wait_for(lambda: line in edge.access_log(), what=line)  # noqa: B023


def test_logs_hold_no_credential_and_no_payload(edge, key):
    edge.envelope(key, event(message="a-secret-word"))
    edge.envelope(key, b'{"a-secret-word":')
    edge.store(key, b"a-secret-word")
    edge.post("/api/42/store/?sentry_key=a-secret-word", b"{}", X_Sentry_Auth=f"Sentry sentry_key={key.public}")
    edge.wait_for(lambda: edge.log().count(" refused: ") >= 3)
    log = edge.log()
    assert "refused: invalid event envelope" in log
    assert 'request: "POST /api/42/envelope/"' in log
    assert "a-secret-word" not in log and key.public not in log


# ---- directives

def check(edge, old, new):
    """What nginx -t says to a configuration."""
    text = CONF.format(**edge.conf)
    assert old in text
    path = edge.folder / "other.conf"
    path.write_text(text.replace(old, new))
    done = subprocess.run([edge.build.tool("NGINX"), "-t", "-p", edge.folder, "-c", path], capture_output=True, text=True,
                          env=edge.build.environment("nginx"))
    return done.returncode, done.stderr


@pytest.mark.parametrize("args, says", [
    ("redis.example.org", "is a host name"),
    ("unix:/x connections=0", "invalid parameter"),
    ("unix:/x conections=4", "invalid parameter"),
    ("unix:/x timeout=0", "invalid parameter"),
    ("unix:/x timeout=never", "invalid parameter"),
    ("unix:/x db=a", "invalid parameter"),
    ("127.0.0.1:99999", "invalid port"),
    ("unix:/x; vedette_redis unix:/y", "is duplicate"),
    ("unix:/x unix:/y unix:/x", "named twice"),
    ("unix:/x unix:/y db=1 10.0.0.1", "invalid parameter number 4"),
    ("unix:/x s3cret", "invalid parameter number 2"),
])
def test_wrong_redis(edge, args, says):
    code, said = check(edge, edge.redis_line, f"vedette_redis {args};")
    assert code != 0 and says in said


@pytest.mark.parametrize("args", ["[::1]:6379", "10.0.0.1", "10.0.0.1 10.0.0.2:6380 unix:/a=b db=3", "unix:/x password=a db=15 connections=256 timeout=150ms"])
def test_right_redis(edge, args):
    code, said = check(edge, edge.redis_line, f"vedette_redis {args};")
    assert code == 0, said


def test_password_is_not_told_when_it_is_mistyped(edge):
    for words in ("pasword=s3cret", "s3cret", "password= s3cret"):
        code, said = check(edge, edge.redis_line, f"vedette_redis unix:/x {words};")
        assert code != 0 and "s3cret" not in said


def test_no_redis(edge):
    code, said = check(edge, edge.redis_line, "")
    assert code != 0 and 'needs a "vedette_redis"' in said


def test_same_redis_with_other_parameters(edge):
    code, said = check(edge, "location = /status", f"location /x/ {{ vedette on; vedette_redis unix:{edge.socket} timeout=9s; }} location = /status")
    assert code != 0 and "given twice" in said


@pytest.mark.parametrize("where, line, says", [
    ("http", "vedette_state /x; vedette_state /y;", "is duplicate"),
    ("http", "vedette_state;", "invalid number of arguments"),
    ("http", "vedette_state /x /y;", "invalid number of arguments"),
    ("server", "vedette_state /x;", "is not allowed here"),
    ("http", "vedette_status;", "is not allowed here"),
    ("server", "location /s { vedette_status xml; }", "it is json or prometheus"),
    ("server", "location /s { vedette_status json prometheus; }", "invalid number of arguments"),
    ("http", "vedette_live;", "is not allowed here"),
    ("server", "location /l { vedette_live 5; }", "it is max=NUMBER"),
    ("server", "location /l { vedette_live max=0; }", "invalid number of clients"),
    ("server", "location /l { vedette_live max=-1; }", "invalid number of clients"),
    ("server", "location /l { vedette_live; vedette_live; }", "is duplicate"),
    ("server", "location /l { vedette maybe; }", 'it must be "on" or "off"'),
    ("server", "location /l { vedette_durability disk; }", "invalid value"),
    ("server", "location /l { vedette on; vedette_durability spool; }", 'needs a "vedette_spool"'),
    ("server", "location /l { vedette on; vedette_max_envelope 513m; }", "at most 512m"),
    ("server", "location /l { vedette_max_event much; }", "invalid value"),
])
def test_nginx_t_explains(edge, where, line, says):
    place = "vedette_redis" if where == "http" else "location = /status"
    code, said = check(edge, place, f"{line}\n{place}")
    assert code != 0 and says in said


def test_the_readme_explains_every_directive():
    """Where it stands, its default, what it does, and one at work."""
    source = (ROOT / "ngx_module" / "ngx_http_vedette_module.c").read_text()
    table = source[source.index("ngx_http_vedette_commands[] = {"):source.index("ngx_null_command")]
    names = set(re.findall(r'ngx_string\("(vedette\w*)"\)', table))
    readme = (ROOT / "README.md").read_text()
    rows = {}
    for line in readme.splitlines():
        if line.startswith("| `vedette") and len(cells := line.strip("| ").split(" | ")) == 4:
            rows[re.match(r"`(\w+)", cells[0]).group(1)] = cells
    examples = "".join(re.findall(r"```nginx\n(.*?)```", readme, re.S))
    assert names == set(rows) and len(names) > 10
    for name, cells in rows.items():
        assert all(cell.strip() for cell in cells), name
        assert re.search(rf"\b{name} ", examples), f"no example of {name}"


@pytest.mark.parametrize("size", ["1k", "x", "-1"])
def test_wrong_zone(edge, size):
    code, said = check(edge, "vedette_redis", f"vedette_zone {size};\nvedette_redis")
    assert code != 0 and "zone size" in said


def test_off(new_edge):
    edge = new_edge(server="location /off/ {{ vedette off; return 204; }}")
    assert edge.get("/off/api/42/envelope/").status_code == 204
    assert "Access-Control-Allow-Origin" not in edge.get("/off/").headers


def test_over_a_unix_socket_and_http2(edge, key):
    """The client's address is not always an IP, its protocol not always 1.1."""
    import http.client
    import socket

    class Unix(http.client.HTTPConnection):
        def connect(self):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(str(edge.folder / "run" / "http.sock"))

    connection = Unix("localhost", timeout=60)
    connection.request("POST", f"/api/42/envelope/?sentry_key={key.public}", pack(event()))
    assert connection.getresponse().status == 200
    connection.close()
    assert edge.entry(key)["a"] == "unix:"


def test_http2(new_edge):
    import shutil
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    edge = new_edge(server="listen 127.0.0.1:{h2} http2;")
    key = edge.key()
    done = subprocess.run(["curl", "-s", "--http2-prior-knowledge", "--data-binary", "@-", "-w", " %{http_version} %{http_code}",
                           f"http://127.0.0.1:{edge.conf['h2']}/api/42/envelope/?sentry_key={key.public}"],
                          input=pack(event()), capture_output=True, timeout=60)
    assert done.stdout.decode().endswith(" 2 200")


def test_sigterm_with_requests_waiting(new_edge):
    """The worker leaves at once; who waits gets an answer or a closed connection."""
    edge = new_edge(redis="unix:{socket} timeout=20s", workers=1)
    key, unknown, limited = edge.key(), edge.key(), edge.key(limits=["t key 60 9 error q"])
    edge.post_anew(key)
    edge.post_anew(limited)
    os.kill(edge.redis_part.pid, signal.SIGSTOP)
    waiting = [edge.send(k) for k in (key, unknown, limited) * 3]
    edge.status()
    edge.nginx.process.send_signal(signal.SIGTERM)
    edge.nginx.process.wait(60)
    os.kill(edge.redis_part.pid, signal.SIGCONT)
    for s in waiting:
        with s:
            try:
                answer = s.recv(65536)
            except ConnectionResetError:  # closed, too
                answer = b""
            assert answer[:12] in (b"", b"HTTP/1.1 503")
