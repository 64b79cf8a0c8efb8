"""Mails, as a mail server gets them."""

import re

import pytest
import requests

from alert.mailbox import html_of, text_of
from alert.rules import NEW, frequency
from page.conftest import Person

OWNERS = {"id": "sentry.mail.actions.NotifyEmailAction", "targetType": "IssueOwners",
          "fallthroughType": "AllMembers"}


def address(mail):
    return {"id": "vedette.actions.MailAddressAction", "address": mail}


@pytest.fixture
def ann(stack, project):
    """A member of the organisation."""
    account = stack.create_account(name="Ann Мюллер")
    account.id = stack.value("select id from account where email = %s", account.email)
    stack.sql("insert into member (organization_id, account_id, role)"
              " select organization_id, %s, 'member' from project where id = %s", account.id, project.id)
    return account


def wait(stack, mailbox, to, subject="", n=1):
    stack.wait_for(lambda: len(mailbox.to(to, subject)) >= n, what=f"{n} mails to {to}")
    return mailbox.to(to, subject)[-1]


def issue_of(stack, project):
    return stack.value("select id from issue where project_id = %s", project.id)


def act(stack, issue, kind, account=None, data="{}"):
    stack.sql("insert into activity (organization_id, issue_id, account_id, kind, data)"
              " select organization_id, id, %s, %s, %s from issue where id = %s",
              account, kind, data, issue)


def test_an_alert_is_a_mail_that_says_what_was_measured(stack, mailbox, rules, project, send, known, ann):
    rules.add(project, frequency(1), actions=[OWNERS], name="Платежи & <b>co</b>")
    known()
    for _ in range(2):
        send(None, exception={"values": [{
            "type": "TypeError", "value": "<script>alert(1)</script> Привет",
            "stacktrace": {"frames": [{"filename": "app/pay.py", "function": "pay", "lineno": 3,
                                       "context_line": "  raise TypeError(x)", "in_app": True}]}}]},
             tags={"browser": "Firefox"}, release="shop@1", environment="production")
    mail = wait(stack, mailbox, ann.email)
    assert mail.tls and mail["from"] == "Vedette <vedette@example.org>" and mail["to"] == ann.email
    assert re.match(r"\[Vedette\] PROJECT-\w+-1 - TypeError: <script>", mail["subject"])
    assert "\n" not in mail["subject"] and "Привет" in mail["subject"]
    assert mail["list-id"] == f"<{project.slug}.acme.example.org>"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = text_of(mail), html_of(mail)
    for part in (text, html):
        assert "2 events in 1 hour" in part and "app/pay.py in pay, line 3" in part
        assert "Платежи" in part and "Firefox" in part and "production" in part
    assert "<script>alert" not in html and "&lt;script&gt;" in html
    assert f"/acme/issues/{issue_of(stack, project)}/events/?from=" in text
    assert max(len(line) for line in mail.raw.split(b"\r\n")) <= 998
    assert b"\n" not in mail.raw.replace(b"\r\n", b"")


def test_the_second_step_comes_once_and_only_if_nobody_acts(stack, mailbox, rules, project, send, known, ann):
    first, second = (address(f"{step}@example.org") for step in ("first", "second"))
    rules.add(project, NEW, actions=[first], escalate={"minutes": 15, "actions": [second]})
    known()
    for title in ("Alone", "Seen to"):
        send(title)
        wait(stack, mailbox, "first@example.org", title)
    alone, seen = (stack.value("select id from issue where project_id = %s and title = %s", project.id, title)
                   for title in ("Alone", "Seen to"))

    def states():
        return dict(stack.sql("select issue_id, escalated from alert_fire where project_id = %s", project.id))

    assert states() == {alone: "waiting", seen: "waiting"}
    assert stack.value("select count(*) from outbox where project_id = %s and cause = 'escalate' and state = 0"
                       " and due_at > now() + interval '5 minutes'", project.id) == 2
    act(stack, seen, "comment", ann.id, data='{"text": "I look at it"}')
    act(stack, alone, "priority", data='{"priority": "high"}')
    stack.kill("worker")
    stack.sql("update outbox set due_at = now() where project_id = %s and cause = 'escalate'", project.id)
    stack.start("worker")
    stack.wait_for(lambda: states() == {alone: "done", seen: "acted"}, what="the second step")
    mail = wait(stack, mailbox, "second@example.org")
    assert "Alone" in mail["subject"] and "nobody has acted for 15 minutes" in text_of(mail)
    assert stack.value("select count(*) from outbox where project_id = %s and address = 'second@example.org'",
                       project.id) == 1


