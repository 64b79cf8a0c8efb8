"""The list of projects, and a new one."""

import secrets

import pytest
from page.conftest import statements

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\u200bend'


def test_a_project_is_created_and_leads_to_its_set_up(stack, browser, project):
    name = f"Shop API {secrets.token_hex(3)}"
    page = browser.open("/acme/projects/")
    page.get_by_role("link", name="New project").last.click()
    page.fill("[name=name]", name)
    page.get_by_role("radio", name="Go", exact=True).check()
    page.get_by_role("button", name="Create project").click()
    slug = name.lower().replace(" ", "-")
    page.wait_for_url(f"**/acme/projects/{slug}/getting-started/")
    made = stack.project("acme", slug)
    assert page.locator("#dsn").input_value() == made.dsn
    assert "sentry.ClientOptions" in page.locator("#code").inner_text(), "the snippet of its platform is open"
    browser.open("/acme/projects/")
    assert page.get_by_role("link", name=name).get_by_text("Waiting for its first event").is_visible()


@pytest.mark.parametrize("name, slug, complaint", [
    ("", "", "A name is needed"),
    ("n" * 101, "", "100 characters at most"),
    ("Новый проект", "", "2 to 50 letters"),
    ("Good name", "x", "2 to 50 letters"),
    ("Good name", "12345", "2 to 50 letters"),
    ("Good name", "TAKEN", "has this address already"),
])
def test_a_wrong_form_keeps_what_was_typed(stack, admin, project, name, slug, complaint):
    slug = project.slug if slug == "TAKEN" else slug
    answer = admin.post("/acme/new-project/", name=name, slug=slug, platform="java")
    assert answer.status_code == 422
    assert complaint in answer.text
    assert f'value="{name}"' in answer.text and f'value="{slug}"' in answer.text
    assert 'value="java" checked' in answer.text


def test_a_hostile_name_is_only_text(stack, browser, admin):
    slug = f"hostile-{secrets.token_hex(4)}"
    assert admin.post("/acme/new-project/", name=HOSTILE, slug=slug,
                      platform="python").status_code == 303
    for path in ("/acme/projects/", f"/acme/projects/{slug}/getting-started/", f"/acme/projects/{slug}/keys/"):
        page = browser.open(path)
        text = page.content()
        assert "<script>alert" not in text and "<img" not in text
        assert "\u202e" not in page.locator("body").inner_text()
        assert page.locator(".ctl", has_text="U+202E").count() > 0
        assert page.locator(".ctl", has_text="U+200B").count() > 0


def test_the_card_shows_what_came_and_what_is_open(stack, browser, project):
    for n in range(3):
        stack.wait_for_event(stack.send_event(project, message=f"Disk {'abc'[n]} full"))
    page = browser.open("/acme/projects/")
    card = page.locator(f"a.pc[href='/acme/projects/{project.slug}/']")
    assert "3 events, 24 h" in card.inner_text()
    issues = stack.value("select count(*) from issue where project_id = %s", project.id)
    assert f"{issues} open" in card.inner_text()
    values = card.locator("svg[data-v]").get_attribute("data-v")
    assert values.startswith("events:") and len(values.split(",")) == 24
    assert sum(map(int, values[len("events:"):].split(","))) == 3


def test_many_projects_are_many_pages_and_a_page_stays_small(stack, project, admin):
    for n in range(30):
        stack.sql("insert into project (organization_id, slug, name) "
                  "select id, %s, %s from organization where slug = 'acme'",
                  f"many-{n:02}", f"Many {n:02}")
    first = admin.get("/acme/projects/")
    assert statements(first) <= 8
    assert len(first.content) < 60_000
    assert first.text.count('class="card pc"') == 24
    assert 'href="?page=2"' in first.text
    second = admin.get("/acme/projects/?page=2")
    assert second.text.count('class="card pc"') > 0
    both = first.text + second.text
    assert all(f"Many {n:02}<" in both for n in range(30))
    assert admin.get("/acme/projects/?page=99").status_code == 200


def test_an_empty_organisation_says_what_to_do(stack, admin, browser):
    stack.sql("insert into organization (slug, name) values ('empty', 'Empty & Co')")
    page = browser.open("/empty/")
    assert page.get_by_text("No projects yet").is_visible()
    page.get_by_role("link", name="Create the first project").click()
    page.wait_for_url("**/empty/new-project/")


def test_who_belongs_nowhere_is_told_how_to_change_that(new_person):
    answer = new_person().get("/")
    assert answer.status_code == 200
    assert "You belong to no organisation yet" in answer.text


@pytest.mark.parametrize("path", ["/acme/", "/acme/projects/", "/acme/dashboard/", "/acme/stats/", "/acme/new-project/",
                                  "/acme/projects/{}/", "/acme/projects/{}/getting-started/",
                                  "/acme/projects/{}/keys/", "/account/", "/login/"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(new_browser, stack, project, path, width):
    browser = new_browser(stack.admin if path != "/login/" else None,
                          viewport={"width": width, "height": 800})
    page = browser.open(path.format(project.slug))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
