"""Quotas: protocol.md 3.2 and 5; cases 46 to 50 of its section 10."""

import concurrent.futures
import re
import time

import pytest

from edge.server import event, pack

ATTACHMENT = {"type": "attachment", "filename": "a.txt"}, b"12345"
TRANSACTION = {"type": "transaction"}, {"type": "transaction"}
SESSION = {"type": "session"}, {}


def limits(answer):
    """[(seconds, categories, scope, reason)] of the header."""
    header = answer.headers.get("X-Sentry-Rate-Limits")
    if header is None:
        return []
    assert re.fullmatch(r"[0-9a-z:;_, ]+", header)
    return [(int(s), c, scope, reason) for s, c, scope, reason in (part.split(":") for part in header.split(", "))]


def in_one_window(seconds):
    """So that a test that counts does not run into the next window."""
    left = seconds - time.time() % seconds
    if left < 30:
        time.sleep(left)


def counters(edge, id):
    found = edge.redis.keys(f"vedette:quota:{id}:*")
    return [int(edge.redis.get(name)) for name in found]


def test_five_an_hour(edge):
    in_one_window(3600)
    key, other = edge.key(limits=["five key 3600 5 error key_quota"]), edge.key()
    answers = [edge.envelope(key, event()) for _ in range(8)]
    # counted before the answer: no request too many, also not by one
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
    for answer in answers[:5]:
        assert limits(answer) == []
    for answer in answers[5:]:
        [(seconds, categories, scope, reason)] = limits(answer)
        assert (categories, scope, reason) == ("error", "key", "key_quota")
        assert answer.headers["Retry-After"] == str(seconds)
        assert 1 <= seconds <= 300
        assert answer.json()["detail"]
    assert len(edge.entries(key)) == 5
    assert counters(edge, "five") == [5]
    assert edge.envelope(other, event()).status_code == 200
    edge.wait_for_outcomes(key, {("rate_limited", "error", "key_quota"): 3})


def test_counter_expires(edge):
    key = edge.key(limits=["exp key 60 5 error key_quota"])
    assert edge.envelope(key, event()).status_code == 200
    [name] = edge.redis.keys("vedette:quota:exp:*")
    slot = int(name.rpartition(b":")[2])
    assert slot == int(time.time()) // 60 or slot == int(time.time()) // 60 - 1
    assert edge.redis.execute_command("EXPIRETIME", name) == (slot + 2) * 60, "a minute after its window"


def test_who_raises_a_counter_again_does_not_touch_its_end(edge):
    """It is said once: all commands of a counted event but one would else be for that, in Redis and in its file."""
    in_one_window(3600)
    key = edge.key(limits=["once_said key 3600 5 error key_quota"])
    assert edge.envelope(key, event()).status_code == 200
    [name] = edge.redis.keys("vedette:quota:once_said:*")
    edge.redis.expire(name, 1_000_000)
    assert edge.envelope(key, event()).status_code == 200
    assert counters(edge, "once_said") == [2]
    assert edge.redis.ttl(name) > 900_000


def test_one_thing_of_one_counter_needs_no_script(edge):
    """The script begins the window; whoever comes then only raises what is there."""
    in_one_window(3600)
    key = edge.key(limits=["lone key 3600 4 error key_quota"])
    assert edge.envelope(key, event()).status_code == 200
    before = edge.redis.info("commandstats")["cmdstat_evalsha"]["calls"]
    assert [edge.envelope(key, event()).status_code for _ in range(5)] == [200] * 3 + [429] * 2
    assert edge.redis.info("commandstats")["cmdstat_evalsha"]["calls"] == before
    assert counters(edge, "lone") == [4]


def test_who_finds_a_counter_full_takes_back_what_he_added(edge):
    in_one_window(3600)
    key = edge.key(limits=["full_there key 3600 4 error key_quota"])
    assert edge.envelope(key, event()).status_code == 200
    [name] = edge.redis.keys("vedette:quota:full_there:*")
    edge.redis.set(name, 4, keepttl=True)  # by another node
    assert edge.envelope(key, event()).status_code == 429
    edge.wait_for(lambda: counters(edge, "full_there") == [4])
    assert len(edge.entries(key)) == 1


def test_a_counter_that_redis_has_lost_gets_its_end_again(edge):
    in_one_window(3600)
    key = edge.key(limits=["lost key 3600 9 error key_quota"])
    assert edge.envelope(key, event()).status_code == 200
    [name] = edge.redis.keys("vedette:quota:lost:*")
    end = edge.redis.execute_command("EXPIRETIME", name)
    edge.redis.delete(name)
    assert edge.envelope(key, event()).status_code == 200
    edge.wait_for(lambda: edge.redis.execute_command("EXPIRETIME", name) == end)
    assert counters(edge, "lost") == [1]


