"""A real Chromium on the pages, that tells what a developer's console would."""

import functools
import re
import shutil
from urllib.parse import urljoin

from playwright.sync_api import Locator, Page, expect

PATIENCE = 60_000  # ms; nothing takes so long, unless the machine is very busy

# as root there is no sandbox; the rest keeps Chromium from calling home
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage"]

CSP_WATCH = """
document.addEventListener("securitypolicyviolation", e => console.error(
    "CSP violation: " + e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile));
"""


def settles(cls, name, page_of):
    """After this action the page that it led to is whole, and its script has run.

    By itself a click waits only until the new page begins: what is looked at
    without waiting (is_visible, count, all_inner_texts) might find half of it.
    """
    action = getattr(cls, name)

    @functools.wraps(action)
    def act(self, *args, **options):
        result = action(self, *args, **options)
        page_of(self).wait_for_load_state("domcontentloaded")
        return result
    setattr(cls, name, act)


expect.set_options(timeout=PATIENCE)
for _name in ("click", "check", "uncheck", "press", "select_option"):
    settles(Locator, _name, lambda locator: locator.page)
    settles(Page, _name, lambda page: page)


def launch(playwright):
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "there is no chromium; ./configure --install-deps=test brings it"
    return playwright.chromium.launch(executable_path=path, args=FLAGS)


class Browser:
    """One person's browser: cookies of its own.

    page            Playwright's page
    open(path)      goes there, and expects an answer under 400
    sign_in(account)
    errors          what the console, the CSP and the server complained of
    expect_error(pattern)
    """

    def __init__(self, chromium, stack, **options):
        self.stack = stack
        self.context = chromium.new_context(base_url=stack.url, locale="en-GB",
                                            timezone_id="UTC", **options)
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(CSP_WATCH)
        self.errors = []
        # the edge asks Redis with a short patience, and a page tries again by itself (tests/page/test_live.py)
        self.expected = [re.compile(r"503.*/live/[0-9a-f]{32}")]
        self.context.on("page", self._watch)
        self.page = self.context.new_page()

    def _watch(self, page):
        page.on("console", lambda m: m.type == "error" and self.errors.append(
            f"console: {m.text} ({m.location.get('url', '')})"))
        page.on("pageerror", lambda e: self.errors.append(f"script: {e}"))
        page.on("response", lambda r: r.status >= 500 and self.errors.append(
            f"server: {r.status} {r.request.method} {r.url}"))

    def open(self, path="/", status=None):
        answer = self.page.goto(urljoin(self.stack.url, path))
        if status is None:
            assert answer.status < 400, f"{path}: {answer.status}"
        else:
            assert answer.status == status, f"{path}: {answer.status}"
        return self.page

    def sign_in(self, account):
        self.page.goto(self.stack.sign_in_link(account.email))
        # a link that mail scanners may follow signs nobody in: one button does
        button = self.page.locator("form[method=post] button[type=submit]")
        if "/login" in self.page.url and button.count() == 1:
            button.click()
        return self

    def expect_error(self, pattern):
        self.expected.append(re.compile(pattern))

    def unexpected(self):
        return [e for e in self.errors if not any(p.search(e) for p in self.expected)]

    def close(self):
        self.context.close()
