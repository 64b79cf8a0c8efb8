"""Tickets are read again now and then: a webhook that was missed makes no difference for long."""

import html
import re

import pytest

from integration.test_tracker import Issue, connected, issue, settled, tracker  # noqa: F401

jira = pytest.mark.parametrize("tracker", ["jira"], indirect=True)


@pytest.fixture
def look(stack):
    """look(connection): its tickets are due, and read; the row of ticket_look."""
    row = "select ran_at, tickets, changed, due_at from ticket_look where integration_id = %s"

    def make(id, wait=True):
        before = stack.sql(row, id)[0][0]
        stack.sql("update ticket set look_at = now() where integration_id = %s", id)
        stack.sql("update ticket_look set due_at = now() where integration_id = %s", id)
        if wait:
            return stack.wait_for(lambda: [r for r in stack.sql(row, id) if r[0] != before], what="the look")[0]
        return None
    return make


def pause(stack, id):
    return stack.value("select extract(epoch from look_pause)::int from ticket where integration_id = %s", id)


@pytest.mark.parametrize("tracker", ["jira", "github", "youtrack"], indirect=True)
def test_a_missed_webhook_makes_no_difference_for_long(stack, tracker, connected, issue, settled, look):
    id = connected()
    tracker.people["u-7"] = ("The admin", stack.admin.email)
    key = issue.create()
    account = stack.value("select id from account where email = %s", stack.admin.email)
    stack.sql("insert into ticket_person select id, 'u-7', organization_id, %s from integration where id = %s", account, id)
    tracker.tickets[key].update(done=True, assignee="u-7")
    _, read, changed, _ = look(id)
    assert (read, changed) == (1, 1)
    assert stack.sql("select status, assignee_id from issue where id = %s", issue.id) == [(1, account)]
    settled(id)
    asked = len(tracker.seen)
    assert look(id)[1:3] == (1, 0)
    assert {seen.method for seen in tracker.seen[asked:]} == {"GET"}, "nothing is sent back"


@jira
def test_what_stays_as_it_is_is_read_ever_more_seldom(stack, tracker, connected, issue, look):
    id = connected()
    key = issue.create()
    assert pause(stack, id) == 1800
    look(id)
    assert pause(stack, id) == 3600
    stack.sql("update ticket set look_pause = '20 hours' where integration_id = %s", id)
    look(id)
    assert pause(stack, id) == 86400, "but once a day all the same"
    due = stack.value("select extract(epoch from look_at - now()) / 86400 from ticket where integration_id = %s", id)
    assert 0.85 < due < 1.15, "spread out"
    tracker.tickets[key]["title"] = "Renamed"
    look(id)
    assert pause(stack, id) == 1800


@jira
def test_so_many_are_read_at_a_time_and_not_again_within_a_minute(stack, tracker, connected, issue, look):
    id = connected()
    keys = [issue.create(), *(tracker.new() for _ in range(11))]
    for key in keys[1:]:
        ticket = stack.value("insert into ticket (organization_id, integration_id, key, url, title)"
                             " select organization_id, id, %s, '', '' from integration where id = %s returning id", key, id)
        stack.sql("insert into ticket_issue (ticket_id, issue_id, organization_id)"
                  " select %s, id, organization_id from issue where id = %s", ticket, issue.id)
    asked = len(tracker.seen)
    assert look(id)[1] == 10
    assert len(tracker.seen) == asked + 10
    wait, left = stack.sql("select extract(epoch from l.due_at - l.ran_at)::int,"
                           " (select count(*) from ticket t where t.integration_id = %s and t.look_at <= now())"
                           " from ticket_look l where l.integration_id = %s", id, id)[0]
    assert (wait, left) == (60, 2)


@jira
def test_a_tracker_that_is_down_is_asked_once(stack, tracker, connected, issue, owner, shop, look):
    id = connected()
    issue.create()
    Issue(stack, owner, shop).create()
    asked = len(tracker.seen)
    tracker.misbehave((429, {"errorMessages": ["slow down"]}, {"Retry-After": "600"}))
    look(id, wait=False)
    row = "select attempts, last_code from outbox where integration_id = %s and cause = 'look' and leased_until is null"
    stack.wait_for(lambda: stack.sql(row, id) == [(1, 429)], what="the failure")
    assert len(tracker.seen) == asked
    stack.wait_for(lambda: owner.state(id)[0] == 1, what="the trouble")
    stack.sql("update outbox set due_at = now() where integration_id = %s and cause = 'look'", id)
    stack.sql("delete from outbox_endpoint")
    stack.sql("select pg_notify('vedette_outbox', '')")
    stack.wait_for(lambda: owner.state(id) == (0, ""), what="it to be well again")


@jira
def test_a_ticket_that_is_gone_does_not_hold_up_the_others(stack, tracker, connected, issue, owner, shop, look):
    id = connected()
    gone, other = issue.create(), Issue(stack, owner, shop)
    stays = other.create()
    del tracker.tickets[gone]
    tracker.tickets[stays]["done"] = True
    assert look(id)[1:3] == (2, 1)
    assert other.status == 1 and "does not exist" in issue.page() and owner.state(id) == (0, "")


@jira
def test_the_connections_page_tells_of_it(stack, tracker, connected, issue, owner, look):
    id = connected()
    path = f"/acme/settings/integrations/{id}/"
    assert "Read again" not in owner.get(path).text
    issue.create()
    assert "Not yet." in owner.get(path).text
    look(id)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html.unescape(owner.get(path).text)))
    assert re.search(r"The last time .*\. Tickets read: 1, changed: 0\. ?The next time at \d", text), text
    assert "<td>look</td>" not in owner.get(path).text


@jira
def test_a_connection_that_is_off_is_left_alone(stack, tracker, connected, issue, look):
    id = connected()
    issue.create()
    stack.sql("update integration set state = 2 where id = %s", id)
    asked = len(tracker.seen)
    look(id, wait=False)
    stack.wait_for(lambda: stack.value("select due_at > now() from ticket_look where integration_id = %s", id))
    assert stack.sql("select 1 from outbox where integration_id = %s and cause = 'look'", id) == []
    assert len(tracker.seen) == asked
