#!/usr/bin/env python3
"""What alert rules cost the digest, and how soon and how fast notifications arrive.

    build/venv/bin/python tests/bench/alert/bench.py [--events N] [--rounds N] [--rules N] [--seconds N] [--sends] [--build DIR]

The first table: the CPU seconds per 10,000 events of the digest's own processes, of the whole worker (counters and
deliveries included) and of PostgreSQL, without rules, with 1,000 of several kinds, and with 1,000 that look at each
event.  Rounds take turns, and the share is of the rounds without rules: machines drift.

Then events come at 1,000 a second, one in a hundred of a new issue, which a rule mails: the delay from the event's
arrival to the mail server's answer, also while a webhook hangs.  Then 500 new issues at once: deliveries a second; last,
deliveries a second to one and to several webhooks that take 100 ms each.  --sends leaves the first table out.
"""

import argparse
import itertools
import json
import os
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
sys.path[0] = str(Path(__file__).resolve().parents[2])

from alert.mailbox import Mailbox  # noqa: E402
from alert.rules import EVERY, F, NEW, Rules, frequency, users  # noqa: E402
from bench.digest.bench import cpu_of, row, shapes, stages_of  # noqa: E402
from harness.build import ROOT, Build  # noqa: E402
from harness.cluster import Cluster  # noqa: E402
from harness.line import Line, envelope  # noqa: E402
from harness.stack import Stack  # noqa: E402
from integration.fake import Fake  # noqa: E402

TAG = {"id": F + "tagged_event.TaggedEventFilter", "key": "shop", "match": "eq", "value": "none"}
KINDS = {
    "none": [],
    "several kinds": [(NEW, ()), (frequency(10**8), ()), (users(10**8), ()), (NEW, (TAG,))],
    "look at each event": [(EVERY, (TAG,))],
}
GOALS = "1,000 rules cost the digest 5 % at most; p99 of the delay is 2 s at most"
RECEIVER = "bench@example.org"
MAIL = {"id": "vedette.actions.MailAddressAction", "address": RECEIVER}
RATE = 1000  # events a second
FRESH = 100  # one in so many is of a new issue
LATENCY = 0.1  # seconds that a webhook takes


def make_rules(line, rules, project, kind, n):
    line.sql("delete from alert_rule")
    line.sql("update alert_version set n = n + 1")
    for i in range(n if KINDS[kind] else 0):
        condition, filters = KINDS[kind][i % len(KINDS[kind])]
        rules.add(project, condition, filters=filters)


def spent(line, events):
    """CPU seconds per 10,000 events by part: a stream that is full already is emptied."""
    rng = random.Random(events)
    for start in range(0, events, 500):
        line.add_all([line.entry(envelope(shapes.event(rng, 2, rng.randint(0, 199))))
                      for _ in range(start, min(start + 500, events))])
    database = line.stack.cluster.part.pid
    log, before = len(line.stack.log("worker")), cpu_of(database)
    line.start_worker(VEDETTE_STAGES=1)
    line.drained(300)
    line.folded(300)
    line.stack.wait_for(lambda: not line.sql("select 1 from alert_due limit 1"), 300)
    out = {"worker": cpu_of(line.stack.part("worker").pid), "postgresql": cpu_of(database) - before}
    line.stop_worker()
    out["digest"] = sum(stages_of(line.stack.log("worker")[log:]).values())
    return {name: seconds * 10_000 / events for name, seconds in out.items()}


def costs(line, rules, project, args):
    kinds = list(KINDS)
    results = {kind: [] for kind in kinds}
    line.start_worker()
    line.stop_worker()
    spent(line, args.events)  # the 200 issues, tags and the body's dictionary are there from now on
    for _ in range(args.rounds):
        for kind in kinds:
            make_rules(line, rules, project, kind, args.rules)
            results[kind].append(spent(line, args.events))
    parts = ("digest", "worker", "postgresql")
    mean = {kind: {part: sum(run[part] for run in runs) / len(runs) for part in parts} for kind, runs in results.items()}
    print(f"CPU seconds per 10,000 events, the mean of {args.rounds} rounds.  Goals: {GOALS}.\n")
    row(f"{args.rules} rules", *parts, "digest, more than none")
    row(*["---"] * 5)
    for kind in kinds:
        more = mean[kind]["digest"] / mean["none"]["digest"] - 1
        row(kind, *(f"{mean[kind][part]:.2f}" for part in parts), f"{100 * more:.1f} %")


def stream(line, seconds, start=10_000):
    """Events at RATE, in small portions; how many, and how many are of new issues."""
    rng, began, sent = random.Random(start), time.monotonic(), 0
    while sent < RATE * seconds:
        due = min(RATE * seconds, int((time.monotonic() - began) * RATE))
        line.add_all([line.entry(envelope(shapes.event(rng, 2, start + n if n % FRESH == 0 else n % 200)))
                      for n in range(sent, due)])
        sent = due
        time.sleep(0.01)
    return sent // FRESH


def delivered(line, n):
    line.stack.wait_for(lambda: line.value("select count(*) from outbox where address = %s and state = 1", RECEIVER) >= n,
                        300, f"{n} mails")


