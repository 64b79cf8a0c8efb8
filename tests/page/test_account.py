"""A person's own page."""

import re

from page.conftest import Person

PASSWORD = "correct horse battery"


def test_a_password_is_chosen_after_a_link(stack, new_browser):
    account = stack.create_account()
    browser = new_browser(account)
    page = browser.open("/account/")
    assert page.get_by_text("You have no password yet").is_visible()
    page.fill("[name=new]", PASSWORD)
    page.fill("[name=again]", PASSWORD + "!")
    page.click("text=Set password")
    assert page.get_by_text("The two are not the same.").is_visible()
    browser.expect_error("422")
    page.fill("[name=new]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.click("text=Set password")
    assert page.get_by_text("The new password holds").is_visible()
    assert not page.get_by_text("You have no password yet").is_visible()
    stored = stack.value("select password_hash from account where email = %s", account.email)
    assert stored.startswith("$argon2id$") and "m=65536" in stored

    page.reload()
    assert not page.get_by_text("The new password holds").is_visible(), "a message shows once"


def test_a_new_password_needs_the_old_one_and_ends_the_other_logins(stack, new_person):
    account = stack.create_account()
    person = new_person(account.email).set_password(PASSWORD)
    other = new_person(account.email)
    new = "another good sentence"
    wrong = person.post("/account/password/", current="guess", new=new, again=new)
    assert wrong.status_code == 422 and "not your current password" in wrong.text
    assert other.get("/account/").status_code == 200
    before = person.session.cookies["vedette"]
    assert person.post("/account/password/", current=PASSWORD, new=new, again=new).status_code == 303
    assert person.get("/account/").status_code == 200
    assert person.session.cookies["vedette"] != before
    assert other.get("/account/").status_code == 303
    assert Person(stack).post("/login/", csrf="", email=account.email,
                              password=new).status_code == 303


def test_weak_passwords_are_refused(stack, new_person):
    account = stack.create_account()
    person = new_person(account.email)
    for password in ("short", "x" * 257, account.email):
        answer = person.post("/account/password/", new=password, again=password)
        assert answer.status_code == 422, password
    assert stack.value("select password_hash is null from account where email = %s", account.email)


def test_a_name_is_changed_and_kept_when_it_is_wrong(stack, new_person):
    person = new_person()
    assert person.post("/account/", name=" Ada “L” <b>Lovelace</b> ").status_code == 303
    page = person.get("/account/").text
    assert "&lt;b&gt;Lovelace&lt;/b&gt;" in page and "<b>Lovelace" not in page
    answer = person.post("/account/", name="n" * 101)
    assert answer.status_code == 422
    assert "n" * 101 in answer.text and "100 characters at most" in answer.text


def test_the_theme_holds_from_the_first_paint(new_browser, stack):
    browser = new_browser(stack.admin)
    page = browser.open("/account/")
    assert page.locator("html").get_attribute("data-theme") is None
    page.click(".side-user summary")
    with page.expect_response("**/account/theme/"):
        page.click("text=Theme:")
    assert page.locator("html").get_attribute("data-theme") == "light"
    with page.expect_response("**/account/theme/"):
        page.click("text=Theme:")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert 'data-theme="dark"' in page.request.get(stack.url + "/account/").text()


def test_the_theme_works_without_javascript(new_browser, stack):
    browser = new_browser(stack.admin, java_script_enabled=False)
    page = browser.open("/account/")
    page.click(".side-user summary")
    page.click("text=Theme:")
    assert page.url.endswith("/account/")
    assert page.locator("html").get_attribute("data-theme") == "light"


def test_times_are_by_the_clock_of_the_reader(stack, project, new_person):
    """Of one reader after another, in the same processes."""
    stack.wait_for_event(stack.send_event(project))
    stack.sql("update issue set first_seen = '2026-01-25 09:12:00Z' where project_id = %s", project.id)
    path = "/acme/issues/%s/" % stack.value("select id from issue where project_id = %s", project.id)
    people = {"Europe/Riga": "11:12:00 EET", "America/New_York": "04:12:00 EST", "UTC": "09:12:00 UTC"}
    for zone in people:
        person = new_person(stack.admin.email)
        assert person.post("/account/", name="Ada Admin", time_zone=zone).status_code == 303
        for _ in range(4):
            assert f"2026-01-25 {people[zone]}" in person.get(path).text
    wrong = person.post("/account/", name="Ada Admin", time_zone="Mars/Olympus")
    assert wrong.status_code == 422


def test_stack_traces_have_the_order_that_the_account_wants(stack, project, browser):
    frames = [{"filename": f"app/{name}.py", "function": name, "lineno": 1, "in_app": True} for name in ("outermost", "innermost")]
    stack.wait_for_event(stack.send_event(project, None, exception={"values": [
        {"type": "ValueError", "value": "order", "stacktrace": {"frames": frames}}]}))
    path = "/acme/issues/%s/" % stack.value("select id from issue where project_id = %s", project.id)

    def upper_one():
        page = browser.open(path)
        return min(("outermost", "innermost"),
                   key=lambda name: page.locator("#stack .frames").get_by_text(name, exact=True).bounding_box()["y"])
    assert upper_one() == "innermost", "before anybody has chosen"
    for choice, first in (("at the end", "outermost"), ("on top", "innermost")):
        page = browser.open("/account/")
        page.get_by_label("Stack traces").select_option(label=f"what was called last is {choice}")
        page.get_by_role("button", name="Save").first.click()
        page.get_by_text("Saved").first.wait_for()
        assert upper_one() == first


def test_charts_are_by_the_clock_of_the_reader_but_for_whole_days(stack, project, new_person, new_browser):
    """Hours by the reader's clock; days are UTC's, and the axis says so to whom it is news."""
    stack.wait_for_event(stack.send_event(project))
    stack.wait_for_counters()
    path = f"/acme/projects/{project.slug}/"
    person = new_person(stack.admin.email)
    axis = {}
    for zone in ("UTC", "Asia/Kolkata"):
        assert person.post("/account/", name="Ada Admin", time_zone=zone).status_code == 303
        for span in ("24h", "30d"):
            text = person.get(f"{path}?range={span}").text
            axis[zone, span] = re.findall(r'y="173" text-anchor="\w+">([^<]+)<', text), re.search(r'scope="col">From, (\w+)<', text)[1]
    assert all(label.endswith(":30") for label in axis["Asia/Kolkata", "24h"][0]) and axis["Asia/Kolkata", "24h"][1] == "IST"
    assert all(label.endswith(":00") for label in axis["UTC", "24h"][0]) and axis["UTC", "24h"][1] == "UTC"
    assert [axis[zone, "30d"][1] for zone in ("UTC", "Asia/Kolkata")] == ["UTC", "UTC"]
    assert ["UTC" in label for label in axis["UTC", "30d"][0]] == [False] * 5
    assert ["UTC" in label for label in axis["Asia/Kolkata", "30d"][0]] == [True] + [False] * 4
    page = new_browser(stack.admin).open(f"{path}?range=24h")
    page.locator("svg.chart[data-v]").first.hover()
    tip = page.locator(".tip").inner_text().splitlines()[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:30 (GMT|UTC)\+5:30", tip.replace("\u2212", "-")), tip
    assert person.post("/account/", name="Ada Admin", time_zone="UTC").status_code == 303
