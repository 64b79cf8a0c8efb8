"""A page that fails is an event of the project for our own errors, under the id of the request."""

import uuid

import pytest

from page.conftest import Person


@pytest.fixture(scope="module")
def own(stack):
    """The project, and the only page that fails: that of saved questions, whose table is away."""
    project = stack.create_project("vedette-itself")
    stack.write_config({"system.error-dsn": project.dsn})
    stack.restart("web")
    stack.expect_log("saved_search|request [0-9a-f]{32}: 500|system.error-dsn")
    stack.sql("alter table saved_search rename to saved_search_away")
    yield project
    stack.sql("alter table saved_search_away rename to saved_search")
    stack.write_config()
    stack.restart("web")


@pytest.fixture(scope="module")
def reader(stack, own):
    return Person(stack).sign_in(stack.admin.email)


def test_the_failure_is_found_under_the_number_on_the_page(stack, own, reader):
    answer = reader.get("/acme/explore/saved/?q=secret+words")
    assert answer.status_code == 500 and "recorded as an event" in answer.text
    id = answer.headers["X-Request-Id"]
    assert id in answer.text
    stack.wait_for_event(id)
    title, culprit = stack.sql("select i.type || ': ' || i.value, i.culprit from event e join issue i on i.id = e.issue_id"
                               " where e.event_id = %s", uuid.UUID(id))[0]
    assert title.startswith("Internal Server Error: ") and "saved_search" in title and culprit == "GET /:org/explore/saved/"
    found = reader.get(f"/acme/stats/event/?id={id}").text
    assert "vedette-itself" in found and "secret words" not in found


def test_failures_of_one_page_are_one_issue_and_no_flood(stack, own, reader):
    for _ in range(25):
        assert reader.get("/acme/explore/saved/").status_code == 500
    told = ["recorded as an event" in reader.get("/acme/explore/saved/").text for _ in range(25)]
    assert not all(told), "two processes send ten a minute each"
    stack.wait_for(lambda: stack.value("select count(*) from event where project_id = %s", own.id) >= 10)
    assert stack.value("select count(*) from issue where project_id = %s", own.id) == 1


def test_an_answer_comes_even_when_nobody_takes_the_event(stack, own, reader):
    stack.write_config({"system.error-dsn": "http://key@127.0.0.1:1/3"})
    stack.restart("web")
    answer = reader.get("/acme/explore/saved/")
    assert answer.status_code == 500 and "Our fault" in answer.text
    stack.wait_for(lambda: "is not taken: 0" in stack.log("web"), what="the log to say so")