def test_each_reads_a_mail_in_a_language_of_their_own(stack, mailbox, rules, project, send, known, ann):
    stack.sql("update account set language = 'ru' where id = %s", ann.id)
    rules.add(project, frequency(1), actions=[OWNERS, address("pager@example.org")])
    known()
    for _ in range(2):
        send("Two languages", release="shop@1")
    mail, other = (wait(stack, mailbox, to, "Two languages") for to in (ann.email, "pager@example.org"))
    assert '<html lang="ru">' in html_of(mail) and '<html lang="en">' in html_of(other)
    for part in (text_of(mail), html_of(mail)):
        assert "2 события (окно: 1 час)" in part and "Релиз" in part and "Больше не присылать таких писем" in part
        said = re.sub(r"(?s)<style>.*</style>|<[^>]*>|https?://\S+", "", part)
        assert re.search(r"\b(events?|Release|Alert|First seen|Environment|mails)\b", said) is None
    assert "2 events in 1 hour" in text_of(other)
    stack.sql("update organization set language = 'ru' where id = (select organization_id from project where id = %s)",
              project.id)
    try:
        stack.sql("insert into outbox (organization_id, cause, channel, address, data, key) select organization_id,"
                  " 'account', 'mail', 'pager@example.org', %s, 'ru:' || id from project where id = %s",
                  '{"cause": "account", "title": "Sign in to Vedette", "text": "x"}', project.id)
        assert '<html lang="ru">' in html_of(wait(stack, mailbox, "pager@example.org", "Вход в Vedette"))
    finally:
        stack.sql("update organization set language = null")


def test_later_mails_about_an_issue_answer_the_first(stack, mailbox, rules, project, send, known, ann):
    rules.add(project, NEW, actions=[OWNERS])
    known()
    send("A thread")
    first = wait(stack, mailbox, ann.email)
    act(stack, issue_of(stack, project), "assigned",
        data='{"account_id": %d, "name": "Ann"}' % ann.id)
    second = wait(stack, mailbox, ann.email, n=2)
    assert second["in-reply-to"] == second["references"] == first["message-id"]
    assert second["subject"] == first["subject"] and "in-reply-to" not in first


def test_a_team_hears_of_what_is_assigned_to_it(stack, mailbox, rules, project, send, known, ann):
    team = stack.value("insert into team (organization_id, slug, name)"
                       " select organization_id, slug, slug from project where id = %s returning id", project.id)
    stack.sql("insert into team_member (organization_id, team_id, account_id)"
              " select organization_id, id, %s from team where id = %s", ann.id, team)
    rules.add(project, NEW, actions=[address("end@example.org")])
    known()
    send("For the team")
    wait(stack, mailbox, "end@example.org", "For the team")
    issue = issue_of(stack, project)
    stack.sql("update issue set assignee_team_id = %s where id = %s", team, issue)
    act(stack, issue, "assigned", data='{"team_id": %d, "name": "#team"}' % team)
    assert "For the team" in wait(stack, mailbox, ann.email)["subject"]
    act(stack, issue, "resolved")
    wait(stack, mailbox, ann.email, n=2)


def own(stack, project, rules):
    stack.sql("insert into project_setting (organization_id, project_id, name, value)"
              " select organization_id, id, 'ownership.rules', %s from project where id = %s", rules, project.id)


def test_alerts_to_the_owners_reach_those_of_the_ownership_rules(stack, mailbox, rules, project, send, known, ann):
    team = stack.value("insert into team (organization_id, slug, name)"
                       " select organization_id, slug, slug from project where id = %s returning id", project.id)
    other = stack.create_account(name="Bob")
    stack.sql("insert into member (organization_id, account_id, role)"
              " select p.organization_id, a.id, 'member' from project p, account a"
              " where p.id = %s and a.email = %s", project.id, other.email)
    stack.sql("insert into team_member (organization_id, team_id, account_id)"
              " select organization_id, id, %s from team where id = %s", ann.id, team)
    own(stack, project, f"path:* #{project.slug}")
    rules.add(project, NEW, actions=[{**OWNERS, "fallthroughType": "AllMembers"}], filters=[
        {"id": "vedette.filters.issue.OwnedFilter", "targetType": "Team", "targetIdentifier": str(team)}])
    rules.add(project, NEW, actions=[address("end@example.org")])
    known()
    send(None, exception={"values": [{"type": "OwnedError", "value": "it broke", "stacktrace": {
        "frames": [{"filename": "a.py", "function": "run", "lineno": 1, "in_app": True}]}}]})
    assert "OwnedError" in wait(stack, mailbox, ann.email)["subject"]
    wait(stack, mailbox, "end@example.org", "OwnedError")
    stack.wait_for(lambda: not stack.sql("select 1 from outbox where state = 0"))
    assert mailbox.to(other.email) == []


