"""Limits by category, and what an organisation keeps."""

import pytest

from page.conftest import Person, statements


@pytest.fixture
def own(stack):
    """An organisation of its own, and its owner."""
    account = stack.create_account()
    project = stack.create_project(org="org-" + account.email[:8], owner=account.email)
    project.person = Person(stack).sign_in(account.email)
    return project


@pytest.mark.parametrize("where", ["settings", "projects/{slug}"])
def test_a_limit_is_set_holds_at_the_edge_and_is_removed(stack, own, where):
    path = f"/{own.org}/{where.format(slug=own.slug)}/limits/"
    assert own.person.post(path, category="error", count="0", window="3600").status_code == 303
    text = own.person.get(path).text
    assert ">error<" in text and "There is none" not in text

    def answer():
        return stack.send_envelope(own, {}, [({"type": "event"}, {"message": "x"})]).status_code
    stack.wait_for(lambda: answer() == 429)
    number = stack.value("select max(id) from quota")
    assert own.person.post(path, remove=str(number)).status_code == 303
    stack.wait_for(lambda: answer() == 200)
    assert statements(own.person.get(path)) <= 6


@pytest.mark.parametrize("fields", [
    {"category": "error", "count": "-1", "window": "60"}, {"category": "error", "count": "x", "window": "60"},
    {"category": "nonsense", "count": "1", "window": "60"}, {"category": "error", "count": "1", "window": "0"},
    {"category": "", "count": "1", "window": "60"}])
def test_a_strange_limit_is_refused(own, fields):
    answer = own.person.post(f"/{own.org}/settings/limits/", **fields)
    assert answer.status_code == 422 and "A limit is a whole number" in answer.text


def test_another_owners_limit_is_not_removed_from_here(stack, own):
    assert own.person.post(f"/{own.org}/settings/limits/", category="*", count="5", window="60").status_code == 303
    number = stack.value("select max(id) from quota")
    path = f"/{own.org}/projects/{own.slug}/limits/"
    assert own.person.post(path, remove=str(number)).status_code == 404
    assert own.person.post(path, remove="x").status_code == 404
    assert stack.value("select count(*) from quota where id = %s", number) == 1


def test_retention_is_set_and_run(stack, own):
    path = f"/{own.org}/settings/data/"
    assert own.person.post(path, days="30", bytes="500").status_code == 303
    text = own.person.get(path).text
    assert 'name="days"' in text and 'value="30"' in text and 'value="500"' in text
    assert own.person.post(path, days="many", bytes="").status_code == 422
    assert own.person.post(path, run="1").status_code == 303
    stack.wait_for(lambda: "The last one ended" in own.person.get(path).text)
    assert stack.value("select count(*) from audit a join organization o on o.id = a.organization_id"
                       " where o.slug = %s and a.account_id is not null", own.org) >= 2
    assert statements(own.person.get(path)) <= 10
