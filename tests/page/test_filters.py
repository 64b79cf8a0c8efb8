"""Inbound filters: what is switched here, the workers drop."""

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
