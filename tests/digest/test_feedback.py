"""What people tell: user reports and feedback (protocol.md §8.4)."""

import json
import uuid

import harness.line
import pytest
from harness.line import envelope, make_event


def report(event_id, **fields):
    return ({"type": "user_report"}, json.dumps({"event_id": event_id, "name": "Jo", "email": "jo@example.org",
                                                 "comments": "It broke", **fields}).encode())


def feedback(message="I like it", **context):
    event = {"event_id": uuid.uuid4().hex, "platform": "javascript", "release": "shop@1.0",
             "environment": "production", "user": {"email": "al@example.org", "ip_address": "1.2.3.4"},
             "request": {"url": "https://shop.example/cart?step=2", "headers": {"User-Agent":
                         "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"}},
             "contexts": {"feedback": {"message": message, **context}}}
    return event["event_id"], ({"type": "feedback"}, json.dumps(event).encode())


def rows(line, columns="name, email, message"):
    return line.sql(f"select {columns} from feedback where project_id = %s order by id", line.project)


def ledger(line):
    return {key[1:]: n for key, n in harness.line.ledger(line, "feedback").items()}


def issue_of(line, event_id):
    return line.value("select issue_id from event where event_id = %s", uuid.UUID(event_id))


def test_a_long_message_is_kept_in_any_language(line):
    """4096 characters, not bytes; what is cut says so."""
    for written, kept in (("ж" * 4096, "ж" * 4096), ("語" * 4097, "語" * 4093 + "...")):
        id, item = feedback(written, url="https://shop.example/" + "u" * 1000)
        line.add(envelope(item, header={"event_id": id}), i=id)
        line.add(envelope(report(uuid.uuid4().hex, comments=written)))
        line.drained()
        assert rows(line, "message")[-2:] == [(kept,), (kept,)]
    assert rows(line, "length(url)")[2] == (1021,)


def test_a_report_with_its_event_belongs_to_its_issue(line):
    event = make_event()
    line.add(envelope(report(event["event_id"]), event), i=event["event_id"])
    line.drained()
    assert rows(line, "name, email, message, is_report, event_id, issue_id, status") == [
        ("Jo", "jo@example.org", "It broke", True, uuid.UUID(event["event_id"]),
         issue_of(line, event["event_id"]), 0)]
    assert ledger(line) == {("accepted", ""): 1}


def test_a_report_after_its_event_belongs_to_its_issue(line):
    event = line.send()
    line.drained()
    line.add(envelope(report(event)), i=event)
    line.drained()
    assert rows(line, "issue_id") == [(issue_of(line, event),)]


def test_a_report_before_its_event_gets_its_issue_later(line):
    event = make_event()
    line.add(envelope(report(event["event_id"])), i=event["event_id"])
    line.drained()
    assert rows(line, "issue_id") == [(None,)]
    line.send(event)
    line.drained()
    line.restart_worker()
    line.stack.wait_for(lambda: rows(line, "issue_id") == [(issue_of(line, event["event_id"]),)])


def test_a_later_report_takes_the_place_of_the_first(line):
    event = line.send()
    for text in ("first", "second", "second"):
        line.add(envelope(report(event, comments=text)), i=event)
        line.drained()
    assert [message for _, _, message in rows(line)] == ["second"]
    assert ledger(line) == {("accepted", ""): 2, ("invalid", "duplicate"): 1}


def test_feedback_is_kept_in_the_inbox_and_not_among_the_events(line):
    subject = line.send()
    line.drained()
    event, item = feedback(name="Al", contact_email="al@shop.example", source="widget", replay_id="r1",
                           associated_event_id=subject)
    picture = {"type": "attachment", "filename": "screen.png", "content_type": "image/png"}, b"\x89PNG"
    line.add(envelope(item, picture), i=event, a="1.2.3.4")
    line.drained()
    assert rows(line, "name, email, message, url, source, replay, release, environment, browser, os, issue_id,"
                      " is_report, event_id") == [
        ("Al", "al@shop.example", "I like it", "https://shop.example/cart", "widget", "r1", "shop@1.0", "production",
         "Firefox 125.0", "Linux", issue_of(line, subject), False, uuid.UUID(event))]
    assert line.sql("select 1 from event where event_id = %s", uuid.UUID(event)) == []
    assert line.sql("select event_id from attachment where project_id = %s", line.project) == [
        (uuid.UUID(event),)]


def test_the_same_feedback_twice_is_there_once(line):
    event, item = feedback()
    for _ in range(2):
        line.add(envelope(item), i=event)
        line.drained()
    assert len(rows(line)) == 1
    assert ledger(line) == {("accepted", ""): 1, ("invalid", "duplicate"): 1}


def test_who_writes_is_known_from_the_user(line):
    event, item = feedback()
    line.add(envelope(item), i=event)
    line.drained()
    assert rows(line) == [("", "al@example.org", "I like it")]


@pytest.mark.parametrize("item, reason", [
    (feedback("")[1], "no_data"),
    (feedback("  \n ")[1], "no_data"),
    (feedback(None)[1], "no_data"),
    (({"type": "feedback"}, b"{"), "invalid_json"),
    (({"type": "feedback"}, b"[]"), "invalid_json"),
    (({"type": "user_report"}, b"7"), "invalid_json"),
    (report(None), "no_event_payload"),
    (report("xyz"), "no_event_payload"),
    (report(uuid.uuid4().hex, comments=" "), "no_data"),
])
def test_what_says_nothing_has_one_outcome(line, item, reason):
    line.add(envelope(item))
    line.drained()
    assert ledger(line) == {("invalid", reason): 1} and rows(line) == []


def test_secrets_and_broken_text_do_not_get_in(line):
    event, item = feedback("my card is 4111 1111 1111 1111 \x00 \ud800", name="x" * 5000)
    line.add(envelope(item, report(event, comments="password=hunter2 and 4111111111111111")), i=event)
    line.drained()
    texts = " ".join(message for _, _, message in rows(line))
    assert "4111" not in texts and len(rows(line)) == 2
    assert len(rows(line)[0][0]) <= 250


def test_a_long_message_is_cut(line):
    event, item = feedback("ä" * 10000)
    line.add(envelope(item), i=event)
    line.drained()
    (_, _, message), = rows(line)
    assert message == "ä" * 4093 + "..."
