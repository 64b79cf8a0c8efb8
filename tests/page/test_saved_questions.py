"""Questions of the explorer with a name: own ones and shared ones."""

import pytest
from page.conftest import saved_menu, statements

HERE = "/acme/explore/saved/"


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


def menu(person, query=""):
    """(name, link, current) of the explorer's menu."""
    return saved_menu(person.get(f"/acme/explore/{query}").text, "Saved questions")


def test_a_question_is_saved_found_again_and_deleted_by_keyboard(acme, viewer, browser):
    page = browser.open("/acme/explore/?as=table&by=browser&by=&by=os&q=level:error+a%26b&show=users&range=14d&top=10")
    page.get_by_label("Saved questions").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Save this question").press("Enter")
    assert page.get_by_text("Users · Table · browser · os · level:error a&b").is_visible()
    page.get_by_label("Name").fill("<script>window.hacked = 1</script>")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="window.hacked").press("Enter")
    page.wait_for_url("**/acme/explore/*")
    assert page.url.partition("?")[2] == "q=level%3Aerror%20a%26b&by=browser&by=os&show=users&as=table"
    assert page.get_by_label("Saved questions").inner_text() == "<script>window.hacked = 1</script>"
    assert page.get_by_label("What to count").input_value() == "users"
    assert page.evaluate("window.hacked") is None
    assert menu(viewer) == []
    page.get_by_label("Saved questions").press("Enter")
    page.get_by_role("link", name="Manage searches").press("Enter")
    page.get_by_role("button", name="Delete").press("Enter")
    assert page.get_by_text("No question is saved yet").is_visible()


def test_a_shared_question_is_seen_by_all_and_changed_by_admins(stack, viewer, member_of):
    admin = member_of("acme", "admin")
    assert viewer.post(HERE, name="For all", query="by=level", shared="1").status_code == 403
    assert 'name="shared"' not in viewer.get(HERE).text
    assert admin.post(HERE, name="For all", query="compare=1&by=level&by=&cursor=7&nonsense=x", shared="1").status_code == 303
    [(id, query)] = stack.sql("select id, query from saved_search")
    assert query == "by=level&compare=1"
    assert menu(viewer) == [("For all", "?by=level&compare=1", False)]
    assert menu(viewer, "?by=level&by=&compare=1&top=10&range=14d") == [("For all", "?by=level&compare=1", True)]
    for do in ("save", "delete"):
        assert viewer.post(f"{HERE}{id}/", do=do, name="No", query=query).status_code == 403
    assert admin.post(f"{HERE}{id}/", do="save", name="By level", query=query).status_code == 303
    assert menu(viewer) == [("By level", "?by=level&compare=1", False)]
    assert admin.post(f"{HERE}{id}/", do="choose").status_code == 400, "the stream alone opens with one"


def test_the_stream_and_the_explorer_keep_theirs_apart(stack, viewer, member_of):
    assert viewer.post(HERE, name="Same", query="by=level").status_code == 303
    assert viewer.post("/acme/issues/searches/", name="Same", query="level:error").status_code == 303
    assert viewer.post(HERE, name="SAME", query="by=os").status_code == 409
    theirs, ours = (stack.value("select id from saved_search where place = %s", place) for place in (0, 1))
    assert "by=level" not in viewer.get("/acme/issues/searches/").text
    assert viewer.post(f"{HERE}{theirs}/", do="delete").status_code == 404
    assert viewer.post(f"/acme/issues/searches/{ours}/", do="delete").status_code == 404
    assert member_of("acme", "owner").post(f"{HERE}{ours}/", do="delete").status_code == 404
    assert statements(viewer.get(HERE)) <= 12


@pytest.mark.parametrize("fields, why", [
    ({"name": "", "query": "by=os"}, "A name of 60 characters at most."),
    ({"name": "Broken", "query": "q=%zz"}, "This is no question of the explorer."),
    ({"name": "Long", "query": "q=" + "x" * 2001}, "The question is too long to be saved."),
])
def test_what_cannot_be_saved_is_said(stack, viewer, fields, why):
    answer = viewer.post(HERE, **fields)
    assert answer.status_code == 422 and why in answer.text
    assert stack.value("select count(*) from saved_search") == 0
