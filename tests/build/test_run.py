"""make run, as a newcomer meets it."""

import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import psycopg
import pytest
import requests

from harness.build import ROOT
from harness.stack import Project, free_port

numbers = itertools.count()

LAST_LINE = "Ctrl-C stops everything."


class Run:
    """A `make run` in its own process group, as a shell would start it."""

    def __init__(self, build, data, port, checkout=None):
        self.data, self.port = data, port
        self.output = ""
        command = ["make", f"BUILD={build.name}", "run", f"PORT={port}", f"VEDETTE_DATA={data}"]
        if checkout:
            command = ["env", "BUILD=build", f"VEDETTE_PORT={port}", f"VEDETTE_DATA={data}", "sh",
                       "fcgi_app/dist/run.sh"]
        self.process = subprocess.Popen(
            command, cwd=checkout or ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, text=True, start_new_session=True)

    def until_ready(self):
        for line in self.process.stdout:
            self.output += line
            if LAST_LINE in line:
                return self
        raise AssertionError("make run ended:\n" + self.output)

    def until_end(self, timeout=180):
        rest, _ = self.process.communicate(timeout=timeout)
        self.output += rest
        return self

    def ctrl_c(self):
        os.killpg(self.process.pid, signal.SIGINT)
        return self.until_end()

    def find(self, pattern):
        found = re.search(pattern, self.output)
        assert found, f"no {pattern} in:\n{self.output}"
        return found.group(1)

    @property
    def dsn(self):
        return self.find(r"DSN +(\S+)")

    @property
    def link(self):
        return self.find(r"Sign in with +(\S+)")

    def pid(self, part):
        return int((self.data / "run" / f"{part}.pid").read_text())

    def processes(self):
        """Command lines of all processes that know of this data folder."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                line = open(f"/proc/{pid}/cmdline").read().replace("\0", " ")
                log = os.readlink(f"/proc/{pid}/fd/2")
            except OSError:
                continue
            if str(self.data) in line + log and int(pid) != os.getpid():
                found.append(line)
        return found

    def events(self):
        with psycopg.connect(f"host={self.data}/run user=vedette dbname=vedette") as db:
            return db.execute("select count(*) from event").fetchone()[0]


@pytest.fixture
def runs(build, scratch):
    made = []

    def start(data=None, port=None, checkout=None):
        data = data or scratch / f"run-{next(numbers)}"
        run = Run(build, data, port or free_port(), checkout)
        made.append(run)
        return run

    yield start
    for run in made:
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGTERM)
            try:
                run.until_end()
            finally:
                if run.process.poll() is None:
                    os.killpg(run.process.pid, signal.SIGKILL)
        run.process.stdout.close()


def send(run):
    project = Project(0, "", "", run.dsn)
    answer = requests.post(
        f"http://127.0.0.1:{run.port}/api/{run.dsn.rpartition('/')[2]}/store/",
        json={"message": "Hello, Vedette"},
        headers={"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={project.key}"}, timeout=60)
    assert answer.status_code == 200, answer.text


def wait_for(condition):
    deadline = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < deadline, "waited 180 s"
        time.sleep(0.05)


def test_it_starts_takes_an_event_stops_and_finds_it_again(runs):
    run = runs().until_ready()
    assert requests.get(run.link, timeout=60).status_code == 200
    assert "sentry_sdk.init" in run.output
    assert all((run.data / name).stat().st_mode & 0o77 == 0 for name in ("redis.users", "redis.acl", "nginx.conf"))
    send(run)
    wait_for(lambda: run.events() == 1)
    run.ctrl_c()
    assert "Stopping (Ctrl-C)" in run.output
    stopped = re.findall(r"(\w+) stopped", run.output)
    assert stopped == ["nginx", "spool", "worker", "web", "redis", "postgresql"]
    assert run.processes() == []

    again = runs(run.data, run.port).until_ready()
    assert again.dsn == run.dsn and again.link != run.link
    assert again.events() == 1
    assert "first administrator" not in again.output
    again.ctrl_c()
    logs = "".join(p.read_text() for p in (run.data / "log").glob("*.log"))
    assert not re.search(r"\[(alert|emerg|crit)\]|PANIC", logs)


def test_a_port_that_is_taken_gets_a_sentence(runs):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = runs(port=port).until_end()
    assert run.process.returncode != 0
    assert f"Port {port} is taken by another program" in run.output
    assert "make run PORT=" in run.output


@pytest.mark.parametrize("part", ["redis", "worker", "nginx"])
def test_the_death_of_a_part_is_named_and_stops_the_rest(runs, part):
    run = runs().until_ready()
    os.kill(run.pid(part), signal.SIGKILL)
    run.until_end()
    assert run.process.returncode != 0
    words = " ".join(run.output.split())
    assert f"{part} has ended by itself; its log is {run.data}/log/{part}.log" in words
    wait_for(lambda: run.processes() == [])


def test_a_second_run_in_the_same_folder_is_told_of_the_first(runs):
    first = runs().until_ready()
    second = runs(first.data).until_end()
    assert second.process.returncode != 0
    assert "Vedette already runs in" in second.output
    assert requests.get(f"http://127.0.0.1:{first.port}/static/app.css", timeout=60).ok


def test_after_a_power_cut_it_finds_its_data(runs):
    """kill -9 of everything, pid files and sockets left behind."""
    run = runs().until_ready()
    send(run)
    wait_for(lambda: run.events() == 1)
    leader = int((run.data / "run" / "run.pid").read_text())
    pids = [run.pid(p) for p in ("postgresql", "redis", "web", "worker", "spool", "nginx")]
    for pid in (leader, *pids):
        os.kill(pid, signal.SIGKILL)
    run.until_end()
    # after a power cut nobody is there; here somebody has to reap the dead first
    wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids))
    again = runs(run.data, run.port).until_ready()
    assert again.events() == 1


@pytest.mark.parametrize("port", ["x", "0", "70000"])
def test_a_port_that_is_none_gets_a_sentence(runs, port):
    run = runs(port=port).until_end()
    assert run.process.returncode != 0 and "The port is a number" in run.output


def test_a_name_too_long_for_sockets_gets_a_sentence(runs, scratch):
    run = runs(scratch / ("x" * 100)).until_end()
    assert run.process.returncode != 0 and "too long for Unix sockets" in " ".join(run.output.split())


@pytest.fixture
def small_disk(tmp_path_factory, scratch):
    """A function that makes a file system of so many megabytes."""
    mounted = []

    def make(megabytes):
        folder = scratch / f"disk{megabytes}"
        folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=1777", "disk",
                               folder], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"cannot mount a small file system: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_small_disk_gets_a_sentence(runs, small_disk):
    run = runs(small_disk(100) / "var").until_end()
    assert run.process.returncode != 0
    assert re.search(r"Only \d+ MB are free on the disk", " ".join(run.output.split()))


def test_a_disk_that_fills_up_is_named_and_no_event_is_lost(runs, small_disk):
    """Redis fsyncs each event: on a full disk the edge must not say 200."""
    disk = small_disk(400)
    run = runs(disk / "var").until_ready()
    send(run)
    wait_for(lambda: run.events() == 1)
    with open(disk / "ballast", "wb") as ballast:
        try:
            while True:
                ballast.write(b"x" * 65536)
        except OSError:
            pass
    with pytest.raises((AssertionError, requests.RequestException)):
        for _ in range(200):
            send(run)
    run.until_end()
    assert "The disk is full: make room" in " ".join(run.output.split())
    (disk / "ballast").unlink()
    again = runs(run.data, run.port).until_ready()
    assert again.events() >= 1
    again.ctrl_c()


@pytest.fixture
def closed_checkout(build, scratch):
    """What is needed to run, in a folder that only root can enter: a /root."""
    if os.geteuid() != 0:
        pytest.skip("only root becomes another user")
    home = scratch / f"home-{next(numbers)}"
    home.mkdir(mode=0o700)
    checkout = home / "checkout"
    checkout.mkdir()
    for name in ("templates", "static", "sql", "fcgi_app/dist"):
        shutil.copytree(ROOT / name, checkout / name)
    (checkout / "build").mkdir()
    for name in ("config.mk", "vedette", "ngx_http_vedette_module.so"):
        shutil.copy(build.dir / name, checkout / "build")
    return checkout


def test_a_checkout_in_roots_home_works(runs, closed_checkout):
    if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("this root may not make mount namespaces")
    run = runs(closed_checkout / "var", checkout=closed_checkout).until_ready()
    send(run)
    wait_for(lambda: run.events() == 1)
    run.ctrl_c()
    assert closed_checkout.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(p.name for p in closed_checkout.parent.iterdir()) == ["checkout"]


def test_a_checkout_that_cannot_be_reached_gets_a_sentence(runs, closed_checkout):
    # a container without the right to mount: unshare says no
    tools = closed_checkout / "tools"
    tools.mkdir()
    (tools / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (tools / "unshare").chmod(0o755)
    os.environ["PATH"], path = f"{tools}:{os.environ['PATH']}", os.environ["PATH"]
    try:
        run = runs(closed_checkout / "var", checkout=closed_checkout).until_end()
    finally:
        os.environ["PATH"] = path
    assert run.process.returncode != 0
    words = " ".join(run.output.split())
    assert f"who cannot enter {closed_checkout.parent}" in words and "/srv/vedette" in words
