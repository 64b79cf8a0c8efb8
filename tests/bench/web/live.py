#!/usr/bin/env python3
"""Pages while many browsers wait for news: real PostgreSQL, Redis, nginx, worker and web.

    build/venv/bin/python tests/bench/web/live.py [--browsers N ...] [--rounds N] [--build DIR]

For each number of open pages, half of them streams and half of them issues (to the edge both are one connection with a
ticket of its own project list): how long a stream and an issue take meanwhile (p50, p95, in ms by their own
Server-Timing), what web and nginx compute in a second in which nobody asks for anything, when half of the browsers and
when the last one has heard of an event after it was sent, and what a connection costs nginx in memory.
"""

import argparse
import os
import re
import selectors
import socket
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from harness.build import ROOT, Build  # noqa: E402
from harness.cluster import Cluster  # noqa: E402
from harness.stack import Stack  # noqa: E402
from web.bench import percentile  # noqa: E402

OF_A_TICKET = 10  # browsers; each asks for its own in truth, which costs what any small page costs
EVENTS = 5        # that are waited for


def processes(stack, part):
    return (stack.part(part).pid, *stack.part(part).children())


def computed(stack, part):
    """ms so far."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in processes(stack, part)) / 1e6


def private(stack, part):
    """KB that are of these processes only."""
    return sum(int(n) for pid in processes(stack, part)
               for n in re.findall(r"^Private_\w+: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE))


class Browsers:
    """Open connections, and what they have heard."""

    def __init__(self, stack, paths):
        self.selector = selectors.DefaultSelector()
        self.waiting = []
        address = urlsplit(stack.url)
        for path in paths:
            one = socket.create_connection((address.hostname, address.port), timeout=30)
            one.sendall(f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
            one.setblocking(False)
            self.selector.register(one, selectors.EVENT_READ)
            self.waiting.append(one)
        self.heard(b": vedette", time.monotonic())

    def heard(self, what, since, timeout=60):
        """When each heard it, in s since then, sorted."""
        times, left, parts = [], set(self.waiting), {}
        while left:
            ready = self.selector.select(timeout)
            assert ready and time.monotonic() - since < timeout, f"{len(left)} of {len(self.waiting)} have not heard {what}"
            for key, _ in ready:
                one = key.fileobj
                data = one.recv(65536)
                assert data, "the edge has closed a connection"
                parts[one] = parts.get(one, b"") + data
                assert b"HTTP/1.1 200" in parts[one] or b"HTTP/1.1" not in parts[one], parts[one][:200]
                if one in left and what in parts[one]:
                    left.remove(one)
                    times.append(time.monotonic() - since)
        return times

    def close(self):
        for one in self.waiting:
            one.close()
        self.selector.close()


class Bench:
    def __init__(self, stack, args):
        self.stack = stack
        self.rounds = args.rounds
        self.project = stack.create_project()
        self.session = requests.Session()
        self.session.post(stack.sign_in_link(stack.admin.email), data={"csrf": ""})
        stack.wait_for_event(stack.send_event(self.project, message="before"))
        self.pages = {name: f"{stack.url}/{self.project.org}/issues/{rest}" for name, rest in
                      (("stream", ""), ("issue", f"{self.project.slug.upper()}-1/"))}

    def page(self, url):
        times = []
        for _ in range(self.rounds):
            answer = self.session.get(url, timeout=30)
            assert answer.status_code == 200
            times.append(float(re.search(r"dur=([\d.]+)", answer.headers["Server-Timing"]).group(1)))
        return percentile(times, .5), percentile(times, .95)

    def ticket(self):
        return self.session.get(f"{self.stack.url}/{self.project.org}/live/", timeout=30).json()["url"]

    def measure(self, n):
        before = private(self.stack, "nginx")
        tickets = [self.ticket() for _ in range(-(-n // OF_A_TICKET))]
        browsers = Browsers(self.stack, [tickets[i // OF_A_TICKET] for i in range(n)])
        memory = (private(self.stack, "nginx") - before) / n if n else 0
        idle = {part: computed(self.stack, part) for part in ("web", "nginx")}
        time.sleep(5)
        idle = {part: (computed(self.stack, part) - ms) / 5 for part, ms in idle.items()}
        pages = [ms for url in self.pages.values() for ms in self.page(url)]
        half, last = [], []
        for k in range(EVENTS if n else 0):
            began = time.monotonic()
            self.stack.send_event(self.project, message=f"news {n} {k}")
            times = browsers.heard(b"data: [", began)
            half.append(percentile(times, .5))
            last.append(times[-1])
        browsers.close()
        print(f"{n:8}" + "".join(f"{ms:10.1f}" for ms in pages) + f"{idle['web']:10.2f}{idle['nginx']:10.2f}"
              + (f"{percentile(half, .5):10.2f}{percentile(last, .5):10.2f}{memory:10.1f}" if n else ""), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--browsers", type=int, nargs="+", default=[0, 500, 2000])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="vedette-live-") as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        build = Build(ROOT / args.build, folder)
        cluster = Cluster(build, folder / "pg")
        try:
            cluster.start()
            stack = Stack(build, folder / "stack", cluster, cluster.database(cluster.migrated()))
            stack.start("redis", "web", "nginx", "worker")
            bench = Bench(stack, args)
            print(f"{'browsers':>8}" + "".join(f"{word:>10}" for word in
                  ("stream", "p95", "issue", "p95", "web ms/s", "nginx ms/s", "half s", "last s", "KB each")))
            for n in args.browsers:
                bench.measure(n)
            stack.close()
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
