"""Trackers: tickets from issues, both ways, once; each tracker is as strict as the real one.

What is asked of a tracker, and what fails when it is not so. Without a name behind it, with each of the seven:
Jira Cloud (v3, ADF), Jira Data Center (v2), GitHub, GitLab, Gitea, YouTrack, Redmine.

connect, test, status, last error, disconnect      connected_tested_and_disconnected
secrets encrypted, never shown                     connected_tested_and_disconnected
project, type, fields from the create metadata     the_form_is_the_trackers, is_made_as_the_form_is_filled_in
what the tracker finds missing is said             the_pages_in_a_browser (Jira)
title and description generated from the event     has_all_that_the_event_tells
    of its own markup, nobody is called by it      has_all_that_the_event_tells (ADF, {noformat}, Markdown)
editable template, of title, description, labels   follows_the_templates_of_its_connection
labels (YouTrack and Redmine have none here)       has_all_that_the_event_tells, follows_the_templates
priority (forges have none), by the event's level  is_made_as_the_form_is_filled_in
assignee searched                                  the_form_is_the_trackers, is_made_as_the_form_is_filled_in
assignee mapped by mail, both ways                 the_assignee_follows_both_ways
link an existing one, unlink it                    one_that_exists_is_found_and_linked
key, status and assignee are shown                 resolving_moves_it_there_and_back, the_assignee_follows_both_ways
resolving here moves it there and back             resolving_moves_it_there_and_back
moved there resolves it here, once                 moved_there_resolves_it_here_once
comments follow, and do not come back              comments_go_both_ways_and_do_not_come_back
by choice, each way                                switched_off_nothing_is_sent (the machinery: Jira)
on regression: reopen, comment, new linked ticket  when_it_happens_again; nothing: Jira
signed inbound webhook                             what_is_not_signed_is_not_heard, what_is_made_up (who only has a token)
deleted there                                      deleted_there_is_said_here
as an alert's action, one ticket an issue          an_alert_makes_one_ticket; its words: a_rule_can_create_tickets (Jira)
    also when the sender dies                      a_sender_that_died_has_made_it (the machinery: Jira)
a webhook that was missed                          test_look.py
"""

import html
import re
import uuid

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe

from integration.tracker_forge import Gitea, GitHub, GitLab
from integration.tracker_jira import Jira, JiraServer
from integration.tracker_redmine import Redmine
from integration.tracker_youtrack import YouTrack

KINDS = {"jira": Jira, "jira data center": JiraServer, "github": GitHub, "gitlab": GitLab, "gitea": Gitea,
         "youtrack": YouTrack, "redmine": Redmine}

# What is of the machinery, and not of the tracker, is looked at with one of them.
one = pytest.mark.parametrize("tracker", ["jira"], indirect=True)

TITLE = "KeyError: *cart* [x](http://evil.example) @everyone"


@pytest.fixture(params=KINDS)
def tracker(request):
    tracker = KINDS[request.param]()
    yield tracker
    tracker.close()
    assert tracker.faults == [], "\n".join(tracker.faults)


ALL = {"push": ["status", "assignee", "comments"], "pull": ["status", "assignee", "comments"], "regression": "reopen"}


@pytest.fixture
def connected(tracker, connect, stack):
    """connected(**settings): the connection's id, with everything switched on."""
    def make(**fields):
        given = {"title": "[{short_id}] {title}", "labels": "vedette, {project}", **ALL, **tracker.connection(), **fields}
        return connect(tracker.type, **given)
    return make


