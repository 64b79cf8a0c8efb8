"""What browsers report by themselves: Content Security Policy, certificates and keys of hosts, network errors."""

import json
import uuid

import pytest
import zstandard
from harness.line import ledger

CHROME = {
    "document-uri": "https://shop.example/cart?x=1", "referrer": "https://search.example/",
    "violated-directive": "img-src https://shop.example 'none'", "effective-directive": "img-src",
    "original-policy": "img-src https://shop.example; report-uri /csp", "disposition": "enforce",
    "blocked-uri": "https://evil.example:8443/pixel.gif?user=7", "line-number": 12, "status-code": "200",
}

AGENT = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
         " Chrome/124.0.0.0 Safari/537.36")


def report(**changes):
    body = {**CHROME, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return {"csp-report": {name: value for name, value in body.items() if value is not None}}


def send(line, body, **fields):
    event_id = uuid.uuid4().hex
    line.add(body if isinstance(body, bytes) else json.dumps(body).encode(), e="security", i=event_id,
             y="application/csp-report", **fields)
    line.drained()
    return event_id


def bodies(line):
    """Every stored event of the project, in the order they came."""
    rows = line.sql("select b.body from event_body b join event e on e.id = b.id and e.day = b.day"
                    " where e.project_id = %s order by e.id", line.project)
    return [json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(bytes(body)))
            for body, in rows]


def title(line):
    return line.value("select title from issue where project_id = %s", line.project)


def test_a_report_of_chrome_becomes_an_event(line):
    event_id = send(line, report(), u=AGENT, a="198.51.100.7", h="origin: https://shop.example\n",
                    q="sentry_release=shop%401.0&sentry_environment=prod")
    event, = bodies(line)
    assert event["event_id"] == event_id
    assert (event["type"], event["logger"]) == ("csp", "csp")
    assert event["csp"] == {
        "document_uri": "https://shop.example/cart?x=1", "referrer": "https://search.example/",
        "violated_directive": "img-src https://shop.example 'none'",
        "effective_directive": "img-src", "disposition": "enforce",
        "original_policy": "img-src https://shop.example; report-uri /csp",
        "blocked_uri": "https://evil.example:8443/pixel.gif?user=7", "line_number": 12,
        "status_code": 200}
    assert event["request"]["url"] == "https://shop.example/cart"
    headers = dict(event["request"]["headers"])
    assert headers == {"Origin": "https://shop.example", "Referer": "https://search.example/",
                       "User-Agent": AGENT}
    assert event["contexts"]["browser"]["name"] == "Chrome"
    assert event["user"]["ip_address"] == "198.51.100.7"
    assert (event["release"], event["environment"]) == ("shop@1.0", "prod")
    tags = dict(event["tags"])
    assert tags["effective-directive"] == "img-src"
    assert tags["blocked-uri"] == "https://evil.example:8443/pixel.gif?user=7"
    assert tags["blocked-host"] == "evil.example:8443"
    assert line.sql("select title, culprit from issue where project_id = %s", line.project) == [
        ("Blocked 'image' from 'evil.example:8443'", "img-src 'self' 'none'")]
    assert ledger(line) == {("security", "accepted", ""): 1}


def test_reports_of_one_host_are_one_issue(line):
    send(line, report())
    send(line, report(blocked_uri="https://evil.example:8443/other.gif", document_uri="https://a.example/"))
    send(line, report(effective_directive="font-src", violated_directive="font-src"))
    assert sorted(line.sql("select title, times_seen from issue where project_id = %s", line.project)) == [
        ("Blocked 'font' from 'evil.example:8443'", 1), ("Blocked 'image' from 'evil.example:8443'", 2)]


@pytest.mark.parametrize("changes, message", [
    ({"effective_directive": None, "violated_directive": "media-src 'none'"},
     "Blocked 'media' from 'evil.example:8443'"),
    ({"blocked_uri": "self"}, "Blocked inline 'image'"),
    ({"blocked_uri": None}, "Blocked inline 'image'"),
    ({"blocked_uri": "data"}, "Blocked 'image' from 'data:'"),
    ({"blocked_uri": "blob:https://x/y"}, "Blocked 'image' from 'blob:'"),
    ({"blocked_uri": "ws://evil.example/x", "effective_directive": "connect-src"},
     "Blocked 'connect' from 'ws://evil.example'"),
    ({"effective_directive": "form-action"}, "Blocked 'form' action to 'evil.example:8443'"),
    ({"effective_directive": "frame-src"}, "Blocked 'frame-src' from 'evil.example:8443'"),
    ({"effective_directive": "script-src", "blocked_uri": "self"},
     "Blocked unsafe (eval() or inline) 'script'"),
    ({"effective_directive": "script-src", "blocked_uri": "inline"}, "Blocked unsafe inline 'script'"),
    ({"effective_directive": "script-src", "blocked_uri": "eval"}, "Blocked unsafe eval() 'script'"),
    ({"effective_directive": "script-src-elem", "blocked_uri": "inline"},
     "Blocked inline script attribute"),
    ({"effective_directive": "script-src-attr", "blocked_uri": "inline"},
     "Blocked unsafe 'script' element"),
    ({"effective_directive": "style-src-elem", "blocked_uri": "inline"},
     "Blocked 'style' or 'link' element"),
    ({"effective_directive": "style-src-attr", "blocked_uri": ""}, "Blocked style attribute"),
])
def test_messages(line, changes, message):
    send(line, report(**changes))
    assert title(line) == message


def test_names_in_other_spellings(line):
    send(line, {"csp-report": {"effectiveDirective": "img-src", "blockedURL": "https://evil.example/a",
                               "documentURL": "https://shop.example/", "line_number": "7",
                               "sample": "x()", "__proto__": "y", "effective-directives": "z"}})
    event, = bodies(line)
    assert event["csp"]["blocked_uri"] == "https://evil.example/a"
    assert (event["csp"]["line_number"], event["csp"]["script_sample"]) == (7, "x()")


