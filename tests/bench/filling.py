"""Fills tables with SQL on all cores: without their indexes, which are made afterwards."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

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
SESSION = ("set session_replication_role = replica", "set synchronous_commit = off", "set work_mem = '512MB'",
           "set maintenance_work_mem = '1GB'", "set max_parallel_maintenance_workers = 0",
           "set max_parallel_workers_per_gather = 0", "set hash_mem_multiplier = 2")


class Filler:
    def __init__(self, conninfo):
        self.conninfo = conninfo

    def connect(self):
        # values are written into the statements: what makes a table takes no parameters
        db = psycopg.connect(self.conninfo, autocommit=True, cursor_factory=psycopg.ClientCursor)
        for statement in SESSION:
            db.execute(statement)
        return db

    def side_by_side(self, jobs):
        """Runs (function, arguments…), as many at a time as there are cores, in this order."""
        with ThreadPoolExecutor(os.cpu_count()) as lanes:
            for job in [lanes.submit(*job) for job in jobs]:
                job.result()

    def run(self, *statements, values=None):
        with self.connect() as db:
            for statement in statements:
                db.execute(statement, values)

    @contextmanager
    def bare(self, *tables):
        """Tables without their indexes, for the time being."""
        made = {}
        with self.connect() as db:
            for table in tables:
                made[table] = db.execute(INDEXES, (table,)).fetchall()
                for drop, _ in made[table]:
                    db.execute(drop)
        yield
        self.side_by_side((self.run, *(make for _, make in made[table]), f"vacuum (analyze) {table}")
                          for table in tables)

    def table(self, table, statement, values):
        """One table, whole."""
        with self.bare(table):
            self.run(statement, values=values)