class Issue:
    """One issue of the project "shop", and what a person does to it."""

    def __init__(self, stack, owner, shop):
        self.stack, self.owner, self.shop, self.one = stack, owner, shop, uuid.uuid4().hex
        self.again()
        self.id, number = stack.sql("select i.id, i.number from issue i join event e on e.issue_id = i.id"
                                    " where e.event_id = %s", self.event)[0]
        self.short = f"SHOP-{base32(number)}"
        self.path = f"/acme/issues/{self.short}/"

    def again(self):
        frame = {"filename": "shop/cart.py", "function": "total", "lineno": 42, "in_app": True,
                 "context_line": "    return cart[```key```]"}
        self.event = self.stack.send_event(
            self.shop, fingerprint=["one of", self.one], environment="production", release="shop@1.2.3",
            tags={"browser": "Firefox *128*"}, request={"url": "https://shop.example/cart?token=abc", "method": "GET"},
            exception={"values": [{"type": "KeyError", "value": TITLE.partition(": ")[2],
                                   "stacktrace": {"frames": [frame]}}]})
        self.stack.wait_for_event(self.event)

    def do(self, **fields):
        answer = self.owner.submit(self.path, fields)
        assert answer.status_code == 303, answer.text

    def comment(self, text):
        answer = self.owner.submit(self.path + "comments/", {"text": text})
        assert answer.status_code == 303, answer.text

    def page(self):
        answer = self.owner.get(self.path)
        assert answer.status_code == 200
        return html.unescape(answer.text)

    @property
    def status(self):
        return self.stack.value("select status from issue where id = %s", self.id)

    def kinds(self):
        return [kind for kind, in self.stack.sql("select kind from activity where issue_id = %s order by id", self.id)]

    def create(self, **fields):
        form = self.owner.get(f"{self.path}tickets/new/").text
        answer = self.owner.submit(f"{self.path}tickets/new/", {**filled(form), **fields})
        assert answer.status_code == 303, re.findall(r'role="alert".*?</div></div>', answer.text, re.S) or answer.text
        return self.stack.value("select t.key from ticket t join ticket_issue l on l.ticket_id = t.id"
                                " where l.issue_id = %s order by t.id desc limit 1", self.id)


def base32(number):
    digits, out = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", ""
    while number:
        number, digit = divmod(number, 32)
        out = digits[digit] + out
    return out


