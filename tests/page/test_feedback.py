"""Feedback: the inbox of what people told."""

import re
import uuid

import pytest

from page.conftest import Person, statements
from page.test_issue_list import HTML_MAX, STATEMENTS_MAX

HOSTILE = '"><img src=x onerror=alert(1)>\u202e'


def feedback(message, name="", email="", url="https://shop.example/cart", **more):
    id = uuid.uuid4().hex
    return id, ({"type": "feedback"}, {
        "event_id": id, "platform": "javascript", "release": "shop@1.0", "environment": "production",
        "request": {"url": url}, "contexts": {"feedback": {"message": message, "name": name, "contact_email": email}},
        **more})


def send(stack, project, message, **fields):
    id, item = feedback(message, **fields)
    assert stack.send_envelope(project, {"event_id": id}, [item]).status_code == 200
    return stack.wait_for(lambda: stack.value("select min(id) from feedback where event_id = %s", uuid.UUID(id)))


@pytest.fixture(scope="module")
def inbox(stack):
    """Messages by a word; and two projects, shop with them, other with one."""
    shop, other = stack.create_project("shop"), stack.create_project("other")
    event = stack.send_event(shop, message="Cart broke")
    stack.wait_for_event(event)
    report = ({"type": "user_report"}, {"event_id": event, "name": "Jo", "email": "jo@example.org",
                                        "comments": "It broke\nwhen I paid"})
    stack.send_envelope(shop, {"event_id": event}, [report])
    ids = {"report": stack.wait_for(lambda: stack.value("select min(id) from feedback"))}
    ids["kind"] = send(stack, shop, "The cart is lovely", name="Al", email="al@shop.example")
    ids["hostile"] = send(stack, shop, f"words {HOSTILE}", name=HOSTILE, email=f"{HOSTILE}@x",
                          url="javascript:alert(1)", release=HOSTILE, environment="dev")
    ids["other"] = send(stack, other, "Elsewhere")
    return ids


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


def listed(page):
    return page.locator(".inbox-list li b").all_inner_texts()


def test_the_newest_stand_first_and_the_first_is_open(inbox, browser):
    page = browser.open("/acme/feedback/")
    assert listed(page)[0] == "Somebody" and listed(page)[2:] == ["Al", "Jo"]
    assert page.locator(".told").inner_text() == "Elsewhere"
    page.locator(".inbox-list a", has_text="Jo").click()
    page.wait_for_url(f"**/feedback/{inbox['report']}/")
    one = page.locator(".inbox-one").inner_text()
    assert "It broke\nwhen I paid" in one and "jo@example.org" in one and "SHOP-1 Cart broke" in one
    assert page.get_by_role("link", name="Reply").get_attribute("href").startswith(
        "mailto:jo@example.org?subject=Re%3A%20your%20feedback%20on%20shop&body=%0D%0A%0D%0A%3E%20It%20broke%0D%0A")
    assert page.get_by_role("link", name="Create ticket").get_attribute("href") == "/acme/issues/SHOP-1/tickets/new/"
    page.get_by_role("link", name="SHOP-1").last.click()
    page.wait_for_url("**/issues/SHOP-1/")
    assert "when I paid" in page.locator("#feedback").inner_text()


@pytest.mark.parametrize("query, found", [
    ("?project=shop", 3), ("?project=other", 1), ("?environment=dev", 1), ("?q=LOVELY", 1), ("?q=al@shop", 1),
    ("?q=%25", 0), ("?status=spam", 0), ("?status=any&q=paid", 1), ("?who=me", 0), ("?project=nothing", 0)])
def test_the_filters(inbox, reader, query, found):
    text = reader.get(f"/acme/feedback/{query}").text
    assert len(re.findall(r'name="id" value="\d+" aria', text)) == found
    assert ("The list is empty because of its filter" in text or "No message has this state" in text) == (found == 0)


