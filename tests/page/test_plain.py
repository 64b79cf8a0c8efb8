"""The flows of every day without JavaScript, by the keyboard alone: Tab, Space, Enter and letters."""

import re

import pytest

TABS = 250  # more than any page needs


class Keys:
    """Somebody who reaches a control by Tab, and sees that they are there by the focus."""

    def __init__(self, page):
        self.page = page

    def to(self, locator):
        element = locator.element_handle(timeout=30_000)
        for _ in range(TABS):
            if element.evaluate("e => document.activeElement === e"):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {locator}")

    def press(self, locator, key="Enter"):
        self.to(locator).page.keyboard.press(key)

    def go(self, locator):
        """It leads to another page, which is whole afterwards."""
        self.to(locator)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def choose(self, locator, words):
        """An option of a list, by its letters; a list begins anew when a second passes between two of them."""
        for _ in range(5):
            self.to(locator).page.keyboard.type(words)
            chosen = locator.evaluate("e => [...e.selectedOptions].map(o => o.text.trim())")
            if chosen and chosen[-1].lower().startswith(words.strip().lower()):
                return
            self.page.wait_for_timeout(1500)
        raise AssertionError(f"{words!r} is not chosen, but {chosen}")

    def type(self, locator, text):
        self.to(locator).page.keyboard.press("Control+A")
        self.page.keyboard.type(text)


@pytest.fixture(scope="module")
def shop(stack):
    shop = stack.create_project("shop", platform="python")
    for message in ("Disk is full", "Disk is nearly full", "Network unreachable", "Clock jumped"):
        id = stack.send_event(shop, message=message, fingerprint=[message], environment="production")
        stack.wait_for_event(id)
    stack.wait_for_counters()
    return shop


@pytest.fixture
def reader(shop, stack, new_browser):
    return new_browser(stack.admin, java_script_enabled=False)


@pytest.fixture
def page(reader):
    return reader.page


@pytest.fixture
def keys(page):
    return Keys(page)


def number(stack, title):
    return stack.value("select number from issue where title = %s", title)


def status(stack, title):
    return stack.value("select status from issue where title = %s", title)


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


@pytest.fixture
def go(page, stack):
    return lambda path: page.goto(stack.url + path)


def test_issues_are_ticked_resolved_and_brought_back(stack, page, keys, go):
    go("/acme/issues/")
    keys.press(page.get_by_role("row").filter(has_text="Clock jumped").get_by_role("checkbox"), "Space")
    keys.go(page.locator(".bulk").get_by_role("button", name="Resolve", exact=True))
    assert status(stack, "Clock jumped") == 1 and "Clock jumped" not in page.locator(".stream").inner_text()
    keys.go(page.locator(".flash").get_by_role("button", name="Undo"))
    assert status(stack, "Clock jumped") == 0


def test_a_search_is_saved_and_found_in_the_menu(page, keys, go):
    go("/acme/issues/")
    keys.type(page.locator("#q"), "Disk")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    keys.press(page.locator("summary[aria-label='Saved searches']"))
    keys.go(page.get_by_role("link", name="Save this search"))
    keys.type(page.get_by_label("Name", exact=True).first, "Disks")
    keys.go(button(page, "Save").first)
    go("/acme/issues/")
    keys.press(page.locator("summary[aria-label='Saved searches']"))
    keys.go(page.locator(".menu-long a", has_text="Disks"))
    assert sorted(page.locator(".stream .ttl b").all_inner_texts()) == ["Disk is full", "Disk is nearly full"]


def test_issues_are_merged_and_taken_apart(stack, page, keys, go):
    go("/acme/issues/?q=Disk")
    for title in ("Disk is full", "Disk is nearly full"):
        keys.press(page.get_by_role("row").filter(has_text=title).get_by_role("checkbox"), "Space")
    keys.go(page.locator(".bulk").get_by_role("button", name="Merge"))
    keys.go(button(page, "Merge"))
    assert "Disk" in page.locator("main").inner_text()
    kept = stack.value("select number from issue where title like 'Disk%%' and merged_into is null")
    go(f"/acme/issues/SHOP-{kept}/merged/")
    keys.go(page.get_by_role("button", name="Unmerge").first)
    go("/acme/issues/?q=Disk")
    assert sorted(page.locator(".stream .ttl b").all_inner_texts()) == ["Disk is full", "Disk is nearly full"]


