"""The limit: what a plain COPY of the same rows reaches, into tables with the same indexes.

The rows are all that a run has left, in whatever table: events and bodies as they are packed, and each issue, counter,
tag and user that was made or changed, once, however often the digest has written it.  What is timed is one connection
that copies them, of each table so many in a transaction that 500 events are in each, synchronous_commit on: no reading,
no understanding, no packing, no look at what is there already."""

import os
import time

import psycopg

BATCH = 500  # events
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def cpu_of(pid):
    with open(f"/proc/{pid}/stat") as f:
        return sum(map(int, f.read().rpartition(") ")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def rows_of(db, table, since):
    """In COPY's binary form, one by one: the server sends each as a message."""
    with db.cursor().copy(f"copy (select * from {table} where xmin::text::bigint >= {int(since)}) to stdout"
                          " (format binary)") as copy:
        rows = [bytes(block) for block in copy]
    rows[0] = rows[0].removeprefix(HEADER)
    return rows[:-1]


def rate(line, since, events):
    """Events a second, and CPU seconds of both sides for each: of what transactions from `since` on have left."""
    with psycopg.connect(line.stack.cluster.conninfo(line.stack.database), autocommit=True) as db:
        tables = [name for name, in db.execute("select relname from pg_class where relkind = 'r'"
                                               " and relnamespace = 'public'::regnamespace").fetchall()]
        rows = {table: rows_of(db, table, since) for table in tables}
        rows = {table: some for table, some in rows.items() if some}
        parts = -(-events // BATCH)
        batches = [{table: b"".join([HEADER, *some[part * len(some) // parts:(part + 1) * len(some) // parts], TRAILER])
                    for table, some in rows.items()} for part in range(parts)]
        for table in rows:
            db.execute(f"create table copied_{table} (like {table} including all excluding generated)")
        db.execute("checkpoint")
        db.autocommit = False
        began, before = time.monotonic(), time.process_time() + cpu_of(db.info.backend_pid)
        for batch in batches:
            for table, some in batch.items():
                with db.cursor().copy(f"copy copied_{table} from stdin (format binary)") as copy:
                    copy.write(some)
            db.commit()
        seconds, cpu = time.monotonic() - began, time.process_time() + cpu_of(db.info.backend_pid) - before
        db.autocommit = True
        for table, some in rows.items():
            assert db.execute(f"select count(*) from copied_{table}").fetchone()[0] == len(some)
            db.execute(f"drop table copied_{table}")
    return events / seconds, cpu / events
