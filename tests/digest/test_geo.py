"""The country of a user, from a local file."""

import json
import re
import shutil
import uuid

import pytest
import zstandard

from harness import mmdb
from harness.build import ROOT
from harness.line import Line
from page.conftest import Person

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


@pytest.mark.skipif(not (ROOT / "build/countries/country.mmdb").exists(), reason="npm has not brought the countries")
def test_the_file_that_npm_brings_tells_the_country_of_a_real_address_on_the_page(new_stack, scratch):
    file = shutil.copy(ROOT / "build/countries/country.mmdb", scratch / "npm.mmdb")
    stack = new_stack(start=["redis"])
    stack.write_config({"geo.database": file})
    stack.start("web", "worker", "nginx")
    project = stack.create_project()
    event = stack.send_event(project, message="From Amsterdam", user={"ip_address": "193.0.6.139"})
    stack.wait_for_event(event)
    ada = Person(stack).sign_in(stack.admin.email)
    issue = stack.value("select id from issue where project_id = %s", project.id)
    assert re.search(r"Place</\w+>\s*<[^>]*>(<[^>]*>)*Netherlands<", ada.get(f"/acme/issues/{issue}/").text)
