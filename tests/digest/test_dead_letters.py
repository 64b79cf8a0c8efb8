"""vedette queue: dead letters are looked at, sent again, thrown away."""

import gzip

import pytest

from harness.line import DEAD, envelope, make_event


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


def test_the_oldest_make_room_and_are_counted(letters):
    """A megabyte of letters is let in; what came first goes, the newest stays whatever it is."""
    line = letters
    line.stop_worker()
    line.stack.vedette("queue", "purge", line.ids[0])
    line.sql("alter table event add constraint poison check (title not like 'poison%%') not valid")
    for n in range(3, 7):
        line.add(envelope(make_event({"message": f"poison {n}", "extra": {"x": "y" * 400_000}})))
    line.start_worker(VEDETTE_WORKER_DEAD_LETTERS=1)
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
    line.start_worker(VEDETTE_WORKER_DEAD_LETTERS=1)
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
