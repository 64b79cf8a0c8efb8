"""Where in an issue the words of a search were found."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from page.conftest import Person
from page.issues import frame


@pytest.fixture(scope="module")
def deep(stack):
    """An issue with something to find in every piece."""
    project = stack.create_project("deep-shop", platform="python")
    stack.wait_for_event(stack.send_event(project, {
        "platform": "python", "transaction": "shop.views.zebra", "tags": {"wagon": "zucchini"},
        "logentry": {"formatted": "zephyr is late"}, "request": {"url": "https://shop.example/zinnia/"},
        "user": {"id": "4711", "email": "zoe@example.org"},
        "exception": {"values": [
            {"type": "ZenithError", "value": "x" * 200 + " zodiac", "stacktrace": {"frames": [
                frame("zigzag", 3, filename="lib/zeppelin.py")]}},
            {"type": "Wrapped", "value": "outer", "stacktrace": {"frames": [frame("run", 7)]}}]}}))
    return project


@pytest.fixture(scope="module")
def reader(stack, deep):
    return Person(stack).sign_in(stack.admin.email)


@pytest.mark.parametrize("word, where, text", [
    ("zenith", "Found in the exception", "zenitherror"),
    ("ZODIAC", "Found in the exception", "…" + "x" * 29 + " zodiac"),
    ("zephyr", "Found in the message", "zephyr is late"),
    ("zinnia", "Found in the URL", "https://shop.example/zinnia/"),
    ("zigzag", "Found in the function", "zigzag"),
    ("zeppelin", "Found in the module", "lib.zeppelin"),
    ("zeppelin.py", "Found in the file", "lib/zeppelin.py"),
    ("zucchini", "Found in the tag", "wagon: zucchini"),
    ("zoe@", "Found in the user", "zoe@example.org"),
    ("outer", None, None),  # the row shows it
])
def test_a_hit_says_where_it_was_found(reader, word, where, text):
    html = reader.get(f"/acme/issues/?q={quote(word)}").text
    found = [(w, unescape(t)) for w, t in re.findall(r'<span class="cut">(Found[^<]*) <code>(.*?)</code>', html)]
    assert html.count('class="pick"') == 1
    assert found == ([(where, text)] if where else [])
