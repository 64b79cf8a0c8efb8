"""The country of a user, from a local file."""

import json
import uuid

import pytest
import zstandard

from harness import mmdb
from harness.line import Line

NETWORKS = {
    "198.51.100.0/24": {"country": {"iso_code": "AT", "names": {"en": "Austria"}}},
    "203.0.113.0/24": {"country_code": "nz"},
    "2001:db8::/32": {"country": {"iso_code": "DE"}},
    "192.0.2.0/25": {"country": {"iso_code": "<x>"}},
    "192.0.2.128/25": {"continent": {"code": "EU"}},
}


@pytest.fixture(scope="module")
def world(new_stack, scratch):
    line = Line(new_stack(start=["redis"]))
    # the worker is another user: pytest's own folders are closed to it
    line.start_worker(VEDETTE_GEO_DATABASE=mmdb.write(scratch / "country.mmdb", NETWORKS))
    return line


def user_of(line, event, **fields):
    line.org, line.project = line.add_project()
    event_id = line.send(event, **fields)
    line.drained()
    packed = line.value("select b.body from event_body b join event e on e.id = b.id and e.day = b.day"
                        " where e.project_id = %s and e.event_id = %s",
                        line.project, uuid.UUID(event_id))
    body = json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(bytes(packed)))
    return body.get("user"), dict(body["tags"]).get("geo.country_code")


@pytest.mark.parametrize("address, code", [
    ("198.51.100.7", "AT"), ("203.0.113.200", "NZ"), ("2001:db8::7", "DE"), ("192.0.2.1", None),
    ("192.0.2.200", None), ("10.0.0.1", None), ("2001:db9::1", None), ("127.0.0.1", None)])
def test_countries(world, address, code):
    user, tag = user_of(world, {"user": {"ip_address": address}})
    assert user.get("geo", {}).get("country_code") == code
    assert tag == code


def test_a_browser_s_address_is_the_client_s(world):
    user, tag = user_of(world, {"platform": "javascript"}, a="198.51.100.7")
    assert (user["geo"], tag) == ({"country_code": "AT"}, "AT")


def test_a_server_s_address_is_nobody_s(world):
    user, tag = user_of(world, {"platform": "python"}, a="198.51.100.7")
    assert (user, tag) == (None, None)


def test_what_the_client_says_stays(world):
    user, tag = user_of(world, {"user": {"ip_address": "198.51.100.7", "geo": {"country_code": "FR"}}})
    assert (user["geo"]["country_code"], tag) == ("FR", "FR")


def test_without_a_file_events_go_without(own_line, scratch):
    own_line.start_worker(VEDETTE_GEO_DATABASE=scratch / "none.mmdb")
    user, tag = user_of(own_line, {"user": {"ip_address": "198.51.100.7"}})
    assert "geo" not in user and tag is None