def test_an_issue_is_archived_until_a_number_assigned_and_commented_on(stack, page, keys, go):
    link = f"/acme/issues/SHOP-{number(stack, 'Network unreachable')}/"
    go(link)
    keys.press(page.locator("summary", has_text="More ways to archive"))
    keys.type(page.get_by_label("Until this many"), "25")
    keys.go(page.locator("button[value=archive-until]"))
    assert "25" in page.locator(".facts").inner_text() and status(stack, "Network unreachable") == 2
    keys.go(button(page, "Unarchive"))
    keys.press(page.locator("summary", has_text="Assign"))
    keys.go(page.locator("button[name=assign]").filter(has_text="(you)"))
    assert stack.value("select assignee_id from issue where title = 'Network unreachable'") is not None
    keys.type(page.get_by_label("Comment", exact=True), "Seen on **two** hosts")
    keys.go(button(page, "Comment"))
    assert page.locator(".acts .md strong").inner_text() == "two"


def test_events_are_grouped(page, keys, go):
    go("/acme/explore/")
    keys.type(page.get_by_label("Group by, key 1"), "environment")
    keys.go(button(page, "Apply"))
    assert "production" in page.locator("main").inner_text()
    keys.go(page.get_by_role("link", name="Table", exact=True))
    assert re.search(r"production\s+[456]", page.locator("main table").first.inner_text())


def test_an_alert_is_written_rehearsed_changed_and_saved(stack, reader, page, keys, go):
    reader.expect_error("422")
    count, level = "event_frequency.EventFrequencyCondition", "level.LevelFilter"
    go("/acme/alerts/new/")
    keys.type(page.get_by_label("Name", exact=True), "Of the keyboard")
    keys.choose(page.locator("select[name=project]"), "shop")
    for part, of in (("c", count), ("f", level)):
        adds = page.locator(f"select[name='add.{part}']")
        keys.choose(adds, adds.locator(f"option[value$='{of}']").inner_text())
        keys.go(button(page, {"c": "Add trigger", "f": "Add filter"}[part]))
    keys.type(page.locator("[name='c1.value']"), "many")
    keys.go(button(page, "Save alert"))
    assert page.locator("[role=alert]").first.is_visible(), "what is wrong is said"
    assert page.get_by_label("Name", exact=True).input_value() == "Of the keyboard", "and nothing has to be typed again"
    keys.type(page.locator("[name='c1.value']"), "1000")
    keys.choose(page.locator("[name='f0.level']"), "fatal")
    keys.go(page.get_by_role("button", name="Remove").first)
    keys.go(button(page, "Rehearse the draft"))
    assert page.get_by_role("heading", name="Would have fired 0 times").is_visible()
    keys.go(button(page, "Save alert"))
    [(on, data)] = stack.sql("select is_on, data::json from alert_rule where name = 'Of the keyboard'")
    assert on and [str(c["value"]) for c in data["conditions"]] == ["1000"]
    assert data["filters"][0]["level"] == "50"
    go("/acme/alerts/")
    keys.go(page.get_by_role("link", name="Of the keyboard"))
    assert page.locator("[name='c0.value']").input_value() == "1000"


def test_feedback_is_resolved(shop, stack, page, keys, go):
    told = {"event_id": "c" * 32, "platform": "javascript", "contexts": {"feedback": {"message": "It stopped", "name": "Ada"}}}
    assert stack.send_envelope(shop, {"event_id": "c" * 32}, [({"type": "feedback"}, told)]).status_code == 200
    stack.wait_for(lambda: stack.value("select count(*) from feedback where message = 'It stopped'"))
    go("/acme/feedback/")
    keys.go(page.get_by_role("link", name="Ada").first)
    keys.go(page.get_by_role("button", name="Resolve", exact=True).last)
    go("/acme/feedback/")
    assert "It stopped" not in page.locator("main").inner_text()


def test_an_event_is_traced(stack, page, keys, go):
    id = stack.value("select replace(event_id::text, '-', '') from event order by id limit 1")
    go("/acme/stats/")
    keys.type(page.get_by_label("What became of an event?"), id)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Stored in shop" in page.locator("main").inner_text()
