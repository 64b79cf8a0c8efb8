"""Favourite projects: a star of one's own, and they stand first."""

import pytest
from page.conftest import Person
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def projects(stack):
    """Ten projects that count: p0 has most events, p9 the fewest; each has one."""
    found = [stack.create_project(f"p{n}", platform="python", name=f"P {n}") for n in range(10)]
    for n, project in enumerate(found):
        for _ in range(10 - n):
            stack.wait_for_event(stack.send_event(project, message=f"of {n}"))
    stack.wait_for_counters()
    return found


@pytest.fixture
def unstarred(stack, projects):
    yield
    stack.sql("delete from project_star")


def cards(page):
    return [card.inner_text() for card in page.locator("a.pc b:first-of-type.grow").all()]


@pytest.mark.parametrize("script", [True, False])
def test_a_starred_project_has_its_card_first_with_its_numbers(stack, unstarred, new_browser, script):
    page = new_browser(stack.admin, java_script_enabled=script).open("/acme/projects/?page=1")
    page.get_by_role("button", name="Favourite P 9").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("p9 stands first among your projects.")
    assert page.url.endswith("/acme/projects/?page=1")
    assert cards(page)[:2] == ["P 9", "P 0"]
    page.goto(page.url.replace("/projects/?page=1", "/dashboard/?range=24h"))
    assert cards(page) == ["P 9", *(f"P {n}" for n in range(7))]
    assert "1 event\n" in page.locator("a.pc").first.inner_text(), "though it is not among the busiest"
    star = page.get_by_role("button", name="Favourite P 9")
    assert star.get_attribute("aria-pressed") == "true"
    star.click()
    expect(page.get_by_role("status")).to_contain_text("p9 is no favourite any more.")
    assert page.url.endswith("/acme/dashboard/?range=24h")
    assert cards(page) == [f"P {n}" for n in range(8)]


def test_it_stands_first_in_the_menus_and_on_its_own_page(stack, unstarred, browser):
    page = browser.open("/acme/projects/p7/")
    page.get_by_role("button", name="Favourite P 7").click()
    expect(page.get_by_role("button", name="Favourite P 7")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("/acme/projects/p7/")
    page.locator(".side-sw summary").click()
    assert page.locator(".side-sw .menu-item[href*='/projects/']").first.inner_text().endswith("P 7")
    page = browser.open("/acme/explore/")
    page.locator("summary", has_text="All projects").click()
    names = page.locator(".menu-pop label .cut").all_inner_texts()
    assert names == ["p7", *(f"p{n}" for n in range(10) if n != 7)]


def test_stars_are_of_one_person(stack, unstarred, new_person, member_of):
    member = member_of("acme", "viewer")
    assert member.post("/acme/projects/p3/star/", on="1", back="/acme/projects/").status_code == 303
    assert member.post("/acme/projects/p3/star/", on="1", back="//evil.example/").headers["Location"] == "/"
    assert stack.value("select count(*) from project_star") == 1
    assert 'aria-pressed="true"' in member.get("/acme/projects/").text
    assert 'aria-pressed="true"' not in Person(stack).sign_in(stack.admin.email).get("/acme/projects/").text
    assert member.post("/acme/projects/none/star/", on="1").status_code == 404
    assert new_person().post("/acme/projects/p3/star/", on="1").status_code == 404
    assert member.post("/acme/projects/p3/star/", on="").status_code == 303
    assert stack.value("select count(*) from project_star") == 0


def test_more_stars_than_cards(stack, unstarred, browser):
    stack.sql("insert into project_star (account_id, organization_id, project_id)"
              " select a.id, p.organization_id, p.id from project p, account a where a.email = %s", stack.admin.email)
    assert cards(browser.open("/acme/dashboard/")) == [f"P {n}" for n in range(8)]


def test_a_deleted_project_takes_its_stars_along(stack, unstarred):
    gone = stack.create_project("gone")
    stack.sql("insert into project_star (account_id, organization_id, project_id)"
              " select a.id, p.organization_id, p.id from project p, account a where a.email = %s and p.id = %s",
              stack.admin.email, gone.id)
    stack.sql("delete from project where id = %s", gone.id)
    assert stack.value("select count(*) from project_star") == 0