def test_an_array_of_the_reporting_api(line):
    def violation(uri):
        return {"type": "csp-violation", "url": "https://shop.example/", "user_agent": AGENT, "age": 1,
                "body": {"effectiveDirective": "img-src", "blockedURL": uri,
                         "documentURL": "https://shop.example/"}}
    event_id = send(line, [violation("https://a.example/"), {"type": "deprecation", "body": {}},
                           violation("https://b.example/")])
    first, second = bodies(line)
    assert first["event_id"] == event_id != second["event_id"]
    assert ledger(line) == {("security", "accepted", ""): 2, ("security", "accepted", "not_kept"): 1}


def test_extensions_are_filtered(line):
    send(line, report(blocked_uri="chrome-extension://abc/x.js"))
    assert ledger(line) == {("security", "filtered", "invalid-csp"): 1}


@pytest.mark.parametrize("body, reason", [
    (b"{", "invalid_json"), (b"[]", "no_data"), (b"7", "security_report_type"),
    (b"{}", "security_report_type"), (b'{"csp-report": 7}', "security_report"),
    (b'{"csp-report": {}}', "security_report"), (b'{"type": "csp-violation"}', "security_report_type"),
    (b'{"csp-report": {"effective-directive": "nonsense-src"}}', "security_report"),
    (b'{"csp-report": {"effective-directive": "  "}}', "security_report"),
    (b'[[[[]]]]', "security_report_type"),
])
def test_what_is_no_report_has_one_outcome(line, body, reason):
    send(line, body)
    assert ledger(line) == {("security", "invalid", reason): 1}


def test_hostile_values_become_an_event_or_an_outcome(line):
    for value in ("x" * 300_000, "\x00\ud800", "://", "https://", "https://@/?#", ["a"], {"a": 1}, 7, None):
        send(line, report(blocked_uri=value, document_uri=value, violated_directive=value,
                          referrer=value), q="sentry_release=%00%ff&sentry_environment=%",
             h="a: b\n:\nnocolon\n: x\norigin:\xff\n".encode("latin-1"))
    assert sum(ledger(line).values()) == 9
    assert ledger(line).get(("security", "accepted", ""), 0) == len(bodies(line))


# ---- certificates and keys of hosts

@pytest.mark.parametrize("body, kind, message", [
    ({"date-time": "2025-01-01T00:00:00Z", "hostname": "www.example.org", "port": 443,
      "include-subdomains": False, "noted-hostname": "example.org", "served-certificate-chain": ["a"],
      "validated-certificate-chain": [], "known-pins": ["pin-sha256=\"x\""]}, "hpkp",
     "Public key pinning validation failed for 'www.example.org'"),
    ({"expect-ct-report": {"hostname": "www.example.org", "port": 443, "scts": []}}, "expectct",
     "Expect-CT failed for 'www.example.org'"),
    ({"expect-staple-report": {"hostname": "www.example.org", "responseStatus": "MISSING"}}, "expectstaple",
     "Expect-Staple failed for 'www.example.org'"),
])
def test_reports_about_a_host_are_events(line, body, kind, message):
    send(line, body, u=AGENT)
    event, = bodies(line)
    assert (event["type"], event[kind]["hostname"], title(line)) == (kind, "www.example.org", message)
    assert dict(event["tags"])["hostname"] == "www.example.org"
    assert ledger(line) == {("security", "accepted", ""): 1}
    send(line, body)
    assert line.value("select times_seen from issue where project_id = %s", line.project) == 2


@pytest.mark.parametrize("body", [{"known-pins": []}, {"expect-ct-report": {"port": 1}}, {"expect-staple-report": "x"}])
def test_reports_about_no_host_are_invalid(line, body):
    send(line, body)
    assert ledger(line) == {("security", "invalid", "security_report"): 1}


# ---- network errors

def network_error(kind="tcp.timed_out", **body):
    return {"age": 10, "type": "network-error", "url": "https://api.example.org/v1/cart",
            "body": {"elapsed_time": 143, "method": "GET", "phase": "connection", "protocol": "http/1.1",
                     "referrer": "https://example.org/", "sampling_fraction": 1.0, "server_ip": "203.0.113.9",
                     "status_code": 0, "type": kind, **body}}


def send_nel(line, *reports):
    line.add(json.dumps(reports).encode(), e="nel", i=uuid.uuid4().hex, y="application/reports+json", u=AGENT,
             a="198.51.100.7")
    line.drained()


def test_network_errors_are_events(line):
    send_nel(line, network_error(), network_error("http.error", status_code=503, phase="application"),
             network_error("x.new"), {"type": "deprecation", "body": {}})
    first, second, third = bodies(line)
    assert first["logger"] == "nel" and first["request"]["url"] == "https://api.example.org/v1/cart"
    assert first["contexts"]["nel"]["error_type"] == "tcp.timed_out"
    assert first["contexts"]["browser"]["name"] == "Chrome"
    assert dict(first["tags"])["nel.phase"] == "connection"
    assert second["contexts"]["response"]["status_code"] == 503
    assert sorted(row[0] for row in line.sql("select title from issue where project_id = %s", line.project)) == [
        "HTTP response with status 503", "Network error x.new", "TCP connection timed out"]
    assert ledger(line) == {("error", "accepted", ""): 3, ("error", "accepted", "not_kept"): 1}


def test_a_network_error_that_names_none_is_invalid(line):
    send_nel(line, {"type": "network-error", "body": {}}, {"type": "network-error"})
    assert ledger(line) == {("error", "invalid", "security_report"): 2}
