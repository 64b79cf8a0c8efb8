"""Crashes of native programs: minidumps with what came along, Apple's reports, the Unreal Engine (protocol.md §8.8)."""

import bz2
import gzip
import json
import lzma
import struct
import uuid
import zlib

import msgpack
import pytest
import zstandard
from harness.line import envelope, ledger, make_event

TYPE = "multipart/form-data; boundary=b0undary"
JUNK = b"MDMP" + b"\0content" * 50

WINDOWS, LINUX = 2, 0x8201
MODULES = [(0x400000, 0x1000, "C:\\game\\engine.dll"), (0x7ff600000000, 0x20000, "C:\\game\\game.exe")]


def minidump(code=0xc0000005, address=0x7ff600001234, system=WINDOWS, modules=MODULES):
    """What a crash handler writes, as far as it matters: system, modules, exception."""
    header = 32 + 3 * 12
    system_info = struct.pack("<HHHBBIIIII", 9, 6, 0, 8, 1, 10, 0, 19045, system, 0) + bytes(24)
    exception = struct.pack("<IIIIQQII", 7, 0, code, 0, 0, address, 0, 0) + bytes(120 + 8)
    names = [struct.pack("<I", 2 * len(name)) + name.encode("utf-16-le") + b"\0\0" for _, _, name in modules]
    start = header + len(system_info) + len(exception)
    at = start + 4 + 108 * len(modules)
    rows = b""
    for (base, size, _), name in zip(modules, names):
        rows += struct.pack("<QIIII", base, size, 0, 0, at) + bytes(108 - 24)
        at += len(name)
    directory = struct.pack("<III", 7, len(system_info), header)
    directory += struct.pack("<III", 6, len(exception), header + len(system_info))
    directory += struct.pack("<III", 4, 4 + len(rows), start)
    return (b"MDMP" + struct.pack("<IIIIIQ", 0xa793, 3, 32, 0, 0, 0) + directory + system_info + exception
            + struct.pack("<I", len(modules)) + rows + b"".join(names))


def form(*parts):
    """parts: (name, value) or (name, value, file name)."""
    body = b""
    for name, value, *file in parts:
        disposition = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{file[0]}"' if file else "")
        value = value if isinstance(value, bytes) else value.encode()
        body += f"--b0undary\r\n{disposition}\r\n\r\n".encode() + value + b"\r\n"
    return body + b"--b0undary--\r\n"


def dump(content=None, name="crash.dmp"):
    return "upload_file_minidump", minidump() if content is None else content, name


def post(line, body, endpoint="minidump", **fields):
    event_id = uuid.uuid4().hex
    line.add(body, **{"e": endpoint, "i": event_id, "y": TYPE, **fields})
    line.drained()
    return event_id


def stored(line):
    """Every event of the project, in the order they came."""
    rows = line.sql("select b.body from event_body b join event e on e.id = b.id and e.day = b.day"
                    " where e.project_id = %s order by e.id", line.project)
    return [json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(bytes(body))) for body, in rows]


def files(line):
    return line.sql("select name, type, size from attachment where project_id = %s order by id", line.project)


def titles(line):
    return [row[0] for row in line.sql("select title from issue where project_id = %s order by id", line.project)]


def test_a_dump_says_how_the_program_ended_and_where(line):
    event_id = post(line, form(dump()))
    event, = stored(line)
    assert event["event_id"] == event_id
    assert (event["platform"], event["level"]) == ("native", "fatal")
    error, = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("EXCEPTION_ACCESS_VIOLATION", "in game.exe at 0x7ff600001234")
    assert error["mechanism"] == {"type": "minidump", "handled": False}
    assert event["contexts"]["os"] == {"type": "os", "name": "Windows", "version": "10.0.19045"}
    assert event["contexts"]["device"]["arch"] == "x86_64"
    assert files(line) == [("crash.dmp", "event.minidump", len(minidump()))]
    assert ledger(line) == {("error", "accepted", ""): 1, ("attachment", "accepted", ""): len(minidump()),
                            ("attachment_item", "accepted", ""): 1}


