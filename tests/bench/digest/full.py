"""A database in which there is something already: N events on N / 10 issues, of ten days.

Made with SQL, so it takes minutes, not hours.  All that the digest touches has its rows: events and their tags, issues,
hashes, words, hours, users; bodies are small, for what counts of them is their index."""

import psycopg

DAYS = 10
VALUES = 1000

STATEMENTS = """
insert into tag_key (organization_id, project_id, key)
select %(org)s, %(project)s, 'old' || n from generate_series(1, 10) n;

insert into tag_value (key_id, value)
select k.id, 'value ' || n from tag_key k, generate_series(1, %(values)s / 10) n where k.project_id = %(project)s;

insert into issue (organization_id, project_id, number, title, type, value, culprit, level, first_seen, last_seen,
                   times_seen, users_seen, first_release, last_release)
select %(org)s, %(project)s, n, 'OldError: ' || md5(n::text), 'OldError', md5(n::text), 'app.old in work', 40,
       now() - interval '10 days', now() - random() * interval '9 days', 10, 5, 'shop@0.1', 'shop@0.2'
  from generate_series(1, %(issues)s) n;

update project set last_issue = %(issues)s where id = %(project)s;

create temp table old as
select id, row_number() over (order by id) as n from issue where project_id = %(project)s;

insert into issue_hash (project_id, hash, issue_id)
select %(project)s, decode(md5(id || 'hash'), 'hex'), id from old;

insert into issue_words (issue_id, organization_id, search)
select id, %(org)s, 'olderror: ' || md5(n::text) || E'\\napp.old in work' from old;

insert into issue_hour (issue_id, hour, times_seen)
select id, date_trunc('hour', now()) - h * interval '20 hours', 1 from old, generate_series(1, 10) h
 order by 2;

insert into issue_user (issue_id, user_hash)
select id, decode(md5(id || 'user' || u), 'hex') from old, generate_series(1, 5) u;
"""

EVENTS = """
insert into event (day, id, organization_id, project_id, key_id, issue_id, event_id, occurred_at, received_at,
                   digested_at, level, platform, title, release, environment, transaction, server_name, user_tag, tags,
                   has_body, hash)
select %(day)s, nextval('event_id_seq'), %(org)s, %(project)s, 7, m.issue, gen_random_uuid(), m.at, m.at, m.at, 40,
       'python', 'OldError: ' || md5(m.issue::text), 'shop@0.2', 'production', '/api/old', 'web-1', 'id:' || n %% 5000,
       array(select %(tag)s + (n * 7 + t * 97) %% %(values)s from generate_series(1, 15) t)::int[], true,
       decode(md5(m.issue || 'hash'), 'hex')
  from generate_series(1, %(events)s) n,
       lateral (select %(issue)s + (n::bigint * 7919) %% %(issues)s as issue,
                       %(day)s::date + n * interval '1 ms' as at) m
"""

BODIES = """
insert into event_body (day, id, body)
select day, id, decode(md5(id::text), 'hex') from event where day = %(day)s
"""


def fill(line, millions):
    """Into the line's own project; what counts behind the digest begins after them."""
    values = {"org": line.org, "project": line.project, "events": int(millions * 1e6) // DAYS,
              "issues": int(millions * 1e5), "values": VALUES}
    with psycopg.connect(line.stack.cluster.conninfo(line.stack.database), autocommit=True) as db:
        for statement in STATEMENTS.split(";\n"):
            if statement.strip():
                db.execute(statement, values)
        values["tag"], = db.execute("select min(v.id) from tag_value v join tag_key k on k.id = v.key_id"
                                    " where k.project_id = %s", (line.project,)).fetchone()
        values["issue"], = db.execute("select min(id) from old").fetchone()
        for ago in range(DAYS):
            values["day"], = db.execute("select current_date - %s::int", (ago,)).fetchone()
            db.execute("select event_partition(%(day)s)", values)
            db.execute(EVENTS, values)
            db.execute(BODIES, values)
        values["last"], = db.execute("select last_value from event_id_seq").fetchone()
        db.execute("update event_mark set settled = %(last)s, next_id = %(last)s, folded = %(last)s", values)
        db.execute("vacuum analyze")
        db.execute("checkpoint")
