"""From a call of a stack to its line in a repository, the commit that changed it, and a rule for stacks."""

import re

import pytest

from page.conftest import Person, statements
from page.issues import frame, lock_timeout
from page.test_issue import link, section, send
from page.test_issue_list import HTML_MAX, STATEMENTS_MAX
from page.test_issue_suspect import LOG, commits  # noqa: F401

GITHUB = "https://github.com/acme/shop"
VERSION = "shop-api@1.4.2+b771"


def path(project):
    return f"/acme/projects/{project.slug}/code/"


def calls(page):
    """{the words of an in-app call: the addresses that it leads to}"""
    return {" ".join(frame.locator("summary").first.inner_text().split()): frame
            for frame in section(page, "stack").locator("details.frame").all()}


@pytest.mark.parametrize("script", [True, False])
def test_mappings_are_tried_saved_and_lead_from_a_call_to_its_line(stack, project, commits, new_browser, script):  # noqa: F811
    commits(VERSION, LOG)
    send(stack, project, lock_timeout())
    browser = new_browser(stack.admin, java_script_enabled=script)
    page = browser.open(path(project))
    page.get_by_label("Which file is where").fill(f"shop/ -> {GITHUB} src/shop/")
    page.get_by_label("A file's name in a stack").fill("shop/cart.py")
    page.get_by_role("button", name="Try").click()
    assert f"Line 1 decides: {GITHUB}/blob/HEAD/src/shop/cart.py#L1" in page.locator("#try [role=status]").inner_text()
    assert stack.sql("select 1 from project_setting where project_id = %s", project.id) == [], "nothing is saved yet"
    page.get_by_role("button", name="Save").click()
    page = browser.open(link(stack, project))
    first = calls(page)["reserve_stock in shop/checkout/services.py line 147 In app"]
    assert first.get_by_role("link", name="Open in repository").get_attribute("href") \
        == f"{GITHUB}/blob/aaaaaaa1/src/shop/checkout/services.py#L147", "the newest commit of the release"
    said = " ".join(first.locator(".frame-row").inner_text().split())
    assert "at aaaaaaa" in said and "Changed by bbbbbbb Lower the lock timeout to 2 s, by Ada Admin, in 1.4.2" in said
    assert first.get_by_role("link", name="bbbbbbb").get_attribute("href") == f"{GITHUB}/commit/bbbbbbb2"
    assert page.locator(".rail").get_by_role("link", name="bbbbbbb").get_attribute("href") == f"{GITHUB}/commit/bbbbbbb2"
    assert first.get_by_role("button", name="Copy the place").count() == (1 if script else 0)


@pytest.mark.parametrize("release, at", [
    ("shop@1", "blob/HEAD/"), ("shop@" + "1f0c" * 10, "blob/" + "1f0c" * 10 + "/"), (None, "blob/HEAD/")])
def test_without_commits_the_version_or_the_branch_is_linked(stack, project, admin, release, at):
    admin.post(path(project), mappings=f"shop/ -> {GITHUB} shop", do="save")
    send(stack, project, lock_timeout(release=release))
    html = admin.get(link(stack, project)).text
    assert f'href="{GITHUB}/{at}shop/checkout/services.py#L147"' in html
    assert ("in the branch" in html) == ("HEAD" in at)


def test_of_several_repositories_a_file_is_at_the_commit_of_its_own(stack, project, admin):
    admin.post(path(project), mappings=f"shop/ -> {GITHUB} shop\ndjango/ -> gitlab https://git.example.org/libs/django", do="save")
    send(stack, project, lock_timeout(release="shop@2"))
    for position, (repository, revision) in enumerate((("acme/shop", "abc1"), ("acme/shop", "abc2"), ("libs/django", "def1"))):
        stack.sql("insert into release_commit (organization_id, release_id, position, revision, repository)"
                  " select organization_id, id, %s, %s, %s from release where project_id = %s and version = 'shop@2'",
                  position, revision, repository, project.id)
    html = admin.get(link(stack, project)).text
    assert f"{GITHUB}/blob/abc1/shop/checkout/services.py" in html and not re.search(r"\babc2\b", html)


@pytest.mark.parametrize("line, word", [
    ("shop/ https://github.com/acme/shop", "It is written as"),
    ("shop/ -> javascript:alert(1)", "begins with https://"),
    ("shop/ -> https://code.example.org/acme/shop", "What keeps this repository?"),
    ("shop/ -> https://github.com/acme/shop a b", "a word too many")])
def test_a_line_that_is_wrong_is_named_and_nothing_is_saved(stack, project, admin, line, word):
    answer = admin.post(path(project), mappings=f"# mine\n{line}", do="save")
    assert answer.status_code == 422 and "Line 2: " in answer.text and word in answer.text
    assert line.split(" ")[0] in answer.text, "what was typed stays"
    assert stack.sql("select 1 from project_setting where project_id = %s", project.id) == []


def test_a_hostile_path_makes_no_link_out_of_the_repository(stack, project, admin):
    admin.post(path(project), mappings=f"* -> {GITHUB}", do="save")
    send(stack, project, {"platform": "python", "exception": {"values": [{"type": "E", "value": "v", "stacktrace": {"frames": [
        frame(f"f{n}", 1, filename=name) for n, name in enumerate(
            ("../../evil.py", 'a"onclick=x/b.py', "//evil.example/x.py", "a/%2e%2e/b.py"))]}}]}})
    html = admin.get(link(stack, project)).text
    links = [part.split('"')[0] for part in html.split('href="')[1:] if part.startswith(GITHUB)]
    assert sorted(links) == [f"{GITHUB}/blob/HEAD/a%22onclick%3Dx/b.py#L1", f"{GITHUB}/blob/HEAD/a/%252e%252e/b.py#L1"]