def test_crashes_group_by_how_and_in_which_file(line):
    for crash in (minidump(), minidump(address=0x7ff600005678), minidump(address=0x400010),
                  minidump(code=0xc0000094), minidump(code=11, system=LINUX)):
        post(line, form(dump(crash)))
    assert line.sql("select title, times_seen from issue where project_id = %s order by id", line.project) == [
        ("EXCEPTION_ACCESS_VIOLATION: in game.exe at 0x7ff600005678", 2),
        ("EXCEPTION_ACCESS_VIOLATION: in engine.dll at 0x400010", 1),
        ("EXCEPTION_INT_DIVIDE_BY_ZERO: in game.exe at 0x7ff600001234", 1),
        ("SIGSEGV: in game.exe at 0x7ff600001234", 1)]


@pytest.mark.parametrize("content", [
    JUNK, b"MDMP", b"PMDM" + minidump()[4:], minidump()[:50], minidump()[:128],
    minidump()[:8] + b"\xff" * 8 + minidump()[16:], b"MDMP" + b"\xff" * 300])
def test_a_dump_that_cannot_be_read_is_an_event_all_the_same(line, content):
    post(line, form(dump(content)))
    event, = stored(line)
    assert event["exception"]["values"][0]["type"] == "Minidump"
    assert titles(line) == ["Minidump: Invalid Minidump"]
    assert files(line) == [("crash.dmp", "event.minidump", len(content))]


@pytest.mark.parametrize("content_type", ["application/octet-stream", "application/x-dmp; charset=x"])
def test_a_dump_without_a_form(line, content_type):
    post(line, minidump(), y=content_type)
    assert titles(line) == ["EXCEPTION_ACCESS_VIOLATION: in game.exe at 0x7ff600001234"]
    assert files(line) == [("minidump.dmp", "event.minidump", len(minidump()))]


@pytest.mark.parametrize("pack, ending", [
    (gzip.compress, ".gz"), (lzma.compress, ".xz"), (bz2.compress, ".bz2"),
    (zstandard.ZstdCompressor().compress, ".zst")])
def test_a_packed_dump_is_kept_unpacked(line, pack, ending):
    post(line, form(dump(pack(minidump()), "crash.dmp" + ending)))
    assert files(line) == [("crash.dmp", "event.minidump", len(minidump()))]
    assert titles(line) == ["EXCEPTION_ACCESS_VIOLATION: in game.exe at 0x7ff600001234"]


def test_what_the_sdk_has_left_beside_the_dump_is_merged(line):
    def steps(*times):
        return b"".join(msgpack.packb({"timestamp": f"2025-11-26T10:00:{at:02}Z", "message": f"step {at}"}) for at in times)

    post(line, form(
        ("__sentry-event", msgpack.packb({"user": {"id": "7"}, "level": "error", "release": "game@1.0",
                                          "extra": {"of": "msgpack"}}), "__sentry-event"),
        ("__sentry-breadcrumb1", steps(1, 3, 5), "__sentry-breadcrumb1"),
        ("__sentry-breadcrumb2", steps(2, 4), "__sentry-breadcrumb2"),
        ("sentry", json.dumps({"user": {"id": "no", "email": "a@example.org"}, "environment": "beta"})),
        ("sentry[tags][mod]", "x"), ("sentry[user][email]", "no@example.org"), ("sentry[", "odd"),
        ("sentry__2", '"low"}}'), ("sentry__1", '{"event_id":"' + "f" * 32 + '","tags":{"quality":'),
        ("sentry___global", '{"tags":{"layer":"global","mod":"no"}}'),
        ("ptype", "renderer"), dump(), ("log", b"a log", "game.log"),
        ("view", b"{}", "view-hierarchy.json")))
    event, = stored(line)
    assert event["user"] == {"id": "7", "email": "a@example.org"}
    assert (event["level"], event["release"], event["environment"]) == ("error", "game@1.0", "beta")
    tags = dict(event["tags"])
    assert (tags["mod"], tags["quality"], tags["layer"]) == ("x", "low", "global")
    assert event["extra"] == {"of": "msgpack", "ptype": "renderer", "sentry[": "odd"}
    assert event["event_id"] != "f" * 32
    assert [step["message"] for step in event["breadcrumbs"]["values"]] == ["step 3", "step 4", "step 5"]
    assert files(line) == [("crash.dmp", "event.minidump", len(minidump())), ("game.log", "event.attachment", 5),
                           ("view-hierarchy.json", "event.view_hierarchy", 2)]


