"""A project goes to another organisation, and nothing of it stays or is lost."""

import re
import threading
import uuid

import pytest

from page.conftest import Person

# What tells of the old organisation's own past.
STAYS = {"outcome_hour", "outcome_day", "outbox", "alert_fire", "dead_letter", "retention_freed", "job", "audit"}


class Place:
    """An organisation of its own with an owner who is signed in."""

    def __init__(self, stack, org, **project):
        self.stack = stack
        self.email = stack.create_account().email
        self.org = org
        self.project = stack.create_project(org=org, owner=self.email, **project)
        self.owner = Person(stack).sign_in(self.email)
        self.id = stack.value("select id from organization where slug = %s", org)

    @property
    def offers(self):
        return self.owner.get(f"/{self.org}/settings/transfers/").text

    def answer(self, do):
        number = self.stack.value("select id from project_transfer where organization_id = %s", self.id)
        return self.owner.post(f"/{self.org}/settings/transfers/{number}/", do=do)

    def transfer(self, slug):
        return f"/{self.org}/projects/{slug}/transfer/"

    def audit(self, action):
        return self.stack.sql("select object, after from audit where organization_id = %s and action = %s",
                              self.id, action)


@pytest.fixture
def two(stack):
    tail = uuid.uuid4().hex[:8]
    return Place(stack, f"giver-{tail}"), Place(stack, f"taker-{tail}")


def home(stack, project):
    return stack.value("select organization_id from project where id = %s", project.id)


def wait_until_moved(stack, project):
    stack.wait_for(lambda: not stack.sql("select 1 from project_transfer where project_id = %s", project.id),
                   what="a project that has moved")


def left_behind(stack, giver, project):
    """Tables that still have rows of this project in the old organisation."""
    found = set()
    for name, columns in stack.sql(
            "select c.oid::regclass::text, array_agg(a.attname::text) from pg_class c"
            "  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
            " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition"
            " group by 1 having array_agg(a.attname::text) @> array['organization_id']"):
        if "project_id" in columns:
            of = "t.project_id = %s"
        elif "issue_id" in columns:
            of = "t.issue_id in (select id from issue where project_id = %s)"
        elif "release_id" in columns:
            of = "t.release_id in (select id from release where project_id = %s)"
        else:
            continue
        if stack.sql(f"select 1 from {name} t where t.organization_id = %s and {of} limit 1", giver.id, project.id):
            found.add(name)
    return found


def test_a_project_moves_with_all_that_it_has_while_events_come(stack, two):
    giver, taker = two
    project = giver.project
    event = uuid.uuid4().hex
    stack.send_envelope(project, {"event_id": event}, [
        ({"type": "event"}, {"event_id": event, "message": "Before", "release": "shop@1.0", "environment": "live",
                             "tags": {"server": "web1"}, "user": {"id": "7"}}),
        ({"type": "attachment", "filename": "log.txt"}, b"first line"),
        ({"type": "user_report"}, {"event_id": event, "comments": "It broke"})])
    stack.wait_for_event(event)
    issue = f"{project.slug.upper()}-1"
    giver.owner.post(f"/{giver.org}/issues/{issue}/comments/", text="Mine")
    giver.owner.post(f"/{giver.org}/projects/{project.slug}/origins/", origins="shop.example")
    stack.sql("update issue set assignee_id = (select id from account where email = %s) where project_id = %s",
              giver.email, project.id)

    assert giver.owner.post(giver.transfer(project.slug), to=taker.org).status_code == 303
    assert "Waiting for" in giver.owner.get(giver.transfer(project.slug)).text
    assert f"Accept {project.slug}" in taker.offers and "project.request-transfer" in str(
        giver.owner.get(f"/{giver.org}/settings/audit/").text)
    assert home(stack, project) == giver.id, "until somebody accepts"

    sent = []
    sender = threading.Thread(target=lambda: sent.extend(
        stack.send_event(project, message=f"Event {n}") for n in range(150)))
    sender.start()
    assert taker.answer("accept").status_code == 303
    wait_until_moved(stack, project)
    sender.join()
    sent.append(stack.send_event(project, message="After"))
    stack.wait_for(lambda: stack.value("select count(*) from event where project_id = %s", project.id) == len(sent) + 1)

    assert home(stack, project) == taker.id
    assert left_behind(stack, giver, project) <= STAYS
    assert stack.sql("select 1 from outcome_hour where project_id = %s and outcome = 'invalid'", project.id) == []
    assert giver.owner.get(f"/{giver.org}/issues/{issue}/").status_code == 404
    page = taker.owner.get(f"/{taker.org}/issues/{issue}/")
    assert page.status_code == 200 and "Before" in page.text and "Mine" in page.text
    assert taker.owner.get(f"/{taker.org}/issues/{issue}/events/{event}/").status_code == 200
    assert "shop.example" in taker.owner.get(f"/{taker.org}/projects/{project.slug}/origins/").text
    assert stack.value("select assignee_id from issue where project_id = %s and number = 1", project.id) is None
    for place in two:
        assert [row[0] for row in place.audit("project.transfer")] == [project.slug]
    assert stack.redis.hget(f"vedette:key:{project.key}", "org") == str(taker.id).encode()


