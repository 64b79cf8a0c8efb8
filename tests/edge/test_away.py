"""Redis is away: keys are known from before, also after a restart of nginx; limits are this node's share."""

import os
import re
import time

import pytest

from edge.server import event
from edge.test_limit import TRANSACTION, counters, in_one_window

SPOOL = "vedette_spool {folder}/spool min_free=0%;"


def state(edge):
    path = edge.folder / "spool" / "keys.state"
    return path.read_text() if path.exists() else ""


def away(new_edge, workers=1, http=SPOOL, **options):
    """An edge that goes on without Redis."""
    return new_edge(workers=workers, http=http, **options)


def gone(edge):
    """Redis is killed, and each worker has noticed."""
    edge.redis_part.kill()
    edge.wait_for(lambda: edge.log().count("no connection to redis") >= edge.conf["workers"])


def start_again_without_redis(edge):
    edge.redis_part.kill()
    edge.nginx.stop()
    edge.nginx.start()


def test_known_keys_outlive_a_restart_of_nginx(new_edge):
    edge = away(new_edge, workers=2)
    known, limited, off = edge.key(), edge.key(limits=["l0 key 60 0 error key_quota", "l1 project 3600 9 * p"]), edge.key(state="off")
    picky, open_ = edge.key(origins=["https://*.example.org", "x.example"]), edge.key(origins=[])
    unknown = edge.key()
    for key in (known, limited, off, picky, open_):
        edge.post_anew(key)
    start_again_without_redis(edge)

    assert [edge.post_anew(known) for _ in range(4)] == [200] * 4
    assert edge.post_anew(unknown) == 503
    assert edge.post_anew(off) == 403
    assert edge.envelope(limited, event()).headers["X-Sentry-Rate-Limits"] == "60:error:key:key_quota"
    assert edge.envelope(limited, TRANSACTION).status_code == 200
    assert edge.envelope(picky, event(), Origin="https://a.example.org").status_code == 200
    assert edge.envelope(picky, event(), Origin="https://example.com").status_code == 403
    assert edge.envelope(open_, event(), Origin="https://example.com").status_code == 403
    assert edge.status()["zone"]["keys"] == 5


def test_it_is_written_while_nginx_runs(new_edge):
    """Somebody may pull the plug."""
    edge = away(new_edge, workers=2)
    key = edge.key(limits=["w key 60 5 error;transaction key_quota"])
    edge.post_anew(key)
    edge.wait_for(lambda: key.public in state(edge))
    assert f" {key.org} {key.project} {key.id} on *\tw key 60 5 error;transaction key_quota\n" in state(edge)
    assert os.stat(edge.folder / "spool" / "keys.state").st_mode & 0o777 == 0o600

    edge.redis_part.kill()
    edge.nginx.kill()
    (edge.folder / "run" / "http.sock").unlink()
    edge.nginx.start()
    assert edge.post_anew(key) == 200


def test_a_revoked_key_does_not_come_back(new_edge):
    edge = away(new_edge)
    key, other = edge.key(), edge.key()
    for k in (key, other):
        edge.post_anew(k)
    edge.wait_for(lambda: key.public in state(edge))
    with edge.redis.pipeline(transaction=True) as tx:
        tx.delete(f"vedette:key:{key.public}")
        tx.incr("vedette:keys:version")
        tx.execute()
    edge.wait_for(lambda: edge.post_anew(key) == 403)
    start_again_without_redis(edge)
    assert (edge.post_anew(key), edge.post_anew(other)) == (503, 200)


def test_redis_is_asked_as_soon_as_it_is_back(new_edge):
    edge = away(new_edge)
    key = edge.key()
    edge.post_anew(key)
    start_again_without_redis(edge)
    assert edge.post_anew(key) == 200
    edge.redis_part.start()
    edge.write_key(key, state="off")
    edge.wait_for(lambda: edge.post_anew(key) == 403)


def no_sum(text):
    return text[:-2] + b"x\n"


