"""Several Redis servers: events by their key, counters by organisation, records of keys everywhere."""

import threading
import time
import uuid
import zlib

import pytest
import redis as redis_py

from harness.cluster import make_folder
from harness.line import envelope, make_event
from harness.packed import pack_entry, several

STREAM = "vedette:events"


class Second:
    """The second server of a stack, and what the first tests of both need."""

    def __init__(self, stack):
        self.stack = stack
        path = stack.run / "redis2.sock"
        make_folder(stack.build, stack.folder / "redis2")
        self.redis = redis_py.Redis(unix_socket_path=str(path))
        stack._add("redis2", [stack.build.tool("REDIS_SERVER"), "--port", 0, "--unixsocket", path, "--unixsocketperm", 777,
                              "--dir", stack.folder / "redis2", "--appendonly", "yes", "--appendfsync", "always",
                              "--save", "", "--maxmemory-policy", "noeviction", "--loglevel", "warning",
                              "--aclfile", stack.build.redis_acl], ready=self.answers)
        conf = stack.folder / "nginx.conf"
        text = conf.read_text()
        first = f"vedette_redis {stack.edge_redis};"
        assert first in text
        conf.write_text(text.replace(first, f"vedette_redis unix:{path.with_name('redis.sock')} unix:{path} {stack.edge_redis.partition(' ')[2]};"))
        stack.write_config({"redis.shards": path})

    def answers(self):
        try:
            return self.redis.ping()
        except (redis_py.ConnectionError, redis_py.exceptions.BusyLoadingError):
            return False


@pytest.fixture(scope="module")
def stack(new_stack):
    stack = new_stack(start=[])
    stack.second = Second(stack)
    stack.start("redis2", "redis", "web", "worker", "spool", "nginx")
    stack.expect_log("cannot connect|signal 9|no connection to redis|Connection reset|Server closed|does not know of changed|"
                     "could not be sent|waits|Broken pipe")
    yield stack
    stack.part("redis2").stop()


def server_of(project):
    return zlib.crc32(project.key.encode()) % 2


@pytest.fixture(scope="module")
def projects(stack):
    """Two of each server."""
    found = {0: [], 1: []}
    while min(len(of) for of in found.values()) < 2:
        project = stack.create_project(org="shards")
        found[server_of(project)].append(project)
    return found[0][:2], found[1][:2]


def ids_of(stack, project):
    return {row[0].hex for row in stack.sql("select event_id from event where project_id = %s", project.id)}


def books(stack, project):
    """Each event is one row, once in its issue, once in the ledger."""
    stack.wait_for_counters()
    rows = stack.value("select count(*) from event where project_id = %s", project.id)
    seen = stack.value("select coalesce(sum(times_seen), 0) from issue where project_id = %s", project.id)
    kept = stack.value("""select coalesce(sum(quantity), 0) from outcome_hour
                          where project_id = %s and category = 'error' and outcome = 'accepted'""", project.id)
    return rows, seen, kept


def test_events_go_by_their_key_and_workers_read_both(stack, projects):
    streams = stack.redis, stack.second.redis
    before = [int(server.info("commandstats").get("cmdstat_xadd", {}).get("calls", 0)) for server in streams]
    for project in projects[0] * 3 + projects[1]:
        stack.wait_for_event(stack.send_event(project))
    after = [int(server.info("commandstats")["cmdstat_xadd"]["calls"]) for server in streams]
    # the first has entries of live pages besides
    assert after[1] - before[1] == 2 and after[0] - before[0] >= 6
    stack.wait_for(lambda: streams[0].xlen(STREAM) == streams[1].xlen(STREAM) == 0)
    names = [row[0] for row in stack.sql("select name from digest_mark where name like '%%:%%'")]
    assert [name.endswith("@1") for name in sorted(names, key=len)] == [False, True]
    queue = stack.vedette("queue", "list").stdout
    assert queue.startswith("0 wait") and "server 1: 7" in stack.vedette("status", check=False).stdout


