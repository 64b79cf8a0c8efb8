"""An administrator pauses the digest or closes the edge, and lets them go on."""

import pytest

from page.conftest import Person


@pytest.fixture
def admin(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture(autouse=True)
def released(stack):
    yield
    stack.redis.delete("vedette:brake:digest", "vedette:brake:edge")


def brake(person, which, what):
    answer = person.post("/admin/health/brake/", brake=which, do=what)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/admin/health/"), answer.text


def send(stack, project):
    return stack.send_envelope(project, {}, [({"type": "event"}, {"message": "Is anybody there?"})])


def test_while_the_digest_is_paused_events_wait(stack, project, admin):
    brake(admin, "digest", "set")
    assert "The digest is paused. Events are accepted and wait." in admin.get("/admin/health/").text
    stack.wait_for(lambda: f"rests: {stack.admin.email} has paused the digest" in stack.part("worker").log_tail())
    event = stack.send_event(project, message="Is anybody there?")
    assert stack.get("/healthz").text.startswith("an administrator has paused the digest\nwaiting 1,")
    text = admin.get("/admin/health/").text
    assert "<p>The digest is paused since" in text and stack.admin.email in text

    done = stack.vedette("queue", "drain", check=False)
    assert done.returncode == 1 and "1 wait, and the digest is paused" in done.stderr
    brake(admin, "digest", "release")
    stack.wait_for_event(event)
    done = stack.vedette("queue", "drain")
    assert done.stdout.endswith("nothing waits: all that was accepted is in the database\n")
    stack.wait_for(lambda: send(stack, project).status_code == 503)
    stack.vedette("queue", "open")
    stack.wait_for(lambda: send(stack, project).status_code == 200)


def test_a_closed_edge_answers_503_and_opens_again(stack, project, admin):
    brake(admin, "edge", "set")
    stack.wait_for(lambda: send(stack, project).status_code == 503)
    answer = send(stack, project)
    assert answer.headers["Retry-After"] == "60" and "does not affect your application" in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert stack.get("/healthz").text.startswith("an administrator has closed the edge\n")
    stack.wait_for(lambda: "The queue is empty: all that was accepted is in the database."
                   in admin.get("/admin/health/").text)
    text = admin.get("/admin/health/").text
    assert "It answers 503: what SDKs do not send again is lost." in text and "is kept and comes later" not in text
    brake(admin, "edge", "release")
    stack.wait_for(lambda: send(stack, project).status_code == 200)


def test_words_that_are_none_are_refused(stack, admin):
    for which, what in (("worker", "set"), ("digest", ""), ("", "release"), ("edge", "break")):
        assert admin.post("/admin/health/brake/", brake=which, do=what).status_code == 400
    assert stack.redis.keys("vedette:brake:*") == []


def test_the_report_tells_states_and_no_secret(stack, project, admin):
    stack.wait_for(lambda: stack.redis.xlen("vedette:events") == 0, what="what the tests before have sent to be stored")
    stack.wait_for(lambda: {"worker", "web", "edge"} <= {p["kind"] for p in admin.post("/admin/health/report/").json()["processes"]},
                   what="the signs of life of all")
    answer = admin.post("/admin/health/report/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="vedette-report.json"'
    report = answer.json()
    assert report["queue"]["depth"] == 0 and report["redis"]["fsync"] == "always"
    assert {p["kind"] for p in report["processes"]} >= {"worker", "web", "edge"}
    assert report["edge"]["nodes"] >= 0 and report["edge"]["p99_us"] >= 0 and isinstance(report["statements"], list)
    assert all(set(s) == {"name", "times", "us"} for s in report["statements"])
    assert report["settings"]["db.url"] == "set" and report["settings"]["mail.password"] == "default"
    assert report["settings"]["worker.batch"].isdigit()
    for secret in (project.key, stack.admin.email, str(stack.folder)):
        assert secret not in answer.text
