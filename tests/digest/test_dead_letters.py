"""vedette queue: dead letters are looked at, sent again, thrown away."""

import gzip

import pytest

from harness.line import DEAD, STREAM, envelope, make_event


@pytest.fixture
def letters(own_line):
    """Three dead letters, made by a constraint that is gone again; packed and not."""
    line = own_line
    line.sql("alter table event add constraint poison check (title not like 'poison%%')")
    line.stack.expect_log("poison")
    for n in range(3):
        body = envelope(make_event({"message": f"poison {n}\x1b[31m"}))
        line.add(gzip.compress(body) if n else body, **({"c": "gzip"} if n else {}))
    line.start_worker()
    line.stack.wait_for(lambda: line.redis.xlen(DEAD) == 3)
    line.drained()
    line.sql("alter table event drop constraint poison")
    line.ids = [entry.decode() for entry, _ in line.redis.xrange(DEAD)]
    return line


def test_they_are_listed_with_their_reason(letters):
    first, *rows = letters.stack.vedette("queue", "list").stdout.splitlines()
    assert first == "0 wait, the oldest for 0.0 s; 3 dead letters"
    assert [row.split("\t")[0] for row in rows] == letters.ids
    assert all(row.endswith("the database refuses its content") for row in rows)


def test_one_is_shown_unpacked_and_harmless_to_a_terminal(letters):
    shown = letters.stack.vedette("queue", "show", letters.ids[2]).stdout
    assert "reason: the database refuses its content" in shown
    assert f"p: {letters.project}" in shown
    assert '"message": "poison 2\\u001b[31m"' in shown
    assert "\x1b" not in shown


def test_replayed_ones_are_digested_and_counted_once(letters):
    assert letters.stack.vedette("queue", "replay", letters.ids[0]).stdout == "1 sent again\n"
    letters.drained()
    assert letters.redis.xlen(DEAD) == 2
    assert letters.stack.vedette("queue", "replay", "all").stdout == "2 sent again\n"
    letters.drained()
    assert letters.redis.xlen(DEAD) == 0
    assert letters.value("select count(*) from event") == 3
    assert letters.value("select count(*) from dead_letter") == 0
    letters.check_books(sent=3)


def test_purged_ones_are_gone_but_stay_counted(letters):
    assert letters.stack.vedette("queue", "purge", "all").stdout == "3 thrown away\n"
    assert letters.redis.xlen(DEAD) == 0
    assert letters.outcomes() == {("error", "invalid", "dead_letter"): 3}
    assert letters.value("select count(*) from dead_letter") == 0


def more_than_fit(line):
    """Two of these are most of a megabyte."""
    line.stop_worker()
    line.sql("alter table event add constraint poison check (title not like 'poison%%') not valid")
    for n in range(3, 7):
        line.add(envelope(make_event({"message": f"poison {n}", "extra": {"x": "y" * 400_000}})))


def test_when_they_are_full_the_digest_waits_and_loses_nothing(letters):
    """What was answered with 200 is not thrown away: two of four find room, all else is stored, and it is told why."""
    line = letters
    more_than_fit(line)
    line.stack.expect_log("are full")
    beside = [line.send() for _ in range(3)]
    line.start_worker(VEDETTE_WORKER_DEAD_LETTERS=1)
    for event in beside:
        line.stack.wait_for_event(event)
    line.stack.wait_for(lambda: line.redis.xlen(DEAD) == 5 and line.redis.xlen(STREAM) == 2, what="two that wait")
    line.stack.wait_for(lambda: line.stack.log("worker").count("the digest waits with entry") > 1, what="another try")
    listed = line.stack.vedette("queue", "list").stdout.splitlines()[0]
    assert listed.endswith("5 dead letters; they are full, and the digest waits for room")
    status = line.stack.vedette("status", check=False)
    assert status.returncode == 1 and "5 dead letters, which are full: the digest waits until" in status.stdout
    later = line.send()

    # room for one: it is taken, and the other waits on
    letter = line.redis.xrevrange(DEAD, count=1)[0][0].decode()
    assert line.stack.vedette("queue", "purge", letter).stdout == "1 thrown away\n"
    line.stack.wait_for(lambda: line.redis.xlen(DEAD) == 5 and line.redis.xlen(STREAM) == 2, what="the next one")

    # more room: what has waited goes on, in order
    line.stop_worker()
    line.start_worker(VEDETTE_WORKER_DEAD_LETTERS=2)
    line.stack.wait_for_event(later)
    line.drained()
    assert line.redis.xlen(DEAD) == 6
    assert not line.stack.vedette("queue", "list").stdout.splitlines()[0].endswith("room")
    assert line.outcomes() == {("error", "accepted", ""): 4, ("error", "invalid", "dead_letter"): 7}
    line.sql("alter table event drop constraint poison")
    line.stack.vedette("queue", "replay", "all")
    line.drained()
    assert line.outcomes() == {("error", "accepted", ""): 10, ("error", "invalid", "dead_letter"): 1}


