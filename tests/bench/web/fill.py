"""A database as a busy installation has it after a fortnight, with all that the worker would have written.

Few projects have most events, few issues have most of those, days have their nights, and tags have a handful of values
or thousands.  What an event is, is drawn by PostgreSQL, a day at a time on every core: an issue, a profile (a whole
combination of tags that its project has) and a user, all by number (statements.py).  From these draws come the events and
whatever the digest counts of them, so that pages find the same numbers everywhere.  The same seed draws the same.
"""

import random
import shutil
import sys
import time
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from filling import Filler  # noqa: E402
from web import statements as sql  # noqa: E402

ORGANIZATION = "bench"
DAYS = 14
PROFILES = (200, 40)       # of one of the BUSY first projects, of another
USERS = (20000, 3000, 300)  # of one of the first WIDE projects, of a busy one, of another
WIDE, BUSY = 5, 50
BYTES = 3500               # of an event with its share of everything, and of PostgreSQL's log, at most

PLATFORMS = ("python", "javascript", "java", "go", "php", "ruby", "csharp", "node")
TYPES = ("ValueError", "TypeError", "KeyError", "TimeoutError", "ConnectionError", "PermissionError", "IndexError",
         "LookupError", "AssertionError", "OSError", "RuntimeError", "LockTimeout", "HTTPError", "DecodeError")
WORDS = ("request handler user order payment session cache index lookup failed timeout retry connection database query "
         "result value parse token header response stream buffer worker queue task invoice basket stock").split()
COUNTRIES = "DE FR US GB PL ES IT NL SE BR IN JP RU UA CA AU CH AT CZ TR".split()
BROWSERS = ("Chrome 126.0", "Chrome 125.0", "Firefox 128.0", "Safari 17.5", "Edge 126.0", "Mobile Safari 17.5")
SYSTEMS = ("Windows 11", "Windows 10", "macOS 14.5", "iOS 17.5", "Android 14", "Linux 6.1")
SDKS = ("sentry.python 2.19.0", "sentry.python 2.12.0", "sentry.python 1.45.1")
LEVELS = {"fatal": 50, "error": 40, "warning": 30, "info": 20}
RELEASES = 6


@lru_cache
def skewed(n, power):
    return list(accumulate(1 / (i + 1) ** power for i in range(n)))


def without_version(name):
    return name.rsplit(" ", 1)[0]