def delays(line, rules, project, args, when="", start=10_000):
    make_rules(line, rules, project, "none", 0)
    rules.add(project, NEW, actions=[MAIL])
    line.start_worker(processes=2)
    fresh = stream(line, args.seconds, start)
    delivered(line, fresh)
    # the first seconds belong to the worker's start
    [(n, *quantiles)] = line.sql("""
        select count(*), percentile_cont(array[0.5, 0.99]) within group (order by extract(epoch from stored - came)),
               percentile_cont(array[0.5, 0.99]) within group (order by extract(epoch from routed - stored)),
               percentile_cont(array[0.5, 0.99]) within group (order by extract(epoch from done_at - came))
          from (select o.done_at, o.created_at as routed, e.digested_at as stored, e.received_at as came,
                       min(e.received_at) over () as began
                  from outbox o
                 cross join lateral (select * from event v where v.issue_id = o.issue_id order by v.id limit 1) e
                 where o.address = %s) m
         where came > began + interval '3 seconds'""", RECEIVER)
    stored, routed, all_of_it = (f"{half:.2f} and {most:.2f} s" for half, most in quantiles)
    print(f"\n{RATE} events/s for {args.seconds} s{when}, {n} mails, half of them and 99 % within: {all_of_it}"
          f" (stored within {stored}, then routed within {routed})")

    if when:
        line.stop_worker()
        return
    line.sql("delete from outbox")
    rng = random.Random(2)
    line.add_all([line.entry(envelope(shapes.event(rng, 2, 50_000 + n))) for n in range(500)])
    delivered(line, 500)
    print("deliveries a second:", round(line.value(
        "select count(*) / extract(epoch from max(done_at) - min(created_at)) from outbox where address = %s", RECEIVER)))
    line.stop_worker()


class Hooks:
    """Webhooks of the project's organisation, and the server that takes them."""

    def __init__(self, line):
        self.line, self.fake, self.ids, self.number = line, Fake(), [], itertools.count()
        self.fake.expect("POST", "/slow", self.slow, lambda seen: None)

    @staticmethod
    def slow(seen):
        time.sleep(LATENCY)
        return 200, ""

    def add(self, n):
        while len(self.ids) < n:
            self.ids.append(self.line.value(
                "insert into integration (organization_id, type, name, data, sealed)"
                " select organization_id, 'webhook', %s, %s, '' from project where id = %s returning id",
                f"hook {len(self.ids)}", json.dumps({"url": f"{self.fake.url}/slow"}), self.line.project))

    def send(self, n):
        """So many rows for each."""
        for id in self.ids:
            self.line.sql("""
                insert into outbox (organization_id, cause, channel, integration_id, endpoint, key, data)
                select i.organization_id, 'issue', i.type, i.id, 'integration:' || i.id, 'bench:' || i.id || ':' || %s || ':' || n,
                       '{"cause": "issue", "action": "triggered", "title": "x", "key": "' || n || '"}'
                  from integration i, generate_series(1, %s) n where i.id = %s""", next(self.number), n, id)
        self.line.sql("select pg_notify('vedette_outbox', '')")


def side_by_side(line):
    """Deliveries a second to 1, 4 and 12 endpoints with a latency."""
    hooks = Hooks(line)
    line.start_worker()
    print(f"\ndeliveries a second to webhooks that take {1000 * LATENCY:.0f} ms each:", end=" ")
    for n in (1, 4, 12):
        hooks.add(n)
        line.sql("delete from outbox")
        hooks.send(40)
        line.stack.wait_for(lambda: not line.sql("select 1 from outbox where state = 0 limit 1"), 300, "all deliveries")
        rate = line.value("select count(*) / extract(epoch from max(done_at) - min(created_at)) from outbox where state = 1")
        print(f"{n}: {rate:.0f}", end="; " if n < 12 else "\n")
    line.stop_worker()
    hooks.fake.close()


def hanging(line, rules, project, args):
    hooks = Hooks(line)
    hooks.add(1)
    hooks.fake.misbehave(*["hang"] * 1000)
    line.sql("delete from outbox")
    hooks.send(1000)
    delays(line, rules, project, args, " while a webhook hangs", start=20_000)
    print(f"the webhook was asked {len(hooks.fake.hung)} times meanwhile")
    hooks.fake.close()
    line.sql("delete from integration")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000, help="of a round; default: 10,000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20, help="of 1,000 events each")
    parser.add_argument("--sends", action="store_true", help="what is sent only, not what rules cost")
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        build = Build(ROOT / args.build, folder)
        cluster = Cluster(build, folder / "pg", durable=True, shared_buffers="256MB", max_wal_size="4GB")
        try:
            cluster.start()
            cluster.template = cluster.migrated()
            stack = Stack(build, folder / "stack", cluster, cluster.database(cluster.template))
            mailbox = Mailbox(folder)
            stack.write_config({**mailbox.settings, "outbound.allow": "127.0.0.1"})
            stack.start("redis")
            line = Line(stack)
            project = argparse.Namespace(id=line.project)
            if not args.sends:
                costs(line, Rules(stack), project, args)
            delays(line, Rules(stack), project, args)
            hanging(line, Rules(stack), project, args)
            side_by_side(line)
            stack.close()
            mailbox.close()
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
