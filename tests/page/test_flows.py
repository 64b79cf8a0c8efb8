"""Settings, as somebody goes through them with a mouse and a keyboard: what a form says is what is there afterwards."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def at(browser, project):
    """at("settings/limits/") opens a page of the organisation, at("{p}limits/") one of the project."""
    def open_(path):
        return browser.open("/acme/" + path.format(p=f"projects/{project.slug}/"))
    return open_


def test_an_api_token_is_made_used_and_revoked(stack, browser, at):
    page = browser.open("/account/tokens/")
    page.get_by_label("Name").fill("nightly export")
    page.locator("input[name=scope][value='event:read']").check()
    page.get_by_role("button", name="Create").click()
    token = page.get_by_label("The new token").input_value()

    def status():
        return stack.get("/acme/issues/ndjson/", headers={"Authorization": f"Bearer {token}"}).status_code
    assert status() == 200
    page = browser.open("/account/tokens/")
    assert token not in page.content(), "it is shown once"
    page.get_by_role("button", name="Revoke nightly export").click()
    page.get_by_role("button", name="Revoke nightly export").wait_for(state="detached")
    assert status() == 401


def test_what_an_organisation_asks_of_those_who_come_in(at):
    page = at("settings/security/")
    page.get_by_label("Mail domains").fill("example.org example.com")
    page.get_by_label("Length of a sign-in").fill("12")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. It holds from the next page on").wait_for()
    page = at("settings/security/")
    assert page.get_by_label("Mail domains").input_value() == "example.org example.com"
    assert page.get_by_label("Length of a sign-in").input_value() == "12"
    for label in ("Mail domains", "Length of a sign-in"):
        page.get_by_label(label).fill("")
    page.get_by_role("button", name="Save").click()
    assert at("settings/security/").get_by_label("Mail domains").input_value() == ""


def test_ownership_is_tried_before_it_is_saved(stack, at):
    page = at("{p}ownership/")
    page.get_by_label("Who owns what").fill(f"path:src/pay/* {stack.admin.email}")
    page.get_by_label("A path, URL, module or tag").fill("src/pay/card.py")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(f"Line 1 decides: path:src/pay/* {stack.admin.email}")
    assert at("{p}ownership/").get_by_label("Who owns what").input_value() == "", "trying saves nothing"
    page.get_by_label("Who owns what").fill(f"path:src/pay/* {stack.admin.email}")
    page.get_by_role("button", name="Save").click()
    assert "src/pay" in at("{p}ownership/").get_by_label("Who owns what").input_value()


@pytest.mark.parametrize("path", ["settings/limits/", "{p}limits/"])
def test_a_limit_is_set_and_removed(at, path):
    page = at(path)
    page.get_by_label("At most").fill("5000")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("main table").first).to_contain_text("5,000")
    page.get_by_role("button", name="Remove the limit of").first.click()
    expect(page.locator("main")).not_to_contain_text("5,000")


def test_a_clean_up_is_asked_for(stack, at):
    page = at("settings/data/")
    page.get_by_label("Keep events").fill("30")
    page.get_by_role("button", name="Save").click()
    assert at("settings/data/").get_by_label("Keep events").input_value() == "30"
    page.get_by_role("button", name="Run now").click()
    assert stack.sql("select 1 from audit where action = 'retention.ask'")
    stack.wait_for(lambda: re.search(r"The last one ended (just now|\d+ s ago) and freed",
                                     at("settings/data/").locator("main").inner_text()),
                   what="the run that was asked for")
    page.get_by_label("Keep events").fill("")
    page.get_by_role("button", name="Save").click()


def test_a_team_is_made_gets_a_project_and_goes(at, project):
    page = at("settings/teams/")
    page.get_by_label("Name of the team").fill("Payments")
    page.get_by_role("button", name="Create").click()
    page = at("settings/teams/payments/")
    page.locator("select[name=project]").select_option(label=project.slug)
    page.locator("form", has=page.locator("select[name=project]")).get_by_role("button").first.click()
    expect(page.locator("main")).to_contain_text(project.slug)
    assert "Payments" in at("{p}access/").locator("main").inner_text()


def test_a_forgotten_password_is_asked_for_without_a_word_on_who_exists(stack, new_browser):
    browser = new_browser()
    page = browser.open("/login/")
    page.get_by_role("link", name="Forgotten").or_(page.locator("a[href^='/login/forgot']")).first.click()
    texts = []
    for email in (stack.admin.email, "nobody@example.org"):
        page = browser.open("/login/forgot/")
        page.get_by_label("Email").fill(email)
        page.get_by_role("button", name="Send a link").click()
        page.get_by_role("button", name="Send a link").wait_for(state="detached")
        texts.append(page.locator("main").inner_text().replace(email, ""))
    assert texts[0] == texts[1]
