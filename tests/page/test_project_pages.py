"""The settings pages of a project: origins, data, tags, environments, access."""

import pytest
import requests
from page.conftest import statements


def page_of(project, name):
    return f"/acme/projects/{project.slug}/{name}/"


def setting(stack, project, name):
    return stack.value("select max(value) from project_setting where project_id = %s and name = %s", project.id, name)


def from_origin(stack, project, origin):
    return requests.post(f"{stack.url}/api/{project.id}/envelope/?sentry_key={project.key}", data=b"{}\n",
                         headers={"Origin": origin}, timeout=60).status_code


def test_a_change_of_the_origins_holds_at_the_edge(stack, browser, project):
    page = browser.open(page_of(project, "origins"))
    assert page.get_by_text("Any page", exact=True).is_visible()
    assert from_origin(stack, project, "https://evil.example") == 200
    page.get_by_label("Origins").fill("\n shop.example \n\n*.shop.example\n")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("Every edge follows within 2 s.").is_visible()
    stack.wait_for(lambda: from_origin(stack, project, "https://evil.example") == 403)
    assert from_origin(stack, project, "https://www.shop.example") == 200
    assert page.get_by_label("Origins").input_value() == "shop.example\n*.shop.example"


@pytest.mark.parametrize("line", ["a b", "http://", "x:99999", "<script>", "ex ample.org"])
def test_what_is_no_origin_is_refused_and_shown_again(admin, stack, project, line):
    answer = admin.post(page_of(project, "origins"), origins=f"fine.example\n{line}")
    assert answer.status_code == 422 and "This is no origin" in answer.text
    assert "<script>" not in answer.text.replace("<script src", "")
    assert setting(stack, project, "origins.allowed") is None


def test_how_data_is_kept_is_set(stack, browser, project):
    page = browser.open(page_of(project, "data"))
    page.get_by_label("Keep events").fill("14")
    page.get_by_label("Room for bodies").fill("200")
    page.get_by_role("checkbox", name="Sample bodies").uncheck()
    page.get_by_role("checkbox", name="Attachments").uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert dict(stack.sql("select name, value from project_setting where project_id = %s", project.id)) == {
        "keep.days": "14", "keep.bytes": str(200 << 20), "keep.sampling": "off", "attachments": "off"}
    assert page.get_by_label("Room for bodies").input_value() == "200"
    assert stack.value("select before || after from audit where action = 'project.edit'"
                       " order by id desc limit 1").count("keep.days") == 1


@pytest.mark.parametrize("days", ["36501", "-1", "1.5", "many", "99999999999999999999"])
def test_a_strange_number_is_refused(stack, admin, project, days):
    answer = admin.post(page_of(project, "data"), **{"keep.days": days})
    assert answer.status_code == 422 and f'value="{days}"' in answer.text
    assert setting(stack, project, "keep.days") is None


def test_scrubbing_is_tested_on_the_latest_event_and_then_holds(stack, admin, browser, project):
    path = page_of(project, "scrubbing")
    page = browser.open(path)
    page.get_by_role("button", name="Test on the latest event").click()
    assert page.get_by_text("There is no event yet").is_visible()
    event = {"message": "paid", "extra": {"order": "ORD-77", "salary_base": "9000"}}
    stack.wait_for_event(stack.send_event(project, event))
    page.get_by_label("Further secret fields").fill("Salary")
    page.get_by_label("Rules", exact=True).fill('replace /ORD-[0-9]+/ with "order" from extra')
    page.get_by_label("Try it on a text").fill("see ORD-1 & <b>, password=hunter2x")
    page.get_by_role("button", name="Test on the latest event").click()
    assert page.locator("#result").inner_text() == "see order & <b>, password=[Filtered]"
    rows = page.locator("#test tbody tr").all_inner_texts()
    assert [r.split("\t") for r in rows] == [["extra.order", "ORD-77", "order"],
                                             ["extra.salary_base", "9000", "[Filtered]"]]
    assert setting(stack, project, "scrub.rules") is None
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert setting(stack, project, "scrub.sensitive") == "Salary"

    def holds():
        second = stack.send_event(project, event)
        stack.wait_for_event(second)
        text = admin.get(f"/acme/issues/{project.slug.upper()}-1/events/{second}/json/").text
        return "ORD-77" not in text and "9000" not in text and '"order"' in text
    stack.wait_for(holds)


def test_a_wrong_rule_is_named_and_nothing_is_saved(stack, admin, project):
    answer = admin.post(page_of(project, "scrubbing"), **{
        "scrub.ip": "drop", "scrub.rules": "mask email\nmask everything"})
    assert answer.status_code == 422
    assert "mask everything: what to look for is not known" in answer.text
    assert setting(stack, project, "scrub.ip") is None


@pytest.mark.parametrize("line, why", [
    ("mask email from $minidump", "a dump is looked through as a whole: $attachments.&#39;*.dmp&#39;"),
    ("mask anything from $attachments.'a'", "a whole file can only be removed"),
    ("mask customer\nalias customer /C-[0-9]+/", "what to look for is not known")])
def test_what_no_rule_can_do_is_said_when_it_is_saved(stack, admin, project, line, why):
    answer = admin.post(page_of(project, "scrubbing"), **{"scrub.rules": line})
    assert answer.status_code == 422 and why in answer.text
    assert setting(stack, project, "scrub.rules") is None


def test_tags_and_environments_are_hidden_and_shown(stack, admin, browser, project):
    event = stack.send_event(project, environment="staging", tags={"colour": "red", "dull": "yes"})
    stack.wait_for_event(event)
    stack.wait_for_counters()
    issue = f"/acme/issues/{project.slug.upper()}-1/"
    page = browser.open(page_of(project, "tags"))
    page.get_by_role("button", name="Hide dull").click()
    page.get_by_role("button", name="Show dull").wait_for()
    rail = browser.open(issue).locator("aside").last.inner_text()
    assert "colour" in rail and "dull" not in rail
    assert admin.post(page_of(project, "tags"), show="dull").status_code == 303
    assert "dull" in browser.open(issue).locator("aside").last.inner_text()
    assert admin.post(page_of(project, "tags"), hide="no-such").status_code == 404
    page = browser.open(page_of(project, "environments"))
    page.get_by_role("button", name="Hide staging").click()
    page.get_by_role("button", name="Show staging").wait_for()
    assert stack.value("select is_hidden from environment where project_id = %s and name = 'staging'",
                       project.id)
    assert admin.post(page_of(project, "environments"), hide="no-such").status_code == 404


def test_a_team_is_given_the_project_and_its_members_see_why(stack, admin, browser, member_of, project):
    stack.sql("insert into team (organization_id, slug, name) select organization_id, %s, 'Web & Co'"
              " from project where id = %s", project.slug, project.id)
    page = browser.open(page_of(project, "access"))
    assert page.get_by_text("No team looks after it.").is_visible()
    page.get_by_label("Team to add").select_option("Web & Co")
    page.get_by_role("button", name="Give to the team").click()
    assert page.get_by_role("link", name="Web & Co").is_visible()
    assert stack.value("select count(*) from team_project where project_id = %s", project.id) == 1
    assert admin.post(page_of(project, "access"), remove=project.slug).status_code == 303
    assert stack.value("select count(*) from team_project where project_id = %s", project.id) == 0
    assert member_of("acme", "member").get(page_of(project, "access")).status_code == 200


def test_few_statements_and_little_html(admin, project):
    for name in ("origins", "data", "scrubbing", "tags", "environments", "access"):
        answer = admin.get(page_of(project, name))
        assert statements(answer) <= 7, name
        assert len(answer.content) < 60_000
