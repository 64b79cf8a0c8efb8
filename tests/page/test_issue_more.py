"""What an issue's page says beside its events: times in the archive, alerts, its user, whom to assign to, what is similar."""

import pytest

from page.conftest import Person, statements
from page.issues import frame, lock_timeout
from page.test_issue import link, section, send
from page.test_issue_list import HTML_MAX, STATEMENTS_MAX


def words(locator):
    return " ".join(locator.inner_text().split())


def archived(stack, project, *turns):
    """turns: (kind, hours ago)"""
    stack.sql("update issue set first_seen = now() - interval '60 days' where project_id = %s", project.id)
    for kind, ago in turns:
        stack.sql("insert into activity (organization_id, issue_id, kind, data, at)"
                  " select organization_id, id, %s, '{}', now() - %s * interval '1 hour' from issue where project_id = %s",
                  kind, ago, project.id)


def shades(page):
    """The shaded times, each (from, to) as a share of the chart."""
    path = page.locator("figure svg.chart path[opacity='.25']")
    return [] if path.count() == 0 else [
        (int(x) / 1000, int(end.split("V")[0]) / 1000) for x, end in
        (part.split(" 0H") for part in path.get_attribute("d").strip("M").split("M"))]


@pytest.mark.parametrize("turns, expected", [
    ([("archived", 14 * 24 - 60), ("unresolved", 100)], [(.18, .70)]),
    ([("archived", 900), ("escalating", 168)], [(0, .5)]),
    ([("archived", 900), ("resolved", 800), ("archived", 34)], [(.9, 1)]),
    ([("archived", 900), ("unresolved", 800)], []),
    ([("archived", 200), ("comment", 190), ("assigned", 180), ("ongoing", 168)], [(.41, .5)]),
    ([], []),
], ids=["inside", "since before", "until now", "outside", "what does not end it", "never"])
def test_the_chart_shades_the_time_in_which_the_issue_was_archived(stack, project, new_browser, turns, expected):
    send(stack, project, lock_timeout())
    archived(stack, project, *turns)
    page = new_browser(stack.admin, java_script_enabled=False).open(link(stack, project))
    found = shades(page)
    assert len(found) == len(expected) and all(
        abs(a - b) < .04 for pair in zip(found, expected) for a, b in zip(*pair)), found
    assert ("archived" in page.locator("figure .legend").inner_text()) == bool(expected)


@pytest.fixture
def rule(stack, project):
    return stack.value("insert into alert_rule (organization_id, kind, name, data, is_on) select organization_id, 'issue',"
                       " '<b>Pager</b>', '{}', false from project where id = %s returning id", project.id)


def fire(stack, project, rule, minutes, cause="An event was captured.", held="", sent=()):
    id = stack.value("insert into alert_fire (organization_id, rule_id, project_id, issue_id, at, fired_at, cause, held)"
                     " select i.organization_id, %s, i.project_id, i.id, now(), now() - %s * interval '1 minute', %s, %s"
                     " from issue i where i.project_id = %s returning id", rule, minutes, cause, held, project.id)
    for n, (channel, address, state, code) in enumerate(sent):
        stack.sql("insert into outbox (organization_id, fire_id, cause, channel, address, key, state, last_code)"
                  " select organization_id, id, 'alert', %s, %s, %s, %s, %s from alert_fire where id = %s",
                  channel, address, f"more-{id}-{n}", state, code, id)


def test_the_activity_says_which_alerts_fired_and_where_they_went(stack, project, rule, new_browser):
    send(stack, project, lock_timeout())
    fire(stack, project, rule, 5, sent=[("slack", "#ops", 1, 200), ("mail", "ann@example.org", 2, 550),
                                        ("webhook", "https://hook.example/secret", 1, 204)])
    fire(stack, project, rule, 3, held="quiet")
    page = new_browser(stack.admin, java_script_enabled=False).open(link(stack, project))
    acts = [words(act) for act in section(page, "activity").locator("ol.acts > li").all()]
    assert acts[0].startswith("Vedette fired the alert <b>Pager</b> 3 min ago") and acts[0].endswith("Held back, quiet hours")
    assert acts[1].endswith("slack #ops: Delivered 200 · mail ann@example.org: Given up 550 · webhook: Delivered 204")
    section(page, "activity").get_by_role("link", name="<b>Pager</b>").first.click()
    assert page.url.endswith(f"/alerts/{rule}/")


def test_many_firings_leave_room_for_what_people_said(stack, project, rule, admin):
    send(stack, project, lock_timeout())
    admin.post(link(stack, project) + "comments/", text="I look at it")
    for n in range(40):
        fire(stack, project, rule, -n)
    answer = Person(stack).sign_in(stack.admin.email).get(link(stack, project))
    assert answer.text.count("fired the alert") == 10 and "I look at it" in answer.text
    assert "Older activity is not shown" in answer.text
    assert statements(answer) <= STATEMENTS_MAX and len(answer.content) <= HTML_MAX


