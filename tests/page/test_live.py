"""News on open pages: the edge holds the connections, no web process is tied up."""

import json
import os
import re
import signal

import requests


class Stream:
    """An open stream of events; greeted, so that all that comes now is heard."""

    def __init__(self, answer):
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "text/event-stream"
        self.answer = answer
        self.lines = answer.iter_lines(chunk_size=1)
        assert next(self.lines) == b": vedette"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()

    def changes(self, wanted=lambda changes: True):
        """The next ones for which wanted() is true."""
        for line in self.lines:
            if line.startswith(b"data: ["):
                changes = json.loads(line[len(b"data: "):])
                if wanted(changes):
                    return changes
        raise AssertionError("the stream has ended")

    def of(self, project):
        return self.changes(lambda changes: any(c["project"] == project.id for c in changes))


def listen(person, org):
    url = person.get(f"/{org}/live/").json()["url"]
    return Stream(requests.get(person.stack.url + url, stream=True, timeout=120))


def test_an_event_is_heard_with_its_project_and_issue(stack, admin, project):
    with listen(admin, "acme") as stream:
        stack.wait_for_event(stack.send_event(project, message="news"))
        heard = stream.of(project)
        mine = [c for c in heard if c["project"] == project.id]
        issue = stack.value("select id from issue where project_id = %s", project.id)
        assert mine and mine[0]["events"] >= 1 and str(issue) in mine[0]["issues"]


def test_nobody_hears_of_the_projects_of_others(stack, admin, project, new_person):
    other = stack.create_account()
    org = "others-live"
    theirs = stack.create_project(org=org, owner=other.email)
    with listen(admin, "acme") as stream:
        # ours after theirs: had theirs been told, it would come first or with it
        stack.wait_for_event(stack.send_event(project))
        stream.of(project)
        stack.wait_for_event(stack.send_event(theirs))
        stack.wait_for_event(stack.send_event(project, message="again"))
        heard = stream.of(project)
        assert all(c["project"] != theirs.id for c in heard)
    assert new_person(other.email).get("/acme/live/").status_code == 404


def test_a_ticket_that_is_none_is_refused(stack):
    for ticket, status in [("0" * 32, 403), ("x" * 32, 403), ("", 404)]:
        assert requests.get(f"{stack.url}/live/{ticket}", timeout=30).status_code == status, ticket
    assert requests.post(f"{stack.url}/live/{'0' * 32}", timeout=30).status_code == 405


def test_hostile_changes_are_left_out(stack, admin, project):
    with listen(admin, "acme") as stream:
        org = stack.value("select organization_id from project where id = %s", project.id)
        stack.wait_for_event(stack.send_event(project))
        stream.of(project)
        for line in ["", "x", f"{org} {project.id}", f'{org} {project.id} 1 1 1:"}}],',
                     f"{org} {project.id} 99999999999999999999 1", f"{org} {project.id} 5 0 7:5"]:
            stack.redis.xadd("vedette:live", {"d": line})
        heard = stream.changes()
        assert heard == [{"project": project.id, "events": 5, "new": 0, "issues": {"7": 5}}]


def test_many_browsers_wait_and_pages_still_come(stack, admin, project):
    """More than web has processes, by far."""
    url = admin.get("/acme/live/").json()["url"]
    waiting = [Stream(requests.get(stack.url + url, stream=True, timeout=120)) for _ in range(100)]
    try:
        assert admin.get("/acme/issues/").status_code == 200
        stack.wait_for_event(stack.send_event(project))
        for stream in waiting:
            stream.of(project)
    finally:
        for stream in waiting:
            stream.answer.close()


def test_a_reload_of_nginx_ends_the_streams(fresh_stack):
    stack = fresh_stack
    project = stack.create_project()
    from page.conftest import Person
    person = Person(stack).sign_in(stack.admin.email)
    with listen(person, project.org) as stream:
        os.kill(stack.part("nginx").pid, signal.SIGHUP)
        # the leaving worker says goodbye within its second, not at its shutdown timeout
        assert b"data" not in b"".join(stream.lines)


def test_the_stream_says_that_there_is_news(stack, browser, admin, project):
    with listen(admin, "acme") as stream:
        stack.wait_for_event(stack.send_event(project, message="there before"))
        stream.of(project)  # it is no news any more
    page = browser.open(f"/acme/issues/?project={project.slug}")
    bar = page.locator(".news")
    assert not bar.is_visible()
    stack.wait_for_event(stack.send_event(project, message="while you looked"))
    bar.wait_for(state="visible")
    assert re.search(r"Issues with new events:\s+1\b", bar.inner_text())
    bar.get_by_role("link").click()
    page.get_by_text("while you looked").first.wait_for()
    assert not page.locator(".news").is_visible()


def test_an_issue_says_that_there_are_new_events(stack, browser, project):
    stack.wait_for_event(stack.send_event(project, message="again and again"))
    page = browser.open(f"/acme/issues/{project.slug.upper()}-1/")
    stack.wait_for_event(stack.send_event(project, message="again and again"))
    page.locator(".news").wait_for(state="visible")
    assert re.search(r"New events:\s+[12]\b", page.locator(".news").inner_text())
