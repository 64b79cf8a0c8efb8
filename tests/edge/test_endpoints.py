"""The endpoints beside envelope and store; cases 5 to 7, 12, 51 to 64, 71 and 88 of protocol.md, section 10."""

import base64
import bz2
import gzip
import json
import lzma
import uuid
import zlib
from urllib.parse import quote, urlencode

import pytest
import zstandard

from edge.server import event, pack

ID = "0123456789abcdef0123456789abcdef"
DASHED = str(uuid.UUID(ID))
PIXEL = bytes.fromhex("4749463839610100010000ff002c00000000010001000002003b")


# ---- store without a project, and with GET

def test_store_without_project(edge):
    key = edge.key(project=77)
    answer = edge.post(f"/api/store/?sentry_key={key.public}", b'{"message":"hi"}')
    assert answer.status_code == 200
    assert edge.entry(key)["p"] == "77"


def test_store_without_project_and_disabled(edge):
    key = edge.key(state="off")
    assert edge.post(f"/api/store/?sentry_key={key.public}", b"{}").status_code == 403


@pytest.mark.parametrize("path", ["/api/42/store/", "/api/store/", "/api/42/store"])
@pytest.mark.parametrize("data", [json.dumps({"event_id": ID, "message": "a b+c&d=e"}),
                                  base64.b64encode(zlib.compress(b'{"event_id":"%s"}' % ID.encode())).decode()])
def test_store_by_get(edge, key, path, data):
    answer = edge.get(f"{path}?{urlencode({'sentry_key': key.public, 'sentry_version': 7, 'sentry_data': data, 'x': 1})}")
    assert answer.status_code == 200
    assert (answer.headers["Content-Type"], answer.content) == ("image/gif", PIXEL)
    entry = edge.entry(key)
    assert (entry["e"], entry["i"], entry["d"].decode(), entry["q"]) == ("store", ID, data, "x=1")


def test_store_by_get_with_percent_escapes(edge, key):
    data = '{"message":"a+b c%"}'
    assert edge.get(f"/api/42/store/?sentry_key={key.public}&sentry_data={quote(data, safe='')}").status_code == 200
    assert edge.entry(key)["d"].decode() == data


def test_store_by_get_without_data(edge, key):
    assert edge.get(f"/api/42/store/?sentry_key={key.public}").status_code == 400
    assert edge.get(f"/api/42/store/?sentry_key={key.public}&sentry_data=%7B").status_code == 400


# ---- reports of browsers

CSP = b'{"csp-report":{"document-uri":"https://example.com/"}}'


@pytest.mark.parametrize("path", ["/api/42/security/", "/api/42/csp-report/", "/api/42/security"])
@pytest.mark.parametrize("content_type", ["application/csp-report", "application/json; charset=utf-8", "application/reports+json",
                                          "application/expect-ct-report", "application/expect-ct-report+json",
                                          "application/expect-staple-report"])
def test_security(edge, key, path, content_type):
    answer = edge.post(f"{path}?sentry_key={key.public}&sentry_release=r1&sentry_environment=prod", CSP,
                       Content_Type=content_type, Origin="https://example.com")
    assert (answer.status_code, answer.content) == (200, b"")
    entry = edge.entry(key)
    assert (entry["e"], entry["d"], entry["y"]) == ("security", CSP, content_type)
    assert entry["q"] == "sentry_release=r1&sentry_environment=prod"
    assert "origin: https://example.com\n" in entry["h"]
    assert len(entry["i"]) == 32


