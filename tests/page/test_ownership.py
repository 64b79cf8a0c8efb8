"""Ownership rules: written, tried, made of CODEOWNERS, and followed by the worker."""

import html
import json

import pytest

from page.conftest import Person
from page.test_issue_life import error, issues, kinds, send

RULES = "path:* #shop\npath:shop/checkout/* ada #shop\nmodule:legacy.*\ntags.area:billing* #billing"


@pytest.fixture(scope="module")
def ada(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture(scope="module", autouse=True)
def teams(stack):
    """{slug: id}"""
    stack.create_project()
    return {slug: stack.value("insert into team (organization_id, slug, name) select id, %s, initcap(%s)"
                              " from organization where slug = 'acme' returning id", slug, slug)
            for slug in ("shop", "billing")}


def page(project):
    return f"/acme/projects/{project.slug}/ownership/"


def text(stack):
    return RULES.replace("ada", stack.admin.email)


def save(ada, project, rules, **fields):
    return ada.post(page(project), rules=rules, do="save", **{"assign": "on"} | fields)


def plain(answer):
    return html.unescape(answer.text)


def holder(stack, id):
    return stack.sql("select a.email, t.slug from issue i left join account a on a.id = i.assignee_id"
                     " left join team t on t.id = i.assignee_team_id where i.id = %s", id)[0]


@pytest.fixture
def ruled(stack, ada, project):
    """A project whose worker is sure to know the rules: it had not heard of it before."""
    assert save(ada, project, text(stack)).status_code == 303
    return project


def event(type, module="app.run", filename="app/run.py", **more):
    made = error(type, **more)
    frame = made["exception"]["values"][0]["stacktrace"]["frames"][0]
    frame |= {"filename": filename, "module": module, "abs_path": f"/srv/{filename}"}
    return made


def test_new_issues_go_to_their_owners(stack, ada, ruled):
    send(stack, ruled, event("Other"), event("Checkout", filename="shop/checkout/pay.py"),
         event("Nobody", module="legacy.app"), event("Tagged", tags={"area": "billing-eu"}))
    ids = issues(stack, ruled)
    assert {type: holder(stack, id) for type, id in ids.items()} == {
        "Other": (None, "shop"), "Checkout": (stack.admin.email, None), "Nobody": (None, None),
        "Tagged": (None, "billing")}
    data = json.loads(stack.value("select data from activity where issue_id = %s", ids["Other"]))
    assert data["name"] == "#shop" and data["rule"] == "path:* #shop"
    shown = plain(ada.get(f"/acme/issues/{ids['Checkout']}/"))
    assert "Suggested owners" in shown and f"by the rule <code>path:shop/checkout/* {stack.admin.email} #shop" in shown
    assert "Suggested owners" not in ada.get(f"/acme/issues/{ids['Nobody']}/").text


def test_switched_off_they_are_only_suggested_and_one_click_assigns(stack, ada, project, teams):
    assert save(ada, project, text(stack), assign="").status_code == 303
    send(stack, project, event("Other"))
    id = issues(stack, project)["Other"]
    assert holder(stack, id) == (None, None) and kinds(stack, id) == []
    shown = ada.get(f"/acme/issues/{id}/").text
    assert "Suggested owners" in shown and f'name="assign" value="team:{teams["shop"]}">Assign<' in shown
    ada.post(f"/acme/issues/{id}/", assign=f"team:{teams['shop']}")
    assert holder(stack, id) == (None, "shop")
    assert "Assigned</span>" in ada.get(f"/acme/issues/{id}/").text


def test_a_regression_is_assigned_unless_somebody_has_it(stack, ada, ruled):
    send(stack, ruled, event("Free"), event("Taken"))
    ids = issues(stack, ruled)
    for type, assign in (("Free", "0"), ("Taken", stack.value("select id from account where email = %s",
                                                              stack.admin.email))):
        ada.post(f"/acme/issues/{ids[type]}/", assign=str(assign))
        ada.post(f"/acme/issues/{ids[type]}/", do="resolve")
    send(stack, ruled, event("Free"), event("Taken"))
    assert holder(stack, ids["Free"]) == (None, "shop")
    assert holder(stack, ids["Taken"]) == (stack.admin.email, None)


def test_open_issues_from_before_the_rules_get_their_owners_too(stack, ada, project):
    taken = stack.value("select id from account where email = %s", stack.admin.email)
    send(stack, project, *[event(type) for type in ("Free", "Freed", "Taken", "Resolved")],
         event("Checkout", filename="shop/checkout/pay.py"), event("Nobody", module="legacy.app"))
    ids = issues(stack, project)
    for type, assign in (("Freed", taken), ("Freed", 0), ("Taken", taken)):
        ada.post(f"/acme/issues/{ids[type]}/", assign=str(assign))
    ada.post(f"/acme/issues/{ids['Resolved']}/", do="resolve")
    assert save(ada, project, text(stack)).status_code == 303
    asked = "look at the open issues" in ada.get(page(project)).text
    finished(stack, project, 1)
    me = stack.admin.email
    assert asked and {type: holder(stack, id) for type, id in ids.items()} == {
        "Free": (None, "shop"), "Freed": (None, None), "Taken": (me, None), "Resolved": (None, None),
        "Checkout": (me, None), "Nobody": (None, None)}
    assert json.loads(stack.value("select data from activity where issue_id = %s", ids["Free"]))["rule"] == "path:* #shop"
    assert [suggested(stack, ids[type]) for type in ("Free", "Freed", "Taken", "Resolved", "Nobody")] == [1, 1, 1, 0, 0]
    # without rules nobody is suggested, and who has an issue keeps it
    assert save(ada, project, "").status_code == 303
    finished(stack, project, 2)
    assert [suggested(stack, id) for id in ids.values()] == [0] * len(ids)
    assert holder(stack, ids["Free"]) == (None, "shop")


def test_many_open_issues_are_looked_at_in_steps(stack, ada, project):
    send(stack, project, event("First"))
    first = issues(stack, project)["First"]
    stack.sql("insert into issue (organization_id, project_id, number, title, type, value, culprit, platform, level,"
              " priority, first_seen, last_seen, status, substatus, status_at)"
              " select organization_id, project_id, number + n, title, type, value, culprit, platform, level,"
              " priority, first_seen, last_seen, status, substatus, status_at"
              " from issue, generate_series(1, 250) n where id = %s", first)
    assert save(ada, project, text(stack)).status_code == 303
    finished(stack, project, 1)
    assert stack.value("select done from job where project_id = %s", project.id) == 251
    assert holder(stack, first) == (None, "shop"), "the oldest comes last"


def suggested(stack, id):
    return stack.value("select count(*) from issue_owner where issue_id = %s", id)


def finished(stack, project, n):
    stack.wait_for(lambda: stack.value("select count(*) from job where project_id = %s and kind = 'owners' and state = 1",
                                       project.id) == n, what="the job that asks the rules")


@pytest.mark.parametrize("rules, told", [
    ("path:a/* #shop\n\npth:b #shop", "Line 3: <code class=\"u\">pth:b</code> A pattern begins"),
    ("path:a ann", "Line 1: <code class=\"u\">ann</code> An owner is"),
    ("path:a stranger@example.org", "<code class=\"u\">stranger@example.org</code> No member has this address"),
    ("# x\npath:a #shop #none", "Line 2: <code class=\"u\">#none</code> There is no such team")])
def test_what_is_wrong_is_told_with_its_line_and_word(stack, ada, project, rules, told):
    answer = save(ada, project, rules)
    assert answer.status_code == 422 and told in plain(answer) and rules in plain(answer)
    assert stack.sql("select 1 from project_setting where project_id = %s", project.id) == []


@pytest.mark.parametrize("what, line", [
    ("shop/checkout/pay.py", 2), ("lib/x.py", 1), ("legacy.app", 3), ("area=billing-eu", 4), ("area=x", None)])
def test_rules_are_tried_before_they_are_saved(stack, ada, project, what, line):
    shown = plain(ada.post(page(project), rules=text(stack), what=what, do="try"))
    assert (f"Line {line} decides" if line else "No rule matches") in shown
    assert stack.sql("select 1 from project_setting where project_id = %s", project.id) == []


def test_rules_are_tried_on_the_latest_event(stack, ada, project):
    assert "There is no event yet." in plain(ada.post(page(project), rules=text(stack), do="latest"))
    send(stack, project, event("Checkout", filename="shop/checkout/pay.py"))
    shown = plain(ada.post(page(project), rules=text(stack), do="latest"))
    assert "Line 2 decides" in shown and "Checkout: it broke" in shown


CODEOWNERS = """
* @acme/shop
/docs/  docs@example.org @ada-lovelace   # comment
*.sql   @stranger

[Money][2] @acme/billing
/src/my\\ money/
/src/tax/ @acme/shop @acme/nowhere
"""


def test_codeowners_become_rules_and_strangers_are_listed(stack, ada, project):
    own = "path:own #shop"
    names = f"@ada-lovelace = {stack.admin.email}"
    answer = ada.post(page(project), rules=own, names=names, codeowners=CODEOWNERS, do="translate")
    shown = plain(answer)
    assert "Rules that were made of it: 4." in shown
    for name in ("@stranger", "docs@example.org", "@acme/nowhere"):
        assert f"<li><code class=\"u\">{name}</code></li>" in shown
    rules = shown.split('name="rules"')[1].split(">\n", 1)[1].split("</textarea>")[0]
    assert rules.splitlines() == [
        "# ---- from CODEOWNERS", "codeowners:* #shop", f"codeowners:/docs/ {stack.admin.email}",
        "# nobody here: codeowners:*.sql", 'codeowners:"/src/my money/" #billing', "codeowners:/src/tax/ #shop",
        "# ---- end of CODEOWNERS", own]
    again = plain(ada.post(page(project), rules=rules, names=names, codeowners="* @acme/billing", do="translate"))
    assert "codeowners:* #billing\n# ---- end of CODEOWNERS\npath:own #shop" in again and "/docs/" not in \
        again.split('name="rules"')[1].split("</textarea>")[0].split(">\n", 1)[1]
    assert save(ada, project, rules, names=names).status_code == 303
    assert "@ada-lovelace = " in ada.get(page(project)).text
    assert stack.value("select count(*) from audit where object = %s and strpos(after, 'ownership.rules') > 0",
                       project.slug) == 1


def test_a_long_codeowners_file_is_kept_whole(stack, ada, project):
    own = "".join(f"path:own/{n} #shop\n" for n in range(100))
    files = "".join(f"/src/part-{n}/ @acme/shop\n" for n in range(100))
    shown = plain(ada.post(page(project), rules=own, codeowners=files, do="translate"))
    rules = shown.split('name="rules"')[1].split(">\n", 1)[1].split("</textarea>")[0].splitlines()
    assert rules == ["# ---- from CODEOWNERS", *(f"codeowners:/src/part-{n}/ #shop" for n in range(100)),
                     "# ---- end of CODEOWNERS", *own.splitlines()]
