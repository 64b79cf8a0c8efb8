"""vedette spool: list, verify and replay what an edge has kept."""

import fcntl
import os
import signal
import subprocess
import time

import pytest

from harness.spool import FIRST, Segment

STREAM = "vedette:events"


@pytest.fixture(scope="module")
def stack(new_stack):
    return new_stack(start=["redis"])


@pytest.fixture
def spool(stack, build, tmp_path_factory):
    """An empty folder that the program's user may write to; and an empty stream."""
    stack.redis.flushdb()
    folder = tmp_path_factory.mktemp("spool", numbered=True)
    for path in (folder, *folder.parents[:2]):
        path.chmod(0o755)
    return folder


@pytest.fixture
def start(stack, build):
    """Starts a command in the background; ends it with the test."""
    running = []

    def start(*args):
        process = subprocess.Popen([build.program, "-c", stack.config, *map(str, args)], cwd="/",
                                   env=build.environment(), stderr=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.terminate()
        assert process.wait(timeout=60) == 0
        process.stderr.close()


def fields(n, body=None):
    return {"v": "1", "e": "envelope", "p": 1, "i": f"{n:032x}", "d": body or f"body {n}\n"}


def bodies(stack):
    return [entry[b"d"].decode() for _, entry in stack.redis.xrange(STREAM)]


def expected(*numbers):
    return [f"body {n}\n" for n in numbers]


def names(folder):
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


def test_replay_sends_every_field_oldest_segment_first(stack, spool):
    Segment(spool, created=2000).add(fields(3)).close()
    binary = bytes(range(256)) * 100
    Segment(spool, created=1000).add(fields(1, binary)).add(fields(2)).close()
    out = stack.vedette("spool", "replay", spool).stdout
    assert out == "3 records replayed, 0 lost; 2 segments removed, 0 left\n"
    entries = [entry for _, entry in stack.redis.xrange(STREAM)]
    assert entries[0] == {b"v": b"1", b"e": b"envelope", b"p": b"1", b"i": b"%032x" % 1, b"d": binary}
    assert [e[b"i"] for e in entries] == [b"%032x" % n for n in (1, 2, 3)]
    assert names(spool) == []


def test_an_event_is_found_while_it_waits_there(stack, spool):
    ids = [bytes([n]) * 16 for n in range(1, 4)]
    sent = Segment(spool, created=1000)
    for n, id in enumerate(ids[:2]):
        sent.add(fields(n), event_id=id, project=7)
    sent.die()
    Segment(spool, created=2000).add(fields(3), event_id=ids[2]).close()

    def find(id):
        done = stack.vedette("spool", "find", spool, id.hex(), check=False)
        return done.returncode, done.stdout
    code, shown = find(ids[1])
    assert code == 0 and shown.startswith("in the spool, for project 7\n")
    assert "accepted by the edge" in shown and f"waits for Redis in {sent.path.name}" in shown
    assert find(ids[2])[0] == 0
    assert find(bytes(16)) == (1, "it does not wait here\n")
    stack.vedette("spool", "replay", spool)
    assert find(ids[1])[0] == 1
    assert stack.vedette("spool", "find", spool, "x", check=False).returncode == 2
    assert stack.vedette("spool", "find", spool, check=False).returncode == 2


def test_an_empty_spool_is_no_error(stack, spool):
    assert "0 records replayed" in stack.vedette("spool", "replay", spool).stdout
    assert stack.vedette("spool", "list", spool).stdout == "0 segments, 0.0 MB\n"
    assert stack.vedette("spool", "verify", spool).returncode == 0


def test_wrong_words_and_folders_are_told(stack, spool):
    for words in (["spool"], ["spool", "list"], ["spool", "eat", spool], ["spool", "list", spool, "x"],
                  ["spool", "list", spool, "--follow"], ["spool", "replay", spool, "--fast"]):
        assert stack.vedette(*words, check=False).returncode == 2
    done = stack.vedette("spool", "replay", spool / "none", check=False)
    assert done.returncode == 1 and "No such file" in done.stderr


def test_list_and_verify_change_nothing(stack, spool):
    Segment(spool).add(fields(1)).add(fields(2)).close()
    torn = Segment(spool).add(fields(3)).add(fields(4))
    torn.die()
    os.truncate(torn.path, torn.places[1] + 70)
    assert "2 segments" in stack.vedette("spool", "list", spool).stdout
    out = stack.vedette("spool", "verify", spool).stdout
    assert "2 records" in out and "1 records" in out and "a torn end" in out
    assert out.endswith("2 segments, 3 records, 0 lost\n")
    assert len(names(spool)) == 2


def test_a_damaged_record_is_kept_apart_and_told(stack, spool):
    segment = Segment(spool)
    for n in range(5):
        segment.add(fields(n), project=7, event_id=bytes([n]) * 16)
    segment.close()
    segment.flip(segment.places[2] + 64 + 20)

    done = stack.vedette("spool", "verify", spool, check=False)
    assert done.returncode == 1 and "4 records" in done.stdout and "1 lost" in done.stdout

    done = stack.vedette("spool", "replay", spool, check=False)
    assert done.returncode == 1
    assert done.stdout == "4 records replayed, 1 lost; 1 segments removed, 0 left\n"
    assert f"event {'02' * 16} of project 7" in done.stderr
    assert bodies(stack) == expected(0, 1, 3, 4)
    assert names(spool) == ["quarantine"]
    assert "1 record lost" in stack.vedette("spool", "list", spool).stdout
    assert b"body 2" in next((spool / "quarantine").iterdir()).read_bytes()


def test_a_file_of_garbage_does_not_stop_the_others(stack, spool):
    (spool / f"{'1' * 32}-1-1.seg").write_bytes(os.urandom(100_000))
    (spool / "notes.txt").write_text("not ours\n")
    (spool / "link.seg").symlink_to("/etc/passwd")
    (spool / "folder.seg").mkdir()
    Segment(spool).add(fields(1)).close()
    done = stack.vedette("spool", "replay", spool, check=False)
    assert "1 records replayed, 1 lost" in done.stdout
    assert bodies(stack) == expected(1)
    assert names(spool) == ["folder.seg", "link.seg", "notes.txt", "quarantine"]


def test_a_replay_goes_on_where_the_last_one_was(stack, spool):
    segment = Segment(spool).add(fields(1)).add(fields(2))
    fcntl.flock(segment.file, fcntl.LOCK_EX)  # as its writer does
    assert "2 records replayed, 0 lost; 0 segments removed, 1 left" in \
        stack.vedette("spool", "replay", spool).stdout
    segment.add(fields(3))
    stack.vedette("spool", "replay", spool)
    segment.add(fields(4)).die()
    stack.vedette("spool", "replay", spool)
    assert bodies(stack) == expected(1, 2, 3, 4)
    assert names(spool) == []


def test_a_new_segment_under_an_old_name_is_read_from_its_beginning(stack, spool):
    first = Segment(spool).add(fields(1)).add(fields(2))
    fcntl.flock(first.file, fcntl.LOCK_EX)
    stack.vedette("spool", "replay", spool)
    assert first.path.with_suffix(".ckpt").exists()
    first.die()
    first.path.unlink()
    Segment(spool, name=first.path.name, nonce=99).add(fields(3)).close()
    stack.vedette("spool", "replay", spool)
    assert bodies(stack) == expected(1, 2, 3)


def test_a_segment_that_somebody_removed_is_told_and_no_trap(stack, spool):
    segment = Segment(spool).add(fields(1)).add(fields(2))
    fcntl.flock(segment.file, fcntl.LOCK_EX)
    stack.vedette("spool", "replay", spool)
    segment.die()
    segment.path.unlink()
    done = stack.vedette("spool", "replay", spool)
    assert "has gone before it was replayed" in done.stderr
    assert names(spool) == []
    assert "gone" not in stack.vedette("spool", "replay", spool).stderr


def test_a_damaged_checkpoint_repeats_and_loses_nothing(stack, spool):
    segment = Segment(spool).add(fields(1))
    fcntl.flock(segment.file, fcntl.LOCK_EX)
    stack.vedette("spool", "replay", spool)
    checkpoint = segment.path.with_suffix(".ckpt")
    checkpoint.write_text(checkpoint.read_text().replace("next 8", "next 9"))
    segment.add(fields(2)).close()
    stack.vedette("spool", "replay", spool)
    assert bodies(stack) == expected(1, 1, 2)


def test_redis_away_leaves_all_where_it_is(stack, spool):
    Segment(spool).add(fields(1)).close()
    stack.part("redis").stop()
    try:
        done = stack.vedette("spool", "replay", spool, check=False)
        assert done.returncode == 1 and "Redis is away" in done.stderr
    finally:
        stack.start("redis")
    assert bodies(stack) == []
    stack.vedette("spool", "replay", spool)
    assert bodies(stack) == expected(1)


def test_a_redis_that_is_full_is_asked_again_later(stack, spool, start):
    segment = Segment(spool)
    for n in range(20):
        segment.add(fields(n))
    segment.close()
    stack.redis.config_set("maxmemory", 1)
    try:
        done = stack.vedette("spool", "replay", spool, check=False)
        assert done.returncode == 1 and "OOM" in done.stderr and done.stderr.count("OOM") == 1
        assert segment.path.exists() and bodies(stack) == []
        start("spool", "replay", spool, "--follow")
    finally:
        stack.redis.config_set("maxmemory", 0)
    stack.wait_for(lambda: not segment.path.exists(), what="the replay")
    assert bodies(stack) == expected(*range(20))


def test_a_redis_that_may_lose_gets_nothing_unless_told_so(stack, spool, start):
    began = time.time() * 1e6
    segment = Segment(spool).add(fields(1)).close()
    added = time.time() * 1e6
    stack.redis.config_set("appendfsync", "everysec")
    try:
        done = stack.vedette("spool", "replay", spool, check=False)
        assert done.returncode == 1 and "appendfsync always" in done.stderr
        assert segment.path.exists() and bodies(stack) == []
        start("spool", "replay", spool, "--follow")
        stack.wait_for(lambda: any(b"waits for appendfsync" in stack.redis.hget(key, "note")
                                   for key in stack.redis.keys("vedette:proc:spool:*")), what="a note")
        key, = stack.redis.keys("vedette:proc:spool:*")
        waiting, since = map(int, stack.redis.hget(key, "spool").split())
        assert waiting > 0 and began - 1 <= since <= added
        assert bodies(stack) == []
        other = spool / "other"
        Segment(other).add(fields(2)).close()
        stack.vedette("spool", "replay", other, "--relaxed")
        assert bodies(stack) == expected(2)
    finally:
        stack.redis.config_set("appendfsync", "always")


@pytest.mark.parametrize("setting, bad, good", [("no-appendfsync-on-rewrite", "yes", "no"),
                                                ("maxmemory-policy", "allkeys-lru", "noeviction")])
def test_a_redis_that_forgets_otherwise_gets_nothing_either(stack, spool, setting, bad, good):
    segment = Segment(spool).add(fields(1)).close()
    stack.redis.config_set(setting, bad)
    try:
        done = stack.vedette("spool", "replay", spool, check=False)
        assert done.returncode == 1 and f"{setting} {good}" in done.stderr and segment.path.exists()
        assert "may lose accepted events" in stack.vedette("status", check=False).stdout
    finally:
        stack.redis.config_set(setting, good)
    stack.vedette("spool", "replay", spool)
    assert not segment.path.exists() and bodies(stack) == expected(1)


def test_follow_sends_what_is_written_and_waits_while_redis_is_away(stack, spool, start):
    process = start("spool", "replay", spool, "--follow")
    segment = Segment(spool)
    fcntl.flock(segment.file, fcntl.LOCK_EX)
    segment.add(fields(1))
    stack.wait_for(lambda: bodies(stack) == expected(1), what="the first record")

    stack.part("redis").stop()
    segment.add(fields(2))
    stack.start("redis")
    stack.wait_for(lambda: bodies(stack) == expected(1, 2), what="the second record")

    stack.part("redis").kill()
    segment.add(fields(3)).close()
    stack.start("redis")
    stack.wait_for(lambda: not segment.path.exists(), what="the end of the segment")
    assert bodies(stack)[-1:] == expected(3)
    assert process.poll() is None
    stack.wait_for(lambda: [stack.redis.hget(key, "spool") for key in stack.redis.keys("vedette:proc:spool:*")] == [b"0 0"],
                   what="a sign of life that says that nothing waits")


def test_follow_waits_behind_a_long_queue(stack, spool, start):
    with stack.redis.pipeline() as pipe:
        for n in range(1500):
            pipe.xadd(STREAM, {"d": n})
        pipe.execute()
    segment = Segment(spool).add(fields(1)).close()
    start("spool", "replay", spool, "--follow")
    stack.wait_for(lambda: stack.redis.keys("vedette:proc:spool:*"), what="a sign of life")
    assert stack.redis.xlen(STREAM) == 1500
    stack.redis.xtrim(STREAM, maxlen=0)
    stack.wait_for(lambda: not segment.path.exists(), what="the replay")
    assert bodies(stack) == expected(1)


def test_only_one_replay_works_on_a_folder(stack, spool, start):
    start("spool", "replay", spool, "--follow")
    stack.wait_for(lambda: (spool / ".replay.lock").exists())
    stack.wait_for(lambda: stack.vedette("spool", "replay", spool, check=False).returncode == 1)
    assert "another vedette spool replay" in \
        stack.vedette("spool", "replay", spool, check=False).stderr


def test_a_killed_replay_repeats_one_batch_at_the_most(stack, spool, start):
    total, seen = 3000, []
    segment = Segment(spool)
    for n in range(total):
        segment.add(fields(n))
    segment.close()
    rounds = 0
    while segment.path.exists():
        rounds += 1
        process = start("spool", "replay", spool, "--follow")
        stack.wait_for(lambda: stack.redis.xlen(STREAM) > 0 or not segment.path.exists())
        child = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)],
                               capture_output=True, text=True).stdout
        if child:
            os.kill(int(child), signal.SIGKILL)
        process.terminate()
        process.wait(timeout=60)
        seen += bodies(stack)
        stack.redis.xtrim(STREAM, maxlen=0)
    assert set(seen) == set(expected(*range(total)))
    assert len(seen) <= total + rounds * 500