@pytest.mark.parametrize("content_type", ["text/html", "application/jsonx", None])
def test_security_of_another_type(edge, key, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    assert edge.post(f"/api/42/security/?sentry_key={key.public}", CSP, **headers).status_code == 415


def test_security_is_a_category(edge):
    key = edge.key(limits=["sec key 60 0 security no_security"])
    answer = edge.post(f"/api/42/security/?sentry_key={key.public}", CSP, Content_Type="application/csp-report")
    assert answer.status_code == 429
    edge.wait_for_outcomes(key, {("rate_limited", "security", "no_security"): 1})


def test_security_too_large_and_empty(edge, key):
    path = f"/api/42/security/?sentry_key={key.public}"
    assert edge.post(path, b"x" * (2**20 + 1), Content_Type="application/csp-report").status_code == 413
    assert edge.post(path, b"", Content_Type="application/csp-report").status_code == 400


def test_preflight_of_security(edge, key):
    for path in ("/api/42/security/", f"/api/42/security/?sentry_key={key.public}"):
        answer = edge.session.options(edge.url + path, headers={"Origin": "http://a.b"})
        assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("content_type, status", [("application/reports+json", 200), ("application/json", 200), ("text/plain", 415)])
def test_nel(edge, key, content_type, status):
    answer = edge.post(f"/api/42/nel/?sentry_key={key.public}", b'[{"type":"network-error"}]', Content_Type=content_type)
    assert (answer.status_code, answer.content[:0]) == (status, b"")
    assert [entry["e"] for entry in edge.entries(key)] == ["nel"] * (status == 200)


# ---- OTLP

@pytest.mark.parametrize("path, name", [("integration/otlp/v1/traces", "otlp_traces"), ("integration/otlp/v1/logs/", "otlp_logs"),
                                        ("otlp/v1/traces/", "otlp_traces")])
@pytest.mark.parametrize("content_type, status", [("application/json", 202), ("application/x-protobuf", 202), ("text/plain", 415)])
def test_otlp(edge, key, path, name, content_type, status):
    body = b"\x0a\x00\xff{}"
    answer = edge.post(f"/api/42/{path}", body, Content_Type=content_type, X_Sentry_Auth=f"sentry sentry_key={key.public}")
    assert answer.status_code == status
    if status == 202:
        assert answer.content == b""
        assert (edge.entry(key)["e"], edge.entry(key)["d"]) == (name, body)


# ---- check-ins

def test_check_in_by_query(edge, key):
    for send in (edge.get, edge.post):
        answer = send(f"/api/42/cron/my-job/{key.public}?status=ok&environment=prod")
        assert (answer.status_code, answer.content) == (202, b"")
    for entry in edge.entries(key):
        assert (entry["e"], entry["s"], entry["q"], entry["d"]) == ("cron", "my-job", "status=ok&environment=prod", b"")


def test_check_in_by_body(edge, key):
    body = b'{"status":"in_progress","monitor_config":{"schedule":{"type":"crontab","value":"0 * * * *"}}}'
    answer = edge.post(f"/api/42/cron/my-job/?sentry_key={key.public}", body, Content_Type="application/json")
    assert answer.status_code == 202
    assert (edge.entry(key)["s"], edge.entry(key)["d"]) == ("my-job", body)


def test_check_in_without_status(edge, key):
    path = f"/api/42/cron/my-job/{key.public}/"
    assert edge.get(path).status_code == 400
    for body in (b"{}", b'{"status":1}', b'{"status":"ok"', b""):
        assert edge.post(path, body, Content_Type="application/json").status_code == 400
    assert edge.get(path + "?status=").json() == {"detail": "invalid check-in", "causes": ["missing status"]}
    assert edge.entries(key) == []


def test_check_in_with_a_bad_key(edge):
    assert edge.get("/api/42/cron/my-job/short?status=ok").status_code == 400
    assert edge.get(f"/api/42/cron/my-job/{'f' * 32}?status=ok").status_code == 403
    assert edge.get("/api/42/cron/my-job?status=ok").status_code == 401


def test_limited_check_in_seems_accepted(edge):
    key = edge.key(limits=["mon key 60 0 monitor no_monitors"])
    answer = edge.get(f"/api/42/cron/my-job/{key.public}?status=ok")
    assert answer.status_code == 202
    assert answer.headers["X-Sentry-Rate-Limits"] == "60:monitor:key:no_monitors"
    assert edge.entries(key) == []
    edge.wait_for_outcomes(key, {("rate_limited", "monitor", "no_monitors"): 1})


# ---- minidumps

DUMP = b"MDMP" + b"\0content\r\n--\r\n" * 50


def form(*parts, boundary="b0undary"):
    """parts: (name, value, filename or None)."""
    body = b""
    for name, value, *file in parts:
        disposition = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{file[0]}"' if file else "")
        body += f"--{boundary}\r\n{disposition}\r\nContent-Type: text/plain\r\n\r\n".encode() + value + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


TYPE = "multipart/form-data; boundary=b0undary"


def minidump(edge, key, *parts, path="minidump/", content_type=TYPE, **headers):
    body = parts[0] if isinstance(parts[0], bytes) else form(*parts)
    return edge.post(f"/api/42/{path}?sentry_key={key.public}", body, Content_Type=content_type, **headers)


def stored_id(edge, key, answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.text == str(uuid.UUID(answer.text))
    entry = edge.entry(key)
    assert entry["i"] == uuid.UUID(answer.text).hex
    return entry["i"]


@pytest.mark.parametrize("path", ["minidump/", "minidump"])
def test_minidump(edge, key, path):
    stored_id(edge, key, minidump(edge, key, ("upload_file_minidump", DUMP, "a.dmp"), ("some", b"thing"), path=path))
    entry = edge.entry(key)
    assert (entry["e"], entry["y"]) == ("minidump", TYPE)
    assert DUMP in entry["d"]


@pytest.mark.parametrize("content_type", ["application/octet-stream", "application/x-dmp"])
def test_raw_minidump(edge, key, content_type):
    stored_id(edge, key, minidump(edge, key, DUMP, content_type=content_type, path="minidump"))
    assert edge.entry(key)["d"] == DUMP


@pytest.mark.parametrize("size", [1, 3, 17])
def test_multipart_does_not_depend_on_how_the_bytes_come(edge, key, size):
    tricky = DUMP + b"\r\n--b0undar\r\r\n--b0undary\r"[:-12] + b"\r\r\n\r\n-"
    body = b"preamble\r\n" + form(("sentry[event_id]", DASHED.encode()), ("upload_file_minidump", tricky, 'a"b;.dmp')) + b"epilogue"
    chunks = [body[i:i + size] for i in range(0, len(body), size)]
    answer = edge.session.post(f"{edge.url}/api/42/minidump/?sentry_key={key.public}", data=iter(chunks),
                               headers={"Content-Type": TYPE}, timeout=60)
    assert stored_id(edge, key, answer) == ID


@pytest.mark.parametrize("content_type", ['multipart/form-data; boundary="b0undary"', "Multipart/Form-Data; charset=x; Boundary=b0undary"])
def test_boundary_in_quotes(edge, key, content_type):
    stored_id(edge, key, minidump(edge, key, ("upload_file_minidump", DUMP, "a"), content_type=content_type))


def msgpack_map(**members):
    """Small enough to need no library."""
    def text(s):
        s = s.encode()
        return (bytes([0xa0 | len(s)]) if len(s) < 32 else bytes([0xd9, len(s)])) + s
    out = bytes([0x80 | len(members)])
    for name, value in members.items():
        out += text(name) + (value if isinstance(value, bytes) else text(value))
    return out


NESTED = b"\x82\xa8event_id\xa1x\xa1y\x93\x01\xcb\0\0\0\0\0\0\0\0\xc0"  # {"event_id": "x", "y": [1, 0.0, null]}


@pytest.mark.parametrize("parts", [
    [("sentry[event_id]", ID.encode())],
    [("sentry", json.dumps({"user": {"event_id": "no"}, "event_id": DASHED}).encode())],
    [("__sentry-event", msgpack_map(a=NESTED, b=b"\xc4\x02\0\0", event_id=ID, z="end"), "x")],
    [("__sentry-event", msgpack_map(event_id=ID), "x"), ("sentry[event_id]", b"f" * 32)],
    [("sentry[event_id]", b"f" * 32), ("sentry", json.dumps({"event_id": ID}).encode())],
])
@pytest.mark.parametrize("last", [False, True])
def test_id_of_the_crash_reporter(edge, key, parts, last):
    dump = [("upload_file_minidump", DUMP, "a")]
    answer = minidump(edge, key, *(dump + parts if last else parts + dump))
    assert stored_id(edge, key, answer) == ID


@pytest.mark.parametrize("parts", [
    [("sentry", b"{{{{")], [("sentry__1", b'{"event_id":"' + ID.encode()[:9]), ("sentry__2", ID.encode()[9:] + b'"}')],
    [("__sentry-event", b"\xc1\xff\xff", "x")], [("__sentry-event", b"\x81" * 100, "x")], [("__sentry-event", b"", "x")],
    [("__sentry-event", msgpack_map(event_id=NESTED), "x")], [("sentry[event_id]", b"x" * 1000)],
])
def test_id_is_made_up(edge, key, parts):
    assert stored_id(edge, key, minidump(edge, key, *parts, ("upload_file_minidump", DUMP, "a"))) != ID


@pytest.mark.parametrize("packed", [gzip.compress(DUMP), lzma.compress(DUMP), bz2.compress(DUMP), zstandard.compress(DUMP)])
@pytest.mark.parametrize("raw", [False, True])
def test_packed_minidump(edge, key, packed, raw):
    if raw:
        answer = minidump(edge, key, packed, content_type="application/octet-stream")
    else:
        answer = minidump(edge, key, ("upload_file_minidump", packed, "a.gz"))
    stored_id(edge, key, answer)


def test_minidump_packed_twice(edge, key):
    """Once for the way, and the file itself: both with the same kind."""
    for encode, coding in ((gzip.compress, "gzip"), (zstandard.compress, "zstd")):
        body = encode(form(("upload_file_minidump", encode(DUMP * 500), "a.gz")))
        answer = minidump(edge, key, body, Content_Encoding=coding)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("parts, detail, reason", [
    ([("upload_file_minidump", b"nonsense", "a")], "invalid minidump", "invalid_minidump"),
    ([("upload_file_minidump", b"", "a")], "invalid minidump", "invalid_minidump"),
    ([("upload_file_minidump", b"MD", "a")], "invalid minidump", "invalid_minidump"),
    ([("upload_file_minidump", gzip.compress(b"nonsense"), "a")], "invalid minidump", "invalid_minidump"),
    ([("upload_file", DUMP, "a")], "missing minidump", "missing_minidump_upload"),
    ([("upload_file_minidump", b"\x1f\x8bjunk", "a")], "invalid compression container", "invalid_compression"),
    ([("upload_file_minidump", gzip.compress(DUMP)[:-9], "a")], "invalid compression container", "invalid_compression"),
    ([("upload_file_minidump", zstandard.compress(DUMP)[:-5], "a")], "invalid compression container", "invalid_compression"),
])
def test_not_a_minidump(edge, parts, detail, reason):
    key = edge.key()
    answer = minidump(edge, key, *parts)
    assert (answer.status_code, answer.json()["detail"]) == (400, detail)
    assert edge.entries(key) == []
    edge.wait_for_outcomes(key, {("invalid", category, reason): 1 for category in ("error", "attachment", "attachment_item")})


@pytest.mark.parametrize("body, content_type", [
    (b"", TYPE), (b"nonsense", TYPE), (form(("upload_file_minidump", DUMP, "a"))[:-9], TYPE),
    (form(("upload_file_minidump", DUMP, "a")), "multipart/form-data"), (form(("upload_file_minidump", DUMP, "a")), "text/plain"),
    (b"--b0undary\r\nContent-Disposition: form-data\n\n", TYPE), (b"--b0undary\r\n" + b"x" * 10_000, TYPE), (b"--b0undaryX\r\n", TYPE),
    (form(*[("a", b"b")] * 300), TYPE),
], ids=range(9))
def test_broken_multipart(edge, key, body, content_type):
    answer = minidump(edge, key, body, content_type=content_type)
    assert answer.status_code == 400
    assert answer.json()["detail"] in ("invalid multipart data", "empty request body")


def test_bomb_in_a_minidump(edge, key):
    bomb = gzip.compress(b"MDMP" + bytes(2**26))
    assert minidump(edge, key, ("upload_file_minidump", bomb, "a.gz")).status_code == 413
    assert minidump(edge, key, gzip.compress(form(("upload_file_minidump", b"MDMP" + bytes(2**26), "a"))),
                    Content_Encoding="gzip").status_code == 413


def test_limited_minidump_seems_accepted(edge):
    key = edge.key(limits=["md key 60 0 error no_errors"])
    answer = minidump(edge, key, ("upload_file_minidump", DUMP, "a"), ("log", b"12345", "a.log"))
    assert answer.status_code == 200 and uuid.UUID(answer.text)
    assert edge.entries(key) == []
    edge.wait_for_outcomes(key, {("rate_limited", "error", "no_errors"): 1, ("rate_limited", "attachment", "no_errors"): 5,
                                 ("rate_limited", "attachment_item", "no_errors"): 1})


def test_attachments_of_a_minidump_limited(edge):
    key = edge.key(limits=["ma key 60 0 attachment no_attachments"])
    answer = minidump(edge, key, ("some", b"thing"), ("upload_file_minidump", DUMP, "a"), ("log", b"12345", "a.log"))
    assert answer.status_code == 200
    assert edge.entry(key)["x"] == "2"


# ---- attachments of an event

def attach(edge, key, *parts, id=ID, **headers):
    return edge.post(f"/api/42/events/{id}/attachments/?sentry_key={key.public}", form(*parts), Content_Type=TYPE, **headers)


@pytest.mark.parametrize("id", [ID, DASHED])
def test_attachments(edge, key, id):
    answer = attach(edge, key, ("a", b"text", "a.txt"), ("b", b"", "empty.txt"), id=id)
    assert (answer.status_code, answer.content) == (201, b"")
    entry = edge.entry(key)
    assert (entry["e"], entry["i"]) == ("attachments", ID)


@pytest.mark.parametrize("id", ["123abc", "0" * 32, "x" * 32])
def test_attachments_of_no_event(edge, key, id):
    assert attach(edge, key, ("a", b"text", "a.txt"), id=id).status_code == 400


def test_attachments_limited(edge):
    key = edge.key(limits=["at key 60 0 attachment_item no_attachments"])
    assert attach(edge, key, ("a", b"text", "a.txt")).status_code == 429
    assert edge.entries(key) == []


def test_too_many_attachments(edge, key):
    assert attach(edge, key, *[("a", b"text", "a.txt")] * 40).status_code == 413


def test_form_without_a_file(edge, key):
    assert attach(edge, key, ("a", b"text")).status_code == 201
    assert edge.entries(key) == []


# ---- Unreal

def test_unreal(edge, key):
    body = zlib.compress(b"CR1" + bytes(1000))
    answer = edge.post(f"/api/42/unreal/{key.public}/?UserID=x&AppVersion=1", body)
    stored_id(edge, key, answer)
    assert (edge.entry(key)["e"], edge.entry(key)["d"], edge.entry(key)["q"]) == ("unreal", body, "UserID=x&AppVersion=1")
    assert edge.post(f"/api/42/unreal/{key.public}/", b"").status_code == 400


def test_the_key_in_a_path_wins(edge, key):
    other = edge.key()
    stored_id(edge, key, edge.post(f"/api/42/unreal/{key.public}.no-cache/?sentry_key={other.public}", b"CR1"))
    assert edge.entries(other) == []


def test_limited_unreal_seems_accepted(edge):
    key = edge.key(limits=["un key 60 0 error no_errors"])
    assert edge.post(f"/api/42/unreal/{key.public}/", b"x").status_code == 200
    assert edge.entries(key) == []


# ---- methods

@pytest.mark.parametrize("path, allowed", [("security/", "POST, OPTIONS"), ("store/", "GET, POST, OPTIONS"), ("minidump", "POST, OPTIONS"),
                                           ("cron/a/", "GET, POST, OPTIONS"), ("otlp/v1/traces", "POST, OPTIONS")])
def test_methods(edge, path, allowed):
    answer = edge.session.request("DELETE", f"{edge.url}/api/42/{path}")
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_envelope_is_still_one(edge, key):
    assert edge.envelope(key, pack(event())).status_code == 200