def test_an_organisation_is_counted_on_one_server(stack, projects):
    (one, _), (two, _) = projects
    organization = stack.value("select organization_id from project where id = %s", one.id)
    stack.vedette("limit", "set", "shards", "transaction", 5, 86400)
    stack.wait_for(lambda: b"org_quota" in stack.second.redis.hget(f"vedette:key:{two.key}", "limits"))

    def post(project):
        return stack.send_envelope(project, {}, [({"type": "transaction"}, {"type": "transaction"})]).status_code

    # either key's limits may be as old as the edge allows them to be; once known, the five that went are the organisation's
    stack.wait_for(lambda: post(one) == 429)
    stack.wait_for(lambda: post(two) == 429)
    counters = [sum(int(server.get(name)) for name in server.keys("vedette:quota:q*")) for server in
                (stack.redis, stack.second.redis)]
    assert counters[organization % 2] == 5 and counters[1 - organization % 2] == 0


@pytest.mark.parametrize("name", ["redis2", "redis"])
def test_a_server_dies_under_load_and_comes_back(stack, projects, name):
    """Its traffic goes to the spool, the other's goes on; nothing is lost, nothing is there twice."""
    both = projects[0][0], projects[1][0]
    before = {project.id: ids_of(stack, project) for project in both}
    sent = {project.id: [] for project in both}
    stop = threading.Event()

    def send(project):
        while not stop.is_set():
            id = uuid.uuid4().hex
            if stack.send_envelope(project, {"event_id": id}, [({"type": "event"}, {"event_id": id, "message": "x"})]).ok:
                sent[project.id].append(id)

    threads = [threading.Thread(target=send, args=(project,)) for project in both for _ in range(2)]
    for thread in threads:
        thread.start()
    reached = lambda n: all(len(ids) > n for ids in sent.values())  # noqa: E731
    stack.wait_for(lambda: reached(20))
    stack.kill(name)
    mark = {id: len(ids) for id, ids in sent.items()}
    stack.wait_for(lambda: all(len(ids) > mark[id] + 20 for id, ids in sent.items()), what="events while it is away")
    stack.part(name).start()
    mark = {id: len(ids) for id, ids in sent.items()}
    stack.wait_for(lambda: all(len(ids) > mark[id] + 20 for id, ids in sent.items()))
    stop.set()
    for thread in threads:
        thread.join()

    for project in both:
        expected = before[project.id] | set(sent[project.id])
        stack.wait_for(lambda: ids_of(stack, project) >= expected, timeout=60, what="what was accepted")  # noqa: B023
    stack.wait_for(lambda: stack.redis.xlen(STREAM) == stack.second.redis.xlen(STREAM) == 0)
    stack.wait_for(lambda: not list((stack.folder / "spool").glob("*.seg")) or stack.part("spool").alive())
    for project in both:
        rows, seen, kept = books(stack, project)
        assert rows == seen == kept
        assert ids_of(stack, project) == before[project.id] | set(sent[project.id])


def test_what_a_server_has_missed_of_keys_it_gets_when_it_is_back(stack, projects):
    project = projects[1][0]
    stack.part("redis2").stop()
    stack.vedette("project", "origins", project.org, project.slug, "https://shop.example")
    gone = stack.create_project(org="shards")
    stack.part("redis2").start()
    record = f"vedette:key:{project.key}"
    stack.wait_for(lambda: stack.second.redis.hget(record, "origins") == b"https://shop.example")
    stack.wait_for(lambda: stack.second.redis.exists(f"vedette:key:{gone.key}"))
    stack.wait_for(lambda: stack.redis.scard("vedette:keys:behind") == 0)

    # a change holds at the edge as if there were one server
    headers = {"Origin": "https://elsewhere.example"}
    post = lambda: stack.send_envelope(project, {}, [({"type": "event"}, {})], headers=headers).status_code  # noqa: E731
    stack.wait_for(lambda: post() == 403)
    stack.vedette("project", "origins", project.org, project.slug, "*")
    stack.wait_for(lambda: post() == 200)