def test_a_new_window(edge):
    key = edge.key(limits=["win key 2 1 error key_quota"])
    edge.wait_for(lambda: edge.envelope(key, event()).status_code == 429)
    edge.wait_for(lambda: edge.envelope(key, event()).status_code == 200)


def test_counted_once_by_all_workers_and_connections(edge):
    in_one_window(3600)
    key = edge.key(limits=["once key 3600 50 error key_quota"])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: edge.post_anew(key), range(120)))
    assert answers.count(200) == 50 and answers.count(429) == 70
    assert len(edge.entries(key)) == 50
    assert counters(edge, "once") == [50]


def test_exhausted_costs_no_redis_traffic(edge):
    in_one_window(3600)
    key = edge.key(limits=["quiet key 3600 1 error key_quota"])
    edge.wait_for(lambda: edge.envelope(key, event()).status_code == 429)
    for _ in range(20):  # both workers have the record now
        edge.envelope(key, event())
    before = edge.redis.info("commandstats")
    for _ in range(100):
        assert edge.envelope(key, event()).status_code == 429
    after = edge.redis.info("commandstats")
    for command in ("cmdstat_evalsha", "cmdstat_xadd"):
        assert after[command]["calls"] == before[command]["calls"], command
    # at most once for each worker, if the news of the new key came only now
    assert after["cmdstat_hmget"]["calls"] - before["cmdstat_hmget"]["calls"] <= 2


def test_limit_of_nothing(edge):
    key = edge.key(limits=["none key 60 0 error key_quota"])
    for _ in range(3):
        answer = edge.envelope(key, event())
        assert answer.status_code == 429
        assert limits(answer) == [(60, "error", "key", "key_quota")]
    assert counters(edge, "none") == []
    assert edge.envelope(key, TRANSACTION).status_code == 200
    assert edge.envelope(key, SESSION).status_code == 200


@pytest.mark.parametrize("scope", ["key", "project", "organization"])
def test_scopes_are_told(edge, scope):
    key = edge.key(limits=[f"s0 {scope} 60 0 error;transaction some_quota"])
    assert limits(edge.envelope(key, event())) == [(60, "error;transaction", scope, "some_quota")]


def test_keys_share_the_limit_of_their_project(edge):
    in_one_window(3600)
    line = "shared project 3600 3 error project_quota"
    one, two = edge.key(limits=[line]), edge.key(limits=[line])
    codes = [edge.envelope(key, event()).status_code for key in (one, two, one, two, one)]
    assert codes == [200, 200, 200, 429, 429]


def test_several_limits_all_or_nothing(edge):
    """A request that one limit refuses does not use up another."""
    in_one_window(3600)
    key = edge.key(limits=["wide key 3600 10 error wide", "tight project 3600 2 error;transaction tight"])
    codes = [edge.envelope(key, event()).status_code for _ in range(4)]
    assert codes == [200, 200, 429, 429]
    assert counters(edge, "wide") == [2] and counters(edge, "tight") == [2]


def test_a_counter_is_set_back_when_another_has_no_room(edge):
    in_one_window(3600)
    key = edge.key(limits=["roomy key 3600 10 error roomy", "crammed project 3600 2 error crammed"])
    edge.redis.set(f"vedette:quota:crammed:{int(time.time()) // 3600}", 2)  # by another node
    assert edge.envelope(key, event()).status_code == 429
    assert counters(edge, "roomy") == [0] and counters(edge, "crammed") == [2]
    [name] = edge.redis.keys("vedette:quota:roomy:*")
    assert edge.redis.ttl(name) > 0


def test_attachments_limited_event_not(edge):
    key = edge.key(limits=["a0 key 60 0 attachment no_attachments"])
    answer = edge.envelope(key, SESSION, event(), ATTACHMENT, ATTACHMENT)
    assert answer.status_code == 200
    assert limits(answer) == [(60, "attachment", "key", "no_attachments")]
    assert "Retry-After" not in answer.headers
    assert edge.entry(key)["x"] == "2,3"
    edge.wait_for_outcomes(key, {("rate_limited", "attachment", "no_attachments"): 10,
                                 ("rate_limited", "attachment_item", "no_attachments"): 2})


