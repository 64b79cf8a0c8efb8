"""Files that come with events, or by themselves (protocol.md §8.8)."""

import hashlib
import json
import os
import time
import uuid

import harness.line
import pytest
from harness.line import envelope, make_event, fail_at


def attach(content, name="log.txt", **header):
    return {"type": "attachment", "filename": name, **header}, content


def rows(line, columns="name, size"):
    return line.sql(f"select {columns} from attachment where project_id = %s order by id", line.project)


def ledger(line):
    return harness.line.ledger(line, "attachment", "attachment_item")


def blob(line, content):
    name = hashlib.blake2b(content, digest_size=32).hexdigest()
    return line.stack.folder / "attachments" / name[:2] / name


def send(line, *items, **fields):
    event = make_event()
    line.add(envelope(*items, event), i=event["event_id"], **fields)
    line.drained()
    return event["event_id"]


def test_a_file_is_kept_with_its_event_byte_by_byte(line):
    content = bytes(range(256)) * 100 + b"\n\n\xef\xbb\xbf"
    event = send(line, attach(content, "C:\\logs\\app.bin", content_type="application/x-app",
                              attachment_type="event.view_hierarchy"))
    assert blob(line, content).read_bytes() == content
    assert rows(line, "event_id, name, content_type, type, size") == [
        (uuid.UUID(event), "app.bin", "application/x-app", "event.view_hierarchy", len(content))]
    assert ledger(line) == {("attachment", "accepted", ""): len(content),
                            ("attachment_item", "accepted", ""): 1}


def test_files_without_content_or_name_are_files_too(line):
    line.add(b'{}\n{"type":"attachment"}\n\n{"type":"attachment","length":0}', i=uuid.uuid4().hex)
    line.drained()
    assert rows(line) == [("attachment", 0), ("attachment", 0)]
    assert ledger(line) == {("attachment", "accepted", ""): 2, ("attachment_item", "accepted", ""): 2}


def test_the_same_bytes_are_kept_once(line):
    content = uuid.uuid4().bytes
    folder = blob(line, content).parent  # which others may share: it is named after two digits
    before = set(folder.iterdir()) if folder.exists() else set()
    send(line, attach(content, "a"), attach(content, "b"))
    send(line, attach(content, "c"))
    assert len(rows(line)) == 3
    assert set(folder.iterdir()) - before == {blob(line, content)}


def test_what_hangs_on_an_event_goes_with_it(line):
    line.sql("insert into project_setting (organization_id, project_id, name, value)"
             " values (%s, %s, 'filter.error-message', '*unwanted*')", line.org, line.project)
    event = make_event({"message": "unwanted"})
    report = {"event_id": event["event_id"], "comments": "it broke"}
    line.add(envelope(attach(b"abc"), ({"type": "user_report"}, json.dumps(report).encode()), event),
             i=event["event_id"])
    line.drained()
    assert rows(line) == [] and line.sql("select 1 from feedback where project_id = %s", line.project) == []
    assert ledger(line) == {("attachment", "filtered", "error-message"): 3,
                            ("attachment_item", "filtered", "error-message"): 1}


def test_a_duplicate_brings_its_files_only_once(line):
    event = make_event()
    for _ in range(2):
        line.add(envelope(event, attach(b"abc")), i=event["event_id"])
        line.drained()
    assert rows(line) == [("log.txt", 3)]
    assert ledger(line)[("attachment", "invalid", "duplicate")] == 3


def test_a_project_has_room_for_so_much(line):
    line.sql("insert into project_setting (organization_id, project_id, name, value)"
             " values (%s, %s, 'attachments.limit', '1')", line.org, line.project)
    half = b"x" * (600 << 10)
    send(line, attach(half, "one"), attach(half + b"y", "two"), attach(b"small", "three"))
    assert [name for name, _ in rows(line)] == ["one", "three"]
    assert ledger(line)[("attachment_item", "rate_limited", "attachment_storage")] == 1
    assert line.sql("select bytes, files from attachment_usage where project_id = %s", line.project) == [
        (len(half) + 5, 2)]
    line.sql("delete from attachment where project_id = %s and name = 'one'", line.project)
    send(line, attach(half + b"z", "four"))
    assert [name for name, _ in rows(line)] == ["three", "four"]


