"""A database in which there is something already: N events on N / 10 issues, of ten days.

Made with SQL on all cores, so it takes minutes, not hours: each table is filled without its indexes, which are made
afterwards.  All that the digest touches has its rows: events and their tags, issues, hashes, words, hours, users; bodies
are small, for what counts of them is their index."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg

DAYS = 10
VALUES = 1000
BYTES = 1800  # of an event with its share of the issues and of PostgreSQL's log, at most

BEFORE = """
insert into tag_key (organization_id, project_id, key)
select %(org)s, %(project)s, 'old' || n from generate_series(1, 10) n;

insert into tag_value (key_id, value)
select k.id, 'value ' || n from tag_key k, generate_series(1, %(values)s / 10) n where k.project_id = %(project)s;

update project set last_issue = %(issues)s where id = %(project)s
"""

# The tags of an event hang on its number only, by its remainder.
HELPERS = """
create unlogged table old as select id, number as n from issue where project_id = %(project)s;

create unlogged table old_tags as
select r, array(select %(tag)s + (r * 7 + t * 97) %% %(values)s from generate_series(1, 15) t)::int[] as tags
  from generate_series(0, %(values)s - 1) r;

analyze old, old_tags
"""

AFTER = """
select setval('event_id_seq', %(last)s);
update event_mark set settled = %(last)s, next_id = %(last)s, folded = %(last)s;
drop table old, old_tags;
vacuum (analyze) tag_key, tag_value, project;
checkpoint
"""

ISSUES = """
insert into issue (organization_id, project_id, number, title, type, value, culprit, level, first_seen, last_seen,
                   times_seen, users_seen, first_release, last_release)
select %(org)s, %(project)s, n, 'OldError: ' || md5(n::text), 'OldError', md5(n::text), 'app.old in work', 40,
       now() - interval '10 days', now() - random() * interval '9 days', 10, 5, 'shop@0.1', 'shop@0.2'
  from generate_series(1, %(issues)s) n
"""

# table: what fills it; those that take longest come first
OF_ISSUES = {
    "issue_words": """
        insert into issue_words (issue_id, organization_id, search)
        select id, %(org)s, 'olderror: ' || md5(n::text) || E'\\napp.old in work' from old""",
    "issue_hour": """
        insert into issue_hour (issue_id, hour, times_seen)
        select o.id, date_trunc('hour', now()) - h * interval '20 hours', 1 from generate_series(10, 1, -1) h, old o""",
    "issue_user": """
        insert into issue_user (issue_id, user_hash)
        select id, decode(md5(id || 'user' || u), 'hex') from old, generate_series(1, 5) u""",
    "issue_hash": """
        insert into issue_hash (project_id, hash, issue_id)
        select %(project)s, decode(md5(id || 'hash'), 'hex'), id from old""",
}

EVENTS = """
insert into {table} (day, id, organization_id, project_id, key_id, issue_id, event_id, occurred_at, received_at,
                     digested_at, level, platform, title, release, environment, transaction, server_name, user_tag, tags,
                     has_body, hash)
select %(day)s, %(first)s + n, %(org)s, %(project)s, 7, m.issue, gen_random_uuid(), m.at, m.at, m.at, 40,
       'python', 'OldError: ' || md5(m.issue::text), 'shop@0.2', 'production', '/api/old', 'web-1', 'id:' || n %% 5000,
       old_tags.tags, true, decode(md5(m.issue || 'hash'), 'hex')
  from generate_series(1, %(events)s) n
  join old_tags on old_tags.r = n %% %(values)s,
       lateral (select %(issue)s + (n::bigint * 7919) %% %(issues)s as issue,
                       %(day)s::date + n * interval '1 ms' as at) m
"""

BODIES = """
insert into {table} (day, id, body)
select %(day)s, %(first)s + n, decode(md5(n::text), 'hex') from generate_series(1, %(events)s) n
"""

# An index that foreign keys lean on stays; the others as (what drops it, what makes it again).
INDEXES = """
select case when c.oid is null then format('drop index %%I', i.indexrelid::regclass)
            else format('alter table %%I drop constraint %%I', r.relname, c.conname) end,
       case when c.oid is null then pg_get_indexdef(i.indexrelid)
            else format('alter table %%I add constraint %%I %%s', r.relname, c.conname, pg_get_constraintdef(c.oid)) end
  from pg_index i
  join pg_class r on r.oid = i.indrelid
  left join pg_constraint c on c.conindid = i.indexrelid and c.conrelid = i.indrelid
 where i.indrelid = %s::regclass
   and not exists (select 1 from pg_constraint f where f.contype = 'f' and f.confrelid = i.indrelid
                                                   and f.conindid = i.indexrelid)
"""

# References are made to hold, not checked a million times; the log is made durable at the end.
SESSION = ("set session_replication_role = replica", "set synchronous_commit = off", "set work_mem = '128MB'",
           "set maintenance_work_mem = '512MB'", "set max_parallel_maintenance_workers = 0",
           "set max_parallel_workers_per_gather = 0")


class Filler:
    def __init__(self, line):
        self.conninfo = line.stack.cluster.conninfo(line.stack.database)

    def connect(self):
        db = psycopg.connect(self.conninfo, autocommit=True)
        for statement in SESSION:
            db.execute(statement)
        return db

    def table(self, name, statement, values):
        """Fills a table, with its indexes out of the way."""
        with self.connect() as db:
            indexes = db.execute(INDEXES, (name,)).fetchall()
            for drop, _ in indexes:
                db.execute(drop)
            db.execute(statement, values)
            for _, make in indexes:
                db.execute(make)
            db.execute(f"vacuum (analyze) {name}")


def run(db, statements, values):
    for statement in statements.split(";\n"):
        db.execute(statement, values)


def fill(line, millions):
    """Into the line's own project; what counts behind the digest begins after them."""
    room = shutil.disk_usage(line.stack.cluster.folder).free
    assert room > millions * 1e6 * BYTES, f"it takes {millions * BYTES / 1e3:.0f} GB, and {room / 1e9:.0f} are free"
    values = {"org": line.org, "project": line.project, "events": int(millions * 1e6) // DAYS,
              "issues": int(millions * 1e5), "values": VALUES}
    filler = Filler(line)
    with filler.connect() as db, ThreadPoolExecutor(os.cpu_count()) as lanes:
        run(db, BEFORE, values)
        values["tag"], = db.execute("select min(v.id) from tag_value v join tag_key k on k.id = v.key_id"
                                    " where k.project_id = %s", (line.project,)).fetchone()
        values["event"], = db.execute("select last_value from event_id_seq").fetchone()
        filler.table("issue", ISSUES, values)
        run(db, HELPERS, values)
        values["issue"], = db.execute("select min(id) from old").fetchone()
        jobs = [lanes.submit(filler.table, name, statement, values) for name, statement in OF_ISSUES.items()]
        today, = db.execute("select current_date").fetchone()
        for n in range(DAYS):
            day = today - timedelta(days=DAYS - 1 - n)
            suffix = day.strftime("%Y%m%d")
            db.execute("select event_partition(%s)", (day,))
            own = values | {"day": day, "first": values["event"] + n * values["events"]}
            for name, statement in ((f"event_{suffix}", EVENTS), (f"event_body_{suffix}", BODIES)):
                jobs.append(lanes.submit(filler.table, name, statement.format(table=name), own))
        for job in jobs:
            job.result()
        values["last"] = values["event"] + DAYS * values["events"]
        run(db, AFTER, values)
