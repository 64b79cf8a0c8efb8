"""A user of Redis for each part: it may do what the part needs, and no more.

That they may do what they need is shown by every other test: all stacks run with these users, and
none of them may end with an entry in the log of what Redis has denied.
"""

import re
import subprocess

import pytest
import redis as redis_py

from harness.build import REDIS_PARTS

KEY = "vedette:key:" + "a" * 32


@pytest.fixture(scope="module")
def stack(new_stack):
    return new_stack(start=["redis"])


# part, what it may do, what it may not
RIGHTS = [
    ("edge", ["XADD vedette:events * a b", f"HMGET {KEY} org", "XREAD STREAMS vedette:live $", "GET vedette:live:ticket:1",
              "HSET vedette:proc:edge:h:1 note x"],
     ["XRANGE vedette:events - +", "XREAD STREAMS vedette:events 0", "XDEL vedette:events 1-1", "XLEN vedette:events",
      "XADD vedette:live * a b", "XADD vedette:events:dead * a b", "HGETALL vedette:body:1-1", "HMGET vedette:body:1-1 0",
      f"HSET {KEY} state on", f"DEL {KEY}", "INCR vedette:keys:version", "HGETALL vedette:login:1", "GET vedette:link:1",
      "SET vedette:live:ticket:1 x", "HSET vedette:proc:worker:h:1 note x", "SCAN 0", "INFO"]),
    ("spool", ["XADD vedette:events * a b", "XLEN vedette:events", "HSET vedette:proc:spool:h:1 note x"],
     ["XRANGE vedette:events - +", "XDEL vedette:events 1-1", "HGETALL vedette:body:1-1", f"HMGET {KEY} org",
      "HGETALL vedette:login:1", "GET vedette:live:ticket:1", "LPUSH vedette:misses x", "SCAN 0"]),
    ("worker", ["XREADGROUP GROUP digest c STREAMS vedette:events >", "XADD vedette:events:dead * a b", "XADD vedette:live * a b",
                "HGETALL vedette:body:1-1", f"HSET {KEY} state on", "INCR vedette:keys:version", "RENAME vedette:outcomes vedette:outcomes:draining"],
     ["HGETALL vedette:login:1", "SMEMBERS vedette:logins:1", "HGET vedette:seen 1", "GET vedette:link:1", "SET vedette:link:1 1",
      "GET vedette:first", "HGETALL vedette:flow:1", "GET vedette:device:1", "HGETALL vedette:second:1", "DEL vedette:signin:wait:a:1",
      "GET vedette:live:ticket:1", "SET vedette:quota:k1:1 0"]),
    ("web", ["HGETALL vedette:login:1", "GETDEL vedette:link:1", "XADD vedette:events * a b", "XLEN vedette:events:dead",
             "LRANGE vedette:misses 0 9", f"HSET {KEY} state on", "SET vedette:live:ticket:1 x", "GET vedette:health"],
     ["XDEL vedette:events 1-1", "XACK vedette:events digest 1-1", "XTRIM vedette:events MAXLEN 0", "DEL vedette:events",
      "XREADGROUP GROUP digest c STREAMS vedette:events >", "XGROUP DESTROY vedette:events digest", "XADD vedette:events:dead * a b",
      "HGETALL vedette:body:1-1", "XADD vedette:live * a b", "SET vedette:quota:k1:1 0", "DEL vedette:outcomes", "SET vedette:health x",
      "LPUSH vedette:misses x", "DEL vedette:edges"]),
    ("admin", ["XRANGE vedette:events:dead - +", "DEL vedette:events:dead", "SET vedette:link:1 1"], ["GET other"]),
]

# what nobody may: the server itself, code of others, what is not ours
NOBODY = ["FLUSHALL", "FLUSHDB", "KEYS *", "CONFIG SET appendonly no", "SHUTDOWN", "ACL LIST", "DEBUG SLEEP 0", "REPLICAOF no one", "SAVE",
          "MONITOR", "CLIENT LIST", "SCRIPT FLUSH", "FUNCTION FLUSH", "MODULE LIST", "GET elsewhere", "SET elsewhere 1", "SWAPDB 0 1"]