@pytest.mark.parametrize("away, here", [(1, 0), (0, 1)])
def test_the_bound_of_dead_letters_holds_while_another_server_is_away(stack, projects, away, here):
    names, servers = ("redis", "redis2"), (stack.redis, stack.second.redis)
    server, project = servers[here], projects[here][0]
    stack.expect_log("poison|could not be kept|make room|put aside")
    stack.write_config({"redis.shards": stack.run / "redis2.sock", "worker.dead-letters": 1,
                        "worker.dead-letters-drop": 1})
    stack.restart("worker")
    stack.sql("alter table event add constraint poison check (title not like 'poison%%') not valid")
    for n in range(60):
        server.xadd("vedette:events:dead", {"v": "1", "e": "envelope", "o": 1, "p": project.id, "k": 7, "dead_id": f"1-{n}",
                                            "dead_reason": "old", "dead_at": n, "d": b"x" * 40_000})
    stack.part(names[away]).stop()
    stack.send_event(project, message="poison")
    sums = lambda: server.hgetall("vedette:events:dead:sums")  # noqa: E731
    stack.wait_for(lambda: b"whole" in sums() and int(sums()[b"bytes"]) <= 1 << 20, what="the bound")
    rows = server.xrevrange("vedette:events:dead")
    assert 20 < len(rows) < 30 and b"refuses" in rows[0][1][b"dead_reason"]
    done = stack.vedette("queue", "list", check=False)
    assert done.returncode == 1 and len(done.stdout.splitlines()) == len(rows) and "was not read" in done.stderr
    assert stack.vedette("queue", "purge", "all", check=False).stdout == f"{len(rows)} thrown away\n"
    stack.part(names[away]).start()
    stack.sql("alter table event drop constraint poison")
    stack.write_config({"redis.shards": stack.run / "redis2.sock"})
    stack.restart("worker")


def test_dead_letters_are_told_by_server(stack, projects):
    project = projects[1][0]
    entry = stack.second.redis.xadd("vedette:events:dead", {
        "v": "1", "e": "store", "o": "1", "p": str(project.id), "k": "1", "d": '{"message": "again"}', "dead_id": "1-1",
        "dead_reason": "a test", "dead_at": str(int(time.time() * 1e6) - 10**6)}).decode()
    assert f"{entry}@1\t" in stack.vedette("queue", "list").stdout
    assert "again" in stack.vedette("queue", "show", f"{entry}@1").stdout
    assert "again" in stack.vedette("queue", "show", entry).stdout
    assert stack.vedette("queue", "show", f"{entry}@2", check=False).returncode == 1
    assert stack.vedette("queue", "purge", f"{entry}@1").stdout == "1 thrown away\n"
    assert stack.second.redis.xlen("vedette:events:dead") == 0


def test_what_shares_an_entry_of_the_second_server_is_taken_apart_there(stack, projects):
    project = projects[1][1]
    org = stack.value("select organization_id from project where id = %s", project.id)
    before = ids_of(stack, project)
    stack.expect_log("poison|taken apart|put aside")
    stack.sql("alter table event add constraint poison check (title not like 'poison%%') not valid")
    events = [make_event({"message": message}) for message in ("good", "poison", "good")]
    stack.second.redis.xadd(STREAM, several(*(pack_entry({
        "e": "envelope", "o": org, "p": project.id, "k": 7, "t": int(time.time() * 1e6), "i": event["event_id"],
        "d": envelope(event)}) for event in events)))
    stack.wait_for(lambda: stack.second.redis.xlen("vedette:events:dead") == 1)
    stack.wait_for(lambda: stack.second.redis.xlen(STREAM) == 0)
    stack.sql("alter table event drop constraint poison")
    assert ids_of(stack, project) - before == {events[0]["event_id"], events[2]["event_id"]}
    assert stack.vedette("queue", "replay", "all").stdout == "1 sent again\n"
    stack.wait_for_event(events[1]["event_id"])
    assert stack.redis.xlen("vedette:events:dead") == 0 == stack.second.redis.xlen("vedette:events:dead")