def test_of_a_user_other_issues_and_all_events_are_a_click_away(stack, project, new_browser):
    send(stack, project, lock_timeout())
    address = link(stack, project)
    send(stack, project, {"message": "other trouble", "user": {"id": "90211"}})
    send(stack, project, {"message": "of somebody else", "user": {"id": "1"}})
    browser = new_browser(stack.admin, java_script_enabled=False)
    page = browser.open(address)
    page.get_by_role("link", name="Issues of this user").click()
    text = page.locator("main").inner_text()
    assert "other trouble" in text and "InventoryLockTimeout" in text and "of somebody else" not in text
    page = browser.open(address)
    page.get_by_role("link", name="All events of this user").click()
    text = page.locator("main").inner_text()
    assert "2 events" in text and "other trouble" in text and "of somebody else" not in text


@pytest.fixture
def crowd(stack):
    """Forty more members, as long as the test runs."""
    stack.sql("insert into account (email, name) select 'crowd' || n || '@example.org', 'Crowd ' || n from generate_series(1, 40) n")
    stack.sql("insert into member (organization_id, account_id, role) select o.id, a.id, 'member' from organization o, account a"
              " where o.slug = 'acme' and a.email like 'crowd%%'")
    yield
    stack.sql("delete from account where email like 'crowd%%'")


@pytest.mark.parametrize("script", [True, False])
def test_of_many_members_the_one_to_assign_is_found_by_name(stack, project, crowd, new_browser, script):
    send(stack, project, lock_timeout())
    page = new_browser(stack.admin, java_script_enabled=script).open(link(stack, project) + "?range=24h")
    menu = page.locator("details.menu", has=page.get_by_text("Find somebody"))
    menu.locator("summary").click()
    assert menu.locator("[name=assign]").count() == 26 and "more are found by their name" in menu.inner_text()
    assert menu.get_by_role("menuitemradio", name="Ada Admin (you)").count() == 1
    menu.get_by_label("Find somebody").fill("crowd 37")
    menu.get_by_label("Find somebody").press("Enter")
    page.wait_for_url("**who=crowd+37*")
    assert "range=24h" in page.url and menu.get_attribute("open") is not None
    assert menu.locator("[name=assign]").count() == 3, "who was found, the reader and nobody"
    menu.get_by_role("menuitemradio", name="Crowd 37").click()
    assert page.locator(".bar-act summary", has_text="Crowd 37").count() == 1
    assert stack.value("select a.name from issue i join account a on a.id = i.assignee_id where i.project_id = %s",
                       project.id) == "Crowd 37"


def test_a_search_that_finds_nobody_and_a_small_team_has_no_search(stack, project, new_browser, crowd, admin):
    send(stack, project, lock_timeout())
    page = new_browser(stack.admin, java_script_enabled=False).open(link(stack, project) + "?who=%3Cb%3Enobody")
    assert page.get_by_label("Find somebody").input_value() == "<b>nobody"
    assert page.locator("details[open] [name=assign]").count() == 2
    stack.sql("delete from account where email like 'crowd%%'")
    assert "Find somebody" not in admin.get(link(stack, project)).text


def stacked(kind, *functions):
    return {"platform": "python", "fingerprint": [kind, *functions], "exception": {"values": [
        {"type": kind, "value": f"{kind} of an order", "stacktrace": {"frames": [
            frame(name, n, in_app=name != "lib") for n, name in enumerate(reversed(functions), 1)]}}]}}


def test_the_stacks_of_two_similar_issues_stand_side_by_side(stack, project, new_browser):
    send(stack, project, stacked("OrderError", "pay", "lib", "checkout", "main"))
    first = stack.value("select id from issue where project_id = %s", project.id)
    send(stack, project, stacked("OrderError", "refund", "checkout", "retry", "main"))
    page = new_browser(stack.admin, java_script_enabled=False).open(f"/acme/issues/{first}/similar/")
    page.get_by_role("link", name="Compare the stacks").click()
    card = page.locator("#stacks")
    rows = [[" ".join(cell.inner_text().split()).removesuffix(" · shop/checkout/services.py") for cell in row.locator("td").all()]
            for row in card.locator("tbody tr").all()]
    assert rows == [["Same", "OrderError", "OrderError"], ["Only left", "pay", ""], ["Only left", "lib", ""],
                    ["Only right", "", "refund"], ["Same", "checkout", "checkout"], ["Only right", "", "retry"],
                    ["Same", "main", "main"]]
    assert "3 of 5 lines are the same" in card.inner_text()


def test_only_what_is_similar_is_compared_within_the_budget(stack, project, admin):
    send(stack, project, stacked("OrderError", *[f"f{n}" for n in range(250)]))
    first = stack.value("select id from issue where project_id = %s", project.id)
    send(stack, project, stacked("OrderError", *[f"f{n}" for n in range(1, 250)]))
    other = stack.value("select max(id) from issue where project_id = %s", project.id)
    answer = Person(stack).sign_in(stack.admin.email).get(f"/acme/issues/{first}/similar/?with={other}")
    assert "Stacks side by side" in answer.text and statements(answer) <= STATEMENTS_MAX and len(answer.content) <= HTML_MAX
    for with_ in (first, 0, "x", 2**70):
        assert "Stacks side by side" not in admin.get(f"/acme/issues/{first}/similar/?with={with_}").text


