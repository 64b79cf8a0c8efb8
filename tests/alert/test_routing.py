"""Who hears of an alert, and when: a table of actions, settings, mutes and of rules that hold back."""

import datetime
import json

import pytest
from alert.rules import NEW, frequency

from alert.mailbox import text_of

NEWS = {"id": "sentry.mail.actions.NotifyEmailAction"}
OWNERS = {**NEWS, "targetType": "IssueOwners"}
OWNED = {"values": [{"type": "Owned", "value": "it broke", "stacktrace": {"frames": [
    {"filename": "src/pay.py", "function": "pay", "lineno": 1, "in_app": True}]}}]}


def end(name):
    """The last action of every rule: when this mail is there, the others are."""
    return {"id": "vedette.actions.MailAddressAction", "address": f"{name.replace(' ', '-')}@end.example"}


class Town:
    """An organisation with people and a team, and a project for each case."""

    def __init__(self, stack, mailbox, rules):
        self.stack, self.mailbox, self.rules = stack, mailbox, rules
        self.people, self.projects, self.made = {}, {}, {}
        stack.create_project("hall", org="town")
        for name in ("ann", "bob", "cat", "dan"):
            self.move_in(name)
        self.team = stack.value("insert into team (organization_id, slug, name) select id, 'front', 'front'"
                                " from organization where slug = 'town' returning id")
        for name in ("bob", "cat"):
            stack.sql("insert into team_member (organization_id, team_id, account_id)"
                      " select organization_id, id, %s from team where id = %s", self.people[name], self.team)

    def move_in(self, name, org="town"):
        self.people[name] = self.stack.value(
            "insert into account (email, name) values (%s, %s) returning id", f"{name}@{org}.example", name)
        self.stack.sql("insert into member (organization_id, account_id, role)"
                       " select id, %s, 'member' from organization where slug = %s", self.people[name], org)

    def project(self, name, org="town"):
        if name not in self.projects:
            made = self.projects[name] = self.stack.create_project(name.replace(" ", "-"), org=org)
            self.stack.sql("insert into project_setting (organization_id, project_id, name, value)"
                           " select organization_id, id, v.name, '0' from project,"
                           " (values ('mail.digest.shortest'), ('mail.digest.longest')) v (name) where id = %s", made.id)
        return self.projects[name]

    def setting(self, who, value, project=None, kind="alerts"):
        self.stack.sql("insert into notification_setting (account_id, organization_id, project_id, kind, value)"
                       " select %s, id, %s, %s, %s from organization where slug = 'town'",
                       self.people[who], self.project(project).id if project else 0, kind, value)

    def own(self, project, rules):
        self.stack.sql("insert into project_setting (organization_id, project_id, name, value)"
                       " select organization_id, id, 'ownership.rules', %s from project where id = %s",
                       rules, self.project(project).id)

    def hears(self, subject):
        """Names of those who got this mail."""
        return {mail.to.split("@")[0] for mail in self.mailbox.mails
                if subject in mail["subject"] and not mail.to.endswith("@end.example")}

    def come(self, name, title=None, **fields):
        """An event of the case's project; waits for the end of its rules."""
        title = title or f"About {name}"
        before = len(self.mailbox.to(end(name)["address"]))
        if "exception" not in fields:
            fields["message"] = title
        self.stack.wait_for_event(self.stack.send_event(self.project(name), **fields))
        self.stack.wait_for(lambda: len(self.mailbox.to(end(name)["address"])) > before, what=f"the end of {name}")
        self.stack.wait_for(lambda: not self.stack.sql(
            "select 1 from outbox where state = 0 and due_at <= now() and project_id = %s", self.project(name).id),
            what=f"all mails of {name}")


# name: (actions by the town's ids, who hears)
CASES = {
    "member": (lambda t: [{**NEWS, "targetType": "Member", "targetIdentifier": str(t.people["ann"])}], {"ann"}),
    "team": (lambda t: [{**NEWS, "targetType": "Team", "targetIdentifier": str(t.team)}], {"bob", "cat"}),
    "all members": (lambda t: [{**NEWS, "targetType": "AllMembers"}], {"ann", "bob", "cat", "dan", "admin"}),
    "owners none": (lambda t: [{**OWNERS, "fallthroughType": "NoOne"}], set()),
    "owners all": (lambda t: [{**OWNERS, "fallthroughType": "AllMembers"}], {"ann", "bob", "cat", "dan", "admin"}),
    "owners": (lambda t: [{**OWNERS, "fallthroughType": "AllMembers"}], {"ann"}),
    "owners team": (lambda t: [{**OWNERS, "fallthroughType": "AllMembers"}], {"bob", "cat"}),
    "stranger": (lambda t: [{**NEWS, "targetType": "Member", "targetIdentifier": str(t.people["eve"])}], set()),
    "nobody has it": (lambda t: [{**NEWS, "targetType": "Assignee"}], set()),
    "twice": (lambda t: [{**NEWS, "targetType": "Team", "targetIdentifier": str(t.team)},
                         {**NEWS, "targetType": "Member", "targetIdentifier": str(t.people["bob"])}], {"bob", "cat"}),
    "never here": (lambda t: [{**NEWS, "targetType": "Member", "targetIdentifier": str(t.people["dan"])}], set()),
    "always here": (lambda t: [{**NEWS, "targetType": "Member", "targetIdentifier": str(t.people["dan"])}], {"dan"}),
    "never of another kind": (
        lambda t: [{**NEWS, "targetType": "Member", "targetIdentifier": str(t.people["cat"])}], {"cat"}),
    "muted": (lambda t: [{**NEWS, "targetType": "Team", "targetIdentifier": str(t.team)}], {"cat"}),
}