def filled(page):
    """What the form of the ticket would send as it stands."""
    form = re.search(r'<form class="card" method="post".*?</form>', page, re.S).group()
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        fields[name.group(1)] = html.unescape(value.group(1)) if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        fields[name] = html.unescape(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        fields[name] = html.unescape(chosen.group(1)) if chosen else ""
    fields.pop("csrf")
    return fields


@pytest.fixture
def issue(stack, owner, shop):
    return Issue(stack, owner, shop)


@pytest.fixture
def settled(stack):
    """Waits until no job of a connection is left to do; their (state, answer)s."""
    def wait(id):
        stack.wait_for(lambda: stack.value(
            "select count(*) from outbox where integration_id = %s and state = 0", id) == 0, what="the jobs")
        return stack.sql("select state, last_answer from outbox where integration_id = %s order by id", id)
    return wait


@pytest.fixture
def tell(stack, owner, tracker):
    """tell(connection, "changed", key): the tracker's webhook; the answer's code."""
    def make(id, what, *args, change=None):
        page = owner.get(f"/acme/settings/integrations/{id}/").text
        path = re.search(r'value="[^"]*(/hooks/[^"]+/)"', page).group(1)
        secret = re.search(r'value="([^"]+)" aria-label="Secret of the webhook"', page).group(1)
        answer, sent = tracker.tell(what, stack.url + path, change or secret, *args)
        make.sent = (stack.url + path, *sent)
        return answer.status_code
    return make


def test_connected_tested_and_disconnected(stack, tracker, connected, owner):
    id = connected()
    assert owner.state(id) == (0, "") and tracker.seen
    assert tracker.new and owner.test(id) == (0, "")
    page = owner.get(f"/acme/settings/integrations/{id}/").text
    assert "What happens there, here" in page and "token-123456" not in page
    assert "token-123456" not in str(stack.sql("select * from integration where id = %s", id))
    tracker.misbehave((401, {"message": "Bad credentials"}))
    state, error = owner.test(id)
    assert state == 1 and "Bad credentials" in error


def test_a_ticket_has_all_that_the_event_tells(stack, tracker, connected, owner, issue):
    connected()
    key = issue.create()
    ticket = tracker.tickets[key]
    assert ticket["title"] == f"[{issue.short}] {TITLE}"
    text = re.sub("`@`|{{@}}", "@", ticket["text"])
    for word in ("KeyError: *cart* [x](http://evil.example) @everyone", "Environment: production", "Release: shop@1.2.3",
                 "Request: GET https://shop.example/cart", "shop/cart.py:42 in total", "browser: Firefox *128*",
                 f"/acme/issues/{issue.short}/"):
        assert word in text.replace("\\", ""), (word, text)
    assert "token=abc" not in text and "<http://evil.example>" not in text
    assert "@everyone" not in tracker.formatted(ticket["text"]), "somebody is called"
    assert ticket["labels"] == ["vedette", "shop"]
    page = issue.page()
    assert key in page and tracker.open_word in page and "created the ticket" in page


def test_the_form_is_the_trackers(tracker, connected, owner, issue):
    connected()
    tracker.people["u-1"] = ("Anna Olsen", "anna@example.org")
    name = f">{tracker.name('u-1')}</option>"
    page = owner.get(f"{issue.path}tickets/new/").text
    assert tracker.project in page and name in page
    assert name not in owner.get(f"{issue.path}tickets/new/?who=nobody-at-all").text


def test_one_that_exists_is_found_and_linked(stack, tracker, connected, owner, issue):
    id = connected()
    key = tracker.new(title="Carts are empty")
    page = owner.get(f"{issue.path}tickets/link/?on={id}&find=Carts").text
    assert f'value="{key}"' in page
    answer = owner.submit(f"{issue.path}tickets/link/", {"on": id, "key": key})
    assert answer.status_code == 303, answer.text
    assert key in issue.page()
    assert "issue" in tracker.seen[-1].path, "its address was left there"
    ticket = stack.value("select id from ticket where key = %s", key)
    assert owner.post(f"{issue.path}tickets/{ticket}/unlink/").status_code == 303
    assert "unlinked the ticket" in issue.page() and tracker.tickets[key]["done"] is False


def test_resolving_moves_it_there_and_back(stack, tracker, connected, issue, settled):
    id = connected()
    key = issue.create()
    issue.do(do="resolve")
    settled(id)
    assert tracker.tickets[key]["done"] is True and tracker.done_word in issue.page()
    issue.do(do="unresolve")
    settled(id)
    assert tracker.tickets[key]["done"] is False and tracker.open_word in issue.page()


def test_moved_there_resolves_it_here_once(stack, tracker, connected, issue, settled, tell):
    id = connected()
    key = issue.create()
    tracker.tickets[key]["done"] = True
    asked = len(tracker.seen)
    assert tell(id, "changed", key) == 202
    stack.wait_for(lambda: issue.status == 1)
    settled(id)
    assert issue.kinds() == ["ticket", "ticket", "resolved"]
    assert [seen.method for seen in tracker.seen[asked:]] == ["GET"] * (len(tracker.seen) - asked), "nothing is sent back"
    # the same once more, and an old message after a change: nothing
    url, body, headers = tell.sent
    assert requests.post(url, data=body, headers=headers, timeout=60).status_code == 202
    issue.do(do="unresolve")
    settled(id)
    assert requests.post(url, data=body, headers=headers, timeout=60).status_code == 202
    assert tell(id, "changed", key) == 202, "an echo of our own change"
    settled(id)
    assert issue.status == 0 and tracker.tickets[key]["done"] is False
    tracker.tickets[key]["done"] = True
    tell(id, "changed", key)
    stack.wait_for(lambda: issue.status == 1)
    tracker.tickets[key]["done"] = False
    tell(id, "changed", key)
    stack.wait_for(lambda: issue.status == 0)


def test_the_assignee_follows_both_ways(stack, tracker, connected, issue, settled, tell, owner):
    id = connected()
    tracker.people["u-7"] = ("The admin", stack.admin.email)
    tracker.people["u-8"] = ("Somebody else", "else@example.org")
    key = issue.create()
    account = stack.value("select id from account where email = %s", stack.admin.email)
    issue.do(assign=account)
    settled(id)
    assert tracker.tickets[key]["assignee"] == "u-7" and tracker.name("u-7") in issue.page()
    tracker.tickets[key]["assignee"] = ""
    tell(id, "changed", key)
    stack.wait_for(lambda: stack.value("select assignee_id from issue where id = %s", issue.id) is None)
    tracker.tickets[key]["assignee"] = "u-8"
    tell(id, "changed", key)
    settled(id)
    assert stack.value("select assignee_id from issue where id = %s", issue.id) is None, "nobody here"
    tracker.tickets[key]["assignee"] = "u-7"
    tell(id, "changed", key)
    stack.wait_for(lambda: stack.value("select assignee_id from issue where id = %s", issue.id) == account)
    settled(id)
    issue.do(assign=0)
    settled(id)
    assert tracker.tickets[key]["assignee"] == ""


def test_comments_go_both_ways_and_do_not_come_back(stack, tracker, connected, issue, settled, tell):
    id = connected()
    key = issue.create()
    issue.comment("It is the *cart* again.")
    settled(id)
    [(sent, text)] = tracker.tickets[key]["comments"].items()
    assert "It is the *cart* again." in text.replace("\\", "") and issue.short in text
    assert tell(id, "comment", key, sent, "Bot", text) == 202
    theirs = tracker.say("Ola", "Fixed in the next release.")
    assert tell(id, "comment", key, theirs, "Ola", "Fixed in the next release.") == 202
    settled(id)
    assert tell(id, "comment", key, theirs, "Ola", "Fixed in the next release.") == 202
    settled(id)
    assert issue.kinds().count("comment") == 2 and len(tracker.tickets[key]["comments"]) == 1
    page = issue.page()
    assert "Fixed in the next release." in page and "Ola" in page


def happens_again(stack, tracker, connection, issue, settled, how):
    stack.sql("update integration set data = jsonb_set(data::jsonb, '{regression}', to_jsonb(%s::text))::text"
              " where id = %s", how, connection)
    before = len(tracker.tickets)
    key = issue.create()
    issue.do(do="resolve")
    settled(connection)
    issue.again()
    stack.wait_for(lambda: "regressed" in issue.kinds())
    settled(connection)
    ticket = tracker.tickets[key]
    assert ticket["done"] is (how != "reopen"), how
    assert len(ticket["comments"]) == (how == "comment"), how
    assert len(tracker.tickets) == before + 1 + (how == "new"), how
    if how == "new":
        assert key in list(tracker.tickets.values())[-1]["text"].replace("\\", "")
        assert len(re.findall("tickets/[0-9]+/unlink", issue.page())) == 2


def test_when_it_happens_again(stack, tracker, connected, owner, shop, settled):
    id = connected()
    for how in ("reopen", "comment", "new"):
        happens_again(stack, tracker, id, Issue(stack, owner, shop), settled, how)


@one
def test_when_it_happens_again_nothing_may_be_wanted(stack, tracker, connected, issue, settled):
    happens_again(stack, tracker, connected(), issue, settled, "nothing")


def test_a_ticket_is_made_as_the_form_is_filled_in(tracker, connected, issue, owner):
    connected()
    tracker.people["u-1"] = ("Anna Olsen", "anna@example.org")
    page = owner.get(f"{issue.path}tickets/new/?who=anna%40example.org").text
    who = re.search(rf'<option value="([^"]+)"[^>]*>{tracker.name("u-1")} *</option>', page).group(1)
    fields, kept = tracker.filled_in
    key = issue.create(title="By hand", assignee=who, **fields)
    made = tracker.made_with(key)
    assert {name: made.get(name) for name in kept} == kept
    assert tracker.tickets[key]["title"] == "By hand" and tracker.tickets[key]["assignee"] == "u-1"
    assert tracker.name("u-1") in issue.page()


def test_a_ticket_follows_the_templates_of_its_connection(tracker, connected, issue):
    connected(title="{project}: {title}", text="Seen in {environment} of {release}.\n\n> {culprit}\n\n```\n{stack}\n```",
              labels="shop, {environment}")
    ticket = tracker.tickets[issue.create()]
    text = ticket["text"].replace("\\", "")
    assert ticket["title"] == f"shop: {TITLE}"
    assert re.match(r"Seen in production of shop.{1,5}1\.2\.3\.", text), text
    assert "shop/cart.py:42 in total" in text and "Request:" not in text
    if tracker.type not in ("youtrack", "redmine"):
        assert ticket["labels"] == ["shop", "production"]


@one
def test_switched_off_nothing_is_sent(stack, tracker, connected, issue, settled, tell):
    id = connected(push="", pull="")
    key = issue.create()
    issue.do(do="resolve")
    issue.comment("Hello")
    settled(id)
    assert tracker.tickets[key]["done"] is False and tracker.tickets[key]["comments"] == {}
    issue.do(do="unresolve")
    tracker.tickets[key]["done"] = True
    tell(id, "changed", key)
    tell(id, "comment", key, tracker.say("Ola", "Hello"), "Ola", "Hello")
    settled(id)
    assert issue.status == 0 and issue.kinds().count("comment") == 1
    assert tracker.done_word in issue.page(), "what is there is shown all the same"


def test_what_is_not_signed_is_not_heard(stack, tracker, connected, issue, settled, tell):
    id = connected()
    key = issue.create()
    tracker.tickets[key]["done"] = True
    assert tell(id, "changed", key, change="another secret") == 401
    url, body, headers = tell.sent
    assert requests.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=60).status_code == 401
    assert requests.post(url, data=b"{", headers=headers, timeout=60).status_code == 400
    assert requests.post(f"{stack.url}/hooks/{'x' * 43}/", data=body, headers=headers, timeout=60).status_code == 404
    assert requests.post(url, data=b"x" * (1024 * 1024 + 1), headers=headers, timeout=60).status_code == 413
    settled(id)
    assert issue.status == 0


