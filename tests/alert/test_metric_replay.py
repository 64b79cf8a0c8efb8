"""What a rehearsal says before a rule is saved is what the worker fires when the fortnight passes.

The minutes of two projects are written; the page tells what each rule would have done with them; then the worker's
own evaluation (replay.c: its chore, by a clock that is told) passes through them.
"""

import hashlib
import json
import random
import re
import subprocess
import time

import pytest
from alert.test_metric import add_metric
from harness.build import ROOT
from page.conftest import Person

HOUR = 60
STRETCH = 100  # minutes in which something comes in
TAIL = 130  # and until all windows are empty again
ENVIRONMENTS = ("production", "staging", "")

SESSIONS = {"metric": "crash_free_sessions", "side": "below"}
USERS = {"metric": "crash_free_users", "side": "below"}
BOTH = ("shop", "till")
# name: (the rule, its projects, its environments)
RULES = {
    "above": ({"critical": "40"}, ["shop"], []),
    "above, in a minute": ({"window": "1", "critical": "4"}, ["shop"], []),
    "above, errors": ({"window": "5", "critical": "8", "level": "40"}, ["shop"], []),
    "below": ({"side": "below", "critical": "3", "window": "5"}, ["shop"], []),
    "below, twice": ({"side": "below", "critical": "6", "warning": "12", "window": "10", "period": "2"}, BOTH, []),
    "warning": ({"window": "15", "critical": "25", "warning": "12"}, BOTH, []),
    "resolve": ({"window": "10", "critical": "14", "warning": "10", "resolve": "3"}, ["shop"], []),
    "in a row": ({"window": "5", "critical": "5", "period": "3"}, ["shop"], []),
    "more than an hour ago": ({"compare": "60", "window": "15", "critical": "180", "warning": "120"}, BOTH, []),
    "less than an hour ago": ({"compare": "60", "window": "30", "critical": "40", "side": "below"}, ["shop"], []),
    "unlike the day": ({"compare": "day", "window": "15", "critical": "400", "warning": "250"}, ["shop"], []),
    "unlike the week": ({"compare": "week", "window": "10", "critical": "300"}, ["shop"], []),
    "less than in the week": ({"compare": "week", "window": "15", "critical": "60", "side": "below"}, ["shop"], []),
    "users": ({"metric": "users", "window": "10", "critical": "8", "warning": "6"}, ["shop"], []),
    "users of one environment": ({"metric": "users", "window": "30", "critical": "5"}, ["shop"], ["production"]),
    "two environments": ({"window": "10", "critical": "9"}, BOTH, ["production", "staging"]),
    "sessions": ({**SESSIONS, "critical": "80", "warning": "90"}, BOTH, []),
    "sessions, 10 minutes": ({**SESSIONS, "window": "10", "critical": "75", "resolve": "90"}, ["shop"], []),
    "sessions of one environment": ({**SESSIONS, "window": "30", "critical": "85"}, ["shop"], ["staging"]),
    "users of sessions": ({**USERS, "window": "30", "critical": "70", "warning": "80"}, BOTH, []),
    "sessions of a release": ({**SESSIONS, "window": "30", "critical": "80", "release": "shop@2.0"}, ["shop"], []),
    "sessions of the newest release": ({**SESSIONS, "window": "15", "critical": "75", "release": "latest",
                                        "least": "4"}, BOTH, []),
    "users of the newest release": ({**USERS, "window": "10", "critical": "70", "release": "latest"}, ["shop"],
                                    ["production", "staging"]),
    "none crash": ({**SESSIONS, "window": "15", "side": "above", "critical": "99"}, ["shop"], []),
}


def users(chance, n):
    return b"".join(hashlib.sha256(b"%d" % chance.randrange(20)).digest()[:4] for _ in range(n))