@pytest.fixture(scope="module")
def town(stack, mailbox, rules):
    town = Town(stack, mailbox, rules)
    stack.create_project("elsewhere", org="village")
    town.move_in("eve", "village")
    for name, (actions, _) in CASES.items():
        if name != "all members":
            town.made[name] = rules.add(town.project(name), NEW, actions=[*actions(town), end(name)], name=name)
    town.own("owners", f"path:src/* ann@town.example\npath:test/* #front")
    town.own("owners team", "path:src/* #front")
    town.setting("dan", "never", "never here")
    town.setting("cat", "never", kind="resolved")
    stack.sql("insert into alert_mute (rule_id, account_id, organization_id, until)"
              " select id, %s, organization_id, now() + interval '1 hour' from alert_rule where id = %s",
              town.people["bob"], town.made["muted"])

    rules.add(town.project("assignee"), NEW, actions=[end("assignee")])
    rules.add(town.project("assignee"), frequency(1), actions=[{**NEWS, "targetType": "Assignee"}, end("assignee")])
    town.made["everywhere"] = rules.add(town.project("all members"), NEW, actions=[
        *CASES["all members"][0](town), end("all members")])
    member = {**NEWS, "targetType": "Member", "targetIdentifier": str(town.people["ann"])}
    town.made["several"] = rules.add(town.project("several"), NEW, actions=[member, end("several")])
    stack.sql("insert into alert_rule_project (rule_id, project_id, organization_id)"
              " select %s, id, organization_id from project where id = %s", town.made["several"],
              town.project("several too").id)
    rules.add(town.project("several too"), NEW, actions=[end("several too")])
    rules.add(town.project("not of several"), NEW, actions=[end("not of several")])
    town.made["cap"] = rules.add(town.project("cap"), NEW, actions=[member], cap={"count": 2, "minutes": 1440})
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    town.quiet_ends = now + datetime.timedelta(hours=3)
    clock = {"from": f"{now - datetime.timedelta(hours=3):%H:%M}", "to": f"{town.quiet_ends:%H:%M}"}
    town.made["quiet"] = rules.add(town.project("quiet"), NEW, actions=[member],
                                   quiet={**clock, "days": "all", "zone": "UTC"})
    for name in ("cap", "quiet"):
        rules.add(town.project(name), NEW, actions=[end(name)])
    stack.restart("worker")
    return town


@pytest.mark.parametrize("name", CASES)
def test_the_action_reaches_whom_it_names_and_nobody_else(town, name):
    if name == "always here":  # the project's own setting is above that of the organisation
        town.setting("dan", "never")
        town.setting("dan", "always", name)
    try:
        town.come(name, **({"exception": OWNED} if "owners" in name else {}))
        subject = f"] {town.project(name).slug.upper()}-1 - "  # whole: one slug may end as another
        assert town.hears(subject) == CASES[name][1]
        alerts = [mail.to for mail in town.mailbox.mails if subject in mail["subject"] and "Alert:" in text_of(mail)]
        assert len(alerts) == len(set(alerts)) == len(CASES[name][1]) + 1, "one each"
    finally:
        if name == "always here":
            town.stack.sql("delete from notification_setting where account_id = %s and kind = 'alerts'"
                           " and project_id = 0", town.people["dan"])


def test_an_assignee_is_who_has_it_at_that_moment(town, stack):
    town.come("assignee")
    assert town.hears("About assignee") == set()
    stack.sql("update issue set assignee_id = %s where project_id = %s", town.people["ann"],
              town.project("assignee").id)
    town.come("assignee")
    assert town.hears("About assignee") == {"ann"}


def test_a_rule_of_two_projects_hears_both_and_no_third(town):
    for name in ("several", "several too", "not of several"):
        town.come(name)
    assert [town.hears(f"About {name}") for name in ("several", "several too", "not of several")] == [
        {"ann"}, {"ann"}, set()]


def test_who_has_not_been_here_lately_is_not_among_the_active(town, stack, mailbox, rules):
    place = stack.create_project("crowd", org="many")
    stack.sql("insert into account (email, name, last_login_at) select 'p' || n || '@many.example', 'p' || n,"
              " now() - n * interval '1 hour' from generate_series(1, 22) n")
    stack.sql("insert into member (organization_id, account_id, role) select p.organization_id, a.id, 'member'"
              " from project p, account a where p.id = %s and a.email like '%%@many.example'", place.id)
    rules.add(place, NEW, actions=[{**OWNERS, "fallthroughType": "ActiveMembers"}, end("crowd")])
    stack.restart("worker")
    town.projects["crowd"] = place
    town.come("crowd")
    heard = town.hears("About crowd")
    assert len(heard) == 20 and {f"p{n}" for n in range(1, 20)} <= heard and "p22" not in heard


