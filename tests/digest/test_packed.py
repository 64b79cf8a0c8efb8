"""An entry whose fields the edge has put behind its version (queue/message.h)."""

import gzip

from harness.line import DEAD, envelope, make_event
from harness.packed import pack, pack_lz4


def beside(line, body, **fields):
    """The entry as an edge of before wrote it, the body beside the other fields."""
    entry = line.entry(body, **fields)
    body = entry.pop("d")
    del entry["v"]
    return {"v": pack({name: str(value).encode() for name, value in entry.items()}), "d": body}


def packed(line, body, **fields):
    """The entry as an edge of today writes it."""
    entry = beside(line, body, **fields)
    return {"v": entry["v"] + pack({"d": entry["d"]})[1:]}


def squeezed(line, body, **fields):
    """The same, with a body that the edge has packed, too."""
    entry = beside(line, pack_lz4(body), c="lz4", **fields)
    return {"v": b"4" + entry["v"][1:] + pack({"d": entry["d"]})[1:]}


def test_it_is_stored_as_one_whose_fields_are_spelled_out(own_line):
    line, ids = own_line, []
    for make in (packed, beside, lambda line, *args, **fields: line.entry(*args, **fields)):
        event = make_event({"request": {"url": "https://example.com"}})
        line.add_all([make(line, gzip.compress(envelope(event)), c="gzip", i=event["event_id"], a="192.0.2.7",
                           u="curl/8 7:x", h="origin: a:1\nreferer: 3:m\n")])
        ids.append(event["event_id"])
    line.start_worker()
    line.drained()
    line.check_books(3)
    rows = line.sql("select event_id, project_id, user_tag, received_at > now() - interval '1 day' from event")
    assert {str(row[0]).replace("-", "") for row in rows} == set(ids)
    assert len({row[1:] for row in rows}) == 1 and line.redis.xlen(DEAD) == 0


def test_broken_ones_are_put_aside_as_they_are_and_their_neighbour_is_stored(own_line):
    line = own_line
    line.stack.expect_log("version")
    event = make_event()
    broken = [b"3" + fields for fields in (b"o", b"o1", b"o1:", b"o:1", b"o-1:1", b"o2:1", b"o99999999999999999999:1",
                                           b"o1:1p1:1k1:1x9:", b"a0:" * 64)]
    for fields in broken:
        line.redis.xadd("vedette:events", {"v": fields, "d": envelope(make_event())})
    line.add_all([packed(line, envelope(event), i=event["event_id"])])
    line.start_worker()
    line.stack.wait_for_event(event["event_id"])
    line.drained()
    assert [dead[b"v"] for _, dead in line.redis.xrange(DEAD)] == broken


def test_its_dead_letter_is_shown_and_sent_again(own_line):
    line = own_line
    line.sql("alter table event add constraint poison check (title not like 'poison%%')")
    line.stack.expect_log("poison")
    line.add_all([packed(line, envelope(make_event({"message": "poison"})), u="agent/1")])
    line.start_worker()
    line.stack.wait_for(lambda: line.redis.xlen(DEAD) == 1)
    line.drained()
    (id, _), = line.redis.xrange(DEAD)
    shown = line.stack.vedette("queue", "show", id.decode()).stdout
    assert f"p: {line.project}" in shown and "u: agent/1" in shown and '"message": "poison"' in shown
    line.sql("alter table event drop constraint poison")
    assert line.stack.vedette("queue", "replay", "all").stdout == "1 sent again\n"
    line.drained()
    assert line.value("select count(*) from event") == 1 and line.redis.xlen(DEAD) == 0


def test_a_body_that_the_edge_has_packed_is_stored_shown_and_sent_again(own_line):
    line = own_line
    line.sql("alter table event add constraint poison check (title not like 'poison%%')")
    line.stack.expect_log("poison")
    events = [make_event({"message": message}) for message in ("poison", "good")]
    line.add_all([squeezed(line, envelope(event), i=event["event_id"]) for event in events])
    line.start_worker()
    line.stack.wait_for(lambda: line.redis.xlen(DEAD) == 1)
    line.drained()
    assert line.value("select title from event") == "good"
    (id, _), = line.redis.xrange(DEAD)
    assert '"message": "poison"' in line.stack.vedette("queue", "show", id.decode()).stdout
    line.sql("alter table event drop constraint poison")
    assert line.stack.vedette("queue", "replay", "all").stdout == "1 sent again\n"
    line.drained()
    assert line.value("select count(*) from event") == 2 and line.redis.xlen(DEAD) == 0


def test_one_that_lies_about_its_length_is_an_outcome_and_no_more(own_line):
    line, event = own_line, make_event()
    body = pack_lz4(envelope(make_event()))
    lies = [b"", body[:3], body[:4], body[:-1], b"\xff\xff\xff\xff" + body[4:], b"\0\0\0\0" + body[4:],
            (len(body) + 9).to_bytes(4, "little") + body[4:], (9).to_bytes(4, "little") + body[4:]]
    for lie in lies:
        entry = beside(line, lie, c="lz4")
        line.redis.xadd("vedette:events", {"v": b"4" + entry["v"][1:], "d": entry["d"]})
    line.add_all([squeezed(line, envelope(event), i=event["event_id"])])
    line.start_worker()
    line.stack.wait_for_event(event["event_id"])
    line.drained()
    assert line.value("select sum(quantity) from outcome_hour where reason = 'invalid_compression'") == len(lies)
    assert line.value("select count(*) from event") == 1 and line.redis.xlen(DEAD) == 0
