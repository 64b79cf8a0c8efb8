"""Alert mails of a project: the first goes at once, those that follow wait and become one."""

import pytest

from alert.mailbox import html_of, text_of
from alert.rules import NEW
from alert.test_mail import OWNERS, ann, wait  # noqa: F401 (ann is a fixture)


@pytest.fixture
def delays(stack, project):
    def set_delays(shortest, longest):
        stack.sql("insert into project_setting (organization_id, project_id, name, value)"
                  " select p.organization_id, p.id, v.name, v.value from project p,"
                  " (values ('mail.digest.shortest', %s), ('mail.digest.longest', %s)) v (name, value)"
                  " where p.id = %s", str(shortest), str(longest), project.id)
    return set_delays


@pytest.fixture
def window_ends(stack, project, ann):  # noqa: F811
    """As if the delay were over, once so many mails wait."""
    def end(mails):
        stack.wait_for(lambda: stack.value("select count(*) from outbox where project_id = %s and account_id = %s"
                                           " and endpoint = 'digest' and state = 0", project.id, ann.id) == mails, what=f"{mails} mails that wait")
        stack.sql("update mail_digest set due_at = now(), latest_at = now() where project_id = %s", project.id)
        stack.sql("update outbox set due_at = now() where project_id = %s and endpoint = 'digest'", project.id)
        stack.sql("select pg_notify('vedette_outbox', '')")
    return end


def ends(stack, project, account):
    return [row[0] for row in stack.sql("select last_answer from outbox where project_id = %s and account_id = %s"
                                        " and endpoint = 'digest' and state = 3 order by id", project.id, account.id)]


def test_those_that_follow_become_one_mail(stack, mailbox, rules, project, send, known, ann, window_ends):  # noqa: F811,E501
    rules.add(project, NEW, actions=[OWNERS], name="News <b>")
    known()
    send("The first")
    assert "The first" in wait(stack, mailbox, ann.email)["subject"]
    send("The second <script>")
    send("The third")
    window_ends(2)
    mail = wait(stack, mailbox, ann.email, "2 alerts about 2 issues")
    assert len(mailbox.to(ann.email)) == 2, "and none of them by itself"
    for part in (text_of(mail), html_of(mail)):
        assert "The third" in part and "/acme/issues/" in part and "News" in part
    assert "The second &lt;script&gt;" in html_of(mail) and "News &lt;b&gt;" in html_of(mail)
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert ends(stack, project, ann) == ["In one mail with others."] * 2


def test_one_that_waited_alone_is_sent_as_it_is(stack, mailbox, rules, project, send, known, ann, window_ends):  # noqa: F811
    rules.add(project, NEW, actions=[OWNERS])
    known()
    send("The first")
    wait(stack, mailbox, ann.email)
    send("Alone")
    window_ends(1)
    mail = wait(stack, mailbox, ann.email, "Alone")
    assert ends(stack, project, ann) == ["Sent after its delay."]
    assert "in-reply-to" not in mail and "Resolve" in text_of(mail) + html_of(mail)


def test_what_was_resolved_meanwhile_is_no_news(stack, mailbox, rules, project, send, known, ann, window_ends):  # noqa: F811
    rules.add(project, NEW, actions=[OWNERS])
    known()
    send("The first")
    wait(stack, mailbox, ann.email)
    send("Dealt with")
    stack.sql("update issue set status = 1 where project_id = %s and title = 'Dealt with'", project.id)
    window_ends(1)
    stack.wait_for(lambda: ends(stack, project, ann) == ["Its issue was dealt with while it waited."], what="its end")
    assert len(mailbox.to(ann.email)) == 1


def test_each_that_comes_puts_the_end_off_but_not_for_ever(stack, mailbox, rules, project, send, known, ann, delays):  # noqa: F811,E501
    rules.add(project, NEW, actions=[OWNERS])
    delays(600, 640)
    known()
    left = []
    for title in ("The first", "Second", "Third", "Fourth"):
        send(title)
        wait(stack, mailbox, ann.email)
        stack.wait_for(lambda: stack.value("select count(*) from alert_fire where project_id = %s", project.id)
                       == len(left) + 1, what=f"the alert of {title}")
        stack.wait_for(lambda: stack.value("select count(*) from outbox where project_id = %s and channel = 'route'"
                                           " and state = 0", project.id) == 0, what="its way to be found")
        left.append(stack.value("select extract(epoch from latest_at - due_at)::int from mail_digest"
                                " where project_id = %s and account_id = %s", project.id, ann.id))
    assert left == [40, 10, 0, 0]


def test_a_project_without_digests_sends_each_at_once(stack, mailbox, rules, project, send, known, ann, delays):  # noqa: F811
    rules.add(project, NEW, actions=[OWNERS])
    delays(0, 0)
    known()
    for n in range(3):
        send(f"Each {'abc'[n]}")
    wait(stack, mailbox, ann.email, "Each", n=3)
    assert stack.sql("select 1 from mail_digest where project_id = %s", project.id) == []