def test_what_strangers_wrote_stays_text(inbox, browser):
    page = browser.open(f"/acme/feedback/{inbox['hostile']}/")
    assert "words \"><img src=x onerror=alert(1)>U+202E" in page.locator(".told").inner_text()
    assert page.locator("main img").count() == 0
    assert page.evaluate("[...document.links].every(a => /^(https?|mailto):/.test(a.href))")
    assert page.get_by_role("link", name="Reply").count() == 0, "that is no address"


def test_it_is_sorted_away_and_back_without_script(stack, inbox, new_browser):
    browser = new_browser(stack.admin, java_script_enabled=False)
    page = browser.open("/acme/feedback/")
    for box in page.locator(".pick").all()[:2]:
        box.check()
    page.locator(".bulk").get_by_role("button", name="Spam").click()
    assert "2 messages are marked as spam." in page.content()
    page.locator(".tabs a", has_text="Spam").click()
    assert len(listed(page)) == 2
    page.locator(".inbox-one").get_by_role("button", name="New again").click()
    assert "1 message is new again." in page.content()
    page.locator(".tabs a", has_text="Spam").click()
    page.locator(".inbox-one").get_by_role("button", name="Resolve").click()
    assert stack.sql("select status, count(*) from feedback group by 1 order by 1") == [(0, 3), (1, 1)]
    stack.sql("update feedback set status = 0")


@pytest.mark.parametrize("script", [True, False])
def test_what_was_done_with_messages_is_taken_back(stack, inbox, new_browser, script):
    page = new_browser(stack.admin, java_script_enabled=script).open("/acme/feedback/?q=cart")
    before = stack.sql("select id, status, assignee_id from feedback order by 1")
    page.locator(".pick").first.check()
    page.locator(".bulk summary", has_text="Assign").click()
    page.locator(".bulk .menu-item", has_text="(you)").click()
    assert "1 message is assigned." in page.content()
    assert stack.value("select count(*) from feedback where assignee_id is not null") == 1
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("It is as it was before.").wait_for()
    assert page.url.endswith("/acme/feedback/?q=cart")
    page.locator(".pick").first.check()
    page.locator(".bulk").get_by_role("button", name="Spam").click()
    assert "1 message is marked as spam." in page.content()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("It is as it was before.").wait_for()
    assert stack.sql("select id, status, assignee_id from feedback order by 1") == before


def test_nobody_takes_back_what_another_did(stack, inbox, reader, member_of):
    other = member_of("acme", "member")
    reader.post("/acme/feedback/", do="resolved", id=str(inbox["kind"]))
    undo = stack.value("select max(undo_id) from undo_feedback")
    assert other.post(f"/acme/undo/{undo}/").status_code == 404
    assert stack.value("select status from feedback where id = %s", inbox["kind"]) == 1
    reader.post("/acme/feedback/", do="resolved", id=str(inbox["kind"]))
    assert stack.value("select max(undo_id) from undo_feedback") == undo, "nothing has changed"
    reader.post(f"/acme/undo/{undo}/")
    assert stack.value("select status from feedback where id = %s", inbox["kind"]) == 0


def test_what_one_does_not_see_is_not_put_back(stack, inbox, member_of):
    """The undo has the messages of one's own projects, whatever ids the form has named."""
    person = member_of("acme", "member")
    account = stack.value("select max(account_id) from member")
    org, project = stack.sql("select organization_id, project_id from feedback where id = %s", inbox["other"])[0]
    team = stack.value("insert into team (organization_id, slug, name) values (%s, 'few', 'Few') returning id", org)
    stack.sql("insert into team_member (organization_id, team_id, account_id) values (%s, %s, %s)", org, team, account)
    stack.sql("insert into team_project (organization_id, team_id, project_id) values (%s, %s, %s)", org, team, project)
    stack.sql("update organization set open_membership = false where id = %s", org)
    try:
        person.post("/acme/feedback/", do="resolved", id=[str(inbox["other"]), str(inbox["kind"])])
        undo = stack.value("select max(undo_id) from undo_feedback")
        assert stack.sql("select feedback_id from undo_feedback where undo_id = %s", undo) == [(inbox["other"],)]
        assert person.post(f"/acme/undo/{undo}/").status_code == 303
        assert stack.sql("select count(*) from feedback where status <> 0") == [(0,)]
    finally:
        stack.sql("update organization set open_membership = true where id = %s", org)
        stack.sql("delete from team where id = %s", team)


