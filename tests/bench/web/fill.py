"""A database as a busy installation has it after a fortnight, by COPY.

Few projects have most events, few issues have most of those, days have their
nights, and tags have a handful of values or thousands.  What the digest keeps
beside the events (counters, folds, outcomes, health of releases) is worked out
of them by PostgreSQL, so that pages find the same numbers everywhere.  The
same seed gives the same data.
"""

import random
import time
import uuid
from datetime import datetime, timedelta, timezone
from itertools import accumulate

ORGANIZATION = "bench"
DAYS = 14
PROFILES = 200          # combinations of tags that a project has
USERS = 3000            # of a project
COUNTED = 1000          # values of a wide key that have counters, as the digest has it
FOLD_FROM = 500
BODIES_OF_ISSUE = 10    # and then the first of each hour

PLATFORMS = ("python", "javascript", "java", "go", "php", "ruby", "csharp", "node")
TYPES = ("ValueError", "TypeError", "KeyError", "TimeoutError", "ConnectionError", "PermissionError", "IndexError",
         "LookupError", "AssertionError", "OSError", "RuntimeError", "LockTimeout", "HTTPError", "DecodeError")
WORDS = ("request handler user order payment session cache index lookup failed timeout retry connection database query "
         "result value parse token header response stream buffer worker queue task invoice basket stock").split()
COUNTRIES = "DE FR US GB PL ES IT NL SE BR IN JP RU UA CA AU CH AT CZ TR".split()
BROWSERS = ("Chrome 126.0", "Chrome 125.0", "Firefox 128.0", "Safari 17.5", "Edge 126.0", "Mobile Safari 17.5")
SYSTEMS = ("Windows 11", "Windows 10", "macOS 14.5", "iOS 17.5", "Android 14", "Linux 6.1")
LEVELS = {"fatal": 50, "error": 40, "warning": 30, "info": 20}


def skewed(n, power):
    return list(accumulate(1 / (i + 1) ** power for i in range(n)))