def test_deleted_there_is_said_here(tracker, connected, issue, settled, tell):
    id = connected()
    key = issue.create()
    assert tell(id, "removed", key) == 202
    settled(id)
    assert "The ticket was deleted there." not in issue.page(), "it is still there: nothing that is told is believed"
    message = tracker.told_removed(key)
    del tracker.tickets[key]
    tracker.told_removed = lambda key: message
    assert tell(id, "removed", key) == 202
    settled(id)
    if tracker.tells_of_removal:
        assert "The ticket was deleted there." in issue.page()


@pytest.mark.parametrize("tracker", ["gitlab", "youtrack", "redmine"], indirect=True)
def test_what_is_made_up_by_who_knows_the_secret_changes_nothing(tracker, connected, issue, settled, tell):
    """A token does not sign what is sent with it: state, comment and author are read from the tracker."""
    id = connected()
    key = issue.create()
    theirs = tracker.say("Ola", "As it stands there.")
    tracker.tickets[key]["done"] = True
    closed = tracker.told_changed(key)
    tracker.tickets[key]["done"] = False
    tracker.told_changed = lambda key: closed
    for message in [("changed", key), ("comment", key, "9999", "The boss", "Made up."),
                    ("comment", key, theirs, "The boss", "Put into a mouth.")]:
        assert tell(id, *message) == 202
    settled(id)
    page = issue.page()
    assert issue.status == 0 and "Made up." not in page and "Put into a mouth." not in page and "The boss" not in page
    assert "As it stands there." in page and "Ola" in page


