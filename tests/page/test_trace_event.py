"""What became of an event: the page that tells each stage, or where it ended."""

import re
import uuid

import pytest

from page.conftest import Person, statements


@pytest.fixture(scope="module")
def shop(stack):
    shop = stack.create_project("shop")
    stack.create_project("elsewhere", org="other-org")
    return shop


@pytest.fixture(scope="module")
def reader(stack, shop):
    return Person(stack).sign_in(stack.admin.email)


def told(person, id, org="acme"):
    answer = person.get(f"/{org}/stats/event/?id={id}")
    assert answer.status_code == 200 and statements(answer) <= 12
    return answer.text


def test_a_stored_event_has_its_stages_and_leads_to_its_issue(stack, shop, browser, reader):
    id = stack.send_event(shop, message="Disk <b>full</b>")
    stack.wait_for_event(id)
    page = browser.open("/acme/stats/")
    page.get_by_label("What became of an event?").fill(str(uuid.UUID(id)))
    page.get_by_role("button", name="Trace").click()
    text = page.locator("main").inner_text()
    for stage in ("Stored in shop", "by the sender's clock", "The edge accepted it.", "digested and stored it",
                  "Disk <b>full</b>"):
        assert stage in text, stage
    page.get_by_role("link", name="SHOP-1").click()
    page.wait_for_url(f"**/issues/SHOP-1/events/{id}/")
    assert "Nothing is known" in told(reader, id, "other-org"), "another organisation's page knows nothing"


def test_one_that_waits_and_one_that_was_put_aside(stack, shop, reader):
    stack.stop("worker")
    id = stack.send_event(shop)
    text = told(reader, id)
    assert "In the queue, for shop" in text and "No worker has begun it yet." in text
    assert "Nothing is known" in told(reader, id, "other-org")
    entry, fields = stack.redis.xrange("vedette:events")[-1]
    stack.redis.xadd("vedette:events:dead", {**fields, "dead_id": entry, "dead_at": "1700000000000000",
                                             "dead_reason": "no <i>JSON</i>"})
    stack.start("worker")
    stack.wait_for_event(id)
    text = told(reader, id)
    assert "A dead letter, for shop" in text and "no &lt;i&gt;JSON&lt;/i&gt;" in text
    stack.redis.delete("vedette:events:dead")


def test_one_that_was_filtered_has_the_reason_and_the_moment(stack, shop, reader):
    id = stack.send_event(shop, request={"headers": {"User-Agent": "Googlebot/2.1"}})
    stack.wait_for(lambda: stack.value("select count(*) from event_ended where event_id = %s", uuid.UUID(id)))
    text = told(reader, id)
    assert "Not stored in shop" in text and "It was not stored." in text and 'title="web-crawlers"' in text
    assert "Nothing is known" in told(reader, id, "other-org")


def test_one_that_the_edge_refused_has_the_reason_and_the_moment(stack, reader):
    """A limit, a size, no envelope, an origin, a key that is off: by the page and by the command."""
    names = ("limited", "large", "broken", "foreign", "revoked")
    projects = {name: stack.create_project(name) for name in names}
    stack.vedette("limit", "set", "acme", "limited", "error", "0", "3600")
    stack.vedette("project", "origins", "acme", "foreign", "shop.example")
    key = stack.value("select id from project_key where project_id = %s", projects["revoked"].id)
    stack.vedette("key", "off", "acme", "revoked", key)
    refused = [("limited", 429, b"{}", {}, "rate_limited: project_quota (error)", "Limit of the project"),
               ("large", 413, b"x" * 1_100_000, {}, "invalid: too_large:event (error)", "Too large: event"),
               ("broken", 400, None, {}, "invalid: invalid_envelope (default)", "Envelope cannot be read"),
               ("foreign", 403, b"{}", {"Origin": "http://evil.example"}, "invalid: cors (error)",
                "Origin is not allowed"),
               ("revoked", 403, b"{}", {}, "invalid: project_id (error)", "Project or key is not known")]

    def send(name, status, payload, headers):
        id = uuid.uuid4().hex
        item = {"type": "event"} if payload else {"no": "type"}
        answer = stack.send_envelope(projects[name], {"event_id": id}, [(item, payload or b"")], headers)
        return answer.status_code == status and id

    for name, status, payload, headers, said, words in refused:
        id = stack.wait_for(lambda: send(name, status, payload, headers), what=f"{status} for {name}")
        stack.wait_for(lambda: stack.value("select count(*) from event_ended where event_id = %s", uuid.UUID(id)))
        text = told(reader, id)
        assert f"Not stored in {name}" in text and f"The edge kept nothing of it and answered {status}." in text
        assert words in text, text[text.index("Not stored"):][:1500]
        assert "The edge accepted its request." not in text
        assert "Nothing is known" in told(reader, id, "other-org")
        first, end = stack.vedette("event", id).stdout.splitlines()
        assert first == f"ended in acme/{name}"
        assert end.split(None, 1)[1] == f"answered {status} by the edge, {said}"


def test_one_whose_body_was_not_kept_says_so(stack, shop, reader):
    id = stack.send_event(shop, message="One of many")
    stack.wait_for_event(id)
    stack.sql("update event set has_body = false where event_id = %s", uuid.UUID(id))
    assert "its contents were not kept, because the issue had so many" in told(reader, id)


