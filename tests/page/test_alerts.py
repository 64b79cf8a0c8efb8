"""The pages of alerts: list, editor without JavaScript, history, incidents, export and import."""

import json

import pytest

from alert.rules import LOG, NEW, Rules, frequency


@pytest.fixture(scope="module")
def rules(stack):
    return Rules(stack)


@pytest.fixture
def page(browser):
    return browser.page


def look_at(browser, name):
    browser.page.screenshot(path=f"/tmp/v/alerts.tmp/{name}.png", full_page=True)


def test_a_rule_is_written_rehearsed_saved_and_found(stack, project, browser, page):
    for n in range(3):
        stack.wait_for_event(stack.send_event(project, message="Seen", tags={"browser": "Firefox"}))
    browser.open("/acme/alerts/new/")
    page.get_by_label("Name", exact=True).fill("Checkout errors")
    page.locator("select[name=project]").select_option([project.slug])
    page.locator("select[name='add.c']").select_option(frequency(1)["id"])
    page.get_by_role("button", name="Add trigger").click()
    page.locator("[name='c1.value']").fill("2")
    page.locator("select[name='add.f']").select_option("sentry.rules.filters.tagged_event.TaggedEventFilter")
    page.get_by_role("button", name="Add filter").click()
    page.locator("[name='f0.key']").fill("browser")
    page.locator("[name='f0.value']").fill("Firefox")
    page.get_by_role("button", name="Rehearse the draft").click()
    assert page.get_by_role("heading", name="Would have fired once").is_visible()
    look_at(browser, "edit")
    page.get_by_role("button", name="Remove").first.click()
    assert page.get_by_role("heading", name="Would have fired once").is_visible()
    page.get_by_role("button", name="Save alert").click()
    assert page.get_by_text("Saved.").is_visible()
    [(name, data, on)] = stack.sql("select r.name, r.data, r.is_on from alert_rule r join alert_rule_project p"
                                   " on p.rule_id = r.id where p.project_id = %s", project.id)
    data = json.loads(data)
    assert (name, on, len(data["conditions"]), data["filters"][0]["value"]) == (
        "Checkout errors", True, 1, "Firefox")
    browser.open(f"/acme/alerts/?project={project.slug}")
    assert page.get_by_text("An issue is seen more than 2 times in 1 hour").is_visible()
    look_at(browser, "list")