@one
@pytest.mark.parametrize("bad, then", [((500, {}), "later"), ((429, {}, {"Retry-After": "60"}), "later"), ("drop", "later"),
                                       ((404, {"message": "It is gone"}), "failed"), ("redirect", "failed"), ("endless", "failed"),
                                       ("hang", "later")])
def test_a_tracker_in_trouble(stack, tracker, connected, issue, settled, bad, then):
    id = connected()
    key = issue.create()
    tracker.misbehave(bad)
    issue.do(do="resolve")
    row = "select state, attempts from outbox where integration_id = %s order by id desc limit 1"
    stack.wait_for(lambda: stack.value(f"select leased_until is null and attempts > 0 from ({row.replace('state, attempts', '*')}) r", id))
    if then == "failed":
        assert stack.sql(row, id)[0][0] == 2
        assert stack.value("select error from ticket where key = %s", key) != ""
        assert stack.value("select failures from integration where id = %s", id) == 0, "one ticket is not the connection"
    else:
        assert stack.sql(row, id)[0] == (0, 1)
        stack.sql("update outbox set due_at = now() where integration_id = %s and state = 0", id)
        stack.sql("delete from outbox_endpoint")
        stack.sql("select pg_notify('vedette_outbox', '')")
        settled(id)
        assert tracker.tickets[key]["done"] is True


@one
def test_a_comment_that_may_have_arrived_is_not_sent_again(stack, tracker, connected, issue, settled):
    id = connected()
    issue.create()
    tracker.misbehave("close")
    issue.comment("Once only")
    [(state, answer)] = settled(id)
    assert state == 2, answer


def test_an_alert_makes_one_ticket(stack, tracker, connected, issue, deliver, settled):
    id = connected()
    for _ in range(2):
        deliver(id, issue_id=issue.id, event_id=issue.event, organization="acme", short_id=issue.short,
                settings={})
    assert len(tracker.tickets) == 1
    [ticket] = tracker.tickets.values()
    assert ticket["title"].startswith(f"[{issue.short}]") and "Many errors" in ticket["text"]
    assert stack.value("select count(*) from ticket_issue where issue_id = %s", issue.id) == 1
    assert deliver(id, cause="metric", issue_id=0)[0] == 1 and len(tracker.tickets) == 1


