"""What a person does and reads on the pages, from a new project to an event."""

import re
import time
from datetime import datetime

from playwright.sync_api import expect

WAITING = "Waiting for the first event"
SECONDS = 120  # far more than anything takes: after that it is lost


class NewProject:
    """A project made through the pages, with its set-up page left open.

    path  of its issues
    dsn   as that page copies it
    """

    def __init__(self, browser, name):
        slug = name.lower().replace(" ", "-")
        self.path = f"/acme/issues/?project={slug}"
        self.page = browser.open("/acme/projects/")
        self.page.get_by_role("link", name="New project").click()
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_role("button", name="Create project").click()
        expect(self.page.get_by_role("heading", name=WAITING)).to_be_visible()

        browser.context.grant_permissions(["clipboard-read", "clipboard-write"])
        shown = self.page.get_by_label("DSN", exact=True)
        shown.locator("..").get_by_role("button", name="Copy").click()
        self.dsn = self.page.evaluate("navigator.clipboard.readText()")
        assert self.dsn == shown.input_value()
        assert self.page.locator("pre:visible").filter(has_text=self.dsn).count() > 0, "no snippet with the DSN"

    def turns(self):
        """The set-up page, which nobody touches, says that an event came."""
        expect(self.page.get_by_role("heading", name="The first event is here")).to_be_visible(
            timeout=SECONDS * 1000)


class Stream:
    """The issue stream in a tab of its own, reloaded until it shows something."""

    def __init__(self, browser, path):
        self.page = browser.context.new_page()
        self.path = path

    def wait_for(self, *texts):
        """Until all texts are on the page; when that was (seconds since 1970)."""
        deadline = time.monotonic() + SECONDS
        while True:
            self.page.goto(self.path)
            shown = self.page.locator("main").inner_text()
            if all(text in shown for text in texts):
                return time.time()
            assert time.monotonic() < deadline, f"no {texts} in the stream:\n{shown}"

    def search(self, words):
        """What a person searches for, among all issues, open or not."""
        self.page.goto(self.path)
        self.page.get_by_role("navigation", name="Views").get_by_role("link", name="All").click()
        box = self.page.locator("#q")
        box.fill(words)
        box.press("Enter")
        self.page.wait_for_load_state()

    def rows(self):
        return self.page.locator("table.stream tbody tr")

    def events(self):
        """[(title, number of events)] of the rows on the page."""
        heads = self.page.locator("table.stream thead th").all_inner_texts()
        column = heads.index("Events") if "Events" in heads else 0
        return [
            (row.locator("a.ttl b").inner_text(), int(row.locator("td").nth(column).inner_text()))
            for row in self.rows().all()
        ]

    def open_issue(self, text):
        """The page of the issue whose row has this text."""
        self.page.goto(self.path)
        self.rows().filter(has_text=text).get_by_role("link").first.click()
        return IssuePage(self.page)


class IssuePage:
    """The newest event of an issue; every section is folded open."""

    def __init__(self, page):
        self.page = page
        expect(page.get_by_role("heading", name="Stack trace").or_(
            page.get_by_role("heading", name="Tags"))).not_to_have_count(0)
        page.locator("main details:not(.menu)").evaluate_all(
            "all => all.forEach(one => one.open = true)")

    @property
    def text(self):
        return self.page.locator("main").inner_text()

    @property
    def html(self):
        return self.page.content()

    @property
    def title(self):
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def message(self):
        return self.page.locator("main header .msg").inner_text()

    def section(self, heading):
        """The locator of one section, by its heading (an arrow may stand before it)."""
        return self.page.locator("main").locator("section, details").filter(
            has=self.page.get_by_role("heading", level=2, name=last_word(heading))).last

    def fact(self, term):
        """The value beside a term of the summary: Release, Level, User."""
        return self.page.locator("main dl.hl > div").filter(
            has=self.page.get_by_role("term").get_by_text(term, exact=True)
        ).get_by_role("definition").inner_text()

    def frame(self, function):
        """The locator of the frame of a function; one without source is a line of text."""
        return self.section("Stack trace").locator(".frame, .frame-row").filter(
            has=self.page.locator("b, span.u").get_by_text(last_word(function)))

    @property
    def sdk(self):
        """Name and version of the SDK, as its section begins: "sentry.go 0.50.0"."""
        shown = self.section("SDK").locator("summary").inner_text()
        return shown.removeprefix("SDK").strip()

    def variables(self, place):
        """{name: text} of a table of variables or of additional data."""
        rows = place.locator("table.vars tr").all()
        return {
            row.locator("td").first.inner_text(): row.locator("td").last.inner_text()
            for row in rows
        }

    def document(self):
        """The event as JSON, as the page's link gives it."""
        link = self.page.get_by_role("link", name="JSON").first
        answer = self.page.request.get(link.evaluate("a => a.href"))
        assert answer.ok, f"{answer.status} {answer.url}"
        return answer.json()


def last_word(text):
    return re.compile(rf"(^|\W){re.escape(text)}$")


def seconds_since_sent(document, seen):
    """From the SDK's capture of the event to the moment that it was seen."""
    sent = document["timestamp"]
    if isinstance(sent, str):
        sent = datetime.fromisoformat(sent.replace("Z", "+00:00")).timestamp()
    return seen - sent
