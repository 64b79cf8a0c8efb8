"""Inbound filters: what is switched here, the workers drop."""

import re

import pytest

from page.conftest import statements


def path(project):
    return f"/acme/projects/{project.slug}/filters/"


def save(person, project, **fields):
    return person.post(path(project), **{name.replace("_", "-"): value for name, value in fields.items()})


DEFAULTS = {"chunk_load_error": "on", "react_hydration_errors": "on", "browser_extensions": "on",
            "web_crawlers": "on", "invalid_csp": "about"}


def filtered(stack, project):
    return dict(stack.sql("select reason, sum(quantity)::int from outcome_hour where project_id = %s"
                          " and outcome = 'filtered' group by 1", project.id))


def test_a_pattern_that_is_saved_drops_events(stack, browser, project):
    page = browser.open(path(project))
    page.get_by_label("Messages").fill("\n  *not wanted*  \n\n")
    page.get_by_role("checkbox", name="Events from localhost").check()
    page.get_by_label("Edge up to 110").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The workers follow within 2 s.").wait_for()
    assert page.get_by_label("Messages").input_value() == "*not wanted*"
    assert page.get_by_role("checkbox", name="Events from localhost").is_checked()
    assert page.get_by_label("Edge up to 110").is_checked()
    assert not page.get_by_label("Firefox up to 110").is_checked()
    assert sorted(stack.sql("select name, value from project_setting where project_id = %s", project.id)) == [
        ("filter.error-message", "*not wanted*"), ("filter.legacy-browsers", "edge"),
        ("filter.localhost", "on")]

    def dropped():
        answer = stack.send_envelope(project, {}, [({"type": "event"}, {"message": "this is not wanted"})])
        assert answer.status_code == 200
        return filtered(stack, project).get("error-message")
    stack.wait_for(dropped, what="a filtered event")
    assert "in 24 h" in browser.open(path(project)).locator("form.card").text_content()


def test_a_change_is_in_the_audit_log(stack, admin, project):
    assert save(admin, project, **{**DEFAULTS, "ip_address": "10.0.0.0/8\r\n::1"}).status_code == 303
    before, after = stack.sql("select before, after from audit where object = %s order by id desc limit 1",
                              project.slug)[0]
    assert "10.0.0.0/8" not in before and '"filter.ip-address":"10.0.0.0/8\\n::1"' in after
    rows = stack.value("select count(*) from audit where object = %s", project.slug)
    assert save(admin, project, **{**DEFAULTS, "ip_address": "10.0.0.0/8\n::1"}).status_code == 303
    assert stack.value("select count(*) from audit where object = %s", project.slug) == rows


@pytest.mark.parametrize("name, value", [
    ("ip_address", "10.0.0.0/8\n10.0.0.0/33"), ("ip_address", "<script>alert(1)</script>"),
    ("legacy_browsers", "netscape"), ("error_message", "x" * 1001),
    ("error_message", "\n".join(map(str, range(501))))])
def test_what_cannot_be_read_is_refused_and_shown_again(stack, admin, project, name, value):
    answer = save(admin, project, **{**DEFAULTS, name: value, "release_version": "kept@1"})
    assert answer.status_code == 422 and "hint-bad" in answer.text and "kept@1" in answer.text
    assert "<script>alert" not in answer.text
    assert stack.sql("select 1 from project_setting where project_id = %s", project.id) == []


def test_who_may_look_and_who_may_change(stack, member_of, new_person, project):
    viewer, stranger = member_of("acme", "viewer"), new_person()
    shown = viewer.get(path(project))
    assert shown.status_code == 200 and "<button class=\"btn btn-primary\" type=\"submit\">Save" not in shown.text
    assert save(viewer, project, localhost="on").status_code == 403
    assert stranger.get(path(project)).status_code == 404
    assert save(stranger, project, localhost="on").status_code == 404
    assert stack.sql("select 1 from project_setting where project_id = %s", project.id) == []


def test_the_page_is_cheap(admin, project):
    admin.get(path(project))
    assert statements(admin.get(path(project))) <= 7


def trial(answer):
    """{filter: what the trial says of it}"""
    table = answer.text.split('id="trial"', 1)[1].split("</section>", 1)[0]
    return {re.sub("<[^>]*>", "", name): re.sub("<[^>]*>", "", value) for name, value in re.findall(
        r'<tr><td>(.*?)</td><td class="num">(.*?)</td></tr>', table)}


def test_a_trial_says_what_each_filter_would_have_dropped(stack, admin, project):
    agent = {"request": {"url": "http://localhost:3000/", "headers": {"User-Agent": "Mozilla/5.0 Firefox/52.0"}}}
    for _ in range(30):  # more of one issue than are looked at
        event = stack.send_event(project, agent, message="Noise of development")
    stack.wait_for_event(event)
    event = stack.send_event(project, message="Wanted", release="shop@1.0")
    stack.wait_for_event(event)
    stack.wait_for(lambda: stack.value("select sum(times_seen)::int from issue where project_id = %s", project.id) == 31)

    answer = save(admin, project, **{**DEFAULTS, "do": "try", "error_message": "wanted*", "ip_address": "10.0.0.0/8"})
    assert answer.status_code == 200
    told = trial(answer)
    assert told["Events from localhost"] == "30" and told["Old browsers: Firefox up to 110"] == "30"
    assert told["Messages"] == "1" and told["Web crawlers"] == "0" and told["Releases"] == "no lines"
    assert "cannot be tried" in told["Addresses"] and "Old browsers: Edge up to 110" not in told
    assert "wanted*" in answer.text, "what was typed is still there"
    assert stack.sql("select 1 from project_setting where project_id = %s", project.id) == [], "and nothing is saved"


def test_a_trial_without_events_says_so_and_costs_little(stack, admin, project):
    answer = save(admin, project, **{**DEFAULTS, "do": "try"})
    assert "No stored event" in answer.text and statements(answer) <= 8
