"""The fixtures of the real SDKs' tests, and the list of those that passed."""

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sdk.programs import PROGRAMS, Missing

PASSED = pytest.StashKey()


def pytest_configure(config):
    config.stash[PASSED] = {}


@pytest.fixture(scope="session")
def program():
    """A function: the program of a folder, built.  Skips the test, with the
    reason, when this machine cannot build it."""

    def prepare(folder):
        (found,) = [p for p in PROGRAMS if p.folder == folder]
        try:
            found.prepare()
        except Missing as reason:
            if found.everywhere:
                raise
            pytest.skip(str(reason))
        return found

    return prepare


@pytest.fixture
def passed(request):
    """A function: quote an SDK, and how long its event took, at the end."""

    def note(sdk, seconds):
        request.config.stash[PASSED][request.node.name] = f"{sdk}, visible after {seconds:.2f} s"

    return note


@pytest.fixture
def origin():
    """A function: serves a folder; the address, an origin of its own."""
    servers = []

    def serve(folder):
        handler = functools.partial(QuietHandler, directory=str(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[PASSED]:
        terminalreporter.section("real SDKs whose events were found on the pages")
        for line in config.stash[PASSED].values():
            terminalreporter.write_line(line)