def test_it_is_assigned_to_members_only(stack, inbox, reader, browser):
    page = browser.open(f"/acme/feedback/{inbox['kind']}/")
    page.locator(".inbox-one summary", has_text="Assign").click()
    page.locator(".inbox-one .menu-item", has_text="(you)").click()
    assert "1 message is assigned." in page.content()
    page = browser.open("/acme/feedback/?who=me")
    assert listed(page) == ["Al"] and "Ada Admin" in page.locator(".inbox-list").inner_text()
    stranger = stack.create_account()
    account = stack.value("select id from account where email = %s", stranger.email)
    reader.post("/acme/feedback/", assign=str(account), id=str(inbox["kind"]))
    assert stack.value("select count(*) from feedback where assignee_id = %s", account) == 0
    reader.post("/acme/feedback/", assign="0", id=str(inbox["kind"]))
    assert stack.value("select count(*) from feedback where assignee_id is not null") == 0


def test_wrong_forms_change_nothing(stack, inbox, reader):
    before = stack.sql("select id, status, assignee_id from feedback order by 1")
    for fields, status in [({"do": "spam"}, 303), ({"do": "explode", "id": str(inbox["kind"])}, 400),
                           ({"do": "spam", "id": "x"}, 303), ({"do": "spam", "id": "999999999"}, 303)]:
        assert reader.post("/acme/feedback/", **fields).status_code == status, fields
    assert stack.sql("select id, status, assignee_id from feedback order by 1") == before


def test_a_member_of_one_team_sees_its_projects_only(stack, inbox, member_of):
    stack.sql("update organization set open_membership = false")
    person = member_of("acme", "member")
    assert "lovely" not in person.get("/acme/feedback/").text
    assert person.get(f"/acme/feedback/{inbox['kind']}/").status_code == 404
    person.post("/acme/feedback/", do="spam", id=str(inbox["kind"]))
    assert stack.value("select status from feedback where id = %s", inbox["kind"]) == 0
    stack.sql("update organization set open_membership = true")


def test_pages_of_many_are_small_and_lead_on(stack, inbox, reader):
    stack.sql("insert into feedback (organization_id, project_id, event_id, is_report, name, message, received_at)"
              " select organization_id, project.id, gen_random_uuid(), false, 'P' || n, repeat('long words ', 300),"
              " now() from project, generate_series(1, 60) n where slug = 'other'")
    seen, path = [], "/acme/feedback/"
    while path:
        answer = reader.get(path)
        assert len(answer.content) <= HTML_MAX and statements(answer) <= STATEMENTS_MAX
        seen += re.findall(r'name="id" value="(\d+)" aria', answer.text)
        older = re.search(r'href="(\?[^"]+)"><svg[^>]*><use[^>]*></svg>Older', answer.text)
        path = older and "/acme/feedback/" + older.group(1).replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 64 and seen == sorted(seen, key=int, reverse=True)


def test_an_empty_inbox_says_what_comes_here(stack, reader):
    stack.create_project(org="empty-org")
    assert "arrives here" in reader.get("/empty-org/feedback/").text


def test_a_phone_shows_the_list_or_the_message(stack, inbox, new_browser):
    browser = new_browser(stack.admin, viewport={"width": 390, "height": 844})
    page = browser.open("/acme/feedback/")
    assert page.locator(".inbox-list").is_visible() and not page.locator(".inbox-one").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page = browser.open(f"/acme/feedback/{inbox['kind']}/")
    assert page.locator(".inbox-one").is_visible() and not page.locator(".inbox-list").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="All messages").click()
    page.wait_for_url("**/acme/feedback/")
