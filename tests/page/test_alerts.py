"""The pages of alerts: the editor, the list, and the others that stand beside it."""

import json
import re

import pytest

from alert.rules import EVERY, LOG, frequency
from page.conftest import Person


@pytest.fixture
def page(browser):
    return browser.page


def test_a_rule_is_written_rehearsed_saved_and_found(stack, project, browser, page):
    for n in range(3):
        stack.wait_for_event(stack.send_event(project, message="Seen", tags={"browser": "Firefox"}))
    browser.open("/acme/alerts/new/")
    page.get_by_label("Name", exact=True).fill("Checkout errors")
    page.locator("select[name=project]").select_option([project.slug])
    page.locator("select[name='add.c']").select_option(frequency(1)["id"])
    page.get_by_role("button", name="Add trigger").click()
    page.locator("[name='c1.value']").fill("2")
    page.locator("select[name='add.f']").select_option("sentry.rules.filters.tagged_event.TaggedEventFilter")
    page.get_by_role("button", name="Add filter").click()
    page.locator("[name='f0.key']").fill("browser")
    page.locator("[name='f0.value']").fill("Firefox")
    page.get_by_role("button", name="Rehearse the draft").click()
    assert page.get_by_role("heading", name="Would have fired once").is_visible()
    page.get_by_role("button", name="Remove").first.click()
    assert page.get_by_role("heading", name="Would have fired once").is_visible()
    page.get_by_role("button", name="Save alert").click()
    assert page.get_by_text("Saved.").is_visible()
    [(name, data, on)] = stack.sql("select r.name, r.data, r.is_on from alert_rule r join alert_rule_project p"
                                   " on p.rule_id = r.id where p.project_id = %s", project.id)
    data = json.loads(data)
    assert (name, on, len(data["conditions"]), data["filters"][0]["value"]) == (
        "Checkout errors", True, 1, "Firefox")
    browser.open(f"/acme/alerts/?project={project.slug}")
    assert page.get_by_text("An issue is seen more than 2 times in 1 hour").is_visible()


def test_a_rule_belongs_to_somebody_of_the_organisation(stack, project):
    """To a person or a team; a stranger's name is not to be had by giving a number."""
    person = Person(stack).sign_in(stack.admin.email)
    stranger = stack.create_account(name="Sally Stranger").email
    stack.create_project(org="elsewhere", owner=stranger)
    org = stack.value("select organization_id from project where id = %s", project.id)
    team = stack.value("insert into team (organization_id, slug, name) values (%s, 'night', 'Night Watch') returning id", org)
    theirs = stack.value("insert into team (organization_id, slug, name) select id, 'day', 'Day Watch' from organization"
                         " where slug = 'elsewhere' returning id")
    numbers = dict(stack.sql("select email, id from account"))
    rule = {"project": project.slug, "frequency": "30", "on": "on", "do": "save", "c0.id": EVERY["id"], "a0.id": LOG["id"]}
    own = stack.value("select name from account where email = %s", stack.admin.email)
    for name, owner, shown in (("Of a person", f"user:{numbers[stack.admin.email]}", own),
                               ("Of a team", f"team:{team}", "Night Watch"), ("Of nobody", "", None),
                               ("Of a stranger", f"user:{numbers[stranger]}", None), ("Of others", f"team:{theirs}", None)):
        answer = person.post("/acme/alerts/new/", name=name, owner=owner, **rule)
        assert answer.status_code == 303, answer.text
        editor = person.get(answer.headers["Location"]).text
        chosen = re.findall(r'<option value="([^"]*)" selected', re.search(r'name="owner".*?</select>', editor).group())
        assert chosen == ([owner] if shown else []), name
        row = re.search(rf"<tr[^>]*>(?:(?!</tr>).)*{name}.*?</tr>", person.get("/acme/alerts/").text, re.DOTALL).group()
        assert shown is None or shown in row, name
        assert "Stranger" not in row and "Day Watch" not in row


