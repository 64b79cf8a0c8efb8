"""The weekly report: each member reads of the projects that they see."""

import datetime
import re

import pytest
import requests

from alert.mailbox import html_of, text_of
from alert.test_mail import ann, wait  # noqa: F401 (ann is a fixture)

UTC = datetime.timezone.utc


def monday():
    """Of the last whole week."""
    today = datetime.datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - datetime.timedelta(days=today.weekday() + 7)


@pytest.fixture
def week(stack, project, send):
    """Two issues with a past: 40 and 2 events on Tuesday of the last week, 20 the week before."""
    def fill():
        start = monday()
        tuesday = start + datetime.timedelta(days=1, hours=3)
        for title, count in (("Often <b>", 40), ("Seldom", 2)):
            send(title)
            issue = stack.value("select id from issue where project_id = %s and title = %s", project.id, title)
            stack.sql("update issue set first_seen = %s where id = %s", tuesday, issue)
            stack.sql("insert into issue_hour (issue_id, hour, times_seen) values (%s, %s, %s)", issue, tuesday, count)
        for hour, outcome, count in ((tuesday, "accepted", 42), (tuesday, "filtered", 1234),
                                     (start - datetime.timedelta(days=2), "accepted", 20)):
            stack.sql("insert into outcome_hour (organization_id, project_id, key_id, hour, category, outcome, reason,"
                      " quantity) select organization_id, id, 0, %s, 'error', %s, '', %s from project where id = %s",
                      hour, outcome, count, project.id)
        stack.sql("insert into activity (organization_id, issue_id, kind, at) select organization_id, id, 'regressed', %s"
                  " from issue where project_id = %s and title = 'Seldom'", tuesday, project.id)
    fill()


def row(html, words):
    return re.search(rf"<th>{words}</th><td><b>([^<]*)</b>", html).group(1)


def test_it_says_what_happened(stack, mailbox, week, project, ann):  # noqa: F811
    assert int(stack.vedette("report", "acme").stdout) >= 1
    mail = wait(stack, mailbox, ann.email, "Your week in acme: 42 errors")
    html = html_of(mail)
    assert row(html, "Errors") == "42, 110 % more than the week before"
    assert (row(html, "Tuesday"), row(html, "Monday"), row(html, "Filtered")) == ("42", "0", "1,234")
    assert (row(html, "New issues"), row(html, "Regressed"), row(html, "Resolved")) == ("2", "1", "0")
    assert html.index("Often &lt;b&gt;") < html.index("Seldom") and "40 events, unresolved" in html
    text = text_of(mail)
    assert "Errors: 42, 110 % more" in text and "40 events" in text
    stack.vedette("report", "acme")
    assert stack.value("select count(*) from outbox where cause = 'report' and account_id = %s", ann.id) == 1, \
        "a week is told once"


def test_nobody_reads_of_a_project_that_they_do_not_see(stack, mailbox, project, ann):  # noqa: F811
    stack.sql("update organization set open_membership = false where slug = 'acme'")
    try:
        stack.vedette("report", "acme")
        assert stack.sql("select 1 from outbox where cause = 'report' and account_id = %s", ann.id) == []
    finally:
        stack.sql("update organization set open_membership = true where slug = 'acme'")


def test_one_click_ends_it(stack, mailbox, ann):  # noqa: F811
    stack.vedette("report", "acme")
    mail = wait(stack, mailbox, ann.email, "Your week in acme")
    link = mail["list-unsubscribe"].strip("<>")
    assert "No more weekly reports" in requests.get(link, timeout=60).text
    assert requests.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=60).status_code == 200
    assert stack.sql("select value from notification_setting where account_id = %s and kind = 'reports'",
                     ann.id) == [("never",)]
    stack.sql("delete from outbox where cause = 'report'")
    stack.vedette("report", "acme")
    assert stack.sql("select 1 from outbox where cause = 'report' and account_id = %s", ann.id) == []


def test_an_organisation_that_is_none_is_said_so(stack):
    done = stack.vedette("report", "nowhere", check=False)
    assert done.returncode == 1 and "nowhere" in done.stderr
