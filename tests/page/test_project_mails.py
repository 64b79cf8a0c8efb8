"""How long alert mails of a project wait for others."""

import pytest


def path(project):
    return f"/acme/projects/{project.slug}/mails/"


def settings(stack, project):
    return dict(stack.sql("select name, value from project_setting where project_id = %s", project.id))


def test_the_delays_are_chosen_in_minutes(stack, browser, project):
    page = browser.open(path(project))
    assert page.get_by_label("Shortest delay").input_value() == "5"
    assert page.get_by_label("Longest delay").input_value() == "30"
    page.get_by_label("Shortest delay").fill("10")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. It holds for the next mail.").wait_for()
    assert settings(stack, project) == {"mail.digest.shortest": "600", "mail.digest.longest": "1800"}
    page.get_by_role("checkbox", name="Put together").uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. It holds for the next mail.").wait_for()
    assert settings(stack, project)["mail.digest.shortest"] == "0"
    assert not page.get_by_role("checkbox", name="Put together").is_checked()


@pytest.mark.parametrize("fields, said", [
    ({"shortest": "0"}, "from 1 to 60"), ({"shortest": "61"}, "from 1 to 60"), ({"shortest": "x"}, "from 1 to 60"),
    ({"longest": "1"}, "from the shortest delay"), ({"longest": "1441"}, "from the shortest delay")])
def test_other_delays_are_refused(stack, admin, project, fields, said):
    answer = admin.post(path(project), on="1", **{"shortest": "5", "longest": "30", **fields})
    assert answer.status_code == 422 and said in answer.text
    assert settings(stack, project) == {}


def test_who_may_look_and_who_may_change(stack, member_of, project):
    viewer = member_of("acme", "viewer")
    assert "type=\"submit\">Save" not in viewer.get(path(project)).text
    assert viewer.post(path(project), shortest="5", longest="30").status_code == 403