def test_of_one_that_is_nowhere_the_counts_are_shown_and_said_to_be_no_more(stack, shop, reader):
    stack.send_event(shop, request={"headers": {"User-Agent": "Googlebot/2.1"}})
    stack.wait_for(lambda: stack.value("select count(*) from outcome_hour where outcome = 'filtered'"))
    id = uuid.uuid4().hex
    text = told(reader, id)
    assert "Nothing is known of this id" in text and "kept by id for a week, of a flood only some" in text
    assert "web-crawlers" in text
    assert "refused by nginx before it was read (408, 413, 503)" in text
    assert "web-crawlers" not in told(reader, id, "other-org")


def test_one_that_was_deleted_with_its_issue_is_told_from_one_that_never_came(stack, reader):
    project = stack.create_project("short-lived")
    id = stack.send_event(project, message="Not for long")
    stack.wait_for_event(id)
    issue = stack.value("select id from issue where project_id = %s", project.id)
    assert reader.post("/acme/issues/", id=str(issue), do="delete").status_code == 303
    assert "Its issue has been deleted since" in told(reader, id)
    stack.sql("update job set due_at = now() where kind = 'delete'")
    stack.wait_for(lambda: stack.value("select count(*) from event where event_id = %s", uuid.UUID(id)) == 0)
    text = told(reader, id)
    assert "Deleted in short-lived" in text and "somebody deleted it with its issue" in text
    assert "Nothing is known" in told(reader, id, "other-org")
    assert stack.vedette("event", id).stdout.splitlines()[-1].split(None, 1)[1] == "deleted (error)"


def test_of_one_that_is_nowhere_it_is_said_whether_it_can_have_gone(stack, reader):
    project = stack.create_project("aging", org="aging-org")
    stack.wait_for_event(stack.send_event(project, message="Still there"))
    never = uuid.uuid4().hex
    text = told(reader, never, "aging-org")
    assert "No project that you see has lost events by age or size: it was never stored" in text
    org = stack.value("select organization_id from project where id = %s", project.id)
    run = stack.value("insert into retention_run (asked, finished_at) values (false, now()) returning id")
    stack.sql("insert into retention_freed (organization_id, run_id, project_id, events) values (%s, %s, %s, 1234)",
              org, run, project.id)
    stack.sql("insert into project_setting values (%s, %s, 'keep.days', '30')", org, project.id)
    stack.sql("insert into event_day values (%s, '2026-01-05', %s, 1, 100)", project.id, org)
    gone = re.search(r'<ul id="gone">(.*?)</ul>', told(reader, never, "aging-org"), re.S).group(1)
    words = re.sub(r"<[^>]*>", "", gone)
    assert "aging holds what came since" in words and 'datetime="2026-01-05T' in gone
    assert "events stay for 30 days" in words and "1,234 went by age or size" in words
    assert "  aging-org/aging  holds what came since 2026-01-05, keeps events for 30 days; 1234 went in the last 90 days" \
        in stack.vedette("event", never, check=False).stdout
    assert "1,234" not in told(reader, never), "another organisation's page says nothing of it"


def test_the_search_box_leads_there(stack, shop, browser):
    id = uuid.uuid4().hex
    page = browser.open(f"/acme/issues/?q={id}")
    assert page.url.endswith(f"/acme/stats/event/?id={id}")
    assert "Nothing is known of this id" in page.locator("main").inner_text()


def test_what_is_no_id_is_said_at_the_field(reader, shop):
    answer = reader.get("/acme/stats/event/?id=%22%3E%3Cscript%3E")
    assert answer.status_code == 400 and "32 hexadecimal digits" in answer.text and "<script>" not in answer.text
    assert "Every stage that it went through" in reader.get("/acme/stats/event/").text


def test_only_of_projects_that_the_reader_sees(stack, shop, member_of):
    id = stack.send_event(shop, message="Secret")
    stack.wait_for_event(id)
    stack.sql("update organization set open_membership = false where slug = 'acme'")
    text = told(member_of("acme", "member"), id)
    assert "Nothing is known" in text and "Secret" not in text and "web-crawlers" not in text
    stack.sql("update organization set open_membership = true where slug = 'acme'")


def test_a_test_event_goes_the_way_of_all_events_and_shows_it(stack, shop, new_browser):
    """From the page of the installation, without JavaScript: sent to the edge, seen in the queue, stored."""
    stack.stop("worker")
    page = new_browser(stack.admin, java_script_enabled=False).open("/admin/health/")
    page.get_by_role("link", name="Send a test event").click()
    page.get_by_label("Project").select_option("shop")
    page.get_by_role("button", name="Send", exact=True).click()
    assert "The edge has taken the event: 200 after" in page.locator(".flash").inner_text()
    assert "In the queue, for shop" in page.locator("main").inner_text()
    stack.start("worker")
    stack.wait_for_event(page.url.rpartition("=")[2])
    page.get_by_role("link", name="Look again").click()
    text = page.locator("main").inner_text()
    assert "Stored in shop" in text and "a sample: hello, outpost" in text


def test_an_edge_that_is_away_is_told_of(stack, shop, reader):
    stack.write_config({"system.url-prefix": "http://127.0.0.1:1"})
    stack.restart("web")
    try:
        where = reader.post("/acme/stats/event/", project="shop").headers["Location"]
        text = reader.get(where).text
        assert "The edge does not answer at its address:" in text and "Nothing is known of this id" in text
    finally:
        stack.write_config()
        stack.restart("web")


def test_a_test_event_is_not_sent_to_a_project_that_one_does_not_see(stack, shop, reader, member_of):
    assert reader.post("/acme/stats/event/", project="elsewhere").status_code == 404
    member = member_of("acme", "member")
    assert member.post("/acme/stats/event/", project="shop").status_code == 403
    assert "Send a test event" not in member.get("/acme/stats/event/").text
