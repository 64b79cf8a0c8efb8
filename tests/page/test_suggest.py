"""What the search box suggests while one types."""

import pytest

from page.conftest import Person, statements


@pytest.fixture(scope="module")
def shop(stack):
    project = stack.create_project("suggest-shop", platform="python")
    stack.wait_for_event(stack.send_event(project, message="one", environment="production", release="shop@1.0",
                                          tags={"shop.campaign": "summer sale", "shop.color": "green"}))
    stack.wait_for_event(stack.send_event(project, message="two", environment="preview", release="shop@1.1"))
    stack.sql("insert into team (organization_id, slug, name)"
              " select organization_id, 'checkout', 'Checkout' from project where id = %s", project.id)
    return project


@pytest.fixture(scope="module")
def reader(stack, shop):
    return Person(stack).sign_in(stack.admin.email)


def suggested(person, typed):
    return [s["text"] for s in person.get("/acme/issues/suggest/", params={"q": typed}).json()]


@pytest.mark.parametrize("typed, expected", [
    ("le", ["level:"]),
    ("LEV", ["level:"]),
    ("!le", ["!level:"]),
    ("level:", ["level:fatal", "level:error", "level:warning", "level:info", "level:debug"]),
    ("!level:w", ["!level:warning"]),
    ("is:re", ["is:regressed", "is:resolved"]),
    ("project:suggest", ["project:suggest-shop"]),
    ("assigned:m", ["assigned:me", "assigned:my_teams"]),
    ("assigned:#ch", ["assigned:#checkout"]),
    ("assigned:root@", []),
    ("environment:", ["environment:preview", "environment:production"]),
    ("environment:pro", ["environment:production"]),
    ("release:shop@", ["release:shop@1.0", "release:shop@1.1"]),
    ("shop", ["tags[shop.campaign]:", "tags[shop.color]:"]),
    ("tags[shop.ca", ["tags[shop.campaign]:"]),
    ("tags[shop.campaign]:", ['tags[shop.campaign]:"summer sale"']),
    ('tags[shop.campaign]:"summer s', ['tags[shop.campaign]:"summer sale"']),
    ("lastSeen:-2", ["lastSeen:-24h"]),
    ("timesSeen:>10", ["timesSeen:>10", "timesSeen:>100", "timesSeen:>1000"]),
    ("no such words", []),
    ("nokey:x", []),
    ("%", []),
    ("environment:%", []),
])
def test_keys_then_their_values(reader, typed, expected):
    assert suggested(reader, typed) == expected


def test_every_suggestion_is_understood(reader):
    for key in suggested(reader, "") + suggested(reader, "t") + suggested(reader, "u"):
        for term in suggested(reader, key):
            html = reader.get("/acme/issues/", params={"q": term}).text
            assert "tok-bad" not in html, term


def test_it_is_bounded_and_asks_the_database_little(stack, shop, reader):
    stack.sql("insert into tag_value (key_id, value) select id, 'v' || g from tag_key, generate_series(1, 2000) g"
              " where project_id = %s and key = 'shop.color'", shop.id)
    for typed in ("", "tags[shop.color]:v1", "assigned:"):
        answer = reader.get("/acme/issues/suggest/", params={"q": typed})
        assert len(answer.json()) <= 12 and statements(answer) <= 5


def test_tags_of_projects_that_one_does_not_see_are_not_suggested(stack, shop, member_of):
    stack.sql("update organization set open_membership = false where slug = 'acme'")
    try:
        member = member_of("acme", "member")
        assert suggested(member, "environment:") == [] and suggested(member, "shop") == []
        assert suggested(member, "project:") == []
    finally:
        stack.sql("update organization set open_membership = true where slug = 'acme'")


def test_a_search_is_put_together_by_keyboard(shop, browser):
    page = browser.open("/acme/issues/?q=")
    box = page.get_by_role("combobox", name="Search issues")
    box.fill("leve")  # at once: a list that is asked for between two keys would come twice
    page.get_by_role("option", name="level: How grave").wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    assert page.locator("#" + box.get_attribute("aria-activedescendant")).inner_text().startswith("level:")
    box.press("Enter")
    page.get_by_role("option", name="level:error").wait_for()
    box.press("ArrowUp")
    box.press("ArrowUp")
    box.press("Enter")
    assert box.input_value() == "level:info "
    box.fill("level:info tags[shop.camp")
    page.get_by_role("option").first.click()
    page.get_by_role("option", name="summer sale").click()
    assert box.input_value() == 'level:info tags[shop.campaign]:"summer sale" '
    box.press("Escape")
    box.press("Enter")
    page.wait_for_url("**/issues/?q=level**")
    assert page.locator(".tok").count() == 2