def test_attachments_are_counted_in_bytes(edge):
    in_one_window(3600)
    key = edge.key(limits=["bytes key 3600 12 attachment byte_quota"])
    answers = [edge.envelope(key, event(), ATTACHMENT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [bool(limits(answer)) for answer in answers] == [False, False, True]
    assert counters(edge, "bytes") == [10]
    # what still fits is taken
    assert limits(edge.envelope(key, event(), (ATTACHMENT[0], b"12"))) == []


def test_event_limited_with_all_that_depends_on_it(edge):
    key = edge.key(limits=["e0 key 60 0 error no_errors"])
    answer = edge.envelope(key, event(), ATTACHMENT, ({"type": "user_report"}, {}))
    assert answer.status_code == 429
    assert edge.entries(key) == []
    edge.wait_for_outcomes(key, {("rate_limited", "error", "no_errors"): 1,
                                 ("rate_limited", "attachment", "no_errors"): 5,
                                 ("rate_limited", "attachment_item", "no_errors"): 1,
                                 ("rate_limited", "feedback", "no_errors"): 1})


def test_dependents_of_a_counted_event(edge):
    """The script itself drops them, and leaves their counters alone."""
    in_one_window(3600)
    key = edge.key(limits=["de key 3600 1 error e_quota", "da key 3600 100 attachment_item a_quota"])
    answers = [edge.envelope(key, event(), ATTACHMENT, SESSION) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [entry.get("x") for entry in edge.entries(key)] == [None, "0,1"]
    assert limits(answers[1])[0][1:] == ("error", "key", "e_quota")
    assert counters(edge, "da") == [1]


def test_minidump_is_the_event(edge):
    """A limit on attachments does not take what the event is made of."""
    key = edge.key(limits=["m0 key 60 0 attachment no_attachments"])
    dump = {"type": "attachment", "attachment_type": "event.minidump"}, b"MDMP"
    answer = edge.envelope(key, ATTACHMENT, dump)
    assert answer.status_code == 200
    assert edge.entry(key)["x"] == "0"


def test_client_reports_always_pass(edge):
    key = edge.key(limits=["all key 60 0 * nothing_goes"])
    assert edge.envelope(key, ({"type": "client_report"}, {})).status_code == 200
    answer = edge.envelope(key, event())
    assert answer.status_code == 429
    assert limits(answer) == [(60, "", "key", "nothing_goes")]
    answer = edge.envelope(key, event(), ({"type": "client_report"}, {}))
    assert answer.status_code == 200
    assert edge.entries(key)[-1]["x"] == "0"


def test_containers_are_counted_by_what_they_hold(edge):
    in_one_window(3600)
    key = edge.key(limits=["logs key 3600 10 log_item log_quota", "logb key 3600 1000 log_byte log_bytes"])
    log = {"type": "log", "item_count": 4}, b"x" * 100
    codes = [edge.envelope(key, log).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert counters(edge, "logs") == [8] and counters(edge, "logb") == [200]
    edge.wait_for_outcomes(key, {("rate_limited", "log_item", "log_quota"): 4,
                                 ("rate_limited", "log_byte", "log_quota"): 100})


def test_store_is_limited_too(edge):
    key = edge.key(limits=["st key 60 0 error key_quota"])
    assert edge.store(key).status_code == 429


@pytest.mark.parametrize("line", ["", "x", "a b c d e f", "id key 0 5 error reason", "id key 60 x error reason",
                                  "id key 60 0 nonsense reason", "i" * 100 + " key 60 0 error reason"])
def test_a_line_that_is_no_limit_is_none(edge, line):
    key = edge.key(limits=[line, "good key 60 0 transaction reason"])
    assert edge.envelope(key, event()).status_code == 200
    assert edge.envelope(key, TRANSACTION).status_code == 429


def test_script_is_loaded_again(edge):
    in_one_window(3600)
    key = edge.key(limits=[f"{name} key 3600 2 error key_quota" for name in ("flushed", "flushed_too")])
    codes = []
    for _ in range(3):
        edge.redis.script_flush()
        codes.append(edge.envelope(key, event()).status_code)
    assert codes == [200, 200, 429]


def test_changed_limit_holds_soon(edge):
    key = edge.key()
    assert edge.envelope(key, event()).status_code == 200
    edge.write_key(key, limits=["new key 60 0 error key_quota"])
    edge.wait_for(lambda: [edge.post_anew(key) for _ in range(4)] == [429] * 4)
    edge.write_key(key)
    edge.wait_for(lambda: [edge.post_anew(key) for _ in range(4)] == [200] * 4)


def test_outcomes_of_both_kinds_add_up(edge):
    key = edge.key(limits=["o0 key 60 0 error key_quota"])
    for _ in range(30):
        edge.envelope(key, event())
    edge.envelope(key, pack(event())[:-5])
    edge.wait_for_outcomes(key, {("rate_limited", "error", "key_quota"): 30,
                                 ("invalid", "default", "invalid_envelope"): 1})
