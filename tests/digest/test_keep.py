"""Bodies: packed with a dictionary of their project, and left out where an issue floods."""

import json
import uuid

import zstandard

from harness.line import envelope, make_event


def add(line, count, event):
    """The ids of so many events, in the order they are digested."""
    events = [make_event(event(n)) for n in range(count)]
    line.add_all([line.entry(envelope(e)) for e in events])
    return [e["event_id"] for e in events]


def kept(line):
    return line.value("select count(*) from event e join event_body b on b.day = e.day and b.id = e.id"
                      " where e.project_id = %s and e.has_body", line.project)


def has_body(line, event_id):
    return line.value("select has_body from event where event_id = %s", uuid.UUID(event_id))


def test_a_flood_is_counted_and_some_bodies_are_kept(line):
    ids = add(line, 1500, lambda n: {"message": "flood", "release": "1.0" if n != 1400 else "1.1"})
    line.drained()
    seen, thinned = line.sql("select times_seen, thinned from issue where project_id = %s", line.project)[0]
    assert seen == line.value("select count(*) from event where project_id = %s", line.project) == 1500
    assert thinned == 1500 - kept(line) and 150 <= kept(line) <= 400
    assert all(has_body(line, id) for id in ids[:60]), "the first ones"
    assert has_body(line, ids[1400]), "the first of a release"
    line.check_books()

    lost = next(id for id in ids if not has_body(line, id))
    assert "its contents were not kept" in line.stack.vedette("event", lost).stdout


def test_a_project_can_keep_every_body(line):
    line.sql("insert into project_setting values (%s, %s, 'keep.sampling', 'off')", line.org, line.project)
    add(line, 600, lambda n: {"message": "flood"})
    line.drained()
    assert kept(line) == 600


def test_many_different_issues_keep_their_bodies(line):
    add(line, 600, lambda n: {"message": f"kind {'abcdefghij'[n % 10]}"})
    line.drained()
    assert kept(line) == 600


def alike(n):
    return {"message": f"{n}", "fingerprint": [f"{n % 200}"],
            "extra": {f"setting_{k}": f"the value of the setting number {k * k}" for k in range(30)}}


def test_a_dictionary_is_trained_and_used(line):
    line.sql("insert into project_setting values (%s, %s, 'keep.sampling', 'off')", line.org, line.project)
    add(line, 300, alike)
    line.drained()
    line.stack.wait_for(lambda: line.sql("select 1 from body_dictionary where project_id = %s", line.project))
    id, dictionary = line.sql("select id, dictionary from body_dictionary where project_id = %s", line.project)[0]

    def packed():
        event_id = line.send(alike(1))
        line.drained()
        return event_id, bytes(line.value("select b.body from event_body b join event e on e.id = b.id"
                                          " where e.event_id = %s", uuid.UUID(event_id)))
    line.stack.wait_for(lambda: zstandard.get_frame_parameters(packed()[1]).dict_id == id, timeout=60)
    event_id, body = packed()
    plain = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(bytes(dictionary))).decompress(body)
    assert json.loads(plain)["event_id"] == event_id
    assert len(body) < len(plain) / 5


def trained(line, project):
    return line.sql("select dictionary is not null from body_dictionary where project_id = %s", project)


def test_a_project_without_a_body_to_learn_from_is_not_in_the_way_of_others(line):
    busiest = line.project
    line.sql("insert into project_setting values (%s, %s, 'keep.sampling', 'off')", line.org, busiest)
    add(line, 320, alike)
    line.drained()
    line.stack.wait_for(lambda: trained(line, busiest))
    line.sql("delete from body_dictionary where project_id = %s", busiest)
    line.sql("update event_body b set body = 'none' from event e"
             " where e.day = b.day and e.id = b.id and e.project_id = %s", busiest)
    line.org, line.project = line.add_project()
    line.sql("insert into project_setting values (%s, %s, 'keep.sampling', 'off')", line.org, line.project)
    add(line, 260, alike)
    line.drained()
    line.stack.wait_for(lambda: trained(line, line.project) == [(True,)])
    assert trained(line, busiest) == [(False,)]
