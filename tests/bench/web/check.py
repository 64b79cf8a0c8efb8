"""Is what fill.py makes what the worker writes?  Every statement has to find nothing.

The first part compares with events that a real worker has stored, in another organisation of the same database: tables
and columns that one of them has and the other has not.  The second counts again what the events say.
"""

REAL, MADE = "samples", "bench"

# What no page reads: it is of minutes, or for rules and dictionaries; and what a chore leaves behind by itself.
LEFT_OUT = {"issue_minute", "project_minute", "session_minute", "issue_environment", "issue_check", "body_dictionary",
            "audit", "member", "digest_mark", "project_key", "project_spike", "sdk_newest"}

# of what kind its rows are, and how they belong to an organisation
OWNERS = (
    ("organization_id", "t.organization_id = {org}"),
    ("issue_id", "t.issue_id in (select id from issue where organization_id = {org})"),
    ("key_id", "t.key_id in (select id from tag_key where organization_id = {org})"),
    ("project_id", "t.project_id in (select id from project where organization_id = {org})"),
)

COLUMNS = """
select c.relname, array_agg(a.attname::text order by a.attnum)
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
 group by 1 order by 1"""

RECOUNTED = {
    "tag_hour": """
        with own as (select k.id from tag_key k where k.organization_id = {org} and not k.is_wide),
        said as (select v.key_id, date_trunc('hour', e.received_at) as hour, t.id as tag_id, count(*) as n
                   from event e cross join unnest(e.tags) t (id) join tag_value v on v.id = t.id
                  where e.organization_id = {org} and v.key_id in (select id from own) group by 1, 2, 3),
        made as (select key_id, hour, tag_id, times_seen as n from tag_hour where key_id in (select id from own))
        (select * from said except select * from made) union all (select * from made except select * from said)""",
    "tag_day": """
        (select key_id, hour::date, tag_id, sum(times_seen) from tag_hour group by 1, 2, 3)
        except select key_id, day, tag_id, times_seen from tag_day""",
    "country_hour": """
        select k.organization_id, h.hour, v.value, sum(h.times_seen) from tag_key k join tag_hour h on h.key_id = k.id
          join tag_value v on v.id = h.tag_id where k.key = 'geo.country_code' group by 1, 2, 3
        except select organization_id, hour, country, times_seen from country_hour""",
    "issue": """
        select issue_id, project_id, count(*), count(distinct user_tag), min(received_at), max(received_at)
          from event where organization_id = {org} group by 1, 2
        except select id, project_id, times_seen, users_seen, first_seen, last_seen from issue""",
    "issue_hour": """
        select issue_id, date_trunc('hour', received_at), count(*) from event where organization_id = {org} group by 1, 2
        except select issue_id, hour, times_seen from issue_hour""",
    "issue_user": """
        select issue_id, decode(md5(user_tag), 'hex') from event where organization_id = {org}
        except select issue_id, user_hash from issue_user""",
    "issue_hash": """
        select project_id, hash, issue_id from event where hash is not null
        except select project_id, hash, issue_id from issue_hash""",
    "issue_tag": """
        select e.issue_id, t.id, count(*), min(e.occurred_at), max(e.occurred_at)
          from issue_fold f join event e on e.issue_id = f.issue_id and e.id <= f.event_id
         cross join unnest(e.tags) t (id) join tag_value v on v.id = t.id join tag_key k on k.id = v.key_id
         where e.organization_id = {org} and k.key <> 'user' group by 1, 2
        except select issue_id, tag_id, times_seen, first_seen, last_seen from issue_tag""",
    "outcome_hour": """
        select project_id, key_id, date_trunc('hour', received_at), count(*) from event group by 1, 2, 3
        except select project_id, key_id, hour, quantity from outcome_hour where outcome = 'accepted'""",
    "event_day": """
        select e.project_id, e.day, count(*), sum(coalesce(octet_length(b.body), 0) + 500)::bigint
          from event e left join event_body b on b.day = e.day and b.id = e.id
         where e.organization_id = {org} group by 1, 2
        except select project_id, day, events, bytes from event_day""",
    "event_body": """
        select e.id from event e left join event_body b on b.day = e.day and b.id = e.id
         where e.has_body <> (b.id is not null)""",
    "release_hour": """
        select r.id, n.id, date_trunc('hour', e.received_at), count(*)
          from event e join release r on r.project_id = e.project_id and r.version = e.release
          join environment n on n.project_id = e.project_id and n.name = e.environment group by 1, 2, 3
        except select release_id, environment_id, hour, events from release_hour""",
}


def filled_columns(db, table, columns, org):
    """Those that any of its rows has; None: it has no rows."""
    for column, condition in OWNERS:
        if column in columns:
            row = db.execute(f"select count(*), {', '.join(f'count(t.{name})' for name in columns)}"
                             f" from {table} t where {condition.format(org=org)}").fetchone()
            return {name for name, n in zip(columns, row[1:]) if n} if row[0] else None
    return None


def check(db):
    """What is wrong, as lines."""
    real, made = (db.execute("select id from organization where slug = %s", (slug,)).fetchone()[0] for slug in (REAL, MADE))
    wrong = []
    for table, columns in db.execute(COLUMNS).fetchall():
        if table in LEFT_OUT:
            continue
        theirs, ours = (filled_columns(db, table, columns, org) for org in (real, made))
        if theirs and not ours:
            wrong.append(f"{table}: the worker writes it")
        elif theirs and ours and theirs - ours:
            wrong.append(f"{table}: the worker fills {', '.join(sorted(theirs - ours))}")
    for table, statement in RECOUNTED.items():
        rows = db.execute(statement.format(org=made)).fetchall()
        if rows:
            wrong.append(f"{table}: {len(rows)} rows, {rows[0]}")
    return wrong
