"""Crashes of native programs on their whole way: as their SDKs upload them, at the edge, to the page of the issue."""

import gzip
import random
import re
import uuid

import pytest
import requests

from digest.test_crash import CONTEXT, TYPE, container, form, minidump
from page.conftest import Person

# above a megabyte a body goes through files and pieces (README, "Large bodies")
LARGE = minidump() + random.Random(4).randbytes(3 << 20)
LOG = b"Log file open\n[2025.11.26-10.00.00:000][  1]LogWorld: the last line\n"
OCTETS = "application/octet-stream"

# what is sent: path, type, body; the files that come of it; what the page says
UPLOADS = {
    "form": ("minidump/?sentry_key={key}", TYPE, form(
        ("upload_file_minidump", minidump(), "crash.dmp"), ("sentry[release]", "game@1.0"), ("log", LOG, "game.log")),
        {"crash.dmp": minidump(), "game.log": LOG}, "game@1.0"),
    "large form": ("minidump/?sentry_key={key}", TYPE, form(("upload_file_minidump", LARGE, "crash.dmp")),
                   {"crash.dmp": LARGE}, "EXCEPTION_ACCESS_VIOLATION"),
    "raw": ("minidump/?sentry_key={key}", OCTETS, minidump(), {"minidump.dmp": minidump()}, "game.exe"),
    "large raw": ("minidump/?sentry_key={key}", OCTETS, LARGE, {"minidump.dmp": LARGE}, "game.exe"),
    "unreal": ("unreal/{key}/?UserID=login%7Cepic%7Cmachine", OCTETS, container(
        ("CrashContext.runtime-xml", CONTEXT.encode()), ("UE4Minidump.dmp", LARGE), ("Game.log", LOG)),
        {"CrashContext.runtime-xml": CONTEXT.encode(), "UE4Minidump.dmp": LARGE, "Game.log": LOG}, "the last line"),
}


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", UPLOADS)
def test_a_crash_reaches_its_page_and_gives_its_files_back(stack, project, reader, name, packed):
    path, type, body, files, shown = UPLOADS[name]
    headers = {"Content-Type": type, **({"Content-Encoding": "gzip"} if packed else {})}
    answer = requests.post(f"{stack.url}/api/{project.id}/{path.format(key=project.key)}", headers=headers,
                           data=gzip.compress(body, 1) if packed else body, timeout=60)
    assert answer.status_code == 200, answer.text
    event = re.search(r"[0-9a-f-]{32,36}", answer.text)[0].replace("-", "")
    stack.wait_for_event(event)
    issue = stack.value("select issue_id from event where event_id = %s", uuid.UUID(event))
    page = reader.get(f"/acme/issues/{issue}/events/{event}/")
    assert page.status_code == 200 and "EXCEPTION_ACCESS_VIOLATION" in page.text and shown in page.text
    links = dict.fromkeys(re.findall(r"/acme/projects/[^/\"]+/attachments/\d+/", page.text))
    got = {}
    for link in links:
        file = reader.get(f"{link}raw/?save=1")
        got[re.search(r'filename="([^"]*)"', file.headers["Content-Disposition"])[1]] = file.content
    assert {n: len(b) for n, b in got.items()} == {n: len(b) for n, b in files.items()}
    assert got == files