def test_a_full_project_costs_no_disk(line):
    line.sql("insert into project_setting (organization_id, project_id, name, value)"
             " values (%s, %s, 'attachments.limit', '0')", line.org, line.project)
    content = uuid.uuid4().bytes
    send(line, attach(content))
    assert not blob(line, content).exists()
    assert ledger(line)[("attachment_item", "rate_limited", "attachment_storage")] == 1


def test_a_project_may_do_without(line):
    line.sql("insert into project_setting (organization_id, project_id, name, value)"
             " values (%s, %s, 'attachments', 'off')", line.org, line.project)
    send(line, attach(b"abc"))
    assert ledger(line) == {("attachment", "filtered", "attachments-off"): 3,
                            ("attachment_item", "filtered", "attachments-off"): 1}


def form(*parts, boundary="b0"):
    lines = []
    for name, filename, content in parts:
        disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
        lines += [b"--" + boundary.encode(), b"Content-Disposition: " + disposition.encode(),
                  b"Content-Type: text/plain", b"", content]
    return b"\r\n".join([*lines, b"--" + boundary.encode() + b"--", b""])


def test_a_form_brings_files_of_an_event_that_is_there_already(line):
    event = uuid.uuid4().hex
    body = form(("a", "one.txt", b"1\r\n\r\n2"), ("field", None, b"no file"), ("b", "dir/two.txt", b""),
                ("c", "dropped", b"x"))
    line.add(body, e="attachments", y="multipart/form-data; boundary=b0", i=event, x="3")
    line.add(b"--", e="attachments", y="multipart/form-data; boundary=b0", i=event)
    line.drained()
    assert rows(line, "event_id, name, size, content_type") == [
        (uuid.UUID(event), "one.txt", 6, "text/plain"), (uuid.UUID(event), "two.txt", 0, "text/plain")]
    assert ledger(line)[("attachment", "invalid", "invalid_multipart")] == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\r\nb", "\x00\ud800", "", None, 7, "x" * 5000])
def test_no_name_leads_anywhere(line, name):
    send(line, attach(b"abc", name))
    (stored, _), = rows(line)
    assert stored and "/" not in stored and "\n" not in stored and len(stored) <= 200


def test_files_that_nobody_has_are_swept_up_after_a_day(line):
    lost, kept, young = (uuid.uuid4().bytes for _ in range(3))
    send(line, attach(lost, "lost"), attach(kept, "kept"), attach(young, "young"))
    line.sql("delete from attachment where project_id = %s and name <> 'kept'", line.project)
    torn = blob(line, kept).parent / "new-1-1"
    torn.write_bytes(b"half of")
    long_ago = time.time() - 2 * 86400
    for path in (blob(line, lost), blob(line, kept), torn):
        os.utime(path, (long_ago, long_ago))
    line.restart_worker()
    line.stack.wait_for(lambda: not blob(line, lost).exists() and not torn.exists())
    assert blob(line, kept).read_bytes() == kept and blob(line, young).exists()


@pytest.mark.parametrize("point", ["before_store", "before_commit", "after_commit"])
def test_a_worker_that_dies_keeps_a_file_once(own_line, point):
    line = own_line
    line.stack.expect_log("signal 9")
    line.start_worker(**fail_at(point, line.stack.run))
    send(line, attach(b"abc"))
    assert (line.stack.run / "failed").exists()
    assert rows(line) == [("log.txt", 3)]
    assert ledger(line)[("attachment_item", "accepted", "")] == 1


def test_a_store_that_cannot_be_written_to_loses_nothing(own_line):
    line = own_line
    line.stack.expect_log("attachments:")
    line.stack.write_config({"attachment.path": "/proc/nowhere"})
    event = make_event()
    line.add(envelope(event, attach(b"abc")), i=event["event_id"])
    line.start_worker()
    line.stack.wait_for(lambda: "attachments:" in line.stack.log("worker"))
    assert line.sql("select 1 from event") == []
    line.stop_worker()
    line.stack.write_config()
    line.start_worker()
    line.drained()
    assert rows(line) == [("log.txt", 3)] and len(line.sql("select 1 from event")) == 1
