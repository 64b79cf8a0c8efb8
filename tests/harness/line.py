"""The digest by itself: entries go into the stream as the edge would write
them, rows come out of PostgreSQL.  No nginx, no web."""

import json
import time
import uuid

import psycopg

from harness.stack import PATIENCE

STREAM = "vedette:events"
DEAD = "vedette:events:dead"


class Line:
    """A stack of which only PostgreSQL, Redis and the worker run."""

    def __init__(self, stack):
        self.stack = stack
        self.sql, self.value, self.redis = stack.sql, stack.value, stack.redis
        self.worker_command = list(stack.part("worker").command)
        self.org, self.project = self.add_project()

    def add_project(self):
        """(organisation id, project id), straight into the tables."""
        name = uuid.uuid4().hex[:8]
        org = self.value("insert into organization (slug, name) values (%s, %s) returning id",
                         name, name)
        project = self.value("insert into project (organization_id, slug, name)"
                             " values (%s, %s, %s) returning id", org, name, name)
        return org, project

    # ---- what the edge does (queue/message.h)

    def entry(self, body, **fields):
        entry = {"v": "1", "e": "envelope", "o": self.org, "p": self.project, "k": 7,
                 "t": int(time.time() * 1e6), "d": body}
        entry.update(fields)
        return entry

    def add(self, body, **fields):
        return self.redis.xadd(STREAM, self.entry(body, **fields)).decode()

    def add_all(self, entries):
        pipe = self.redis.pipeline(transaction=False)
        for entry in entries:
            pipe.xadd(STREAM, entry)
        return pipe.execute()

    def send(self, event=None, **fields):
        """One event in an envelope; its id."""
        event = make_event(event)
        self.add(envelope(event), i=event["event_id"], **fields)
        return event["event_id"]

    # ---- the worker

    def start_worker(self, processes=1, **env):
        part = self.stack.part("worker")
        words = [f"{name}={value}" for name, value in env.items()]
        words.append(f"VEDETTE_WORKER_PROCESSES={processes}")
        part.command = ["env", *words, *self.worker_command]
        part.start()

    def stop_worker(self):
        self.stack.part("worker").stop()

    def restart_worker(self):
        self.stack.restart("worker")

    def kill_worker(self):
        self.stack.kill("worker")

    def restart_postgresql(self):
        """kill -9 and start; our own connection goes with it."""
        self.stack.kill("postgresql")
        self.stack.part("postgresql").start()
        try:
            self.sql("select 1")
        except psycopg.Error:
            pass

    def drained(self, timeout=PATIENCE):
        """Until the worker has acknowledged everything."""
        self.stack.wait_for(lambda: self.redis.xlen(STREAM) == 0, timeout, "an empty stream")

    def folded(self, timeout=PATIENCE):
        self.stack.wait_for_counters(timeout)

    # ---- what must hold when nothing is under way

    def outcomes(self, **where):
        """{(category, outcome, reason): quantity}"""
        return dict(((c, o, r), int(n)) for c, o, r, n in self.sql(
            "select category, outcome, reason, sum(quantity) from outcome_hour group by 1, 2, 3"))

    def check_books(self, sent=None):
        """Counters are the rows, and every item has one outcome."""
        assert self.sql("""
            select i.id, i.times_seen, count(e.id)
              from issue i left join event e on e.issue_id = i.id
             group by i.id having i.times_seen <> count(e.id)""") == []
        assert self.sql("""
            select i.id from issue i
             where i.times_seen <> (select sum(times_seen) from issue_hour h
                                     where h.issue_id = i.id)""") == []
        assert self.sql("""
            select i.id from issue i
             where i.users_seen <> (select count(*) from issue_user u
                                     where u.issue_id = i.id)
                or i.users_seen <> (select count(distinct user_tag) from event e
                                     where e.issue_id = i.id)""") == []
        assert self.sql("select id from event where has_body except select id from event_body") == []
        assert self.sql("select issue_id from event except select id from issue") == []
        assert self.sql("""
            select project_id, event_id from event group by 1, 2 having count(*) > 1""") == []
        assert self.sql("""
            select i.id from issue i
             where i.times_seen <> (select sum(t.times_seen) from issue_tag_seen t
                                     where t.issue_id = i.id and t.key = 'level')""") == []
        accepted = self.outcomes().get(("error", "accepted", ""), 0)
        assert accepted == self.value("select count(*) from event")
        if sent is not None:
            assert sum(n for (category, *_), n in self.outcomes().items()
                       if category == "error") == sent


def ledger(line, *categories):
    """{(category, outcome, reason): quantity} of its project, over all hours: one may have just ended."""
    rows = line.sql("select category, outcome, reason, sum(quantity) from outcome_hour where project_id = %s"
                    " group by 1, 2, 3", line.project)
    return {(c, o, r): int(n) for c, o, r, n in rows if not categories or c in categories}


def make_event(event=None):
    event = {"message": "Something happened", "level": "error", "platform": "other",
             **(event or {})}
    event.setdefault("event_id", uuid.uuid4().hex)
    event.setdefault("timestamp", time.time())
    return event


def envelope(*items, header=None):
    """Events (dicts), or pairs of item header and payload bytes."""
    lines = [json.dumps(header if header is not None else {}).encode()]
    for item in items:
        if isinstance(item, dict):
            item = {"type": "event"}, json.dumps(item).encode()
        lines += [json.dumps({**item[0], "length": len(item[1])}).encode(), item[1]]
    return b"\n".join(lines) + b"\n"


def with_session(event):
    """The event, and beside it what is only counted: no row would make it unique."""
    session = json.dumps({"aggregates": [{"started": time.time(), "exited": 1}],
                          "attrs": {"release": "1.0"}}).encode()
    return envelope({**event, "release": "1.0"}, ({"type": "sessions"}, session))


def fail_at(point, folder, **env):
    """The environment that ends a worker at a point, once."""
    return {"VEDETTE_FAIL_POINT": point, "VEDETTE_FAIL_ONCE": folder / "failed", **env}
