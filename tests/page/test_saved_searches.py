"""Searches of the stream with a name: own ones, shared ones, and the one that the stream opens with."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from page.conftest import saved_menu

HERE = "/acme/issues/searches/"


@pytest.fixture(scope="module")
def acme(stack):
    return stack.create_project("shop")


@pytest.fixture
def viewer(acme, member_of):
    return member_of("acme", "viewer")


@pytest.fixture(autouse=True)
def nothing_saved(stack):
    yield
    stack.sql("delete from saved_search")


def ids(stack):
    return [row[0] for row in stack.sql("select id from saved_search order by id")]


def menu(person, path="/acme/issues/?q="):
    """(name, link, current) of the stream's menu of saved searches."""
    return saved_menu(person.get(path).text, "Saved searches")


def test_what_the_stream_shows_can_be_saved_under_a_name(stack, viewer):
    query = 'level:error "lock timeout" a&b'
    html = viewer.get(f"/acme/issues/?q={quote(query)}&sort=freq").text
    link = unescape(re.search(r'href="([^"]*/searches/\?[^"]*)"', html).group(1))
    form = viewer.get(link).text
    assert unescape(re.search(r'name="query"[^>]*value="([^"]*)"', form).group(1)) == query
    assert '<option value="freq" selected>' in form
    assert viewer.post(HERE, name="Locks", query=query, sort="freq").status_code == 303
    [(name, link, current)] = menu(viewer)
    assert name == "Locks" and not current
    assert menu(viewer, f"/acme/issues/{link}") == [(name, link, True)]


def test_own_searches_are_seen_by_nobody_else(stack, viewer, member_of):
    viewer.post(HERE, name="Mine", query="level:fatal")
    other = member_of("acme", "owner")
    [id] = ids(stack)
    assert "Mine" not in other.get(HERE).text and menu(other) == []
    for do in ("save", "delete", "choose"):
        assert other.post(f"{HERE}{id}/", do=do, name="Taken").status_code == 404
    assert ids(stack) == [id]


def test_shared_searches_are_seen_by_all_and_changed_by_admins(stack, viewer, member_of):
    admin = member_of("acme", "admin")
    assert viewer.post(HERE, name="For all", query="", shared="1").status_code == 403
    assert 'name="shared"' not in viewer.get(HERE).text
    assert admin.post(HERE, name="For all", query="is:regressed", shared="1").status_code == 303
    [id] = ids(stack)
    assert [name for name, _, _ in menu(viewer)] == ["For all"]
    assert viewer.post(f"{HERE}{id}/", do="save", name="No").status_code == 403
    assert viewer.post(f"{HERE}{id}/", do="delete").status_code == 403
    assert admin.post(f"{HERE}{id}/", do="save", name="Came back", query="is:regressed", sort="user").status_code == 303
    assert menu(viewer) == [("Came back", "?q=is%3Aregressed&sort=user", False)]
    assert admin.post(f"{HERE}{id}/", do="delete").status_code == 303
    assert menu(viewer) == []
    assert [row[0] for row in stack.sql("select action from audit where action like 'search.%%' order by id")] == [
        "search.create", "search.edit", "search.remove"]


def test_the_stream_opens_with_the_chosen_search(stack, viewer, member_of):
    member_of("acme", "admin").post(HERE, name="Fatal", query="level:fatal", sort="new", shared="1")
    [id] = ids(stack)
    assert viewer.get("/acme/issues/").status_code == 200
    assert viewer.post(f"{HERE}{id}/", do="choose").status_code == 303
    answer = viewer.get("/acme/issues/")
    assert answer.headers["Location"] == "/acme/issues/?q=level%3Afatal&sort=new"
    assert viewer.get("/acme/issues/?q=").status_code == 200
    assert member_of("acme", "viewer").get("/acme/issues/").status_code == 200
    assert viewer.post(f"{HERE}{id}/", do="unchoose").status_code == 303
    assert viewer.get("/acme/issues/").status_code == 200


@pytest.mark.parametrize("fields, status, why", [
    ({"name": "", "query": "x"}, 422, "A name of 60 characters at most."),
    ({"name": "n" * 61, "query": "x"}, 422, "A name of 60 characters at most."),
    ({"name": "Long", "query": "x" * 1001}, 422, "A search of 1000 characters at most."),
    ({"name": "TAKEN", "query": "x"}, 409, "There is a search of this name."),
])
def test_what_cannot_be_saved_is_said_and_kept(stack, viewer, fields, status, why):
    viewer.post(HERE, name="Taken", query="y")
    answer = viewer.post(HERE, **fields)
    assert answer.status_code == status and why in answer.text
    assert fields["query"][:1000] in answer.text
    assert len(ids(stack)) == 1
    [id] = ids(stack)
    assert viewer.post(f"{HERE}{id}/", do="save", name="").status_code == 422


def test_there_are_fifty_at_most(stack, viewer):
    viewer.post(HERE, name="First", query="")
    stack.sql("insert into saved_search (organization_id, account_id, name, query, sort)"
              " select organization_id, account_id, 'n' || g, '', 'seen' from saved_search, generate_series(1, 49) g")
    assert viewer.post(HERE, name="Last", query="").status_code == 429
    assert len(menu(viewer)) == 50


def test_it_works_by_keyboard_and_with_hostile_names(acme, stack, browser):
    page = browser.open("/acme/issues/?q=is%3Aregressed")
    page.get_by_label("Saved searches").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Save this search").press("Enter")
    page.get_by_label("Name").fill("<script>window.hacked = 1</script>")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Open first").press("Enter")
    assert page.get_by_text("Opens first").is_visible()
    page.goto(f"{stack.url}/acme/issues/")
    assert page.url.endswith("?q=is%3Aregressed")
    assert page.get_by_label("Saved searches").inner_text() == "<script>window.hacked = 1</script>"
    assert page.evaluate("window.hacked") is None
