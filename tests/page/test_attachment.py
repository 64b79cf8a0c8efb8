"""Files that came with events: what the issue page shows of them, each one's own page, its bytes."""

import json
import struct
import uuid
import zlib

import pytest

from page.conftest import Person, statements
from page.test_issue_list import STATEMENTS_MAX


def png(width=8, height=4):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + b"\x0a\x6a\x72" * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


HTML = b"<script>alert(document.domain)</script>"
FILES = [  # name, bytes, what its page shows
    ("screen.png", png(), "image"),
    ("order.json", b'{"order":8841207,"items":[1,2]}', '"order": 8841207'),
    ("log.txt", "first line\nsecond \u202eline\n".encode(), "U+202E"),
    ("evil.html", HTML, HTML.decode()),
    ("evil.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "onload='alert(1)'"),
    ("liar.png", HTML, HTML.decode()),
    ("dump.dmp", b"MDMP\0\1\2", "neither a picture nor text"),
    ('a"\r\nX-Evil: 1;\\.txt', b"named badly", "named badly"),
    ("empty.txt", b"", "neither a picture nor text"),
]


@pytest.fixture(scope="module")
def shop(stack):
    return stack.create_project("shop-api")


@pytest.fixture(scope="module")
def event(stack, shop):
    """An event with one of each and words of its user; its id."""
    id = uuid.uuid4().hex
    items = [({"type": "event"}, {"event_id": id, "message": "It broke", "platform": "python"}),
             ({"type": "user_report"}, {"event_id": id, "name": "Jo", "comments": "I pressed <b>Pay</b> twice"})]
    items += [({"type": "attachment", "filename": name, "content_type": "text/html"}, body)
              for name, body, _ in FILES]
    assert stack.send_envelope(shop, {"event_id": id}, items).status_code == 200
    stack.wait_for_event(id)
    return id


@pytest.fixture(scope="module")
def links(stack, event):
    """The address of each, in the order of FILES."""
    rows = stack.sql("select id from attachment where event_id = %s order by id", uuid.UUID(event))
    assert len(rows) == len(FILES)
    return [f"/acme/projects/shop-api/attachments/{id}/" for id, in rows]


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


def width(image):
    """Of the picture, as soon as it is there; our own policy forbids what Playwright polls with."""
    return image.evaluate("i => i.decode().then(() => i.naturalWidth)")


def test_the_issue_shows_files_and_what_users_told(event, links, browser):
    page = browser.open(f"/acme/issues/SHOP-API-1/events/{event}/")
    assert "I pressed <b>Pay</b> twice" in page.locator("#feedback").inner_text()
    files = page.locator("#files")
    assert files.locator("tbody tr").count() == len(FILES)
    image = files.locator("img").first
    image.scroll_into_view_if_needed()
    assert width(image) == 8
    image.click()
    page.wait_for_url(f"**{links[0]}")
    page.get_by_role("link", name=f"event {event}").click()
    page.wait_for_url("**/issues/**")
    assert page.locator("h1").inner_text() == "It broke", "the event's id leads to its issue"


def test_the_page_of_an_issue_with_files_asks_little(reader, event, links):
    assert statements(reader.get("/acme/issues/SHOP-API-1/")) <= STATEMENTS_MAX


def test_each_is_shown_as_what_its_bytes_are(links, browser):
    for link, (name, _, shown) in zip(links, FILES):
        page = browser.open(link)
        if shown == "image":
            assert width(page.locator("main img")) == 8
        else:
            assert shown in page.locator("main").inner_text(), name
            assert page.locator("main img").count() == 0, name


def test_the_bytes_come_as_they_were_and_can_do_nothing(links, reader):
    for link, (name, body, shown) in zip(links, FILES):
        answer = reader.get(f"{link}raw/")
        assert answer.status_code == 200 and answer.content == body, name
        assert answer.headers["Content-Type"] == ("image/png" if shown == "image"
                                                  else "application/octet-stream"), name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'; sandbox" in answer.headers["Content-Security-Policy"]
        how = answer.headers["Content-Disposition"]
        assert how.startswith("inline;" if shown == "image" else "attachment;"), name
        assert "X-Evil" not in answer.headers
    assert reader.get(f"{links[0]}raw/?save=1").headers["Content-Disposition"] \
        == "attachment; filename=\"screen.png\"; filename*=UTF-8''screen.png"


def test_a_long_text_is_cut_and_its_bytes_are_not(stack, shop, reader, browser):
    id = uuid.uuid4().hex
    text = b"0123456789abcdef\n" * 8000
    items = [({"type": "event"}, {"event_id": id, "message": "Long"}),
             ({"type": "attachment", "filename": "long.txt"}, text)]
    stack.send_envelope(shop, {"event_id": id}, items)
    stack.wait_for_event(id)
    link = "/acme/projects/shop-api/attachments/%d/" % stack.value(
        "select id from attachment where event_id = %s", uuid.UUID(id))
    assert "The first 64 KB." in browser.open(link).locator("main").inner_text()
    assert reader.get(f"{link}raw/").content == text


def test_deleting_one_takes_it_from_everybody_and_is_logged(stack, event, links, browser, reader):
    page = browser.open(links[-1])
    page.locator("summary", has_text="Delete").click()
    page.get_by_role("button", name="Delete this attachment").click()
    page.wait_for_url(f"**/events/{event}/")
    assert "The attachment is deleted." in page.content()
    assert reader.get(links[-1]).status_code == 404
    assert reader.get(f"{links[-1]}raw/").status_code == 404
    assert "attachment" in json.dumps(stack.sql(
        "select * from audit order by id desc limit 1"), default=str)


def test_bytes_that_are_not_there_are_explained(stack, links, reader):
    hash = stack.value("select encode(hash, 'hex') from attachment where name = 'dump.dmp'")
    (stack.folder / "attachments" / hash[:2] / hash).unlink()
    answer = reader.get(links[6])
    assert answer.status_code == 200 and "not in the store of this machine" in answer.text
    assert reader.get(f"{links[6]}raw/").status_code == 404