class Fill:
    """bodies: some as event_body has them, of which each event gets one."""

    def __init__(self, conninfo, events, issues, projects, bodies, seed=1, say=print):
        self.filler = Filler(conninfo)
        self.events = events
        self.issues = issues
        self.projects = projects
        self.bodies = bodies
        self.seed = seed
        self.chance = random.Random(seed)
        self.say = say
        self.now = datetime.now(timezone.utc)
        self.start = self.now.replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
        self.values = {"events": events, "issues": issues, "projects": projects, "types": list(TYPES),
                       "words": WORDS, "start": self.start, "now": self.now, "hours": DAYS * 24}

    def copy(self, table, columns, rows):
        with self.db.cursor() as cursor, cursor.copy(f"copy {table} ({columns}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)

    def value(self, statement):
        return self.db.execute(statement).fetchone()[0]

    def run(self):
        with self.filler.connect() as self.db:
            room, needed = shutil.disk_usage(self.value("show data_directory")).free, self.events * BYTES
            assert room > needed, f"it takes {needed / 1e9:.0f} GB, and {room / 1e9:.0f} are free"
            for step in (self.make_projects, self.make_tags, self.make_issue_seeds, self.make_days, self.make_issues,
                         self.make_issue_counters, self.finish):
                began = time.monotonic()
                step()
                self.say(f"  {step.__name__:20} {time.monotonic() - began:6.1f} s")

    def make_projects(self):
        self.db.execute("set session_replication_role = origin")  # pages know by a trigger that there are projects
        self.org = self.db.execute("insert into organization (slug, name) values (%s, 'Bench') returning id",
                                   (ORGANIZATION,)).fetchone()[0]
        self.copy("project", "organization_id, slug, name, platform, first_event_at",
                  ((self.org, f"shop-{n:03}", f"Shop {n}", PLATFORMS[n % len(PLATFORMS)], self.start)
                   for n in range(self.projects)))
        self.values["org"] = self.org
        for statement in sql.PROJECTS:
            self.db.execute(statement, self.values)
        self.ids = [row[0] for row in self.db.execute(
            "select id from project where organization_id = %s order by id", (self.org,))]
        self.db.execute("set session_replication_role = replica")

    def tags_of_project(self, n):
        return {
            "level": list(LEVELS), "environment": ["production", "staging", "development"],
            "release": [f"shop-{n:03}@1.{r}.0" for r in range(RELEASES)],
            "server_name": [f"web{s}" for s in range(8)],
            "transaction": [f"/{a}/{b}/" for a in WORDS[:6] for b in WORDS[6:10]],
            "url": [f"https://shop-{n:03}.example.org/{a}/{b}" for a in WORDS[:10] for b in WORDS[10:20]],
            "browser": list(BROWSERS), "browser.name": sorted({without_version(b) for b in BROWSERS}),
            "os": list(SYSTEMS), "os.name": sorted({without_version(s) for s in SYSTEMS}),
            "geo.country_code": COUNTRIES, "error.type": list(TYPES), "runtime": ["CPython 3.11.2"],
            "sdk": list(SDKS), "sdk.name": sorted({without_version(s) for s in SDKS}),
            "handled": ["yes", "no"], "mechanism": ["django", "logging"], "plan": ["free", "pro", "team"],
        }

    def make_tags(self):
        """Keys and values of each project, and so many whole combinations of them."""
        keys, values, profiles, projects = [], [], [], []
        number = self.value("select coalesce(max(id), 0) from tag_value")
        key = self.value("select coalesce(max(id), 0) from tag_key")
        for n, project in enumerate(self.ids):
            ids, sets = {}, self.tags_of_project(n)
            for name, texts in sets.items():
                key += 1
                keys.append((key, self.org, project, name, False))
                for text in ("", *texts):
                    number += 1
                    ids[name, text] = number
                    values.append((number, key, text))
            key += 1
            users = USERS[0 if n < WIDE else 1 if n < BUSY else 2]
            keys.append((key, self.org, project, "user", n < WIDE))
            first = len(profiles)
            for _ in range(PROFILES[n >= BUSY]):
                chosen = self.profile(sets)
                profiles.append((len(profiles), n, [ids[name, text] for name, text in chosen.items()],
                                 LEVELS[chosen["level"]], chosen["release"], chosen["environment"],
                                 chosen["transaction"], chosen["server_name"]))
            # '' and then the users
            projects.append((n, project, PLATFORMS[n % len(PLATFORMS)], first, len(profiles) - first,
                             key, n < WIDE, users, number + 1))
            number += 1 + users
        self.copy("tag_key", "id, organization_id, project_id, key, is_wide", keys)
        with self.filler.bare("tag_value"):
            self.copy("tag_value", "id, key_id, value", values)
            self.db.execute(sql.DRAW_PROJECT)
            self.copy("draw.project", "n, id, platform, first_profile, profiles, user_key, is_wide, users, no_user",
                      projects)
            self.db.execute(sql.USERS)
        self.db.execute(sql.DRAW_PROFILE)
        self.copy("draw.profile", "n, project, tags, level, release, environment, transaction, server_name", profiles)
        for table in ("tag_key", "tag_value"):
            self.db.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
        for statement in sql.RELEASES:
            self.db.execute(statement, self.values)

    def profile(self, sets):
        chosen = {key: self.chance.choices(texts, cum_weights=skewed(len(texts), 1.2))[0]
                  for key, texts in sets.items()}
        chosen["level"] = self.chance.choices(list(LEVELS), weights=(1, 80, 15, 4))[0]
        chosen["browser.name"] = without_version(chosen["browser"])
        chosen["sdk.name"] = without_version(chosen["sdk"])
        chosen["os.name"] = without_version(chosen["os"])
        return chosen

    def make_issue_seeds(self):
        """Of which project each issue is, and when it began; the first come most."""
        self.values["first_issue"] = self.value("select coalesce(max(id), 0) + 1 from issue")
        self.db.execute(f"select setseed({self.seed / 1000})")
        for statement in sql.ISSUE_SEEDS:
            self.db.execute(statement, self.values)
        self.db.execute("create unlogged table draw.body (n int primary key, body bytea not null)")
        self.copy("draw.body", "n, body", enumerate(self.bodies))
        self.values["bodies"] = len(self.bodies)

    def hours(self):
        """(hour, draws): nights are quieter.  A third of what is drawn is of issues that have not begun."""
        weights = [1 + .7 * (6 < (self.start + timedelta(hours=h)).hour < 22) for h in range(DAYS * 24)]
        left = max(self.events - self.issues, 0) * 3 / 2
        return [(h, int(left * weight / sum(weights))) for h, weight in enumerate(weights)]

    def make_days(self):
        self.db.execute("create unlogged table draw.hour (hour int primary key, draws int not null)")
        self.copy("draw.hour", "hour, draws", self.hours())
        first = self.value("select nextval('event_id_seq')")
        days = []
        for n in range(DAYS + 1):
            day = (self.start + timedelta(days=n)).date()
            self.db.execute("select event_partition(%s)", (day,))
            begin = datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
            span = [int((begin + timedelta(days=d) - self.start).total_seconds() // 3600) for d in (0, 1)]
            days.append(self.values | {"day": day, "suffix": f"{day:%Y%m%d}", "from": max(span[0], 0), "to": span[1],
                                       "first": first, "seed": (self.seed + n) / 1000})
            first += self.value(f"select coalesce(sum(draws), 0) + (select count(*) from draw.issue i"
                                f" where i.hour >= {span[0]} and i.hour < {span[1]}) from draw.hour h"
                                f" where h.hour >= {span[0]} and h.hour < {span[1]}")
        self.values["last"] = first
        self.db.execute(f"select setval('event_id_seq', {first})")
        self.db.execute(sql.DRAWN)
        with self.filler.bare(*sql.COUNTERS_OF_DAYS):
            # the fullest first, so that no core ends up alone with it
            self.filler.side_by_side((self.make_day, day) for day in sorted(days, key=lambda d: d["from"] - d["to"]))

    def make_day(self, day):
        with self.filler.connect() as db:
            db.execute(f"select setseed({day['seed']})")
            for statement in sql.DAY:
                db.execute(statement.format(**day), day)
        for table in ("event", "event_body"):
            with self.filler.bare(f"{table}_{day['suffix']}"):
                self.filler.run(sql.OF_DAY[table].format(**day), values=day)

    def make_issues(self):
        with self.filler.bare("issue"):
            for statement in sql.ISSUES:
                self.db.execute(statement, self.values)

    def make_issue_counters(self):
        self.filler.side_by_side((self.filler.table, table, statement, self.values)
                                 for table, statement in sql.OF_ISSUES.items())

    def finish(self):
        for statement in sql.FINISH:
            self.db.execute(statement, self.values)


def settle(stack):
    """Until a worker has done what is due once: days of the ledger closed, trends, releases and tags reckoned."""
    stack.start("worker")
    stack.wait_for(lambda: stack.value("select exists (select from issue_trend)"
                                       "   and (select till > now() - interval '3 hours' from outcome_mark)"
                                       "   and ((select count(*) <= 50 from project) or (exists ("
                                       "        select from release_recent_mark"
                                       "         where reckoned_at > now() - interval '1 minute')"
                                       "        and (select count(*) >= 90 from tag_sum_day)))"), timeout=900)
    stack.stop("worker")
    for table in ("outcome_day", "issue_trend", "release_recent", "tag_sum_day", "tag_sum"):
        stack.sql(f"vacuum analyze {table}")
    # as if the worker ran on
    stack.sql("update release_recent_mark set reckoned_at = now() + interval '1 day'")
