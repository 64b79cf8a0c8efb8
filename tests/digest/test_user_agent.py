"""Browser, system and device out of the headers of a request."""

import json
import uuid

import pytest
import zstandard

CHROME = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
          " Chrome/124.0.0.0 Safari/537.36")
IPHONE = ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"
          " (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1")


def contexts(line, event):
    event_id = line.send(event)
    line.drained()
    packed = line.value("select b.body from event_body b join event e on e.id = b.id and e.day = b.day"
                        " where e.project_id = %s and e.event_id = %s",
                        line.project, uuid.UUID(event_id))
    body = json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(bytes(packed)))
    tags = dict(line.sql("select t.key, t.value from issue_tag_seen t join issue i on i.id = t.issue_id"
                         " where i.project_id = %s", line.project))
    return body.get("contexts", {}), tags


def agent(text, **event):
    return {"request": {"headers": {"User-Agent": text}}, **event}


def test_a_browser_s_own_event(line):
    got, tags = contexts(line, agent(CHROME, platform="javascript"))
    assert got["browser"] == {"name": "Chrome", "version": "124.0.0", "type": "browser"}
    assert got["os"] == {"name": "Windows", "version": ">=10", "type": "os"}
    assert "device" not in got and "client_os" not in got
    assert tags["browser"] == "Chrome 124.0.0" and tags["os.name"] == "Windows"


def test_of_a_server_s_event_the_system_is_the_client_s(line):
    got, tags = contexts(line, agent(IPHONE, platform="python"))
    assert got["client_os"] == {"name": "iOS", "version": "17.4", "type": "os"}
    assert got["device"] == {"family": "iPhone", "model": "iPhone", "brand": "Apple",
                             "type": "device"}
    assert "os" not in got
    assert tags["client_os.name"] == "iOS" and tags["browser.name"] == "Mobile Safari"


def test_what_the_client_says_itself_stays(line):
    got, _ = contexts(line, agent(CHROME, platform="javascript", contexts={
        "browser": {"name": "Kiosk"}, "os": {"name": "KioskOS", "version": "1"}}))
    assert got["browser"] == {"name": "Kiosk", "type": "browser"}
    assert got["os"]["name"] == "KioskOS"


def test_client_hints_go_first(line):
    event = agent(CHROME, platform="javascript")
    event["request"]["headers"].update({
        "Sec-CH-UA": '"Chromium";v="130", "Brave";v="130", "Not?A_Brand";v="99"',
        "Sec-CH-UA-Platform": '"macOS"', "Sec-CH-UA-Platform-Version": '"15.1.0"'})
    got, _ = contexts(line, event)
    assert got["browser"] == {"name": "Brave", "version": "130", "type": "browser"}
    assert got["os"] == {"name": "macOS", "version": "15.1.0", "type": "os"}


@pytest.mark.parametrize("text", ["", "nonsense", "x" * 100_000, "\x00\ud800", "(((((("])
def test_a_string_that_nobody_knows_adds_nothing(line, text):
    got, _ = contexts(line, agent(text, platform="javascript"))
    assert not set(got) & {"browser", "os", "client_os"}


def test_without_the_rules_everything_else_goes_on(own_line):
    own_line.start_worker(VEDETTE_DIGEST_USER_AGENTS="/nonexistent/regexes.yaml")
    got, _ = contexts(own_line, agent(CHROME, platform="javascript"))
    assert got == {}
