"""Getting started: from the DSN to the first event."""

import html
import os
import re
import subprocess
from xml.etree import ElementTree

import pytest
import requests
from harness.build import ROOT
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


GUIDES = sorted(path.stem for path in (ROOT / "templates" / "setup").glob("*.txt"))


def code_of(admin, project, guide):
    text = admin.get(f"{path_of(project)}?platform={guide}").text
    return html.unescape(re.search(r'<pre id="code" tabindex="0">(.*?)</pre>', text, re.DOTALL).group(1))


def test_every_platform_has_its_own_snippet_with_the_dsn_filled_in(admin, project):
    text = admin.get(path_of(project)).text
    offered = re.findall(r'href="\?platform=([a-z0-9-]+)#guide"', text)
    assert sorted(offered) == GUIDES and len(GUIDES) >= 40
    for guide in GUIDES:
        code = code_of(admin, project, guide)
        assert "{{" not in code and "}}" not in code.replace("}}\n", ""), guide
        assert project.key in code, guide
        if guide not in ("minidump", "csp", "cron"):
            assert project.dsn in code, guide
        if guide.startswith("python"):
            compile(code, guide, "exec")
        if guide in ("java-logback", "java-log4j2"):
            ElementTree.fromstring(code)


def test_a_platform_is_chosen_and_its_snippet_shown(stack, browser, project):
    page = browser.open(path_of(project))
    page.get_by_role("link", name="FastAPI").click()
    page.wait_for_url("**platform=python-fastapi**")
    assert "FastAPI()" in page.locator("#code").inner_text()
    assert page.locator("#install").inner_text() == "pip install sentry-sdk"
    stack.sql("update project set platform = 'csharp' where id = %s", project.id)
    assert "SentrySdk.Init" in browser.open(path_of(project)).locator("#code").inner_text()
    assert "SENTRY_DSN" in browser.open(f"{path_of(project)}?platform=../x").locator("#code").inner_text()


@pytest.mark.parametrize("kind, title", [("error", "PaymentError"), ("browser", "TypeError"),
                                         ("message", "hello, outpost")])
def test_a_sample_goes_the_whole_way(stack, admin, project, kind, title):
    assert admin.post(f"{path_of(project)}sample/", kind=kind).status_code == 303
    stack.wait_for(lambda: stack.sql("select 1 from event where project_id = %s", project.id))
    assert title in stack.value("select title from issue where project_id = %s", project.id)
    assert admin.post(f"{path_of(project)}sample/", kind="../x").status_code == 404


def test_near_misses_are_said_plainly(stack, browser, admin, project):
    page = browser.open(path_of(project))
    other = stack.create_project()

    def knock(key, **headers):
        return requests.post(f"{stack.url}/api/{project.id}/envelope/?sentry_key={key}", data=b"{}\n",
                             headers=headers, timeout=60).status_code
    assert knock("0123456789abcdef" * 2) == 403
    page.get_by_text("A wrong key, from 127.0.0.1").wait_for()
    admin.post(f"/acme/projects/{project.slug}/origins/", origins="shop.example")
    stack.wait_for(lambda: knock(project.key, Origin="https://evil.example/<b>") == 403)
    assert knock(other.key) == 403
    # each worker of the edge tells of its own in its own time, and the page turns each time
    page.get_by_text("The origin is not allowed").wait_for()
    page.get_by_text("A key of another project").wait_for()
    page = browser.open(path_of(project))
    shown = page.locator("#misses").inner_text()
    assert "The origin is not allowed: https://evil.example/<b>, from 127.0.0.1" in shown
    assert "0123456789abcdef" not in page.content()
    assert "Near misses" not in admin.get(path_of(other)).text
    assert b"0123456789abcdef" not in b"".join(stack.redis.lrange("vedette:misses", 0, -1))


def test_the_curl_line_works_as_it_stands(stack, browser, project):
    page = browser.open(path_of(project))
    command = page.locator("#curl").text_content()
    env = {"PATH": os.environ["PATH"]}
    done = subprocess.run(["sh", "-c", command + " -sS --fail"], capture_output=True, text=True,
                          env=env, timeout=120)
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