def test_who_owns_both_moves_it_at_once_and_addresses_do_not_collide(stack, two):
    giver, taker = two
    stack.sql("insert into member select %s, id, 'owner' from account where email = %s", taker.id, giver.email)
    twin = stack.create_project(slug=giver.project.slug, org=taker.org, owner=taker.email)
    giver.owner.post(giver.transfer(giver.project.slug), to=taker.org)
    wait_until_moved(stack, giver.project)
    assert giver.owner.get(f"/{taker.org}/projects/{twin.slug}-2/settings/").status_code == 200
    assert taker.audit("project.transfer") == [(f"{twin.slug}-2", taker.audit("project.transfer")[0][1])]


def test_what_waits_for_the_digest_finds_its_project(stack, two):
    giver, taker = two
    stack.stop("worker")
    try:
        event = stack.send_event(giver.project, message="On its way")
        stack.sql("insert into project_transfer (from_organization, organization_id, project_id, address,"
                  " asked_name, asked_email, expires_at, accepted_name, accepted_email, accepted_at, gone_in)"
                  " values (%s, %s, %s, %s, '', '', now(), '', '', now(), pg_current_xact_id())",
                  giver.id, taker.id, giver.project.id, taker.org)
        stack.sql("select project_transfer_go(%s, %s, %s)", giver.project.id, giver.id, taker.id)
    finally:
        stack.start("worker")
    stack.wait_for_event(event)
    wait_until_moved(stack, giver.project)
    assert stack.value("select organization_id from event where event_id = %s", uuid.UUID(event)) == taker.id


def test_the_alerts_of_the_past_link_to_nothing_that_has_gone(stack, two):
    giver, taker = two
    project, event = giver.project, uuid.uuid4().hex
    stack.send_envelope(project, {"event_id": event}, [
        ({"type": "event"}, {"event_id": event, "message": "Seen"}),
        ({"type": "user_report"}, {"event_id": event, "comments": "It broke"})])
    stack.wait_for(lambda: stack.sql("select 1 from feedback where project_id = %s", project.id), what="the message")
    stack.wait_for_event(event)
    stack.sql("with r as (insert into alert_rule (organization_id, kind, name, data) values (%s, 'issue', 'Told', '{}') returning id)"
              " insert into alert_fire (organization_id, rule_id, project_id, issue_id, feedback_id, at, cause)"
              " select f.organization_id, r.id, f.project_id, i.id, f.id, now(), 'Feedback came' from r, feedback f"
              " join issue i using (project_id) where f.project_id = %s", giver.id, project.id)
    links = r'href="(/[^"]*/(?:feedback|issues)/\d+/[^"]*)"'
    history = f"/{giver.org}/alerts/history/"
    assert len(set(re.findall(links, giver.owner.get(history).text))) == 2
    giver.owner.post(giver.transfer(project.slug), to=taker.org)
    assert taker.answer("accept").status_code == 303
    wait_until_moved(stack, project)
    assert stack.sql("select issue_id, feedback_id from alert_fire where project_id = %s", project.id) == [(None, None)]
    assert re.findall(links, giver.owner.get(history).text) == []


def test_whether_there_is_such_an_organisation_is_not_told(stack, two):
    giver, taker = two
    path = giver.transfer(giver.project.slug)
    pages = []
    for to in (taker.org, "taker-none-of-that"):
        assert giver.owner.post(path, to=to).status_code == 303
        giver.owner.get(path)  # has shown the sentence
        pages.append(giver.owner.get(path).text.split("<main", 1)[1].split("<p class", 1)[1].split(" until", 1)[0]
                     .replace(to, "TO"))
    assert pages[0].split("accepts")[1] == pages[1].split("accepts")[1]
    assert "Nothing is offered" in taker.offers, "it was asked of another one since"
    assert giver.owner.post(path, to=giver.org).status_code == 409
    assert giver.owner.post(path, to="No such/thing").status_code == 422


def test_it_is_withdrawn_declined_or_too_old(stack, two):
    giver, taker = two
    path = giver.transfer(giver.project.slug)
    giver.owner.post(path, to=taker.org)
    assert giver.owner.post(path, withdraw="1").status_code == 303
    assert "Nothing is offered" in taker.offers

    giver.owner.post(path, to=taker.org)
    assert taker.answer("decline").status_code == 303
    assert "have declined" in giver.owner.get(path).text
    assert taker.answer("accept").status_code == 404
    assert [row[0] for row in taker.audit("project.decline-transfer")] == [giver.project.slug]

    giver.owner.post(path, to=taker.org)
    stack.sql("update project_transfer set expires_at = now() where project_id = %s", giver.project.id)
    assert "Nothing is offered" in taker.offers and taker.answer("accept").status_code == 404
    assert "within a week" in giver.owner.get(path).text
    assert home(stack, giver.project) == giver.id


def test_it_is_accepted_in_a_browser_without_javascript(stack, two, new_browser):
    giver, taker = two
    giver.owner.post(giver.transfer(giver.project.slug), to=taker.org)
    page = new_browser(taker, java_script_enabled=False).open(f"/{taker.org}/settings/transfers/")
    page.get_by_role("button", name=f"Accept {giver.project.slug}").click()
    assert page.get_by_text("The project is on its way").is_visible()
    wait_until_moved(stack, giver.project)
    assert home(stack, giver.project) == taker.id