@pytest.mark.parametrize("damage, says", [
    (lambda text: b"", "too short"),
    (lambda text: text[:len(text) // 2], "sum is wrong"),
    (lambda text: text.replace(b" on ", b" off "), "sum is wrong"),
    (lambda text: b"vedette 2" + text[9:], "another version"),
    (lambda text: os.urandom(100_000), "another version"),
    (no_sum, "sum is wrong"),
    ("folder", "no regular file"), ("link", "symbolic link"), ("pipe", "no regular file"),
])
def test_a_damaged_file_is_not_used(new_edge, damage, says):
    edge = away(new_edge)
    key = edge.key()
    edge.post_anew(key)
    edge.redis_part.kill()
    edge.nginx.stop()
    path = edge.folder / "spool" / "keys.state"
    text = path.read_bytes()
    assert key.public.encode() in text
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage == "link":
        (edge.folder / "elsewhere").write_bytes(text)
        path.symlink_to(edge.folder / "elsewhere")
    elif damage == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(damage(text))
    edge.expect_log("keys.state|what this node knows of keys")
    edge.nginx.start()
    assert edge.post_anew(key) == 503
    assert says in edge.log()


def sealed(lines):
    import zlib
    text = b"vedette 1\n" + b"".join(line + b"\n" for line in lines)
    return text + b"crc %08x\n" % zlib.crc32(text)


def test_lines_that_make_no_sense_are_none(new_edge):
    """A right sum is no proof of who has written it."""
    edge = away(new_edge)
    key = edge.key()
    edge.post_anew(key)
    edge.redis_part.kill()
    edge.nginx.stop()
    path = edge.folder / "spool" / "keys.state"
    [good] = [line for line in path.read_bytes().split(b"\n") if line.startswith(b"key ")]
    server = good.split(b" ")[1]
    public = key.public.encode()
    path.write_bytes(sealed([
        b"", b" ", b"key", b"key ", b"nodes", b"nodes x 1", b"nodes %s 0" % server, b"nodes %s 99999999999999999999" % server,
        b"nodes %s -1" % server, b"node\0s", b"key zzzzzzzz", b"key %s short 1 2 3 on *" % server,
        b"key %s %s 1 2 3 on" % (server, b"a" * 32), b"key %s %s 1 2 3 on " % (server, b"b" * 32),
        b"key %s %s -1 2 3 on *" % (server, b"c" * 32), b"key %s %s 1 2 99999999999999999999 on *" % (server, b"d" * 32),
        b"key %s %s 1 2 3 on ?" % (server, b"e" * 32), b"key %s %s 1 2 3 on =%s" % (server, b"f" * 32, b"o" * 9000),
        b"key %s %s 1 42 3 on *%s" % (server, b"0" * 32, b"\tx key 60 0 error r" * 500),
        b"key %s %s 1 42 3 on *\t\t\tnonsense\ta b c d e f\t" % (server, b"1" * 32), os.urandom(5000).replace(b"\n", b""), good]))
    edge.nginx.start()
    assert edge.post_anew(key) == 200
    assert edge.envelope(with_public(key, "0" * 32), event()).status_code == 429
    assert edge.envelope(with_public(key, "1" * 32), event()).status_code == 200
    for letter in "abcdef":
        assert edge.envelope(with_public(key, letter * 32), event()).status_code == 503
    assert "3 keys are known" in edge.log()


def with_public(key, public):
    return type(key)(public, key.id, key.project, key.org)


def test_a_folder_of_its_own_or_none(new_edge):
    edge = away(new_edge, http=SPOOL + " vedette_state {folder}/state/;")
    off = away(new_edge, http=SPOOL + " vedette_state off;")
    for e in (edge, off):
        key = e.key()
        e.post_anew(key)
        e.nginx.stop()
    assert "key " in (edge.folder / "state" / "keys.state").read_text()
    assert state(edge) == state(off) == ""


def test_the_file_is_no_segment(new_edge):
    edge = away(new_edge)
    edge.post_anew(edge.key())
    edge.wait_for(lambda: state(edge))
    assert "keys.state" not in edge_list(edge)


def edge_list(edge):
    import subprocess
    done = subprocess.run([edge.build.program, "spool", "verify", edge.folder / "spool"], capture_output=True, text=True,
                          env=edge.build.environment())
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_folder_that_cannot_be_written(new_edge):
    edge = away(new_edge)
    edge.expect_log("what this node knows of keys")
    key = edge.key()
    (edge.folder / "spool" / ".keys.state.new").mkdir()
    edge.post_anew(key)
    edge.wait_for(lambda: "is not kept for its next start" in edge.log())
    assert edge.post_anew(key) == 200


# ---- limits

def nodes(edge, others):
    """So many other edges have shown a sign of life."""
    for n in range(others):
        edge.redis.zadd("vedette:edges", {f"other{n}:1": time.time() + 600})
    edge.wait_for(lambda: edge.status()["redis"][0]["nodes"] == others + 1)


def test_of_what_is_left_each_node_takes_its_share(new_edge):
    in_one_window(3600)
    edge = away(new_edge)
    key, fresh = edge.key(limits=["away key 3600 22 error key_quota"]), edge.key(limits=["fresh key 3600 9 error key_quota"])
    assert edge.envelope(key, event()).status_code == 200
    assert edge.envelope(key, event()).status_code == 200
    edge.envelope(fresh, TRANSACTION)
    nodes(edge, 3)
    gone(edge)
    # 22 - 2 for four nodes, and 9 for four rounded up
    assert [edge.envelope(key, event()).status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert [edge.envelope(fresh, event()).status_code for _ in range(5)] == [200] * 3 + [429] * 2

    # back again: the counter of the fleet learns of them, and goes on
    edge.redis_part.start()
    edge.wait_for(lambda: '" is back' in edge.log())
    assert edge.envelope(key, event()).status_code == 200
    assert counters(edge, "away") == [8]
    assert [edge.envelope(key, event()).status_code for _ in range(16)] == [200] * 14 + [429] * 2


def test_alone_a_node_has_all_of_it(new_edge):
    in_one_window(3600)
    edge = away(new_edge)
    key = edge.key(limits=["alone key 3600 6 error key_quota"])
    assert edge.envelope(key, event()).status_code == 200
    gone(edge)
    assert [edge.envelope(key, event()).status_code for _ in range(7)] == [200] * 5 + [429] * 2


def test_nodes_are_counted(new_edge):
    """By host and master; who is silent for a minute is no longer one."""
    edge = new_edge(start=False)
    edge.redis_part.start()
    edge.redis.zadd("vedette:edges", {"long-gone:1": time.time() - 100, "near:1": time.time() - 10})
    edge.nginx.start()
    edge.wait_for(lambda: edge.status()["redis"][0]["nodes"] == 2)
    members = {name.decode() for name in edge.redis.zrange("vedette:edges", 0, -1)}
    assert "near:1" in members and "long-gone:1" not in members
    assert any(re.fullmatch(rf".+:{edge.nginx.pid}", name) for name in members)