@pytest.mark.parametrize("script", [True, False])
def test_packages_are_filtered_by_name_and_the_walk_is_kept(stack, project, new_browser, script):
    send(stack, project, lock_timeout(modules={f"lib-{n}": f"1.{n}" for n in range(40)} | {"Django": "5.2.4"}))
    page = new_browser(stack.admin, java_script_enabled=script).open(link(stack, project) + "?range=24h")
    packages = section(page, "packages")
    packages.locator("summary").click()
    packages.get_by_label("Name").fill("DJANG")
    packages.get_by_role("button", name="Filter").click()
    page.wait_for_url("**package=DJANG*")
    assert "range=24h" in page.url and packages.get_attribute("open") is not None
    assert packages.locator("summary .mute").inner_text() == "1 of 41"
    assert packages.locator("dt").all_inner_texts() == ["Django"]
    packages.get_by_label("Name").fill("<b>none")
    packages.get_by_label("Name").press("Enter")
    packages.get_by_text("No package is called so.").wait_for()
    assert packages.locator("dt").count() == 0


def test_few_packages_need_no_filter(stack, project, admin):
    send(stack, project, lock_timeout())
    assert 'name="package"' not in admin.get(link(stack, project)).text


# ---- what an event brought along

def test_extra_data_is_a_tree_that_can_be_folded(stack, project, new_browser):
    order = {"id": 7, "lines": [{"sku": f"MUG-{n:04}", "price": "9.99", "paid": None} for n in range(6)],
             "ship": {"to": "Linz", "note": "<b>" + "x" * 90}}
    send(stack, project, {"message": "tree", "extra": {"order": order, "short": {"a": 1}}})
    page = new_browser(stack.admin, java_script_enabled=False).open(link(stack, project))
    extra = section(page, "extra")
    assert extra.locator("tr").filter(has_text="short").last.inner_text().split("\t") == ["short", '{"a": 1}']
    assert extra.locator("details[open] > summary").inner_text().strip().startswith('{3} {"id": 7, ')
    lines = extra.locator("details:not([open]) > summary").filter(has_text="[6]")
    assert not extra.get_by_text("MUG-0005").is_visible()
    lines.click()
    assert extra.get_by_text("MUG-0005").is_visible()
    assert [n for n in "012345"] == extra.locator("details details table").first.locator("td:first-child").all_inner_texts()


def test_a_tree_of_extra_data_has_an_end(stack, project, admin):
    send(stack, project, {"message": "large", "extra": {"list": [{"number": n, "text": "y" * 80} for n in range(2000)]}})
    html = admin.get(link(stack, project)).text
    assert " more, in the JSON of the event" in html and len(html) < 90_000


def test_an_outdated_sdk_is_named_by_what_the_organisation_uses(stack, project, admin):
    def page_of(name, version):
        id = send(stack, project, {"message": "sdk", "sdk": {"name": name, "version": version}})
        return admin.get(f"{link(stack, project)}events/{id}/").text
    name = f"vedette.test.{project.id}"
    assert "Outdated" not in page_of(name, "2.9.1")
    assert "Outdated" not in page_of(name, "2.10.0")
    old = page_of(name, "2.9.1")
    assert "Outdated" in old and "<b>2.10.0</b>" in old
    for other in ((name, "3.0.0-alpha.1"), (name, "newest"), (name + ".other", "9.0.0"), (name + " 9", "9.9.9")):
        page_of(*other)
    assert "<b>2.10.0</b>" in page_of(name, "2.9.1")
    # what nobody has used for a month is no measure
    stack.sql("update sdk_newest set seen_on = current_date - 31 where name = %s", name)
    assert "Outdated" not in page_of(name, "2.9.1")


def test_source_and_variables_of_a_large_stack_are_bounded_and_can_all_be_had(stack, project, new_browser):
    frames = [frame(f"call_{n}", n + 10, **{"vars": {"text": f"{n} " + "z" * 1500}}, in_app=n % 4 == 3) for n in range(60)]
    send(stack, project, {"platform": "python", "exception": {"values": [
        {"type": "Deep", "value": "x", "stacktrace": {"frames": frames}}]}})
    page = new_browser(stack.admin, java_script_enabled=False).open(link(stack, project))
    few = len(page.content())
    shown = section(page, "stack")
    assert "z" * 1500 in shown.locator("details.frame").first.inner_text()
    assert " in call_0" in shown.locator(".lib").last.text_content(), "each call is named"
    page.get_by_role("link", name="Show all of them").click()
    assert len(page.content()) > few + 40_000
    assert section(page, "stack").locator("td", has_text="0 zzz").count() > 0
    assert not page.get_by_role("link", name="Show all of them").is_visible()