@pytest.mark.parametrize("field", [
    ("sentry", "{{{{"), ("sentry__1", "{"), ("__sentry-event", b"\xc1\xff", "x"), ("__sentry-event", b"\x91" * 5000, "x"),
    ("__sentry-event", b"\xdf\xff\xff\xff\xff", "x"), ("__sentry-event", b"\xdb\xff\xff\xff\xffx", "x"),
    ("__sentry-breadcrumb1", b"\xdd\xff\xff\xff\xff\x80", "x"), ("sentry" + "[a]" * 100, "deep"),
    ("sentry[a]]", "x"), ("sentry[]", "x"), ("sentry__99999999999999999999", "x")])
def test_broken_company_does_not_harm_the_dump(line, field):
    post(line, form(field, dump()))
    assert titles(line) == ["EXCEPTION_ACCESS_VIOLATION: in game.exe at 0x7ff600001234"]


def test_an_old_electron_wraps_its_dump_once_more(line):
    inner = (b"--inner\r\nContent-Disposition: form-data; name=\"upload_file_minidump\"; filename=\"inner.dmp\"\r\n\r\n"
             + minidump() + b"\r\n--inner--\r\n")
    post(line, form(dump(inner, "outer")))
    assert files(line) == [("inner.dmp", "event.minidump", len(minidump()))]


@pytest.mark.parametrize("body, reason", [
    (form(("other", b"x", "x.dmp")), "missing_minidump_upload"), (form(dump(b"no dump")), "invalid_minidump"),
    (form(dump(b"\x1f\x8bjunk")), "invalid_compression")])
def test_what_the_edge_should_have_refused_is_recorded(line, body, reason):
    post(line, body)
    assert stored(line) == [] and files(line) == []
    assert ledger(line) == {("error", "invalid", reason): 1, ("attachment", "invalid", reason): len(body),
                            ("attachment_item", "invalid", reason): 1}


def test_dropped_parts_are_left_out(line):
    post(line, form(("log", b"a log", "a.log"), dump(), ("log", b"a log", "b.log")), x="0,2")
    assert [name for name, *_ in files(line)] == ["crash.dmp"]


# ---- in an envelope

def attachment(kind, content, name="f"):
    return {"type": "attachment", "filename": name, "attachment_type": kind, "length": len(content)}, content


def send(line, *items):
    event_id = uuid.uuid4().hex
    line.add(envelope(*items, header={"event_id": event_id}), i=event_id)
    line.drained()
    return event_id


def test_a_dump_in_an_envelope_makes_an_event(line):
    event_id = send(line, attachment("event.minidump", minidump(), "a.dmp"),
                    attachment("event.payload", msgpack.packb({"release": "game@2"})),
                    attachment("event.breadcrumbs", msgpack.packb({"message": "clicked"})))
    event, = stored(line)
    assert (event["event_id"], event["release"]) == (event_id, "game@2")
    assert event["breadcrumbs"]["values"][0]["message"] == "clicked"
    assert [name for name, *_ in files(line)] == ["a.dmp"]
    assert ledger(line)[("attachment_item", "accepted", "merged")] == 2


def test_a_dump_makes_the_event_beside_it_a_crash(line):
    event = make_event({"release": "game@3", "message": None, "level": "fatal", "platform": "native"})
    line.add(envelope(attachment("event.minidump", minidump(), "a.dmp"), event), i=event["event_id"])
    line.drained()
    kept, = stored(line)
    assert kept["release"] == "game@3"
    assert titles(line) == ["EXCEPTION_ACCESS_VIOLATION: in game.exe at 0x7ff600001234"]
    assert line.value("select count(*) from event where project_id = %s", line.project) == 1


def test_an_event_that_knows_better_keeps_its_exception(line):
    event = make_event({"exception": {"values": [{"type": "Oops", "value": "mine"}]}})
    line.add(envelope(event, attachment("event.minidump", JUNK)), i=event["event_id"])
    line.drained()
    assert titles(line) == ["Oops: mine"]


