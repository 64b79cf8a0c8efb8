"""The commit that an error may come from, and what else leads on from an issue: rules and breadcrumbs."""

import pytest

from page.conftest import Person, statements
from page.issues import frame, lock_timeout
from page.test_issue import link, section, send
from page.test_issue_list import HTML_MAX

# As `git log --name-only --format='%H%x09%an%x09%ae%x09%cI%x09%s'` prints them, the newest first.
LOG = """\
aaaaaaa1\tBob\tbob@example.org\t{now}\tTidy up

README.md
src/shop/__init__.py

bbbbbbb2\tAda Admin\t{mail}\t{now}\tLower the lock timeout to 2 s

src/shop/checkout/services.py
src/shop/checkout/tests.py

ccccccc3\tCarl\tcarl@example.org\t{now}\tViews

src/shop/checkout/views.py
"""


@pytest.fixture
def commits(stack, project):
    def set_commits(version, log):
        now = stack.value("select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
        stack.vedette("release", "commits", project.org, project.slug, version,
                      stdin=log.replace("{now}", now).replace("{mail}", stack.admin.email))
    return set_commits


def suspect(page):
    row = page.locator(".rail .rail-row", has=page.get_by_role("heading", name="Suspect commit"))
    return row.get_by_role("link").inner_text() if row.count() else None


@pytest.mark.parametrize("script", [True, False])
def test_the_suspect_commit_changed_the_file_of_the_newest_call_and_its_author_gets_the_issue(
        stack, project, commits, new_browser, script):
    commits("shop-api@1.4.2+b771", LOG)
    send(stack, project, lock_timeout())
    page = new_browser(stack.admin, java_script_enabled=script).open(link(stack, project))
    assert suspect(page) == "bbbbbbb"
    text = " ".join(page.locator(".rail section").first.inner_text().split())
    assert "Lower the lock timeout to 2 s by Ada Admin, in 1.4.2" in text and "src/shop/checkout/services.py" in text
    page.get_by_role("button", name="Assign the author").click()
    assert page.locator(".bar-act summary", has_text="Ada Admin").count() == 1
    assert page.get_by_role("button", name="Assign the author").count() == 0
    page.get_by_role("link", name="bbbbbbb").click()
    assert "Lower the lock timeout to 2 s" in page.locator("main").inner_text()


@pytest.mark.parametrize("log, path, found", [
    ("aaaaaaa1\tA\t\t{now}\tx\n\nshop/cart/__init__.py\n", "shop/stock/__init__.py", None),
    ("aaaaaaa1\tA\t\t{now}\tx\n\ndeep/down/shop/cart.py\n", "/srv/www/shop/cart.py", "aaaaaaa"),
    ("aaaaaaa1\tA\t\t{now}\tx\n\ncmd/main.py\n", "main.py", "aaaaaaa"),
    ("aaaaaaa1\tA\t\t2019-01-01T00:00:00Z\tx\n\nshop/cart.py\n", "shop/cart.py", None),
    ("aaaaaaa1\tA\t\t{now}\tx\n\nb/shop/cart.py\n\nbbbbbbb2\tB\t\t{now}\ty\n\nshop/cart.py\n", "a/shop/cart.py", "bbbbbbb"),
    ("aaaaaaa1\tA\t\t{now}\tx\n", "shop/cart.py", None),
], ids=["name only", "two names", "whole", "old", "whole before part", "no files"])
def test_paths_are_compared_from_their_ends(stack, project, commits, admin, log, path, found):
    commits("shop@1", log)
    send(stack, project, {"platform": "python", "release": "shop@1", "exception": {"values": [
        {"type": "E", "value": "v", "stacktrace": {"frames": [
            frame("lib", 1, in_app=False, filename="lib/cart.py"), frame("f", 2, filename=path)]}}]}})
    html = admin.get(link(stack, project)).text
    assert ("Suspect commit" in html) == (found is not None)
    assert found is None or f">{found}<" in html


def test_a_module_of_java_is_a_path(stack, project, commits, admin):
    commits("shop@1", "aaaaaaa1\tA\t\t{now}\tx\n\ncore/src/main/java/com/acme/Shop.java\n")
    send(stack, project, {"platform": "java", "release": "shop@1", "exception": {"values": [
        {"type": "E", "value": "v", "stacktrace": {"frames": [
            {"module": "com.acme.Shop", "function": "pay", "filename": "Shop.java", "lineno": 3, "in_app": True}]}}]}})
    assert ">aaaaaaa<" in admin.get(link(stack, project)).text


def test_a_page_with_a_suspect_is_small_too(stack, project, commits):
    commits("shop-api@1.4.2+b771", LOG)
    send(stack, project, lock_timeout())
    answer = Person(stack).sign_in(stack.admin.email).get(link(stack, project))
    assert "Suspect commit" in answer.text and statements(answer) <= 12 and len(answer.content) <= HTML_MAX


def test_a_rule_is_made_of_an_event_tried_and_saved(stack, project, new_browser):
    send(stack, project, lock_timeout())
    page = new_browser(stack.admin, java_script_enabled=False).open(link(stack, project))
    page.get_by_role("link", name="Make a fingerprint rule of this event").click()
    field = page.get_by_label("Fingerprint rules")
    assert field.input_value().strip() \
        == 'type:"InventoryLockTimeout" function:"reserve_stock" -> "InventoryLockTimeout" "reserve_stock"'
    assert "is not saved yet" in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="Preview on the latest events").click()
    assert "1 of the latest 1 events would be grouped by something else" in page.locator("#preview").inner_text()
    page.get_by_role("button", name="Save", exact=True).click()
    assert stack.value("select count(*) from project_setting where project_id = %s and value like 'type:%%'", project.id) == 1