class Fill:
    def __init__(self, db, events, issues, projects, seed=1, say=print):
        self.db = db
        self.events = events
        self.issues = issues
        self.projects = projects
        self.chance = random.Random(seed)
        self.say = say
        self.now = datetime.now(timezone.utc)
        self.start = self.now.replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)

    def copy(self, table, columns, rows):
        with self.db.cursor() as cursor, cursor.copy(f"copy {table} ({columns}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)

    def run(self):
        for step in (self.make_projects, self.make_tags, self.make_issue_seeds, self.make_events, self.count,
                     self.make_issues, self.make_releases, self.finish):
            began = time.monotonic()
            step()
            self.db.commit()
            self.say(f"  {step.__name__:16} {time.monotonic() - began:6.1f} s")

    def make_projects(self):
        one = self.db.execute("insert into organization (slug, name) values (%s, 'Bench') returning id",
                              (ORGANIZATION,)).fetchone()
        self.org = one[0]
        self.copy("project", "organization_id, slug, name, platform, first_event_at, last_issue",
                  ((self.org, f"shop-{n:03}", f"Shop {n}", PLATFORMS[n % len(PLATFORMS)], self.start, 0)
                   for n in range(self.projects)))
        self.db.execute("insert into project_key (organization_id, project_id, public_key)"
                        " select organization_id, id, md5(id::text) from project where organization_id = %s",
                        (self.org,))
        self.ids = [row[0] for row in self.db.execute(
            "select id from project where organization_id = %s order by id", (self.org,))]

    def make_tags(self):
        """Keys and values of each project, and so many whole combinations of them."""
        keys, values, self.profiles, self.users = [], [], [], []
        number = self.db.execute("select coalesce(max(id), 0) from tag_value").fetchone()[0]
        key_id = self.db.execute("select coalesce(max(id), 0) from tag_key").fetchone()[0]
        for n, project in enumerate(self.ids):
            sets = {
                "level": list(LEVELS), "environment": ["production", "staging", "development"],
                "release": [f"shop-{n:03}@1.{r}.0" for r in range(6)],
                "server_name": [f"web{s}" for s in range(8)],
                "transaction": [f"/{a}/{b}/" for a in WORDS[:6] for b in WORDS[6:10]],
                "url": [f"https://shop-{n:03}.example.org/{a}/{b}" for a in WORDS[:10] for b in WORDS[10:20]],
                "browser": list(BROWSERS), "browser.name": sorted({b.rsplit(" ", 1)[0] for b in BROWSERS}),
                "os": list(SYSTEMS), "os.name": sorted({s.rsplit(" ", 1)[0] for s in SYSTEMS}),
                "geo.country_code": COUNTRIES, "error.type": list(TYPES), "runtime": ["CPython 3.11.2"],
                "handled": ["yes", "no"], "mechanism": ["django", "logging"], "plan": ["free", "pro", "team"],
            }
            ids = {}
            for key, texts in sets.items():
                key_id += 1
                keys.append((key_id, self.org, project, key, False))
                for text in ("", *texts):
                    number += 1
                    ids[key, text] = number
                    values.append((number, key_id, text))
            key_id += 1
            keys.append((key_id, self.org, project, "user", True))
            users = []
            for user in range(-1, USERS if n < 20 else USERS // 10):
                number += 1
                values.append((number, key_id, f"id:{user}" if user >= 0 else ""))
                users.append((number, f"id:{user}"))
            self.users.append(users[1:])
            self.profiles.append([self.profile(sets, ids) for _ in range(PROFILES)])
        self.copy("tag_key", "id, organization_id, project_id, key, is_wide", keys)
        self.copy("tag_value", "id, key_id, value", values)
        for table in ("tag_key", "tag_value"):
            self.db.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")

    def profile(self, sets, ids):
        chosen = {key: self.chance.choices(texts, cum_weights=skewed(len(texts), 1.2))[0]
                  for key, texts in sets.items()}
        chosen["level"] = self.chance.choices(list(LEVELS), weights=(1, 80, 15, 4))[0]
        chosen["browser.name"] = chosen["browser"].rsplit(" ", 1)[0]
        chosen["os.name"] = chosen["os"].rsplit(" ", 1)[0]
        return chosen, [ids[key, text] for key, text in chosen.items()]

    def make_issue_seeds(self):
        """Of which project each issue is, and how often it comes; rank 0 comes most."""
        self.issue_project = self.chance.choices(range(self.projects), cum_weights=skewed(self.projects, .9),
                                                 k=self.issues)
        self.issue_from = [self.chance.random() ** 2 for _ in range(self.issues)]
        self.first_issue = self.db.execute("select coalesce(max(id), 0) + 1 from issue").fetchone()[0]
        self.titles = [f"{self.chance.choice(TYPES)}: {' '.join(self.chance.choices(WORDS, k=6))}"
                       for _ in range(self.issues)]

    def make_events(self):
        for day in range(DAYS + 1):
            self.db.execute("select event_partition(%s)", ((self.start + timedelta(days=day)).date(),))
        span = (self.now - self.start).total_seconds()
        hours = int(span // 3600)
        weights = [1 + .7 * (6 < (self.start + timedelta(hours=h)).hour < 22) for h in range(hours)]
        share = sum(weights)
        self.next_id = 0
        first = self.db.execute("select nextval('event_id_seq')").fetchone()[0]
        self.first_event = first
        self.copy("event", "day, id, organization_id, project_id, key_id, issue_id, event_id, occurred_at, received_at,"
                  " digested_at, level, platform, title, release, environment, transaction, server_name, user_tag, tags,"
                  " has_body", self.rows(hours, weights, share, first))
        self.db.execute("select setval('event_id_seq', %s)", (first + self.next_id,))

    def rows(self, hours, weights, share, first):
        chance, random_ = self.chance, self.chance.random
        by_rank = skewed(self.issues, .85)
        bodies = [0] * self.issues
        latest = [-1] * self.issues
        # every issue has one event at least, when it is seen first
        starts = sorted((int(self.issue_from[i] * hours), i) for i in range(self.issues))
        at = 0
        # a third of what is drawn is of issues that have not begun
        left = max(self.events - self.issues, 0) * 3 / 2
        for hour in range(hours):
            n = int(left * weights[hour] / share)
            chosen = chance.choices(range(self.issues), cum_weights=by_rank, k=n)
            begun = [i for i in chosen if self.issue_from[i] * hours <= hour]
            while at < len(starts) and starts[at][0] <= hour:
                begun.append(starts[at][1])
                at += 1
            chance.shuffle(begun)
            base = self.start + timedelta(hours=hour)
            step = 3600 / max(len(begun), 1)
            for place, issue in enumerate(begun):
                when = base + timedelta(seconds=place * step)
                project = self.issue_project[issue]
                chosen, tags = self.profiles[project][int(random_() ** 1.5 * PROFILES)]
                users = self.users[project]
                user = users[int(random_() ** 2 * len(users))]
                has_body = bodies[issue] < BODIES_OF_ISSUE or latest[issue] < hour
                latest[issue] = hour
                bodies[issue] += 1
                yield (when.date(), first + self.next_id, self.org, self.ids[project], None, self.first_issue + issue,
                       uuid.UUID(int=chance.getrandbits(128), version=4), when, when, when, LEVELS[chosen["level"]],
                       PLATFORMS[project % len(PLATFORMS)], self.titles[issue], chosen["release"],
                       chosen["environment"], chosen["transaction"], chosen["server_name"], user[1],
                       [*tags, user[0]], has_body)
                self.next_id += 1

    def count(self):
        """What the digest and its folds have counted of these events."""
        self.db.execute("set work_mem = '512MB'")
        self.db.execute("analyze event, tag_value, tag_key")
        self.db.execute("""
            create temp table counted as
            select v.id as tag_id, v.key_id,
                   case when k.is_wide and row_number() over (partition by k.id order by v.id) > %s
                        then min(v.id) over (partition by k.id) else v.id end as as_id
              from tag_value v join tag_key k on k.id = v.key_id where k.organization_id = %s""",
                        (COUNTED, self.org))
        self.db.execute("create index on counted (tag_id)")
        self.db.execute("analyze counted")
        self.db.execute("""
            insert into tag_hour (key_id, hour, tag_id, times_seen)
            select c.key_id, s.hour, c.as_id, sum(s.n)
              from (select date_trunc('hour', e.received_at) as hour, t.id, count(*) as n
                      from event e cross join unnest(e.tags) as t (id)
                     where e.organization_id = %s group by 1, 2) s
              join counted c on c.tag_id = s.id group by 1, 2, 3 order by 1, 2, 3""", (self.org,))
        self.db.execute("""
            insert into tag_day (key_id, day, tag_id, times_seen)
            select key_id, hour::date, tag_id, sum(times_seen) from tag_hour
             where key_id in (select id from tag_key where organization_id = %s)
             group by 1, 2, 3 order by 1, 2, 3""", (self.org,))
        self.db.execute("""
            create temp table seen as
            select e.issue_id, min(e.project_id) as project_id, min(e.received_at) as first_seen,
                   max(e.received_at) as last_seen, count(*) as times_seen, count(distinct e.user_tag) as users_seen,
                   max(e.level) as level, min(e.title) as title, min(e.platform) as platform,
                   min(e.release) as first_release, max(e.release) as last_release, max(e.id) as last_id
              from event e where e.organization_id = %s group by 1""", (self.org,))
        self.db.execute("""
            insert into outcome_hour (organization_id, project_id, key_id, hour, category, outcome, reason, quantity)
            select %s, e.project_id, k.id, date_trunc('hour', e.received_at), 'error', o.outcome, o.reason,
                   greatest(count(*) / o.part, 1)
              from event e join project_key k on k.project_id = e.project_id
             cross join (values ('accepted', '', 1), ('filtered', 'web-crawlers', 20),
                                ('rate_limited', 'key', 50)) as o (outcome, reason, part)
             where e.organization_id = %s group by 2, 3, 4, 6, 7, o.part""", (self.org, self.org))
        self.db.execute("""
            insert into outcome_day (organization_id, project_id, key_id, day, category, outcome, reason, quantity,
                                     q1, q2, q3, q4)
            select organization_id, project_id, key_id, day, category, outcome, reason, sum(quantity),
                   coalesce(sum(quantity) filter (where quarter = 0), 0),
                   coalesce(sum(quantity) filter (where quarter = 1), 0),
                   coalesce(sum(quantity) filter (where quarter = 2), 0),
                   coalesce(sum(quantity) filter (where quarter = 3), 0)
              from (select o.*, (o.hour at time zone 'UTC')::date as day,
                           extract(hour from o.hour at time zone 'UTC')::int / 6 as quarter
                      from outcome_hour o where o.organization_id = %s) h
             where day <= (select closed from outcome_mark) group by 1, 2, 3, 4, 5, 6, 7""", (self.org,))

    def make_issues(self):
        self.db.execute("""
            insert into issue (id, organization_id, project_id, number, title, type, value, culprit, platform, level,
                               priority, status, substatus, is_unhandled, first_seen, last_seen, times_seen, users_seen,
                               first_release, last_release)
            overriding system value
            select s.issue_id, %s, s.project_id,
                   row_number() over (partition by s.project_id order by s.first_seen, s.issue_id),
                   s.title, split_part(s.title, ': ', 1), split_part(s.title, ': ', 2), 'shop.views in reserve',
                   s.platform, s.level, case when s.level >= 40 then 75 else 50 end,
                   case when s.issue_id %% 10 < 6 then 0 when s.issue_id %% 10 < 9 then 1 else 2 end,
                   case when s.issue_id %% 10 < 1 then 7 when s.issue_id %% 10 < 2 then 6
                        when s.issue_id %% 10 < 6 then 3 when s.issue_id %% 10 < 9 then 0 else 5 end,
                   s.issue_id %% 3 = 0, s.first_seen, s.last_seen, s.times_seen, s.users_seen, s.first_release,
                   s.last_release
              from seen s""", (self.org,))
        self.db.execute("select setval(pg_get_serial_sequence('issue', 'id'), (select max(id) from issue))")
        self.db.execute("update project p set last_issue = (select coalesce(max(number), 0) from issue i"
                        " where i.project_id = p.id) where organization_id = %s", (self.org,))
        self.db.execute("insert into issue_words (issue_id, organization_id, search)"
                        " select id, organization_id, lower(title || ' ' || culprit) from issue"
                        " where organization_id = %s", (self.org,))
        self.db.execute("insert into issue_hash (project_id, hash, issue_id)"
                        " select project_id, decode(md5(id::text), 'hex'), id from issue where organization_id = %s",
                        (self.org,))
        self.db.execute("insert into issue_hour (issue_id, hour, times_seen)"
                        " select issue_id, date_trunc('hour', received_at), count(*) from event"
                        " where organization_id = %s group by 1, 2 order by 1, 2", (self.org,))
        self.db.execute("insert into issue_user (issue_id, user_hash)"
                        " select distinct issue_id, decode(md5(user_tag), 'hex') from event"
                        " where organization_id = %s", (self.org,))
        self.db.execute("""
            insert into issue_tag (issue_id, key_id, tag_id, times_seen, first_seen, last_seen)
            select e.issue_id, c.key_id, c.as_id, count(*), min(e.received_at), max(e.received_at)
              from event e join seen s on s.issue_id = e.issue_id and s.times_seen >= %s
             cross join unnest(e.tags) as t (id) join counted c on c.tag_id = t.id
             group by 1, 2, 3""", (FOLD_FROM,))
        self.db.execute("insert into issue_fold (issue_id, event_id, times_seen)"
                        " select issue_id, last_id, times_seen from seen where times_seen >= %s", (FOLD_FROM,))

    def make_releases(self):
        self.db.execute("""
            insert into environment (organization_id, project_id, name, first_seen, last_seen)
            select %s, project_id, environment, min(received_at), max(received_at) from event
             where organization_id = %s group by 2, 3""", (self.org, self.org))
        self.db.execute("""
            insert into release (organization_id, project_id, version, sort_key, first_seen, last_seen)
            select %s, project_id, release, convert_to(release, 'UTF8'), min(received_at), max(received_at) from event
             where organization_id = %s group by 2, 3""", (self.org, self.org))
        self.db.execute("""
            insert into release_hour (organization_id, project_id, release_id, environment_id, hour, events, sessions,
                                      exited, errored, crashed, users, users_crashed)
            select %s, r.project_id, r.id, n.id, date_trunc('hour', e.received_at), count(*), count(*) * 40,
                   count(*) * 38, count(*), count(*) / 4, count(*) * 11, count(*) / 5
              from event e
              join release r on r.project_id = e.project_id and r.version = e.release
              join environment n on n.project_id = e.project_id and n.name = e.environment
             where e.organization_id = %s group by 2, 3, 4, 5""", (self.org, self.org))
        self.db.execute("""
            insert into deploy (organization_id, release_id, environment, finished_at)
            select organization_id, id, 'production', first_seen from release where organization_id = %s""",
                        (self.org,))

    def finish(self):
        last = self.db.execute("select last_value from event_id_seq").fetchone()[0]
        self.db.execute("update event_mark set settled = %s, next_id = %s, folded = %s", (last, last, last))
        self.db.commit()
        self.db.autocommit = True
        self.db.execute("vacuum analyze")
        self.db.autocommit = False

    def bodies(self, packed):
        """Gives the events that have a body one of these, as event_body has them."""
        self.db.execute("create temp table packed (n integer, body bytea)")
        self.copy("packed", "n, body", enumerate(packed))
        self.db.execute("insert into event_body (day, id, body) select e.day, e.id, p.body from event e"
                        " join packed p on p.n = e.id %% %s where e.organization_id = %s and e.has_body",
                        (len(packed), self.org))
        self.db.commit()