def held(stack, town, name):
    return stack.sql("select held, count(*)::int from alert_fire where rule_id = %s group by 1 order by 1",
                     town.made[name])


def release(stack, town, name):
    """As if the time had come."""
    due = stack.value("update outbox set due_at = now() where rule_id = %s and cause = 'digest' and channel = 'route'"
                      " and state = 0 and due_at > now() returning due_at > now()", town.made[name])
    assert due is False
    stack.sql("select pg_notify('vedette_outbox', '')")
    stack.wait_for(lambda: town.hears("more alerts of"), what="one mail of those that were held")


def test_over_its_cap_a_rule_tells_of_the_rest_in_one(town, stack, mailbox):
    for n in range(5):
        town.come("cap", title=f"Capped {'abcde'[n]}")
    assert held(stack, town, "cap") == [("", 2), ("cap", 3)]
    assert [town.hears(f"Capped {letter}") for letter in "abcde"] == [{"ann"}, {"ann"}, set(), set(), set()]
    release(stack, town, "cap")
    [mail] = mailbox.to("ann@town.example", "3 more alerts of")
    assert all(f"Capped {letter}" in text_of(mail) for letter in "cde")
    assert "Capped a" not in text_of(mail)


def test_in_its_quiet_hours_a_rule_waits_and_tells_all_when_they_end(town, stack, mailbox):
    for n in range(2):
        town.come("quiet", title=f"Silent {'ab'[n]}")
    assert held(stack, town, "quiet") == [("quiet", 2)]
    assert town.hears("Silent") == set()
    assert stack.sql("select due_at from outbox where rule_id = %s and cause = 'digest' and state = 0",
                     town.made["quiet"]) == [(town.quiet_ends,)]
    stack.sql("update outbox set due_at = now() where rule_id = %s and cause = 'digest' and state = 0",
              town.made["quiet"])
    stack.sql("select pg_notify('vedette_outbox', '')")
    stack.wait_for(lambda: mailbox.to("ann@town.example", "2 more alerts of"), what="what was held")


def post(stack, key, **columns):
    """A mail of its own in the outbox; its id."""
    columns = {"cause": "account", "channel": "mail", "address": f"{key}@example.org", "key": key, "endpoint": key,
               "data": json.dumps({"cause": "account", "title": key, "text": "x"}), **columns}
    return stack.value(f"insert into outbox ({', '.join(columns)}) values ({', '.join(['%s'] * len(columns))})"
                       " returning id", *columns.values())


def state_of(stack, id):
    return stack.sql("select state, attempts, extract(epoch from due_at - now())::int from outbox where id = %s", id)[0]


def test_a_delivery_is_tried_ever_more_seldom_and_is_dead_after_a_day(stack, mailbox):
    now = datetime.datetime.now(datetime.timezone.utc)
    mailbox.refuse = "451 later"
    stack.expect_log("is given up")
    try:
        for attempts, least, most in ((0, 5, 6.25), (3, 135, 169), (6, 3645, 4557)):
            id = post(stack, f"seldom-{attempts}", attempts=attempts)
            stack.sql("select pg_notify('vedette_outbox', '')")
            stack.wait_for(lambda i=id, n=attempts: state_of(stack, i)[1] > n and state_of(stack, i)[2] > 0 or
                           stack.value("select last_code from outbox where id = %s", i), what="a refusal")
            [(pause, state)] = stack.sql("select extract(epoch from due_at - created_at), state from outbox"
                                         " where id = %s", id)
            assert state == 0 and least <= pause <= most + 60, attempts  # and how long it took
        young = post(stack, "young", created_at=now - datetime.timedelta(hours=23))
        old = post(stack, "old", created_at=now - datetime.timedelta(hours=25))
        stack.sql("select pg_notify('vedette_outbox', '')")
        for id, state in ((young, 0), (old, 2)):
            stack.wait_for(lambda i=id: stack.value("select last_code from outbox where id = %s", i) == 451)
            assert state_of(stack, id)[0] == state
    finally:
        mailbox.refuse = None


def test_what_another_has_leased_waits_until_the_lease_is_over(stack, mailbox):
    now = datetime.datetime.now(datetime.timezone.utc)
    leased = post(stack, "leased", leased_until=now + datetime.timedelta(hours=1), attempts=1)
    free = post(stack, "free")
    stack.sql("select pg_notify('vedette_outbox', '')")
    stack.wait_for(lambda: state_of(stack, free)[0] == 1, what="the one that is free")
    assert state_of(stack, leased)[:2] == (0, 1) and mailbox.to("leased@example.org") == []
    stack.sql("update outbox set leased_until = now() where id = %s", leased)
    stack.sql("select pg_notify('vedette_outbox', '')")
    stack.wait_for(lambda: state_of(stack, leased)[0] == 1, what="its turn")
    assert len(mailbox.to("leased@example.org")) == 1