def test_a_call_says_that_its_script_was_minified_and_why_nothing_more_is_known(stack, project, new_browser):
    send(stack, project, {"platform": "javascript", "exception": {"values": [{"type": "TypeError", "value": "x", "stacktrace": {
        "frames": [{"function": "t", "filename": "https://shop.example/app.8f3a.js", "lineno": 1, "colno": 48211, "in_app": True},
                   {"function": "pay", "filename": "https://shop.example/src/pay.js", "lineno": 31, "colno": 12, "in_app": True}]}}]}})
    page = new_browser(stack.admin, java_script_enabled=False).open(link(stack, project))
    said = calls(page)
    assert "pay in https://shop.example/src/pay.js line 31:12 In app" in said
    assert "t in https://shop.example/app.8f3a.js line 1:48211 Minified In app" in said
    assert "Vedette does not read source maps yet" in section(page, "stack").locator(".note").inner_text()


def test_a_python_stack_says_nothing_of_source_maps(stack, project, admin):
    send(stack, project, lock_timeout())
    assert "source maps" not in admin.get(link(stack, project)).text


@pytest.mark.parametrize("name, rule", [
    ("Make a stack rule", 'module:"shop.checkout.services" function:"reserve_stock" -app'),
    ("These are ours: make a stack rule", 'module:"django.*" +app')])
def test_a_stack_rule_is_made_of_a_call_behind_those_there_are(stack, project, admin, new_browser, name, rule):
    had = "".join(f"module:mod{n}.* -app\n" for n in range(100))
    admin.post(f"/acme/projects/{project.slug}/grouping/", stack=had, fingerprint="", apply="all", do="save")
    send(stack, project, lock_timeout())
    page = new_browser(stack.admin, java_script_enabled=False).open(link(stack, project))
    for folded in section(page, "stack").locator("details.lib > summary").all():
        folded.click()
    section(page, "stack").get_by_role("link", name=name).first.click()
    assert page.get_by_label("Stack trace rules").input_value().strip().split("\n") == had.strip().split("\n") + [rule]
    assert "is not saved yet" in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="Save", exact=True).click()
    assert rule in stack.value("select value from project_setting where project_id = %s and name = 'grouping.stack'", project.id)


def test_who_only_reads_is_offered_no_rule_and_a_link_tells_strangers_neither(stack, project, admin, commits):  # noqa: F811
    commits(VERSION, LOG)
    admin.post(path(project), mappings=f"shop/ -> {GITHUB} shop", do="save")
    send(stack, project, lock_timeout())
    admin.post(link(stack, project) + "share/", on="1")
    token = stack.value("select share_token from issue where project_id = %s", project.id)
    shared = Person(stack).get(f"/share/issue/{token}/").text
    assert "reserve_stock" in shared and "github.com" not in shared and "stack rule" not in shared and "Changed by" not in shared


def test_a_page_with_links_costs_no_statement_and_many_calls_stay_small(stack, project, commits, admin):  # noqa: F811
    commits(VERSION, LOG)
    admin.post(path(project), mappings=f"* -> {GITHUB} src", do="save")
    event = lock_timeout()
    event["exception"]["values"][1]["stacktrace"]["frames"] = [frame("again", n, context=False) for n in range(1, 200)]
    send(stack, project, event)
    answer = Person(stack).sign_in(stack.admin.email).get(link(stack, project))
    assert answer.text.count("Open in repository") == 40
    assert statements(answer) <= STATEMENTS_MAX
    send(stack, project, lock_timeout(fingerprint=["usual"]))
    usual = stack.value("select max(id) from issue where project_id = %s", project.id)
    answer = Person(stack).sign_in(stack.admin.email).get(f"/acme/issues/{usual}/")
    assert answer.text.count("Open in repository") == 3 and len(answer.content) <= HTML_MAX


def test_the_mappings_of_all_projects_stand_on_one_page(stack, project, admin, new_browser):
    other = stack.create_project("unmapped", org="acme")
    admin.post(path(project), mappings=f"shop/ -> {GITHUB} src/shop/\nlib/ -> https://gitlab.com/acme/lib branch=develop", do="save")
    answer = admin.get("/acme/settings/code/")
    assert statements(answer) <= STATEMENTS_MAX
    page = new_browser(stack.admin, java_script_enabled=False).open("/acme/settings/code/")
    rows = [row.locator("td").all_inner_texts() for row in page.locator("tbody tr").all() if project.slug in row.inner_text()]
    assert rows == [[project.slug, "shop/", GITHUB, "src/shop/", "HEAD"],
                    [project.slug, "lib/", "https://gitlab.com/acme/lib", "", "develop"]]
    without = section_of(page, "Projects without")
    assert other.slug in without and project.slug not in without
    page.get_by_role("link", name=project.slug, exact=True).first.click()
    assert page.url.endswith(path(project))
    admin.post(path(project), mappings="", do="save")
    page.goto(f"{stack.url}/acme/settings/code/")
    assert project.slug in section_of(page, "Projects without")


def section_of(page, title):
    return page.locator("section.card", has=page.get_by_role("heading", name=title)).inner_text().split()
