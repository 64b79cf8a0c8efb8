"""What people do to issues, one and many, and taking it back."""

import re

import pytest

from page.conftest import Person
from page.issues import frame


def error(type, function="run", **more):
    return {"platform": "python", **more, "exception": {"values": [{
        "type": type, "value": "it broke",
        "stacktrace": {"frames": [frame(function, 7)]}}]}}


def send(stack, project, *events):
    ids = [stack.send_event(project, event) for event in events]
    for id in ids:
        stack.wait_for_event(id)
    return ids


def issues(stack, project):
    """{type: id} of a project."""
    return {type: id for id, type in stack.sql(
        "select id, type from issue where project_id = %s and status < 3", project.id)}


def act(person, *ids, path="/acme/issues/", **fields):
    answer = person.session.post(person.stack.url + path, allow_redirects=False, timeout=30,
                                 data={"csrf": person.csrf, "id": list(ids), **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def undo(person, page="/acme/issues/"):
    """Presses the button Undo of the next page."""
    path = re.search(r'action="(/acme/undo/\d+/)"', person.get(page).text).group(1)
    assert person.post(path, back=page).status_code == 303
    return path


def state(stack, id):
    return stack.sql("select status, substatus, assignee_id is not null, priority from issue where id = %s", id)[0]


def kinds(stack, id):
    return [kind for kind, in stack.sql("select kind from activity where issue_id = %s order by id", id)]


def finish_jobs(stack):
    stack.wait_for(lambda: stack.value(
        "select count(*) from job where state = 0 and due_at <= now()") == 0, what="all jobs done")


@pytest.fixture(scope="module")
def ada(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture
def two(stack, project):
    send(stack, project, error("First"), error("Second"))
    found = issues(stack, project)
    return found["First"], found["Second"]


RESOLVED, ARCHIVED, OPEN = 1, 2, 0


@pytest.mark.parametrize("words, then, kind", [
    ("resolve", (RESOLVED, 0), "resolved"),
    ("resolve next", (RESOLVED, 0), "resolved"),
    ("resolve release shop@2.0", (RESOLVED, 0), "resolved"),
    ("resolve commit abcdef0", (RESOLVED, 0), "resolved"),
    ("archive", (ARCHIVED, 1), "archived"),
    ("archive forever", (ARCHIVED, 5), "archived"),
    ("archive minutes 60", (ARCHIVED, 4), "archived"),
    ("archive events 10 within 60", (ARCHIVED, 4), "archived"),
    ("archive users 5", (ARCHIVED, 4), "archived"),
    ("review", (OPEN, 3), "reviewed"),
])
def test_many_are_changed_at_once_and_put_back_as_they_were(stack, ada, two, words, then, kind):
    act(ada, *two, do=words)
    assert [state(stack, id)[:2] for id in two] == [then, then]
    assert [kinds(stack, id) for id in two] == [[kind], [kind]]
    link = undo(ada)
    assert [state(stack, id)[:2] for id in two] == [(OPEN, 7), (OPEN, 7)]
    assert [kinds(stack, id) for id in two] == [[kind, "undone"], [kind, "undone"]]
    assert stack.value("select count(*) from issue_resolution where issue_id = any(%s)", list(two)) == 0
    assert stack.value("select count(*) from issue_snooze where issue_id = any(%s)", list(two)) == 0
    assert ada.post(link).status_code == 303
    assert "taken back already" in ada.get("/acme/issues/").text
    assert [kinds(stack, id) for id in two] == [[kind, "undone"], [kind, "undone"]]


def test_a_change_of_one_is_taken_back_on_its_page(stack, ada, two):
    first, _ = two
    page = f"/acme/issues/{first}/"
    act(ada, path=page, do="resolve-release", release="shop@3.1")
    html = ada.get(page).text
    assert "in 3.1" in html and "Undo" in html
    act(ada, path=page, do="unresolve")
    undo(ada, page)
    assert state(stack, first)[:2] == (RESOLVED, 0)
    assert stack.value("select release from issue_resolution where issue_id = %s", first) == "shop@3.1"


@pytest.mark.parametrize("words, bar, activity", [
    ("archive minutes 1440", "", "for 1 day"),
    ("archive minutes 120", "", "for 2 hours"),
    ("archive events 1 within 1", "until 1 event comes within 1 minute", "until 1 event in 1 minute"),
    ("archive events 1000", "until 1,000 more events, 0 so far", "until 1,000 more events"),
    ("archive users 1", "until 1 more user, 0 so far", "until 1 more user"),
])
def test_how_long_an_issue_rests_is_told_in_one_and_in_many(stack, ada, two, words, bar, activity):
    act(ada, *two, do=words)
    text = " ".join(re.sub(r"<[^>]*>", " ", ada.get(f"/acme/issues/{two[0]}/").text).split())
    assert re.search(rf"\b{bar}(?!\w)", text)
    assert re.search(rf"archived it {activity}(?!\w)", text)


def test_only_who_did_it_takes_it_back_and_not_for_long(stack, ada, member_of, two):
    act(ada, *two, do="archive")
    path = re.search(r'action="(/acme/undo/\d+/)"', ada.get("/acme/issues/").text).group(1)
    assert member_of("acme", "owner").post(path).status_code == 404
    stack.sql("update undo set at = now() - interval '11 minutes'")
    assert ada.post(path).status_code == 303
    assert "more than 10 minutes old" in ada.get("/acme/issues/").text
    assert [state(stack, id)[0] for id in two] == [ARCHIVED, ARCHIVED]


@pytest.mark.parametrize("fields", [
    {"do": "archive events"}, {"do": "archive minutes 0"}, {"do": "archive users x"}, {"do": "resolve soon"},
    {"do": "archive events 10 within 99999"}, {"do": "archive-until", "n": "-1", "unit": "days"},
    {"do": "archive-until", "n": "5", "unit": "moons"}, {"do": "resolve-release"}, {"do": "discard"},
    {"do": "resolve-commit", "commit": "abc"}, {"do": "resolve commit master01"},
    {"do": "merge me"}, {"assign": "x"}, {"priority": "10"}])
def test_what_makes_no_sense_changes_nothing(stack, ada, two, fields):
    answer = ada.post("/acme/issues/", id=two[0], **fields)
    assert answer.status_code == 400
    assert state(stack, two[0]) == (OPEN, 7, False, 75)


def test_people_follow_what_they_touch_until_they_say_no(stack, ada, two):
    first, _ = two
    page = f"/acme/issues/{first}/"
    follows = ("select reason, is_muted from issue_subscription where issue_id = %s", first)
    act(ada, path=page, do="archive")
    assert stack.sql(*follows) == [("status", False)]
    act(ada, path=page, do="unsubscribe")
    assert stack.sql(*follows) == [("chosen", True)]
    act(ada, path=page, do="unresolve")
    assert stack.sql(*follows) == [("chosen", True)]
    act(ada, path=page, do="bookmark")
    assert 'aria-pressed="true"' in ada.get(page).text
    act(ada, path=page, do="unbookmark")
    assert stack.value("select count(*) from issue_bookmark where issue_id = %s", first) == 0


# ---- all that match

def test_all_that_match_are_changed_by_the_worker_and_put_back(stack, ada):
    project = stack.create_project()
    other = stack.create_project()
    send(stack, project, *[error(f"Kind{'x' * n}", release="shop@1") for n in range(30)])
    send(stack, other, error("Bystander"))
    where = f"/acme/issues/?project={project.slug}&q=is%3Aunresolved"
    html = ada.get(where).text
    assert "All that match" in html
    one = re.search(r'name="id" value="(\d+)"', html).group(1)
    job = act(ada, one, path=where, do="resolve", all="1")
    finish_jobs(stack)
    html = ada.get(job).text
    assert "30 of 30" in html and "done" in html
    resolved = "select count(*) from issue where project_id = %s and status = 1"
    assert stack.value(resolved, project.id) == 30
    assert stack.value(resolved, other.id) == 0
    undo(ada, job)
    assert stack.value(resolved, project.id) == 0
    assert stack.value("select count(*) from activity a join issue i on i.id = a.issue_id"
                       " where project_id = %s and kind = 'undone'", project.id) == 30


def test_a_job_is_followed_without_a_script_and_stopped(stack, ada):
    job = stack.value("insert into job (organization_id, kind, title, due_at, params) select id, 'issues',"
                      " 'All of them', now() + interval '50 seconds', '{}' from organization where slug = 'acme'"
                      " returning id")
    page = f"/acme/jobs/{job}/"
    assert ada.get(page).headers["Refresh"] == "1"
    assert ada.post(page).status_code == 303
    finish_jobs(stack)
    stack.wait_for(lambda: "stopped" in ada.get(page).text)
    assert "Refresh" not in ada.get(page).headers
    assert "All of them" in ada.get("/acme/jobs/").text


# ---- merging and taking apart

def counters(stack, id):
    return {
        "issue": stack.sql("select times_seen, users_seen from issue where id = %s", id)[0],
        "hours": stack.value("select coalesce(sum(times_seen), 0) from issue_hour where issue_id = %s", id),
        "tags": stack.sql("select key, value, times_seen from issue_tag_seen where issue_id = %s"
                          " and key in ('release', 'user', 'level') order by 1, 2", id),
        "users": stack.value("select count(*) from issue_user where issue_id = %s", id),
        "events": stack.value("select count(*) from event where issue_id = %s", id)}


def merge(stack, ada, *ids):
    answer = ada.session.post(stack.url + "/acme/issues/merge/", allow_redirects=False, timeout=30,
                              data={"csrf": ada.csrf, "id": list(ids), "sure": "1"})
    assert answer.status_code == 303, answer.text
    finish_jobs(stack)


@pytest.fixture(params=["at once", "folded"])
def family(stack, project, request):
    """Two issues: three events of users 1, 2, 2 and two of users 2, 3.

    Folded: whatever tags they count is in rows already (model/fold.h).
    """
    send(stack, project,
         *[error("Big", user={"id": n}, release="shop@1") for n in "122"],
         *[error("Small", user={"id": n}, release="shop@2") for n in "23"])
    if request.param == "folded":
        stack.wait_for(lambda: stack.value(
            "select folded >= (select max(id) from event) from event_mark"), what="all events folded")
    found = issues(stack, project)
    return found["Big"], found["Small"]


def test_a_merge_adds_up_exactly_and_new_events_follow(stack, ada, project, family):
    big, small = family
    location = act(ada, big, small, do="merge")
    html = ada.get(location).text
    assert "Big" in html and "Small" in html and "Stays" in html
    merge(stack, ada, small, big)
    assert counters(stack, big) == {
        "issue": (5, 3), "hours": 5, "users": 3, "events": 5,
        "tags": [("level", "error", 5), ("release", "shop@1", 3), ("release", "shop@2", 2),
                 ("user", "id:1", 1), ("user", "id:2", 3), ("user", "id:3", 1)]}
    send(stack, project, error("Small", user={"id": "4"}, release="shop@2"))
    assert issues(stack, project) == {"Small": big}  # the newest event's type
    assert counters(stack, big)["issue"] == (6, 4)
    # the old short id leads to the one that stayed
    assert ada.get(f"/acme/issues/{small}/").status_code == 200
    assert f"{project.slug.upper()}-1" in ada.get(f"/acme/issues/{small}/").text
    assert kinds(stack, big) == ["merged"]


def test_what_was_merged_comes_back_exactly_and_takes_its_new_events_along(stack, ada, project, family):
    big, small = family
    before = counters(stack, big), counters(stack, small)
    merge(stack, ada, big, small)
    send(stack, project, error("Small", user={"id": "4"}, release="shop@3"))
    page = f"/acme/issues/{big}/merged/"
    assert "Unmerge" in ada.get(page).text
    act(ada, path=page, issue=str(small))
    finish_jobs(stack)
    assert counters(stack, big) == before[0]
    assert counters(stack, small) == {
        "issue": (3, 3), "hours": 3, "users": 3, "events": 3,
        "tags": [("level", "error", 3), ("release", "shop@2", 2), ("release", "shop@3", 1),
                 ("user", "id:2", 1), ("user", "id:3", 1), ("user", "id:4", 1)]}
    send(stack, project, error("Small", user={"id": "4"}), error("Big", user={"id": "1"}))
    assert counters(stack, big)["issue"] == (4, 2)
    assert counters(stack, small)["issue"] == (4, 3)
    assert kinds(stack, big) == ["merged", "unmerged"]
    assert ada.post(page, issue=str(small)).status_code == 404


def test_a_merge_is_undone(stack, ada, family):
    big, small = family
    before = counters(stack, big), counters(stack, small)
    merge(stack, ada, big, small)
    undo(ada, f"/acme/issues/{big}/")
    finish_jobs(stack)
    assert (counters(stack, big), counters(stack, small)) == before
    assert state(stack, small)[:2] == (OPEN, 7)


def test_fingerprints_are_taken_out_into_a_new_issue(stack, ada, project, family):
    big, small = family
    before = counters(stack, small)
    # as one issue by its own hashes: nothing remembers where they came from
    merge(stack, ada, big, small)
    own = [h for h, in stack.sql("select encode(hash, 'hex') from issue_hash where merged_from = %s", small)]
    stack.sql("update issue_hash set merged_from = null where issue_id = %s", big)
    page = f"/acme/issues/{big}/merged/"
    assert own[0] in ada.get(page).text
    act(ada, path=page, hash=own)
    finish_jobs(stack)
    made = stack.value("select max(id) from issue where project_id = %s", project.id)
    assert counters(stack, made) == before
    assert counters(stack, big)["issue"] == (3, 2)
    assert counters(stack, big)["events"] == 3
    rest = [h for h, in stack.sql("select encode(hash, 'hex') from issue_hash where issue_id = %s", big)]
    act(ada, path=page, hash=rest)
    assert "one must stay" in ada.get(page).text
    assert ada.post(page, hash="00" * 16).status_code == 404


def test_many_are_merged_only_when_asked_twice_and_never_across_projects(stack, ada, project):
    send(stack, project, *[error(f"Kind{'y' * n}") for n in range(6)])
    ids = list(issues(stack, project).values())
    post = lambda **more: ada.session.post(  # noqa: E731
        stack.url + "/acme/issues/merge/", allow_redirects=False, timeout=30,
        data={"csrf": ada.csrf, "id": ids, **more})
    answer = post()
    assert answer.status_code == 422 and "tick the box" in answer.text
    assert len(issues(stack, project)) == 6
    other = stack.create_project()
    send(stack, other, error("Elsewhere"))
    ids.append(issues(stack, other)["Elsewhere"])
    answer = post(sure="1")
    assert answer.status_code == 422 and "different projects" in answer.text
    assert len(issues(stack, project)) == 6


# ---- deleting

def test_a_deleted_issue_can_come_back_and_a_new_event_makes_another(stack, ada, project, family):
    big, small = family
    before = counters(stack, big)
    act(ada, big, do="delete")
    assert ada.get(f"/acme/issues/{big}/").status_code == 404
    undo(ada)
    assert ada.get(f"/acme/issues/{big}/").status_code == 200
    send(stack, project, error("Big", user={"id": "1"}))
    assert counters(stack, big)["issue"] == (4, 2)
    act(ada, big, small, do="delete")
    send(stack, project, error("Big"))
    assert issues(stack, project)["Big"] not in (big, small)
    stack.sql("update job set due_at = now() where kind = 'delete'")
    finish_jobs(stack)
    assert stack.value("select count(*) from issue where id in (%s, %s)", big, small) == 0
    assert stack.value("select count(*) from event where issue_id in (%s, %s)", big, small) == 0
    assert stack.value("select count(*) from audit where action = 'issue.delete' and object like %s",
                       f"%{project.slug.upper()}-1%") == 2
    assert before["events"] == 3


def test_discarded_events_are_dropped_and_counted(stack, ada, project, family):
    big, _ = family
    assert ada.post(f"/acme/issues/{big}/", do="discard").status_code == 400
    act(ada, path=f"/acme/issues/{big}/", do="discard", sure="1")
    stack.send_event(project, error("Big"))
    stack.wait_for(lambda: stack.value(
        "select coalesce(sum(quantity), 0) from outcome_hour where project_id = %s and outcome = 'filtered'"
        " and reason = 'discarded'", project.id) == 1)
    finish_jobs(stack)
    assert set(issues(stack, project)) == {"Small"}
    assert stack.sql("select title, times_seen from issue_discard where project_id = %s",
                     project.id) == [("Big: it broke", 3)]


# ---- sharing, comments, similar

def test_a_shared_issue_is_seen_by_everybody_without_what_is_private(stack, ada, project, stranger):
    event = error("Public", user={"id": "secret-user"}, tags={"colour": "secret-tag"},
                  request={"url": "https://secret.example/"})
    event["exception"]["values"][0]["stacktrace"]["frames"][0]["vars"] = {"password1": "secret-var"}
    send(stack, project, event)
    id = issues(stack, project)["Public"]
    act(ada, path=f"/acme/issues/{id}/share/", on="1")
    link = re.search(r"/share/issue/[\w-]{43}/", ada.get(f"/acme/issues/{id}/").text).group()
    answer = stranger.get(link)
    assert answer.status_code == 200 and "Public" in answer.text and "shop/checkout/services.py" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"
    act(ada, path=f"/acme/issues/{id}/share/", on="0")
    assert stranger.get(link).status_code == 404
    assert kinds(stack, id) == ["shared", "unshared"]
    assert stack.value("select count(*) from audit where action = 'issue.share'") >= 2


def test_a_comment_is_safe_markdown_and_its_writers_own(stack, ada, member_of, two, browser):
    first, _ = two
    page = f"/acme/issues/{first}/"
    bob = member_of("acme", "member")
    email = stack.value("select a.email from account a join member m on m.account_id = a.id"
                        " where m.role = 'member' order by a.id desc limit 1")
    text = ("**Bold** [ok](https://example.org/) [bad](javascript:alert(1)) <script>alert(1)</script>"
            f" ![pixel](https://evil.example/p.png) @{email.split('@')[0]}, look")
    act(ada, path=page + "comments/", text=text)
    shown = browser.open(page).locator(".acts .md")
    assert shown.locator("strong").inner_text() == "Bold"
    assert shown.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))") \
        == ["https://example.org/", "", "https://evil.example/p.png"]
    assert shown.locator("img, script").count() == 0
    assert "<script>alert(1)</script>" in shown.inner_text()
    assert stack.sql("select a.email, s.reason from issue_subscription s join account a on a.id = s.account_id"
                     " where issue_id = %s order by 2", first) \
        == [(stack.admin.email, "comment"), (email, "mentioned")]

    id = stack.value("select id from activity where issue_id = %s and kind = 'comment'", first)
    assert bob.post(f"{page}comments/{id}/", text="mine").status_code == 404
    act(ada, path=f"{page}comments/{id}/", text="Better words")
    html = ada.get(page).text
    assert "Better words" in html and "edited" in html
    act(ada, path=f"{page}comments/{id}/", do="remove")
    assert kinds(stack, first) == []


def test_similar_issues_come_with_reasons(stack, ada, project):
    send(stack, project, error("LockTimeout", "reserve"), error("LockTimeout", "reserve_all"),
         {"message": "a different thing entirely"})
    first = stack.value("select min(id) from issue where project_id = %s", project.id)
    html = ada.get(f"/acme/issues/{first}/similar/").text
    assert "LockTimeout" in html and "Same exception type" in html
    assert "a different thing" not in html
