"""A project's own grouping rules: read, tried on its events, and followed by the workers."""

import html
import re

import pytest

from page.conftest import statements

STACK = [{"function": "main", "module": "app", "in_app": True},
         {"function": "query", "module": "app.db", "in_app": True}]


def path(project):
    return f"/acme/projects/{project.slug}/grouping/"


def failure(host, kind="TimeoutError", frames=STACK):
    return {"platform": "python", "tags": {"host": host},
            "exception": {"values": [{"type": kind, "value": f"{host} is slow", "stacktrace": {"frames": frames}}]}}


def issues(stack, project):
    return stack.value("select count(*) from issue where project_id = %s", project.id)


def send(stack, project, *events):
    for event in events:
        sent = stack.send_event(project, event)
        stack.wait_for_event(sent)


def save(person, project, do="save", **fields):
    return person.post(path(project), do=do, **{"stack": "", "fingerprint": "", "apply": "all", **fields})


def holds(stack, project, event, count):
    """The workers follow within 2 s: then an event like this makes this number of issues."""
    def there():
        send(stack, project, event)
        return issues(stack, project) == count
    stack.wait_for(there, what=f"{count} issues")


def test_a_preview_names_what_would_join_and_what_would_come_apart(stack, browser, project):
    send(stack, project, failure("db1"), failure("db2"), {"message": "cannot reach one"},
         {"message": "cannot reach another"})
    page = browser.open(path(project))
    page.get_by_label("Fingerprint rules").fill(
        'type:TimeoutError -> {{ default }} {{ tags.host }}\nmessage:"cannot reach*" -> unreachable')
    page.get_by_role("button", name="Preview").click()
    preview = page.locator("#preview")
    preview.wait_for()
    text = " ".join(preview.inner_text().split())
    assert "4 of the latest 4 events" in text
    assert "Issues that would be joined: 1" in text and "cannot reach another" in text
    assert "Issues that would come apart: 1" in text and "into 2, with events: 1 + 1" in text
    assert issues(stack, project) == 3, "nothing has changed yet"
    assert stack.sql("select 1 from project_setting where project_id = %s", project.id) == []
    assert "unreachable" in page.get_by_label("Fingerprint rules").input_value()


def test_a_fingerprint_rule_parts_new_events_when_that_is_wanted(stack, admin, project):
    send(stack, project, failure("db1"), failure("db2"))
    assert issues(stack, project) == 1
    assert save(admin, project, fingerprint="type:TimeoutError -> slow {{ tags.host }} "
                                            'title="{{ tags.host }} is slow"').status_code == 303
    holds(stack, project, failure("db1"), 2)
    holds(stack, project, failure("db2"), 3)
    titles = [row[0] for row in stack.sql("select title from issue where project_id = %s order by id", project.id)]
    assert titles[1:] == ["db1 is slow", "db2 is slow"]


def test_the_page_of_an_issue_names_the_rule_and_what_it_replaced(stack, admin, project):
    rule = "type:TimeoutError -> timeout,{{ tags.host }}"
    save(admin, project, fingerprint=f"# ours\n{rule}")
    event = {**failure("db1"), "fingerprint": ["own words"]}

    def named():
        send(stack, project, event)
        issue, = stack.sql("select max(id) from issue where project_id = %s", project.id)
        text = html.unescape(admin.get(f"/acme/issues/{issue[0]}/").text)
        return rule in text and re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))
    text = stack.wait_for(named, what="the rule on the page")
    assert f"fingerprint timeout fingerprint db1 decided by fingerprint rule rule that matches {rule} instead of the fingerprint own words" in text


def test_rules_that_keep_together_split_nothing_but_join(stack, admin, project):
    other = [*STACK[:1], {"function": "retry", "module": "app.retry", "in_app": True}, *STACK[1:]]
    send(stack, project, failure("db1"), failure("db1", frames=other))
    assert issues(stack, project) == 2
    assert save(admin, project, apply="together", stack="function:retry -group").status_code == 303
    page = admin.get(path(project)).text
    assert "no issue comes apart through the last change" in page and "function:retry -group" in page

    third = failure("db1", frames=[*STACK[:1], {"function": "retry", "module": "app.retry.v2", "in_app": True},
                                   *STACK[1:]])

    def joined():
        send(stack, project, third)
        return stack.sql("select issue_id from event where project_id = %s order by id desc limit 1",
                         project.id)[0][0] in [row[0] for row in known]
    known = stack.sql("select id from issue where project_id = %s", project.id)
    stack.wait_for(joined, what="an event that the rule joins")
    before = issues(stack, project)
    send(stack, project, failure("db1"), failure("db1", frames=other))
    assert issues(stack, project) == before, "what was here stays where it was"


def test_a_stack_trace_rule_holds_for_in_app_too(stack, admin, project):
    assert save(admin, project, stack="module:app.db -app").status_code == 303

    def shown():
        sent = stack.send_event(project, failure("db1"))
        stack.wait_for_event(sent)
        issue = stack.value("select issue_id from event where event_id = %s", sent)
        event = admin.get(f"/acme/issues/{issue}/events/{sent}/json/").json()
        return [frame["in_app"] for frame in event["exception"]["values"][0]["stacktrace"]["frames"]]
    stack.wait_for(lambda: shown() == [True, False], what="a frame that is not the application's")


@pytest.mark.parametrize("field, text, said", [
    ("stack", "module:app.* -app\nnonsense", "Line 2: neither a matcher nor an action."),
    ("stack", "module:app.*", "Line 1: no action."),
    ("fingerprint", "# fine\ntype:X", "Line 2: -&gt; and a fingerprint are missing."),
    ("fingerprint", "colour:red -> x", "Line 1: unknown matcher."),
    ("fingerprint", "\n".join(f"type:E{n} -> x" for n in range(1001)), "Line 1001: too many rules."),
])
def test_a_line_that_cannot_be_read_is_named(stack, admin, project, field, text, said):
    for do in ("save", "preview"):
        answer = save(admin, project, do=do, **{field: text})
        assert answer.status_code == 422 and said in answer.text
    assert stack.sql("select 1 from project_setting where project_id = %s", project.id) == []


def test_a_preview_without_events_says_so(admin, project):
    assert "There are no events yet" in save(admin, project, do="preview", stack="module:x -app").text


def test_the_change_is_in_the_audit_log(stack, admin, project):
    assert save(admin, project, stack="module:x -app").status_code == 303
    before, after = stack.sql("select before, after from audit where object = %s order by id desc limit 1",
                              project.slug)[0]
    assert '"grouping.stack":"module:x -app"' in after and "module:x" not in before


def test_the_page_is_cheap(admin, project):
    admin.get(path(project))
    assert statements(admin.get(path(project))) <= 7