def test_two_rules_with_the_same_receiver_are_one_mail(stack, mailbox, rules, project, send, known):
    for name in ("One", "Two"):
        rules.add(project, NEW, actions=[address("both@example.org")], name=name)
    known()
    send("Same")
    mail = wait(stack, mailbox, "both@example.org")
    stack.wait_for(lambda: not stack.sql("select 1 from outbox where state = 0"))
    assert len(mailbox.to("both@example.org")) == 1
    assert "One" in text_of(mail) and "Two" in text_of(mail)


def test_who_wants_no_alerts_gets_none(stack, mailbox, rules, project, send, known, ann):
    stack.sql("insert into notification_setting values (%s,"
              " (select organization_id from project where id = %s), 0, 'alerts', 'never')",
              ann.id, project.id)
    rules.add(project, NEW, actions=[OWNERS, address("end@example.org")])
    known()
    send("Quiet")
    wait(stack, mailbox, "end@example.org")
    stack.wait_for(lambda: not stack.sql("select 1 from outbox where state = 0"))
    assert mailbox.to(ann.email) == []


def test_workflow_mails_reach_those_who_follow_and_not_the_actor(stack, mailbox, project, send, ann):
    other = stack.create_account(name="Bob")
    bob = stack.value("select id from account where email = %s", other.email)
    stack.sql("insert into member (organization_id, account_id, role)"
              " select organization_id, %s, 'member' from project where id = %s", bob, project.id)
    send("Talk")
    issue = issue_of(stack, project)
    act(stack, issue, "comment", ann.id, '{"text": "I look into it"}')
    stack.wait_for(lambda: not stack.sql("select 1 from outbox where state = 0"))
    act(stack, issue, "comment", bob, '{"text": "thanks @%s"}' % ann.email.split("@")[0])
    mail = wait(stack, mailbox, ann.email, "Talk")
    assert "thanks @" in text_of(mail) and "Bob" in text_of(mail)
    act(stack, issue, "resolved", bob)
    wait(stack, mailbox, ann.email, "Talk", 2)
    act(stack, issue, "regressed")
    wait(stack, mailbox, other.email, "Talk", 1)
    stack.wait_for(lambda: not stack.sql("select 1 from outbox where state = 0"))
    assert len(mailbox.to(other.email)) == 1, "Bob hears of the regression, not of what he did"


def test_a_project_that_one_may_not_see_sends_no_mail(stack, mailbox, rules, project, send, known, ann):
    stack.sql("update organization set open_membership = false")
    try:
        rules.add(project, NEW, actions=[OWNERS, address("hidden@example.org")])
        known()
        send("Hidden")
        wait(stack, mailbox, "hidden@example.org")
        stack.wait_for(lambda: not stack.sql("select 1 from outbox where state = 0"))
        assert mailbox.to(ann.email) == []
    finally:
        stack.sql("update organization set open_membership = true")


def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(
        stack, mailbox, rules, project, send, known):
    rules.add(project, NEW, actions=[address("later@example.org")])
    known()
    mailbox.refuse = "451 busy"
    send("Later")
    stack.wait_for(lambda: stack.sql(
        "select 1 from outbox where address = 'later@example.org' and attempts = 1 and state = 0"
        " and last_code = 451 and due_at > now()"))
    mailbox.refuse = None
    stack.sql("update outbox set due_at = now() where state = 0; delete from outbox_endpoint")
    stack.sql("select pg_notify('vedette_outbox', '')")
    wait(stack, mailbox, "later@example.org")

    mailbox.refuse = "550 no such mailbox"
    send("Never")
    stack.expect_log("is given up")
    [(code, answer)] = stack.wait_for(lambda: stack.sql(
        "select last_code, last_answer from outbox where state = 2 and address = 'later@example.org'"))
    mailbox.refuse = None
    assert (code, answer) == (550, "550 no such mailbox")


def test_a_killed_sender_repeats_at_most_the_one_in_flight(stack, mailbox, project, send):
    """Before sending, after it: the mail arrives, at most twice, under one Message-ID."""
    for point, most in (("before_send", 1), ("after_send", 2)):
        once = stack.folder / f"once-{point}"
        stack.stop("worker")
        for n in range(5):
            stack.sql("insert into outbox (cause, channel, address, data, key) values"
                      " ('account', 'mail', %s, %s, %s)", f"{point}{n}@example.org",
                      '{"cause": "account", "title": "Kill", "text": "x"}', f"kill:{point}:{n}")
        part, command = stack.part("worker"), stack.part("worker").command
        part.command = ["env", f"VEDETTE_FAIL_POINT={point}", f"VEDETTE_FAIL_ONCE={once}", *command]
        stack.expect_log("was ended by signal 9")
        stack.start("worker")
        stack.wait_for(once.exists)
        stack.wait_for(lambda: not stack.sql("select 1 from outbox where key like %s and state = 0",
                                             f"kill:{point}:%"), what="all to be sent")
        part.command = command
        counts = [len(mailbox.to(f"{point}{n}@example.org")) for n in range(5)]
        assert all(counts) and sum(counts) <= 4 + most
        for n in range(5):
            ids = {m["message-id"] for m in mailbox.to(f"{point}{n}@example.org")}
            assert len(ids) == 1


