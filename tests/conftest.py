"""The fixtures of all tests: the real thing, in a scratch folder.

A test is a few lines:

    def test_an_event_becomes_an_issue(stack, project):
        event = stack.send_event(project, message="Disk full")
        stack.wait_for_event(event)
        assert stack.value("select title from issue where project_id = %s",
                           project.id) == "Disk full"

    def test_the_issue_is_listed(stack, project, browser):
        ...
        browser.open("/...")
        assert browser.page.get_by_text("Disk full").is_visible()

stack       (module)  PostgreSQL, Redis, nginx with the module, worker and web, with
                      a database of its own; harness/stack.py lists what it can do:
                      start/stop/kill/restart/pause of each part, sql(), value(),
                      redis, vedette(), create_account(), create_project(),
                      send_event(), send_envelope(), wait_for(), log(), url
fresh_stack (test)    the same for one test: to kill things, or to start from empty
durable_stack (test)  the same with a PostgreSQL of its own that does fsync
new_stack   (module)  a function that makes further ones: new_stack(start=["redis"])
project     (test)    a new project in the organisation "acme" of `stack`
browser     (test)    Chromium, signed in as the administrator of `stack`; a console
                      error, a CSP violation or a 5xx fails the test
new_browser (test)    a function that makes more: new_browser(account=None)
build       (session) paths of what was built; build.sanitized
scratch     (session) the folder for it all, removed at the end

At the end of a stack every part must stop by itself when asked, and no log may
hold [alert], [emerg], a sanitizer's report or the like; what a test provokes on
purpose it names with stack.expect_log().  Options: --build=DIR tests another
build (a sanitized one); --keep leaves the scratch folder.  When a test fails,
the ends of the logs are in its report, and a picture of each browser page in
BUILD/test-output/.
"""

import os
import re
import shutil
import signal
import socketserver
import tempfile
import time
from pathlib import Path

import pytest

from harness.browser import Browser, launch
from harness.build import ROOT, Build
from harness.cluster import Cluster
from harness.stack import Stack

# of other people's servers; 5 is theirs, and the kernel resets what comes at once beyond it
socketserver.TCPServer.request_queue_size = 128


def pytest_addoption(parser):
    parser.addoption("--build", default=os.environ.get("BUILD", "build"),
                     help="build directory to test, relative to the checkout")
    parser.addoption("--keep", action="store_true", help="leave the scratch folder")


def pytest_collection_modifyitems(items):
    """Marks by folder and fixture, so that nobody has to think of them."""
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in ("build", "page", "sdk", "style"):
            item.add_marker(folder)
        if {"chromium", "firefox"} & set(item.fixturenames):
            item.add_marker("browser")


def not_so_late_in_an_hour(seconds):
    """No test begins so late in an hour that it would end in the next: rows, charts and quotas are by hour."""
    left = 3600 - time.time() % 3600
    if left < seconds:
        time.sleep(left + 0.1)


def pytest_runtest_setup():
    not_so_late_in_an_hour(45)  # a stack that has to be started first may take half of it


def pytest_runtest_call():
    not_so_late_in_an_hour(15)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Fixtures can ask how the test went: item.failed."""
    report = yield
    if report.failed:
        item.failed = True
        stacks = {id(v): v for v in item.funcargs.values() if isinstance(v, Stack)}
        for stack in stacks.values():
            for name, part in stack.parts.items():
                if part.log.exists():
                    report.sections.append((f"log of {name}", part.log_tail(20)))
    return report


@pytest.fixture(scope="session")
def scratch(request):
    folder = Path(tempfile.mkdtemp(prefix="vedette-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    if request.config.getoption("--keep"):
        print(f"\nthe scratch folder is {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def build(request, scratch):
    return Build(ROOT / request.config.getoption("--build"), scratch)


@pytest.fixture(scope="session")
def cluster(build, scratch):
    cluster = Cluster(build, scratch / "pg")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop(signal.SIGQUIT)  # what is thrown away is not written first: on a busy disk that takes a minute


@pytest.fixture(scope="session")
def template(cluster):
    return cluster.migrated()


@pytest.fixture(scope="module")
def new_stack(build, scratch, cluster, template):
    with _maker(build, scratch, cluster, template) as make:
        yield make


@pytest.fixture(scope="module")
def stack(new_stack):
    return new_stack()


@pytest.fixture
def fresh_stack(build, scratch, cluster, template):
    with _maker(build, scratch, cluster, template) as make:
        yield make()


@pytest.fixture
def durable_stack(build, scratch):
    _numbers["pg"] = _numbers.get("pg", 0) + 1
    cluster = Cluster(build, scratch / f"pg{_numbers['pg']}", durable=True)
    try:
        cluster.start()
        with _maker(build, scratch, cluster, cluster.migrated()) as make:
            yield make()
    finally:
        cluster.stop()


@pytest.fixture
def project(stack):
    return stack.create_project()


_numbers = {}


class _maker:
    """Makes stacks, and stops them all however the test goes."""

    def __init__(self, build, scratch, cluster, template):
        self.ground = build, scratch, cluster, template
        self.made = []

    def __enter__(self):
        return self.make

    def make(self, start=None):
        """start: names of parts; None: all."""
        build, scratch, cluster, template = self.ground
        _numbers["stack"] = _numbers.get("stack", 0) + 1
        stack = Stack(build, scratch / f"s{_numbers['stack']}", cluster, cluster.database(template))
        self.made.append(stack)
        if start is None:
            stack.start()
        elif start:
            stack.start(*start)
        return stack

    def __exit__(self, *_):
        trouble = []
        for stack in reversed(self.made):
            try:
                stack.close()
            except AssertionError as error:
                trouble.append(str(error))
        if trouble:
            pytest.fail("\n".join(trouble), pytrace=False)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def new_browser(request, chromium, stack):
    made = []

    def make(account=None, stack=stack, **options):
        browser = Browser(chromium, stack, **options)
        made.append(browser)
        if account is not None:
            browser.sign_in(account)
        return browser

    yield make
    output = ROOT / request.config.getoption("--build") / "test-output"
    trouble = []
    for n, browser in enumerate(made):
        if getattr(request.node, "failed", False):
            output.mkdir(exist_ok=True)
            name = re.sub(r"[^A-Za-z0-9_.-]+", "_", request.node.nodeid)
            browser.page.screenshot(path=output / f"{name}.{n}.png", full_page=True)
        trouble += browser.unexpected()
        browser.close()
    if trouble:
        pytest.fail("the browser complained:\n" + "\n".join(trouble), pytrace=False)


@pytest.fixture
def browser(new_browser, stack):
    return new_browser(stack.admin)