def test_further_if_then_blocks_are_added_filled_removed_and_saved(stack, project, browser, page):
    level = "sentry.rules.filters.level.LevelFilter"
    stack.wait_for_event(stack.send_event(project, message="Grave", level="fatal"))
    browser.open("/acme/alerts/new/")
    page.get_by_label("Name", exact=True).fill("Two ways")
    page.locator("select[name=project]").select_option([project.slug])
    for n in (1, 2):
        page.get_by_role("button", name="Add another IF and THEN").click()
        page.locator(f"select[name='b{n}.add.f']").wait_for()
    page.locator("select[name='b2.add.f']").select_option(level)
    page.locator("button[name=do][value='b2.add.f']").click()
    page.locator("[name='b2.f0.level']").select_option("50")
    page.locator("[name='b2.f0.match']").select_option("eq")
    page.locator("select[name='b2.add.a']").select_option("vedette.actions.LogAction")
    page.locator("button[name=do][value='b2.add.a']").click()
    page.locator("[name='b2.a1.id']").wait_for(state="attached")
    page.locator("button[name=do][value='drop:b1.']").click()
    page.locator("[name='b1.a1.id']").wait_for(state="attached")
    assert page.locator("aside h2").first.inner_text() == "Would have fired 2 times"
    page.locator("button[name=do][value='remove:b1.a0.']").click()
    page.locator("[name='b1.a1.id']").wait_for(state="detached")
    page.locator("select[name='e.add.a']").select_option("vedette.actions.LogAction")
    page.locator("button[name=do][value='e.add.a']").click()
    page.locator("[name='e.a0.id']").wait_for(state="attached")
    assert page.get_by_label("Minutes until the second step").input_value() == "15"
    page.get_by_role("button", name="Save alert").click()
    assert page.get_by_text("Saved.").is_visible()
    data = json.loads(stack.value("select data from alert_rule where name = 'Two ways'"))
    assert data["escalate"] == {"minutes": 15, "actions": [{"id": "vedette.actions.LogAction"}]}
    [block] = data["blocks"]
    assert (block["filters"], [action["id"] for action in block["actions"]]) == (
        [{"id": level, "match": "eq", "level": "50"}], ["vedette.actions.LogAction"])
    browser.open(f"/acme/alerts/?project={project.slug}")
    assert page.get_by_text("; and if: ").is_visible()
    assert page.get_by_text(", if nobody acts for 15 minutes").is_visible()


def test_the_other_pages_are_there_and_what_is_exported_can_be_imported(stack, browser, page):
    for path in ("history", "incidents", "deliveries", "channels", "import", "new", "new/?kind=metric"):
        browser.open(f"/acme/alerts/{path}" + ("" if "?" in path else "/"))
    browser.open("/account/notifications/")
    page.get_by_label("Weekly report").select_option("never")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_label("Weekly report").input_value() == "never"
    exported = page.evaluate("fetch('/acme/alerts/export/').then(r => r.text())")
    before = stack.value("select count(*) from alert_rule")
    browser.open("/acme/alerts/import/")
    page.get_by_label("Rules as JSON, as the export has written them").fill(exported)
    page.get_by_role("button", name="Import").click()
    assert page.get_by_text(re.compile("rules? w(as|ere) imported")).is_visible()
    assert stack.value("select count(*) from alert_rule") == 2 * before


def test_channels_tell_what_arrived_what_did_not_and_how_long_it_took(stack, project, browser, page):
    integration = stack.value("insert into integration (organization_id, type, name, sealed) select organization_id, 'slack',"
                              " 'Ops room', '' from project where id = %s returning id", project.id)
    for n, (state, seconds, code, answer) in enumerate(
            [(1, 1, 200, "ok")] * 9 + [(1, 20, 200, "ok"), (2, 30, 404, "channel_is_gone")]):
        stack.sql("insert into outbox (organization_id, project_id, cause, channel, integration_id, key, state,"
                  " attempts, last_code, last_answer, created_at, done_at)"
                  " select organization_id, id, 'issue', 'slack', %s, %s, %s, 1, %s, %s, now() - interval '1 minute',"
                  " now() - interval '1 minute' + %s * interval '1 second' from project where id = %s",
                  integration, f"channel:{integration}:{n}", state, code, answer, seconds, project.id)
    browser.open("/acme/alerts/channels/")
    row = page.get_by_role("row").filter(has_text="Ops room")
    cells = [cell.strip() for cell in row.get_by_role("cell").all_inner_texts()]
    assert cells[1:7] == ["Does not arrive", "10", "1", "0", "1.0 s", "18 s"]
    assert "404 channel_is_gone" in cells[8]