def test_what_kills_a_worker_is_not_tried_again_while_there_is_no_room(letters):
    line = letters
    line.stop_worker()
    line.stack.expect_log("are full|signal 9")
    line.redis.xadd(DEAD, {"v": "1", "e": "envelope", "o": line.org, "p": line.project, "k": 7, "dead_id": "1-1",
                           "dead_reason": "old", "dead_at": 1, "d": b"x" * (1 << 20)})
    line.redis.delete(f"{DEAD}:sums")
    killer = make_event()
    line.add(envelope(killer), i=killer["event_id"])
    line.start_worker(VEDETTE_FAIL_POINT=f"event={killer['event_id']}", VEDETTE_WORKER_DEAD_LETTERS=1)
    line.stack.wait_for(lambda: line.stack.log("worker").count("(crash)") > 2, what="a try without a death")
    deaths = line.stack.log("worker").count("signal 9")
    line.stack.wait_for(lambda: line.stack.log("worker").count("(crash)") > 4, what="more of them")
    assert line.stack.log("worker").count("signal 9") == deaths
    line.stack.vedette("queue", "purge", "all")
    line.drained()
    assert line.redis.xrange(DEAD)[0][1][b"dead_reason"] == b"crash"


def test_the_oldest_make_room_and_are_counted(letters):
    """A megabyte of letters is let in; what came first goes, the newest stays whatever it is."""
    line = letters
    line.stack.vedette("queue", "purge", line.ids[0])
    more_than_fit(line)
    line.start_worker(VEDETTE_WORKER_DEAD_LETTERS=1, VEDETTE_WORKER_DEAD_LETTERS_DROP=1)
    line.drained()
    line.stack.wait_for(lambda: line.redis.xlen(DEAD) == 2)  # the last has been put aside before room is made for it
    line.sql("alter table event drop constraint poison")
    left = [entry.decode() for entry, _ in line.redis.xrange(DEAD)]
    assert len(left) == 2 and not set(left) & set(line.ids)
    assert 800_000 < int(line.redis.hget(f"{DEAD}:sums", "bytes")) < 1 << 20
    assert line.value("select count(*) from dead_letter") == 2
    assert line.outcomes() == {("error", "invalid", "dead_letter"): 3, ("error", "invalid", "dead_letter_gone"): 4}
    first = line.stack.vedette("queue", "list").stdout.splitlines()[0]
    assert first.endswith("2 dead letters; 4 older ones have gone to make room")

    assert line.stack.vedette("queue", "replay", "all").stdout == "2 sent again\n"
    line.drained()
    assert not line.redis.exists(f"{DEAD}:sums")
    assert line.outcomes() == {("error", "accepted", ""): 2, ("error", "invalid", "dead_letter"): 1,
                               ("error", "invalid", "dead_letter_gone"): 4}
    assert line.stack.vedette("queue", "list").stdout == "0 wait, the oldest for 0.0 s; 0 dead letters\n"


def test_those_from_before_the_bound_make_room_too(letters):
    """A worker of before has kept no sums: the first letter of today has all of them counted."""
    line = letters
    line.stop_worker()
    for n in range(50):
        line.redis.xadd(DEAD, {"v": "1", "e": "envelope", "o": line.org, "p": line.project, "k": 7, "dead_id": f"1-{n}",
                               "dead_reason": "old", "dead_at": n, "d": b"x" * 40_000})
    line.redis.delete(f"{DEAD}:sums")
    line.sql("alter table event add constraint poison check (title not like 'poison%%') not valid")
    line.add(envelope(make_event({"message": "poison 9"})))
    line.start_worker(VEDETTE_WORKER_DEAD_LETTERS=1, VEDETTE_WORKER_DEAD_LETTERS_DROP=1)
    line.drained()
    line.stack.wait_for(lambda: line.redis.hget(f"{DEAD}:sums", "whole") and
                        int(line.redis.hget(f"{DEAD}:sums", "bytes")) <= 1 << 20)
    left = line.redis.xrange(DEAD)
    assert 20 < len(left) < 30 and left[-1][1][b"dead_reason"] == b"the database refuses its content"
    bodies = sum(len(fields[b"d"]) for _, fields in left)
    assert bodies < int(line.redis.hget(f"{DEAD}:sums", "bytes")) < bodies + 500 * len(left)


@pytest.mark.parametrize("words, code", [
    (["show", "1-1"], 1), (["show", "all"], 1), (["replay", "- +"], 1), (["paint", "all"], 2),
    (["list", "all"], 2), ([], 2)])
def test_wrong_words_do_nothing(shared, words, code):
    done = shared.stack.vedette("queue", *words, check=False)
    assert done.returncode == code and done.stdout == ""