def test_a_crash_report_of_apple(line):
    report = (b"Incident Identifier: 1\nProcess:               Game [4711]\n"
              b"Exception Type:        EXC_BAD_ACCESS (SIGSEGV)\n")
    send(line, attachment("event.applecrashreport", report, "a.crash"))
    assert titles(line) == ["EXC_BAD_ACCESS (SIGSEGV): Game"]
    assert stored(line)[0]["exception"]["values"][0]["mechanism"]["type"] == "applecrashreport"


# ---- the Unreal Engine

CONTEXT = """<?xml version="1.0" encoding="UTF-8"?>
<FGenericCrashContext><RuntimeProperties><CrashType>Crash</CrashType><GameName>UE4-Game</GameName>
<ErrorMessage>Assertion failed: hull &gt; 0</ErrorMessage><UserDescription>I only jumped</UserDescription>
<Misc.CPUBrand>Some CPU</Misc.CPUBrand><EngineVersion>5.3</EngineVersion></RuntimeProperties>
<GameData><__sentry>{"release": "game@5", "tags": {"level": "moon"}}</__sentry></GameData></FGenericCrashContext>"""


def container(*contents, count=None):
    def text(s):
        return struct.pack("<I", 260) + s.encode().ljust(260, b"\0")
    header = text("UE4CC") + text("crash.ue4crash") + struct.pack("<i", 0)
    out = header + struct.pack("<i", 0)
    for i, (name, content) in enumerate(contents):
        out += struct.pack("<i", i) + text(name) + struct.pack("<i", len(content)) + content
    return zlib.compress(out + header + struct.pack("<i", len(contents) if count is None else count))


def unreal(line, body, **fields):
    return post(line, body, endpoint="unreal", y="application/octet-stream", **fields)


def test_a_crash_of_the_unreal_engine(line):
    log = "\n".join(["Log file open", *(f"[2025.11.26-10.00.00:000][{i:3}]LogWorld: line {i}" for i in range(60))]).encode()
    event_id = unreal(line, container(("CrashContext.runtime-xml", CONTEXT.encode()), ("UE4Minidump.dmp", minidump()),
                                      ("Game.log", log)), q="UserID=login%7Cepic%7Cmachine&AppVersion=1")
    event, = stored(line)
    assert event["event_id"] == event_id and event["release"] == "game@5"
    assert event["exception"]["values"][0]["type"] == "EXCEPTION_ACCESS_VIOLATION"
    assert event["user"]["id"] == "login"
    tags = dict(event["tags"])
    assert (tags["epic_account_id"], tags["machine_id"], tags["unreal.engine"]) == ("epic", "machine", "5.3")
    assert event["contexts"]["device"]["cpu_description"] == "Some CPU"
    steps = event["breadcrumbs"]["values"]
    assert len(steps) == 40 and (steps[-1]["category"], steps[-1]["message"]) == ("LogWorld", "line 59")
    assert [row[:2] for row in files(line)] == [
        ("CrashContext.runtime-xml", "unreal.context"), ("UE4Minidump.dmp", "event.minidump"),
        ("Game.log", "unreal.logs")]
    assert line.sql("select message from feedback where project_id = %s", line.project) == [("I only jumped",)]


def test_an_assertion_without_a_dump_is_its_message(line):
    unreal(line, container(("CrashContext.runtime-xml", CONTEXT.encode())))
    assert titles(line) == ["Assertion failed: hull > 0"]
    assert stored(line)[0]["level"] == "fatal"


@pytest.mark.parametrize("body", [
    b"junk", zlib.compress(b""), zlib.compress(b"\xff" * 100), container(("a", b"b"), count=2), container(count=-1),
    container(("a", b"b"))[:-20]])
def test_a_broken_container_is_recorded(line, body):
    unreal(line, body)
    assert ledger(line)[("error", "invalid", "process_unreal")] == 1


@pytest.mark.parametrize("xml", [
    b"<a><b><c>x", b"\xff\xfe<a>", b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a><RuntimeProperties><ErrorMessage>&z;</ErrorMessage></RuntimeProperties></a>',
    b"<a>" * 100000, CONTEXT.encode()[:300]])
def test_a_broken_context_is_a_file_like_others(line, xml):
    unreal(line, container(("CrashContext.runtime-xml", xml), ("UE4Minidump.dmp", minidump())))
    assert titles(line) == ["EXCEPTION_ACCESS_VIOLATION: in game.exe at 0x7ff600001234"]
    assert len(files(line)) == 2
