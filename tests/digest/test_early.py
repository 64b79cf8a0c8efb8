"""The newest entries of a long queue are digested before their turn (queue/early.h), each once."""

import pytest

from harness.line import STREAM, fail_at, make_event, with_session

LOANS = "vedette:events:early"
FLOOD = 2500


def entries(line, messages):
    return [line.entry(with_session(make_event({"message": message}))) for message in messages]


def check(line, sent):
    line.folded()
    line.check_books(sent=sent)
    assert line.value("select sum(sessions) from release_hour") == sent, "what has no row is counted once, too"


def test_what_is_new_does_not_wait_behind_a_flood(own_line):
    line = own_line
    line.add_all(entries(line, ["flood"] * FLOOD + ["something new"]))
    line.start_worker(VEDETTE_WORKER_BATCH=100)
    line.drained(120)
    before = line.value("select count(*) from event where id < (select id from event where title = 'something new')")
    assert before < 200, "it was in the first batch"
    check(line, FLOOD + 1)


@pytest.mark.parametrize("point", ["after_read", "mid_transaction", "after_commit"])
def test_a_worker_that_dies_with_entries_that_it_took_early_counts_none_twice(own_line, point):
    line = own_line
    line.stack.expect_log("signal 9")
    line.add_all(entries(line, ["flood"] * FLOOD))
    line.start_worker(processes=2, VEDETTE_WORKER_BATCH=100, **fail_at(point, line.stack.run))
    line.drained(120)
    assert (line.stack.run / "failed").exists()
    check(line, FLOOD)


def test_what_another_worker_has_borrowed_is_left_alone_until_the_loan_ends(own_line):
    line = own_line
    ids = line.add_all(entries(line, ["mine"] * 20))
    lent = ids[7]
    line.redis.hset(LOANS, lent, b"9999999999999 elsewhere:1")
    line.start_worker()
    line.stack.wait_for(lambda: line.redis.xlen(STREAM) == 1)
    assert [entry for entry, _ in line.redis.xrange(STREAM)] == [lent]
    line.redis.hset(LOANS, lent, b"1 elsewhere:1")
    line.drained()
    check(line, 20)


def test_what_a_borrower_acknowledges_is_gone_for_whoever_was_given_it(own_line):
    line = own_line
    ids = line.add_all(entries(line, ["mine"] * 20))
    line.redis.hset(LOANS, ids[0], b"9999999999999 elsewhere:1")
    line.start_worker()
    line.stack.wait_for(lambda: line.redis.xlen(STREAM) == 1)
    line.redis.xack(STREAM, "digest", ids[0])
    line.redis.xdel(STREAM, ids[0])
    line.add_all(entries(line, ["later"]))
    line.drained()
    assert line.value("select count(*) from event") == 20