def test_a_rule_of_a_hostile_message_can_be_saved(stack, project, new_browser):
    send(stack, project, {"message": 'a "b" \\ [c] {{ d }}\nsecond -> line'})
    page = new_browser(stack.admin, java_script_enabled=False).open(link(stack, project))
    page.get_by_role("link", name="Make a fingerprint rule of this event").click()
    page.get_by_role("button", name="Preview on the latest events").click()
    assert page.locator("[aria-invalid]").count() == 0
    assert "1 of the latest 1 events would be grouped by something else" in page.locator("#preview").inner_text()


def crumbs(page):
    return [row.locator("td").nth(2).inner_text().split()[0] for row in section(page, "trail").locator("tr").all()]


@pytest.mark.parametrize("script", [True, False])
def test_breadcrumbs_are_filtered_by_category_level_and_text(stack, project, new_browser, script):
    send(stack, project, {"message": "end", "breadcrumbs": [
        {"category": ("auth", "http", "ui.click")[n % 3], "level": "warning" if n == 1 else "info",
         "message": f"step-{n}", "data": {"who": "Maria"} if n == 2 else {}, "timestamp": 1_700_000_000 + n}
        for n in range(40)]})
    page = new_browser(stack.admin, java_script_enabled=script).open(link(stack, project) + "?range=24h")
    form = section(page, "trail").get_by_role("search")

    def filtered(**chosen):
        for label, value in ({"Category": "", "Level": ""} | {k: v for k, v in chosen.items() if k != "Text"}).items():
            form.get_by_label(label, exact=True).select_option(value)
        form.get_by_label("Text", exact=True).fill(chosen.get("Text", ""))
        form.get_by_role("button", name="Filter").click()
        page.wait_for_load_state()
        return crumbs(page)[:-1]
    assert len(crumbs(page)) == 26
    assert filtered(Category="auth") == [f"step-{n}" for n in range(0, 40, 3)], "all of them, not of the newest alone"
    assert section(page, "trail").locator("summary .mute").inner_text() == "14 of 40"
    assert filtered(Category="http", Level="warning") == ["step-1"]
    assert filtered(Text="maria") == ["step-2"]
    assert filtered(Text="step-3", Category="auth") == ["step-3", "step-30", "step-33", "step-36", "step-39"]
    assert "range=24h" in page.url
    page.get_by_role("link", name="Show all").click()
    assert len(crumbs(page)) == 41