def write(stack, project, chance, start):
    """A stretch: calm, bursts and silence; what came in by the minute, environment and level."""
    mean = 2
    releases = [id for id, in stack.sql("select id from release where project_id = %s order by version", project.id)]
    for minute in range(start, start + STRETCH):
        if (minute - start) % 13 == 0:  # the same whatever the hour
            mean = chance.choice([0, 1, 1, 3])
        for environment in ENVIRONMENTS:
            for level in (30, 40):
                if n := round(chance.random() * mean):
                    stack.sql("insert into project_minute select organization_id, id, %s, %s, to_timestamp(%s), %s, %s"
                              " from project where id = %s",
                              environment, level, minute * 60, n, users(chance, n), project.id)
            began = chance.randrange(4)
            crashed = min(began, chance.choice([0, 0, 0, 1, 2])) if mean else 0
            who = users(chance, began)
            for is_crashed, n in ((False, began), (True, crashed)):
                if n:
                    # a new release is rolled out, and the old one does not vanish at once
                    release = releases[(minute - start) // 40 % 2 and chance.randrange(4) > 0]
                    stack.sql("insert into session_minute select organization_id, id, %s, %s, to_timestamp(%s), %s, %s, %s"
                              " from project where id = %s on conflict do nothing",
                              environment, is_crashed, minute * 60, n, who[:4 * n], release, project.id)


def write_usual(stack, project, starts, before):
    """Two events a minute at the stretches' time of the day, in the days before the fortnight."""
    stack.sql("insert into project_minute select organization_id, p.id, 'production', 30,"
              " to_timestamp((s.start + m - d * 1440) * 60), 2, '' from project p, unnest(%s::bigint[]) s(start),"
              " generate_series(0, %s) m, generate_series(1, 28) d where p.id = %s and s.start + m - d * 1440 < %s"
              " on conflict do nothing", starts, STRETCH, project.id, before)


def rehearsed(page):
    """How often it would have fired, and the latest changes: (minute, word)."""
    head = re.search(r"Would have fired (?:(once)|([\d,]+) times)", page)
    hits = re.search(r'<ol class="acts hits">(.*?)</ol>', page, re.DOTALL).group(1)
    shown = re.findall(r">(Critical|Warning|Resolved): .*?<time datetime=\"(\d+-\d\d-\d\dT\d\d:\d\d)", hits)
    return 1 if head.group(1) else int(head.group(2).replace(",", "")), [(at, word) for word, at in shown]


@pytest.fixture(scope="module")
def replay(build):
    """The program; a stack's database and the minutes to look at."""
    program = f"{build.name}/tests/alert/replay"
    made = subprocess.run(["make", f"BUILD={build.name}", program], cwd=ROOT, capture_output=True, text=True,
                          timeout=600)
    assert made.returncode == 0, made.stdout + made.stderr

    def run(stack, spans):
        done = subprocess.run([ROOT / program, stack.cluster.conninfo(stack.database)], cwd=ROOT, text=True,
                              input="".join(f"{start} {end}\n" for start, end in spans), capture_output=True,
                              timeout=600)
        assert done.returncode == 0, done.stderr
    return run


def test_the_worker_fires_what_the_rehearsal_said(stack, replay):
    stack.stop("worker")  # its clock is another
    projects = {name: stack.create_project(name) for name in BOTH}
    chance = random.Random(1)
    now = int(time.time()) // 60
    first = now - 14 * 24 * HOUR + 20
    starts = [first + 3 * 24 * HOUR, first + 8 * 24 * HOUR + 17]
    for project in projects.values():
        # the newest by date, as these are no semantic versions
        stack.sql("insert into release (organization_id, project_id, version, first_seen, last_seen)"
                  " select organization_id, id, 'shop@' || v || '.0', now() - interval '60 days' + v * interval '1 day', now()"
                  " from project, generate_series(1, 2) v where id = %s", project.id)
    for start in starts:
        for project in projects.values():
            write(stack, project, chance, start)

    write_usual(stack, projects["shop"], starts, first - HOUR)

    def moment(minute):
        """The first fires are of the fortnight's first minutes, which pass."""
        at = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(minute * 60))
        return at if minute >= starts[0] else "at first"

    early = moment(starts[0])
    said, made = {}, {}
    admin = Person(stack).sign_in(stack.admin.email)
    for name, (fields, of, environments) in RULES.items():
        made[name] = rule = add_metric(stack, projects[of[0]], **{"warning": "", **fields})
        for other in of[1:]:
            stack.sql("insert into alert_rule_project (rule_id, project_id, organization_id)"
                      " select %s, id, organization_id from project where id = %s", rule, projects[other].id)
        stack.sql("update alert_rule set environments = %s where id = %s", environments, rule)
        fired, shown = rehearsed(admin.get(f"/acme/alerts/{rule}/").text)
        said[name] = fired, [(at if at >= early else "at first", word) for at, word in shown]

    replay(stack, [(first, first + 15), *((start, start + STRETCH + TAIL) for start in starts)])
    for name, rule in made.items():
        told = [(moment(int(json.loads(data)["at"]) // 60_000_000), json.loads(data)["action"].capitalize())
                for data, in stack.sql("select data::text from outbox where rule_id = %s and cause = 'metric'"
                                       " order by (data::json->>'at')::bigint desc, project_id", rule)]
        fired = sum(word != "Resolved" for _, word in told)
        assert said[name] == (fired, told[:20]), name
        assert fired == stack.value("select count(*) from alert_fire where rule_id = %s", rule), name
        assert fired > 1, f"{name}: too little happens"
        assert any(word == "Resolved" for _, word in told), name
        if "warning" in RULES[name][0]:
            assert {word for _, word in told} == {"Critical", "Warning", "Resolved"}, name