def may(stack, part, command):
    said = stack.redis.execute_command("ACL", "DRYRUN", f"vedette_{part}", *command.split())
    return said in (b"OK", True)


@pytest.mark.parametrize("part, yes, no", RIGHTS, ids=[row[0] for row in RIGHTS])
def test_a_part_may_do_what_it_needs_and_no_more(stack, part, yes, no):
    assert [c for c in yes if not may(stack, part, c)] == []
    assert [c for c in no + NOBODY if may(stack, part, c)] == []


@pytest.mark.parametrize("part", ["edge", "spool"])
def test_a_script_is_no_way_round(stack, part):
    stack.redis.xadd("vedette:events", {"d": "a secret"})
    with redis_py.Redis(unix_socket_path=str(stack.run / "redis.sock"), username=f"vedette_{part}", password=f"secret-of-{part}") as mine:
        for script in ("return redis.call('XRANGE', KEYS[1], '-', '+')", "return redis.call('XDEL', KEYS[1], '1-1')",
                       "return redis.call('HGETALL', 'vedette:login:1')"):
            with pytest.raises(redis_py.ResponseError, match="can't run this command|can't access"):
                mine.eval(script, 1, "vedette:events")
    stack.redis.delete("vedette:events")
    stack.redis.acl_log_reset()


def test_users_are_made_and_named(stack):
    first, second = (stack.vedette("redis", "users").stdout for _ in range(2))
    assert [line.split()[0] for line in first.splitlines()] == list(REDIS_PARTS)
    secrets = re.findall(r"\S{43}$", first + second, re.M)
    assert len(set(secrets)) == 2 * len(REDIS_PARTS)
    acl = stack.vedette("redis", "acl").stdout
    assert "user default off ~* &* +@all\n" in acl and "secret-of" not in acl
    assert re.findall(r"^user vedette_(\w+) on #[0-9a-f]{64} ", acl, re.M) == list(REDIS_PARTS)


def test_what_redis_took_is_there_after_a_restart(stack, tmp_path):
    """Redis reads its file as "default": off, it must keep its rights, or transactions and scripts are lost."""
    tmp_path.chmod(0o755)
    acl, sock = tmp_path / "acl", tmp_path / "sock"
    acl.write_text(stack.vedette("redis", "acl").stdout)
    command = [stack.build.tool("REDIS_SERVER"), "--port", "0", "--unixsocket", sock, "--dir", tmp_path, "--appendonly", "yes",
               "--appendfsync", "always", "--save", "", "--aclfile", acl]

    def user(part):
        return redis_py.Redis(unix_socket_path=str(sock), username=f"vedette_{part}", password=f"secret-of-{part}")

    def answers():
        try:
            return user("worker").ping()
        except (redis_py.ConnectionError, redis_py.exceptions.BusyLoadingError):
            return False

    for start in ("first", "second"):
        with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL) as server:
            try:
                stack.wait_for(answers, what=f"the {start} start of Redis")
                with pytest.raises(redis_py.AuthenticationError):
                    redis_py.Redis(unix_socket_path=str(sock)).ping()
                if start == "first":
                    user("web").pipeline(transaction=True).hset("vedette:login:1", "a", "b").expire("vedette:login:1", 600).execute()
                    user("edge").eval("return redis.call('XADD', KEYS[1], '*', 'a', ARGV[1]) and redis.call('HSET', KEYS[2], 'a', 'b')",
                                      2, "vedette:events", "vedette:bodies", "large")
                else:
                    assert user("web").hgetall("vedette:login:1") == {b"a": b"b"}
                    assert user("worker").xlen("vedette:events") == 1 and user("worker").hlen("vedette:bodies") == 1
            finally:
                server.terminate()


def test_a_part_without_a_password_says_so(stack):
    users = stack.folder / "some.users"
    users.write_text("web secret-of-web\n")
    stack.write_config({"redis.users": users})
    done = stack.vedette("status", check=False)
    assert f'redis.users: {users} has no line for "admin"' in done.stderr
    users.write_text("admin wrong\n")
    assert "redis.users: WRONGPASS" in stack.vedette("status", check=False).stderr
    stack.write_config()
    stack.redis.acl_log_reset()
