#!/usr/bin/env python3
"""What pages cost on a large installation: real PostgreSQL, Redis, nginx and web.

    build/venv/bin/python tests/bench/web/bench.py [--events N] [--issues N]
        [--projects N] [--rounds N] [--only WORD] [--data FOLDER] [--check]
        [--stay] [--build DIR]

fill.py makes a fortnight of data first.  For each page: the server's time (its
own Server-Timing) as p50, p95 and p99 in ms over different issues and projects,
the time that web, PostgreSQL, Redis and nginx have computed for one (which a busy
machine does not change) and how many a second that makes on two cores, SQL
statements, rows that PostgreSQL read, and the size of the HTML; then
stream pages a second with two web processes and the memory of those.  --stay
leaves it all running and prints a link that signs in, until Enter.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from harness.build import ROOT, Build  # noqa: E402
from harness.cluster import Cluster  # noqa: E402
from harness.stack import Stack  # noqa: E402
from page.issues import lock_timeout  # noqa: E402
from web.check import check  # noqa: E402
from web.fill import ORGANIZATION, Fill, settle  # noqa: E402

EMAIL = "bench@example.org"
DATABASE = "vedette_2"  # of a cluster that was filled before: the second after the template

# name, path, and the bound of its p95 in ms; {} is filled with another value each time
PAGES = [
    ("stream", "issues/", 20),
    ("stream, 14 days", "issues/?graph=14d", 20),
    ("stream, by events", "issues/?sort=freq", 20),
    ("stream, by priority", "issues/?sort=priority", 20),
    ("stream, by trend", "issues/?sort=trend", 20),
    ("stream, of a project", "issues/?project={project}", 20),
    ("stream, page 2", "{page2}", 20),
    ("stream, a tag", "issues/?q=is%3Aunresolved+environment%3Astaging", 20),
    ("stream, a word", "issues/?q=is%3Aunresolved+basket", 20),
    ("issue", "issues/{issue}/", 20),
    ("events of an issue", "issues/{issue}/events/", 20),
    ("dashboard", "dashboard/", 20),
    ("dashboard, 24 hours", "dashboard/?range=24h", 20),
    ("project", "projects/{project}/", 20),
    ("releases", "releases/", 20),
    ("release", "releases/{release}/", 20),
    ("stats", "stats/", 100),
    ("senders and storage", "stats/senders/", 100),
    ("explorer", "explore/", 100),
    ("explorer, by browser", "explore/?by=browser", 100),
    ("explorer, map", "explore/?by=geo.country_code&as=map", 100),
    ("explorer, filtered", "explore/?q=environment%3Astaging&by=os.name", 100),
    ("explorer, three keys", "explore/?by=release&by=browser&by=error.type&as=table", 100),
    ("explorer, users", "explore/?show=users&by=server_name&project={project}", 100),
    ("explorer, one user", "explore/?q=user%3A%22id%3A{user}%22&by=browser", 100),
]


def rows_read(stack):
    """Of tables and indexes, by everybody; sessions tell within a second."""
    return stack.value("select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_user_tables")


def computed(stack):
    """What all parts have computed so far, in ms."""
    total = 0
    for part in (stack.part("web"), stack.part("nginx"), stack.part("redis"), stack.cluster.part):
        for pid in (part.pid, *part.children()):
            try:
                total += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
            except OSError:
                pass  # it has just ended
    return total / 1e6


def percentile(values, part):
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


class Bench:
    def __init__(self, stack, args):
        self.stack = stack
        self.args = args
        self.session = requests.Session()
        if not stack.value("select count(*) from account where email = %s", EMAIL):
            stack.create_account(EMAIL)
            stack.sql("insert into member select o.id, a.id, 'owner' from organization o, account a"
                      " where o.slug = %s and a.email = %s", ORGANIZATION, EMAIL)
        self.session.post(stack.sign_in_link(EMAIL), data={"csrf": ""})
        self.values = {
            "project": [row[0] for row in stack.sql("select slug from project where organization_id = (select id"
                                                    " from organization where slug = %s) order by id limit 50",
                                                    ORGANIZATION)],
            "issue": [str(row[0]) for row in stack.sql(
                "(select id from issue order by times_seen desc limit 40) union"
                " (select id from issue where organization_id = (select max(organization_id) from issue)"
                " order by id limit 60)")],
            "release": [row[0].replace("@", "%40") for row in stack.sql(
                "select version from release where organization_id = (select max(organization_id) from issue)"
                " order by id limit 100")],
            "user": [str(n) for n in range(0, 500, 7)],
        }
        found = re.search(r'href="\?([^"]*cursor=[^"]*)"', self.get("issues/").text)
        self.values["page2"] = ["issues/?" + found.group(1).replace("&amp;", "&") if found else "issues/"]

    def get(self, path):
        return self.session.get(f"{self.stack.url}/{ORGANIZATION}/{path}")

    def measure(self, name, pattern, bound):
        times, wall, size, statements = [], [], 0, 0
        for n in range(self.args.rounds + 3):
            path = pattern.format(**{key: values[n % len(values)] for key, values in self.values.items()})
            if n == 3:
                time.sleep(1.2)
                rows, cpu = rows_read(self.stack), computed(self.stack)
            answer = self.get(path)
            if answer.status_code != 200:
                print(f"{name:24}   {answer.status_code} for {path}")
                return
            timing = answer.headers["Server-Timing"]
            if n >= 3:
                times.append(float(re.search(r"dur=([\d.]+)", timing).group(1)))
                wall.append(answer.elapsed.total_seconds() * 1e3)
            size = max(size, len(answer.content))
            statements = max(statements, int(re.search(r'desc="(\d+)"', timing).group(1)))
        cpu = (computed(self.stack) - cpu) / self.args.rounds
        time.sleep(1.2)
        rows = (rows_read(self.stack) - rows) // self.args.rounds
        p50, p95, p99 = (percentile(times, part) for part in (.5, .95, .99))
        good = p95 <= bound and size <= 60_000 and statements <= 12
        print(f"{name:24}{p50:8.1f}{p95:8.1f}{p99:8.1f}{cpu:8.1f}{2000 / cpu:7.0f}{statements:6}{rows:10}{size / 1000:8.1f}"
              f"{'' if good else '   over: ' + str(bound) + ' ms, 12 statements, 60 KB'}", flush=True)

    def rate(self):
        """Stream pages a second, with curl as several clients."""
        cookie = "; ".join(f"{c.name}={c.value}" for c in self.session.cookies)
        url = f"{self.stack.url}/{ORGANIZATION}/issues/?n=[1-{self.args.pages}]"
        began = time.monotonic()
        done = subprocess.run(["curl", "-sS", "-Z", "--parallel-max", "8", "-H", f"Cookie: {cookie}", "-o", "/dev/null",
                               "-w", "%{http_code}\n", url], capture_output=True, text=True, check=True)
        seconds = time.monotonic() - began
        good = done.stdout.count("200")
        print(f"{good / seconds:.0f} stream pages/s, curl's and PostgreSQL's work on the same cores included")

    def memory(self):
        web = self.stack.part("web").pid
        children = Path(f"/proc/{web}/task/{web}/children").read_text().split()
        for pid in children:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            rss, pss = (int(re.search(rf"^{what}: +(\d+)", text, re.MULTILINE).group(1)) / 1024
                        for what in ("Rss", "Pss"))
            print(f"web process: {rss:.1f} MB resident, {pss:.1f} MB with shared pages shared out")


def packed_bodies(stack):
    """Bodies as the digest writes them, of events as SDKs send them."""
    project = stack.create_project("samples", org="samples")
    for n in range(20):
        stack.wait_for_event(stack.send_event(project, lock_timeout(), fingerprint=[f"f{n}"]))
    return [bytes(row[0]) for row in stack.sql("select body from event_body")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--issues", type=int, default=100_000)
    parser.add_argument("--projects", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--pages", type=int, default=5000, help="of the rate")
    parser.add_argument("--only", default="", help="pages whose name has this word")
    parser.add_argument("--data", type=Path, help="keeps PostgreSQL's data in this folder; what is there already is used")
    parser.add_argument("--check", action="store_true", help="compares what was made with what the worker writes")
    parser.add_argument("--stay", action="store_true")
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        build = Build(ROOT / args.build, folder)
        cluster = Cluster(build, args.data or folder / "pg", shared_buffers="1GB", max_wal_size="8GB")
        filled = (cluster.folder / "filled").exists()
        try:
            cluster.start()
            stack = Stack(build, folder / "stack", cluster, filled_before(cluster) if filled
                          else cluster.database(cluster.migrated()))
            stack.start("redis", "web", "nginx", "worker")
            if not filled:
                packed = packed_bodies(stack)
                stack.stop("worker")
                Fill(cluster.conninfo(stack.database), args.events, args.issues, args.projects, packed).run()
                if args.check:
                    with psycopg.connect(cluster.conninfo(stack.database)) as db:
                        print(*(check(db) or ["all is as the worker writes it"]), sep="\n")
                (cluster.folder / "filled").touch()
            else:
                stack.stop("worker")
            settle(stack)
            describe(stack, args)
            run(stack, args)
            stack.close()
        finally:
            cluster.stop()


def filled_before(cluster):
    """The database of an earlier run, by today's migrations."""
    cluster.migrate(DATABASE)
    return DATABASE


def describe(stack, args):
    size = stack.value("select pg_database_size(current_database())")
    events, issues = stack.value("select count(*) from event"), stack.value("select count(*) from issue")
    print(f"{events} events, {issues} issues, {args.projects} projects, {size / 1e9:.1f} GB")


def run(stack, args):
    bench = Bench(stack, args)
    print(f"{'ms':24}{'p50':>8}{'p95':>8}{'p99':>8}{'cpu':>8}{'/s':>7}{'sql':>6}{'rows':>10}{'KB':>8}")
    for page in PAGES:
        if args.only in page[0]:
            bench.measure(*page)
    bench.rate()
    bench.memory()
    if args.stay:
        stack.sql("update account set is_superuser = true")
        print(json.dumps({"link": stack.sign_in_link(EMAIL),
                          "db": stack.cluster.conninfo(stack.database)}), flush=True)
        input()


if __name__ == "__main__":
    main()
