"""What was typed is not lost because a sign-in has ended meanwhile."""

import re
from html import unescape

import pytest
from axe_playwright_python.sync_playwright import Axe

from page.conftest import Person

TRICKY = '\n<b>"quoted"</b> & more </textarea>\nsecond line'


@pytest.fixture
def issue(stack, project):
    stack.wait_for_event(stack.send_event(project, message="Disk full"))
    return stack.value("select '/acme/issues/' || id || '/' from issue where project_id = %s", project.id)


def end_sign_ins(stack):
    for key in stack.redis.scan_iter("vedette:login:*"):
        stack.redis.delete(key)


def hidden(text):
    return {unescape(name): unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)}


@pytest.mark.parametrize("script", [True, False])
def test_a_comment_is_sent_after_signing_in_again(stack, issue, new_browser, script):
    browser = new_browser(stack.admin, java_script_enabled=script)
    page = browser.open(issue)
    words = f"It fills up since Tuesday, script {script}"
    browser.expect_error("403")
    page.locator("textarea[name=text]").fill(words)
    end_sign_ins(stack)
    page.get_by_role("button", name="Comment", exact=True).click()
    assert page.get_by_role("heading", name="Your sign-in has ended").is_visible()
    assert page.get_by_role("textbox", name="text").input_value() == words
    assert stack.sql("select 1 from activity where data::text like %s", f"%{words}%") == []
    link = page.get_by_role("link", name="Sign in in a new tab").get_attribute("href")
    assert link.endswith("next=" + issue.replace("/", "%2F"))
    page.get_by_role("button", name="Go on").click()
    assert page.get_by_role("heading", name="Your sign-in has ended").is_visible(), "nobody is signed in yet"

    tab = browser.context.new_page()
    tab.goto(stack.sign_in_link(stack.admin.email))
    tab.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Go on").click()
    assert page.get_by_role("heading", name="Send it again?").is_visible()
    assert stack.admin.email in page.locator("main").inner_text()
    page.get_by_role("button", name="Send it").click()
    page.get_by_role("button", name="Comment", exact=True).wait_for()
    assert words in page.locator("main").inner_text()


def test_the_page_is_for_everybody(stack, issue, new_browser):
    browser = new_browser(stack.admin)
    page = browser.open(issue)
    browser.expect_error("403")
    end_sign_ins(stack)
    page.locator("textarea[name=text]").fill("Long " * 60)
    page.get_by_role("button", name="Comment", exact=True).click()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = [v["id"] for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert found == []


OURS = {"Sec-Fetch-Site": "same-origin"}


def test_the_form_of_an_earlier_sign_in_is_shown_and_sent(stack, new_person):
    account = stack.create_account(name="Before")
    person = new_person(account.email)
    earlier = person.csrf
    person.sign_in(account.email)
    answer = person.post("/account/", csrf=earlier, headers=OURS, name=TRICKY)
    assert answer.status_code == 403 and "Send it again?" in answer.text and "<b>" + '"quoted"' not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    fields = hidden(answer.text)
    assert fields == {"csrf": person.csrf, "name": TRICKY}
    assert stack.value("select name from account where email = %s", account.email) == "Before"
    assert person.post("/account/", headers=OURS, csrf=fields["csrf"], name="After").status_code == 303
    assert stack.value("select name from account where email = %s", account.email) == "After"


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                                     {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_what_comes_from_elsewhere_is_not_kept(stack, stranger, new_person, headers):
    answer = stranger.post("/acme/issues/1/comments/", csrf="", headers=headers, text="words of somebody")
    assert answer.status_code == 303 and answer.headers["Location"] == "/login/"
    answer = new_person().post("/account/", csrf="0" * 32, headers=headers, name="words of somebody")
    assert answer.status_code == 403 and "words of somebody" not in answer.text


def test_passwords_are_in_no_page(stack, stranger):
    answer = stranger.post("/account/password/", csrf="", headers=OURS, new="secret horse battery", again="secret horse battery",
                           note="1")
    assert answer.status_code == 403 and "secret horse" not in answer.text and "Passwords are not kept" in answer.text
    alone = stranger.post("/account/password/", csrf="", headers=OURS, new="secret horse battery")
    assert alone.status_code == 303


@pytest.mark.parametrize("referer, next_", [
    ("{url}/acme/issues/?query=is%3Aunresolved", "/login/?next=%2Facme%2Fissues%2F%3Fquery%3Dis%253Aunresolved"),
    ("https://evil.example/acme/", "/login/"), ("{url}//evil.example/", "/login/"), ("no address", "/login/"), ("{url}", "/login/")])
def test_a_form_with_nothing_in_it_leads_back_to_where_it_stood(stack, stranger, referer, next_):
    answer = stranger.post("/acme/issues/", csrf="", headers={**OURS, "Referer": referer.format(url=stack.url)})
    assert answer.status_code == 303 and answer.headers["Location"] == next_


def test_it_speaks_russian(stack, stranger):
    answer = stranger.post("/acme/issues/", csrf="", headers={**OURS, "Accept-Language": "ru"}, text="слова и слова")
    assert "Ваш сеанс завершён" in answer.text and "слова и слова" in answer.text


def test_an_organisation_that_ends_sign_ins_early_keeps_it_too(stack, project, new_person):
    person = new_person(stack.admin.email)
    stack.sql("update organization set session_hours = 1 where slug = 'acme'")
    try:
        csrf = person.csrf
        for key in stack.redis.scan_iter("vedette:login:*"):
            stack.redis.hincrby(key, "created", -4000)
        answer = person.post("/acme/issues/", csrf=csrf, headers=OURS, text="words and words")
        assert answer.status_code == 403 and "Your sign-in has ended" in answer.text and "words and words" in answer.text
        assert Person(stack).get("/acme/").status_code == 303
    finally:
        stack.sql("update organization set session_hours = 0 where slug = 'acme'")