def test_a_folder_that_cannot_be_written_is_not_replayed(stack, spool, build):
    if build.user is None:
        pytest.skip("root tells another user not to write")
    Segment(spool).add(fields(1)).close()
    spool.chmod(0o555)
    done = subprocess.run([build.program, "-c", stack.config, "spool", "replay", spool], cwd="/",
                          env=build.environment(), user=build.user, group=build.group,
                          capture_output=True, text=True)
    assert done.returncode == 1 and "Permission denied" in done.stderr
    assert bodies(stack) == []


def large_body(stack, id):
    """A body that is apart, of the entry with this id."""
    pieces = stack.redis.hgetall(f"vedette:body:{id.decode()}")
    return b"".join(pieces[b"%d" % n] for n in range(len(pieces)))


def test_a_large_body_goes_in_pieces_beside_its_entry(stack, spool):
    body = os.urandom(1_200_000)
    Segment(spool).add(fields(1)).add(fields(2, body)).add(fields(3)).close()
    out = stack.vedette("spool", "replay", spool).stdout
    assert out == "3 records replayed, 0 lost; 1 segments removed, 0 left\n"
    first, (id, entry), last = stack.redis.xrange(STREAM)
    assert entry == {b"v": b"2", b"z": b"1200000", b"e": b"envelope", b"p": b"1", b"i": b"%032x" % 2}
    assert large_body(stack, id) == body
    assert (first[1][b"d"], last[1][b"d"]) == (b"body 1\n", b"body 3\n")
    assert stack.redis.ttl(f"vedette:body:{id.decode()}") == -1
    assert stack.redis.hgetall("vedette:bodies") == {id: b"1200000"}


def test_a_large_body_waits_until_redis_has_room_for_it(stack, spool, start):
    stack.redis.hset("vedette:body:1-1", 0, "somebody else's")
    stack.redis.hset("vedette:bodies", "1-1", 256 * 1024 * 1024)
    Segment(spool).add(fields(1)).add(fields(2, bytes(1_100_000))).close()
    start("spool", "replay", spool, "--follow")
    stack.wait_for(lambda: stack.redis.xlen(STREAM) == 1)
    assert stack.redis.keys("vedette:body:*") == [b"vedette:body:1-1"]
    stack.redis.unlink("vedette:body:1-1")
    stack.wait_for(lambda: stack.redis.xlen(STREAM) == 2)
    assert len(stack.redis.hgetall("vedette:bodies")) == 1