# what a row needs beside its id; the others have a value for each field
NEEDED = {"NewTagValueCondition": {"key": "browser"}, "TaggedEventFilter": {"key": "plan", "match": "nsw", "value": "Free"},
          "EventAttributeFilter": {"attribute": "http.url", "match": "ew", "value": "/Cart"},
          "LatestAdoptedReleaseFilter": {"oldest_or_newest": "newest", "older_or_newer": "older", "environment": "production"},
          "UnusualCondition": {"value": "50", "season": "day", "least": "7", "interval": "15m"},
          "EventUniqueUserFrequencyConditionWithConditions": {"value": "3", "comparisonType": "percent", "interval": "1d",
                                                              "comparisonInterval": "1w"},
          "IssueCategoryFilter": {"value": "12"}, "AssignedToFilter": {"targetType": "Team", "targetIdentifier": "3"},
          "MailAddressAction": {"address": "desk@example.org"}, "AssignAction": {"account": "1"},
          "AssignTeamAction": {"team": "1"}}
TAGGED = {"id": "sentry.rules.filters.tagged_event.TaggedEventFilter", "key": "plan", "match": "is"}
METRIC = {"metric": "users", "level": "40", "window": "15", "compare": "week", "side": "above", "critical": "300",
          "warning": "200", "resolve": "", "period": "2", "actions": [{"id": "vedette.actions.MailAddressAction",
                                                                       "address": "desk@example.org"}],
          "escalate": {"minutes": 45, "actions": [{"id": "vedette.actions.MailAddressAction", "address": "boss@example.org"}]}}
HEALTH = {"metric": "crash_free_sessions", "window": "60", "side": "below", "critical": "95", "release": "latest",
          "least": "50", "actions": METRIC["actions"]}


def test_every_row_of_the_tables_comes_back_from_json_as_it_was(stack, project):
    person = Person(stack).sign_in(stack.admin.email)
    editor = person.get("/acme/alerts/new/").text

    def rows(part):
        options = re.search(rf'name="add\.{part}".*?</select>', editor, re.DOTALL).group()
        return [{"id": id, **NEEDED.get(id.rpartition(".")[2], {})} for id in re.findall(r'<option value="([^"]+)"', options)]

    def exported():
        return {rule["name"]: rule for rule in person.get("/acme/alerts/export/").json()}

    rules = [{"conditions": [row], "filters": [TAGGED], "actions": [LOG]} for row in rows("c")]
    rules += [{"conditions": [EVERY], "filters": [row], "actions": [LOG]} for row in rows("f")]
    rules += [{"conditions": [EVERY], "filters": [], "actions": [row]} for row in rows("a")
              if not row["id"].startswith("vedette.integration.")]  # of connections, which other tests make
    rules = [{"actionMatch": "any", "filterMatch": "all", **rule} for rule in rules]
    rules[0].update(blocks=[{"filterMatch": "none", "filters": [TAGGED], "actions": [LOG]}], cap={"count": 3, "minutes": 60},
                    quiet={"from": "22:00", "to": "06:00", "days": "work", "zone": "Europe/Riga"},
                    escalate={"minutes": 20, "actions": [LOG]})
    given = [{"name": f"Row {n}", "kind": "issue", "projects": [project.slug], "environments": ["production"],
              "frequency": 60, "status": "disabled", "rule": rule} for n, rule in enumerate(rules)]
    given += [{**given[0], "name": "Number", "kind": "metric", "rule": METRIC},
              {**given[0], "name": "Release", "kind": "metric", "rule": HEALTH}]
    assert len(given) > 45
    answer = person.post("/acme/alerts/import/", rules=json.dumps(given))
    assert answer.status_code == 303, re.findall(r'role="alert".*?</div></div>', answer.text, re.DOTALL)
    once = exported()
    assert [once[rule["name"]] for rule in given] == given
    again = [{**once[rule["name"]], "name": rule["name"] + " again"} for rule in given]
    assert person.post("/acme/alerts/import/", rules=json.dumps(again)).status_code == 303
    twice = exported()
    assert [twice[rule["name"]] for rule in again] == again
    # each can be opened, and a rule that cannot work is not taken
    for name in ("Row 0", "Number", "Release"):
        id = stack.value("select id from alert_rule where name = %s", name)
        assert person.get(f"/acme/alerts/{id}/").status_code == 200
    for attribute, taken in (("extra.cart.items", True), ("user.plan", True), ("extra.", False), ("message.x", False)):
        row = {"id": "sentry.rules.filters.event_attribute.EventAttributeFilter", "attribute": attribute, "match": "is"}
        rule = {**given[0], "rule": {"conditions": [EVERY], "filters": [row], "actions": [LOG]}}
        answer = person.post("/acme/alerts/import/", rules=json.dumps([rule]))
        assert (answer.status_code == 303) == taken, attribute
        assert taken or "cannot be" in answer.text
    wrong = {**given[0], "kind": "metric", "rule": {**METRIC, "release": "latest"}}
    answer = person.post("/acme/alerts/import/", rules=json.dumps([wrong]))
    assert answer.status_code == 422 and "Only of sessions a release" in answer.text
    matching = next(row for row in rows("c") if row["id"].endswith("WithConditions"))
    wrong = {**given[0], "rule": {"conditions": [matching], "filters": [], "actions": [LOG]}}
    answer = person.post("/acme/alerts/import/", rules=json.dumps([wrong]))
    assert answer.status_code == 422 and "tag filters of the first IF" in answer.text