@one
def test_merged_issues_keep_their_tickets(stack, tracker, connected, issue, owner, shop, settled, tell):
    id = connected()
    other = Issue(stack, owner, shop)
    keys = [issue.create(), other.create()]
    answer = owner.submit("/acme/issues/merge/", {"id": [issue.id, other.id], "sure": "1"})
    assert answer.status_code == 303, answer.text
    gone = stack.wait_for(lambda: stack.sql("select id from issue where id = any(%s) and status = 3", [issue.id, other.id]))[0][0]
    stays = issue if gone == other.id else other
    assert all(key in stays.page() for key in keys)
    for key in keys:
        tracker.tickets[key]["done"] = True
        tell(id, "changed", key)
        settled(id)  # the first moves the other there, too
    assert stays.status == 1


@one
def test_what_is_taken_back_goes_there_too(stack, tracker, connected, issue, settled, owner):
    id = connected()
    key = issue.create()
    issue.do(do="resolve")
    settled(id)
    undo = re.search(r'action="([^"]*/undo/[^"]*)"', issue.page()).group(1)
    assert owner.post(undo).status_code == 303
    settled(id)
    assert issue.status == 0 and tracker.tickets[key]["done"] is False


@one
def test_a_sender_that_died_has_made_it(stack, tracker, connected, issue, deliver):
    """The claim is there, the ticket is not linked: it is looked for, and adopted."""
    id = connected()
    key = tracker.new(title=f"[{issue.short}] made by a sender that died")
    stack.sql("insert into ticket_claim (issue_id, integration_id, organization_id, claimed_at)"
              " select id, %s, organization_id, now() - interval '2 minutes' from issue where id = %s", id, issue.id)
    state, _, answer = deliver(id, issue_id=issue.id, event_id=issue.event, organization="acme", short_id=issue.short)
    assert state == 1, answer
    assert list(tracker.tickets) == [key]
    assert stack.value("select t.key from ticket t join ticket_issue l on l.ticket_id = t.id where l.issue_id = %s", issue.id) == key


@one
def test_a_rule_can_create_tickets(stack, tracker, connected, owner):
    """The action is there in the editor, by its own words."""
    connected()
    assert ": create a ticket in" in owner.get("/acme/alerts/new/").text


PAGES = ["/acme/settings/integrations/{id}/", "{issue}", "{issue}tickets/new/", "{issue}tickets/link/?find=Carts"]


@one
def test_the_pages_in_a_browser(stack, tracker, connected, issue, new_browser):
    """Without JavaScript a ticket is made; axe finds nothing, and a phone is wide enough."""
    id = connected()
    tracker.people["u-1"] = ("Anna Olsen", "anna@example.org")
    tracker.new(title="Carts are empty")
    browser = new_browser(stack.admin, java_script_enabled=False)
    browser.expect_error("422")
    page = browser.open(issue.path)
    page.get_by_role("link", name="Create ticket").click()
    page.get_by_label("Title").fill("refuse this one")
    page.get_by_role("button", name="Create ticket").click()
    page.get_by_text("Severity is required.", exact=True).wait_for()
    page.get_by_label("Title").fill("The cart is lost")
    page.get_by_label("Severity").select_option("Sev 2")
    page.get_by_label("Due date").fill("2026-12-24")
    page.get_by_label("Points").fill("3.5")
    page.get_by_label("Assignee").select_option("Anna Olsen")
    page.get_by_label("Priority").select_option("High")
    page.get_by_role("button", name="Create ticket").click()
    page.get_by_text("SHOP-2 was created.").wait_for()
    made = tracker.tickets["SHOP-2"]["raw"]
    assert made["customfield_10010"] == {"id": "21"} and made["customfield_10011"] == 3.5
    assert (made["duedate"], made["priority"], made["assignee"]) == ("2026-12-24", {"id": "2"}, {"accountId": "u-1"})
    browser = new_browser(stack.admin, viewport={"width": 390, "height": 800})
    for path in PAGES:
        page = browser.open(path.format(id=id, issue=issue.path))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:300]) for v in found if v["impact"] in ("serious", "critical")] == [], path