def test_links_of_a_mail_ask_once_more_and_one_click_ends_it(
        stack, mailbox, rules, project, send, known, ann):
    rules.add(project, NEW, actions=[OWNERS])
    known()
    send("Click me")
    mail = wait(stack, mailbox, ann.email, "Click me")
    issue = issue_of(stack, project)
    resolve = re.search(r'href="(http[^"]+/mail/resolve[^"]+)"', html_of(mail)).group(1)
    path = resolve.removeprefix(stack.url)
    assert "Resolve the issue" in stack.get(path).text
    assert stack.value("select status from issue where id = %s", issue) == 0, "looking changes nothing"
    assert requests.post(resolve, timeout=60).status_code == 200
    assert stack.value("select status from issue where id = %s", issue) == 1
    assert stack.value("select account_id from activity where issue_id = %s and kind = 'resolved'",
                       issue) == ann.id
    assert stack.get(path.replace("resolve", "archive")).status_code == 404, "a changed link is none"
    away = mail["list-unsubscribe"].strip("<>")
    assert requests.post(away, data={"List-Unsubscribe": "One-Click"}, timeout=60).status_code == 200
    assert stack.sql("select kind, value from notification_setting where account_id = %s", ann.id) == [
        ("alerts", "never")]


def test_an_invitation_goes_out_by_mail_and_its_secret_is_not_kept(stack, mailbox, project):
    stack.restart("web")
    admin, guest = Person(stack).sign_in(stack.admin.email), Person(stack)
    answer = admin.post("/acme/settings/members/", email="ina@example.org", role="member")
    assert "It is on its way by mail" in answer.text
    mail = wait(stack, mailbox, "ina@example.org")
    assert "invites you to" in mail["subject"]
    link = re.search(r"(/invitation/[^/\s]+/)", text_of(mail)).group(1)
    assert link in html_of(mail)

    number = stack.value("select id from invitation where email = 'ina@example.org'")
    assert admin.post(f"/acme/settings/invitations/{number}/resend/").status_code == 200
    newer = re.search(r"(/invitation/[^/\s]+/)", text_of(wait(stack, mailbox, "ina@example.org", n=2))).group(1)
    assert newer != link and guest.get(link).status_code == 404
    assert guest.post(newer, csrf="", name="Ina", password="a horse, a battery, a staple").status_code == 303

    secret = newer.split("/")[2]
    stack.wait_for(lambda: stack.sql("select 1 from outbox where address = 'ina@example.org' and state = 0") == [])
    assert stack.sql("select 1 from outbox where data::text like %s", f"%{secret}%") == []
    deliveries = admin.get("/acme/alerts/deliveries/").text
    assert "ina@example.org" in deliveries and secret not in deliveries


def test_the_secret_of_an_invitation_that_no_server_takes_is_not_kept_either(stack, mailbox, project):
    stack.restart("web")
    mailbox.refuse = "550 no such mailbox"
    answer = Person(stack).sign_in(stack.admin.email).post("/acme/settings/members/", email="nil@example.org", role="member")
    assert re.search(r"/invitation/[^/\s]+/", answer.text), "the link to pass on is there"
    stack.wait_for(lambda: stack.sql("select 1 from outbox where address = 'nil@example.org' and state = 2"))
    mailbox.refuse = None
    assert stack.value("select data::text from outbox where address = 'nil@example.org'") == "{}"


def test_a_request_to_join_is_told_to_who_can_answer_it_and_the_answer_to_who_asked(stack, mailbox, project):
    stack.restart("web")
    owner, asker = stack.create_account("jo-owner@example.org"), stack.create_account("jo-asker@example.org")
    stack.create_project(org="jo-mails", owner=owner.email)
    boss = Person(stack).sign_in(owner.email)
    path = "/jo-mails/settings/members/requests/"
    assert boss.post(path, do="open").status_code == 303
    assert Person(stack).sign_in(asker.email).post("/account/join/", organization="jo-mails").status_code == 303
    mail = wait(stack, mailbox, owner.email)
    assert "jo-asker@example.org asks to join" in mail["subject"] and "/jo-mails/settings/members/" in text_of(mail)
    number = stack.value("select id from account where email = %s", asker.email)
    assert boss.post(path, do="accept", account=number, role="viewer").status_code == 303
    assert "You are a member of" in wait(stack, mailbox, asker.email)["subject"]
