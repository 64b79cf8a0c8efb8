"""The stream as an Atom feed, whose address holds a token that reads feeds alone."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest
import requests

FEED = "/acme/issues/atom/?q="
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def shop(stack):
    project = stack.create_project("feed-shop")
    for text, level in (("first & <b>oldest</b>", "error"), ("second \x07 bell", "fatal"), ("third", "error")):
        stack.wait_for_event(stack.send_event(project, message=text, level=level))
    return project


def address_of(person, feed):
    """What somebody gets who asks for a feed on the stream."""
    page = person.get(feed).text
    link = unescape(re.search(r'href="(/account/tokens/\?feed=[^"]*)"', page).group(1))
    form = person.get(link).text
    assert 'value="feed:read" checked' in form and form.count(" checked") == 1
    field = unescape(re.search(r'name="feed" value="([^"]*)"', form).group(1))
    answer = person.post("/account/tokens/", feed=field, name="Feed", scope="feed:read", days="0").text
    return unescape(re.search(r'value="([^"]*)" aria-label="Address of the feed"', answer).group(1))


def read(address, **headers):
    return requests.get(address, headers=headers, timeout=30, allow_redirects=False)


def titles(answer):
    return [e.findtext(f"{ATOM}title").partition(": ")[2] for e in ElementTree.fromstring(answer.content).iter(f"{ATOM}entry")]


def test_the_address_alone_reads_the_search_as_a_feed(shop, member_of):
    address = address_of(member_of("acme", "viewer"), "/acme/issues/?q=level%3Aerror")
    answer = read(address)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert titles(answer) == ["third", "first & <b>oldest</b>"]


def test_it_is_valid(shop, admin):
    """What RFC 4287 asks of a feed and of each entry, read as XML."""
    feed = ElementTree.fromstring(admin.get(FEED).content)
    assert feed.tag == f"{ATOM}feed" and feed.findtext(f"{ATOM}author/{ATOM}name")
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) >= 3
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    for node in [feed, *entries]:
        assert node.findtext(f"{ATOM}id").startswith("http") and node.findtext(f"{ATOM}title")
        assert moment.fullmatch(node.findtext(f"{ATOM}updated"))
        assert node.find(f"{ATOM}link").get("href") == node.findtext(f"{ATOM}id")
    assert len({e.findtext(f"{ATOM}id") for e in entries}) == len(entries)
    assert feed.findtext(f"{ATOM}updated") == max(e.findtext(f"{ATOM}updated") for e in entries)


def test_what_has_been_read_is_not_sent_again(stack, shop, admin):
    first = admin.get(FEED)
    tag = first.headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = admin.get(FEED, headers={"If-None-Match": known})
        assert again.status_code == 304 and again.content == b"" and again.headers["ETag"] == tag
    stack.wait_for_event(stack.send_event(shop, message="fourth", level="info"))
    fresh = admin.get(FEED, headers={"If-None-Match": tag})
    assert fresh.status_code == 200 and titles(fresh)[0] == "fourth"


def test_the_token_reads_feeds_alone_and_can_be_revoked(stack, shop, member_of):
    person = member_of("acme", "viewer")
    address = address_of(person, "/acme/issues/?q=")
    token = address.rpartition("token=")[2]
    for path in ("/acme/issues/csv/", "/acme/live/", "/acme/explore/csv/"):
        assert requests.get(f"{stack.url}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=30).status_code == 403
        answer = requests.get(f"{stack.url}{path}?token={token}", timeout=30, allow_redirects=False)
        assert answer.status_code == 303, "an address is no key to anything but a feed"
    assert read(address).status_code == 200
    assert read(address.replace("/acme/", "/org-none-at-all/")).status_code == 404
    number = stack.value("select max(id) from api_token")
    assert person.post(f"/account/tokens/{number}/revoke/").status_code == 303
    assert read(address).status_code == 401


@pytest.mark.parametrize("feed", ["//evil.example/issues/atom/?x", "https://evil.example/issues/atom/?x", "/acme/issues/?q="])
def test_only_a_feed_of_ours_gets_an_address(shop, member_of, feed):
    person = member_of("acme", "viewer")
    assert 'name="feed"' not in person.get("/account/tokens/", params={"feed": feed}).text
    answer = person.post("/account/tokens/", feed=feed, name="Feed", scope="feed:read", days="30").text
    assert "Address of the feed" not in answer