ALIASES = [("slack", "slack.notify_action.SlackNotifyServiceAction", "workspace", {"channel": "#x"}),
           ("msteams", "msteams.notify_action.MsTeamsNotifyServiceAction", "team", {}),
           ("discord", "discord.notify_action.DiscordNotifyServiceAction", "server", {}),
           ("pagerduty", "pagerduty.notify_action.PagerDutyNotifyServiceAction", "account", {}),
           ("opsgenie", "opsgenie.notify_action.OpsgenieNotifyTeamAction", "account", {"team": "Shop"}),
           ("jira", "jira.notify_action.JiraCreateTicketAction", "integration", {"project": "SHOP"}),
           ("jira", "jira_server.notify_action.JiraServerCreateTicketAction", "integration", {"project": "SHOP"}),
           ("github", "github.notify_action.GitHubCreateTicketAction", "integration", {"repo": "acme/shop"}),
           ("github", "github_enterprise.notify_action.GitHubEnterpriseCreateTicketAction", "integration", {"repo": "acme/shop"})]


@pytest.mark.parametrize("type, id, field, more", ALIASES, ids=[row[1].partition(".")[0] for row in ALIASES])
def test_an_action_of_another_tool_is_one_of_ours(stack, project, type, id, field, more):
    """Its rule is imported as it is; the editor shows the connection and what is to be sent where."""
    person = Person(stack).sign_in(stack.admin.email)
    integration = stack.value("insert into integration (organization_id, type, name, sealed) select organization_id, %s,"
                              " %s, '' from project where id = %s returning id", type, id, project.id)
    action = {"id": f"sentry.integrations.{id}", field: str(integration), **more}
    rule = {"name": id, "kind": "issue", "projects": [project.slug], "environments": [], "frequency": 60, "status": "disabled",
            "rule": {"actionMatch": "any", "filterMatch": "all", "conditions": [EVERY], "filters": [], "actions": [action]}}
    answer = person.post("/acme/alerts/import/", rules=json.dumps([rule]))
    assert answer.status_code == 303, re.findall(r'role="alert".*?</div></div>', answer.text, re.DOTALL)
    made = stack.value("select id from alert_rule where name = %s", id)
    editor = person.get(f"/acme/alerts/{made}/").text
    chosen = re.search(r'name="a0.integration".*?</select>', editor, re.DOTALL).group()
    assert f'<option value="{integration}" selected' in chosen
    for value in more.values():
        assert f'value="{value}"' in editor


@pytest.mark.parametrize("action, told", [
    ({"id": "sentry.rules.actions.notify_event.NotifyEventAction"}, "each connection in an action of its own"),
    ({"id": "sentry.rules.actions.notify_event_service.NotifyEventServiceAction", "service": "webhooks"},
     "each connection in an action of its own"),
    ({"id": "sentry.integrations.vsts.notify_action.AzureDevopsCreateTicketAction", "integration": "1"},
     "no connection to Azure DevOps")])
def test_an_action_that_only_the_other_tool_has_is_refused_with_what_to_do(stack, project, action, told):
    rule = {"name": "Theirs", "kind": "issue", "projects": [project.slug], "environments": [], "frequency": 60,
            "rule": {"actionMatch": "any", "filterMatch": "all", "conditions": [EVERY], "filters": [], "actions": [action]}}
    answer = Person(stack).sign_in(stack.admin.email).post("/acme/alerts/import/", rules=json.dumps([rule]))
    assert answer.status_code == 422 and told in answer.text
    assert stack.sql("select 1 from alert_rule where name = 'Theirs'") == []
