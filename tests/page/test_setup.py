"""Getting started: from the DSN to the first event."""

import os
import re
import subprocess

import pytest
from page.conftest import statements


def path_of(project):
    return f"/acme/projects/{project.slug}/getting-started/"


def test_the_page_turns_by_itself_and_leads_to_the_first_issue(stack, browser, project):
    page = browser.open(path_of(project))
    assert page.get_by_text("Waiting for the first event").is_visible()
    stack.send_event(project, message="hello, outpost")
    page.get_by_text("The first event is here").wait_for()
    page.get_by_role("link", name=re.compile(f"Open {project.slug.upper()}-1$")).click()
    page.wait_for_url(f"**/acme/issues/{project.slug.upper()}-1/")
    assert "hello, outpost" in page.content()


def test_without_javascript_the_page_asks_to_be_reloaded(admin, project):
    text = admin.get(path_of(project)).text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in text


def test_the_snippets_carry_the_dsn(browser, project):
    page = browser.open(path_of(project))
    for label, part in [("Python", "sentry_sdk.init"), ("JavaScript", "Sentry.init"),
                        ("Java", "setDsn"), ("Go", "sentry.ClientOptions"), ("PHP", "\\Sentry\\init"),
                        ("C", "sentry_options_set_dsn")]:
        page.locator(".snips label", has_text=re.compile(f"^{label}$")).click()
        shown = page.locator(".snips pre:visible")
        assert shown.count() == 1
        assert project.dsn in shown.inner_text() and part in shown.inner_text()


def test_the_python_snippet_is_python(browser, project):
    page = browser.open(path_of(project))
    compile(page.locator("#s-python").inner_text(), "snippet", "exec")


def test_the_curl_line_works_as_it_stands(stack, browser, project):
    page = browser.open(path_of(project))
    command = page.locator("#curl").text_content()
    env = {"PATH": os.environ["PATH"]}
    done = subprocess.run(["sh", "-c", command + " -sS --fail"], capture_output=True, text=True,
                          env=env, timeout=30)
    assert done.returncode == 0 and '"id"' in done.stdout, done.stderr + done.stdout
    stack.wait_for(lambda: stack.sql("select 1 from event where project_id = %s", project.id))


def test_copy_buttons_need_javascript_and_show_only_with_it(new_browser, stack, project):
    with_js = new_browser(stack.admin).open(path_of(project))
    assert with_js.get_by_role("button", name="Copy").first.is_visible()
    without = new_browser(stack.admin, java_script_enabled=False).open(path_of(project))
    assert without.locator("#dsn").input_value() == project.dsn
    assert not without.get_by_role("button", name="Copy").first.is_visible()


def test_a_project_without_events_leads_here_and_with_events_is_shown(stack, admin, project):
    own = f"/acme/projects/{project.slug}/"
    assert admin.get(own).headers["Location"] == path_of(project)
    stack.wait_for_event(stack.send_event(project))
    assert admin.get(own).status_code == 200


def test_it_says_what_may_be_in_the_way(stack, browser, project):
    page = browser.open(path_of(project))
    page.click("text=Nothing arrives?")
    assert page.get_by_text("A client key is on").is_visible()
    stack.sql("update project_key set is_active = false where project_id = %s", project.id)
    browser.open(path_of(project))
    page.click("text=Nothing arrives?")
    assert page.get_by_text("the edge refuses everything").is_visible()
    assert page.get_by_role("link", name="Open client keys").is_visible()


@pytest.mark.parametrize("path", ["getting-started/", "keys/"])
def test_few_statements_and_little_html(admin, project, path):
    answer = admin.get(f"/acme/projects/{project.slug}/{path}")
    assert statements(answer) <= 8
    assert len(answer.content) < 60_000
