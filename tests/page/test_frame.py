"""What holds for every page, whatever it shows."""

import gzip
import re

import psycopg
import pytest

from page.conftest import statements

PAGES = ["/", "/login/", "/account/", "/acme/", "/nothing/here/at/all/", "/healthz"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_security_headers(stranger, path):
    headers = stranger.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert "unsafe" not in policy and "nonce" not in policy
    assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers, "the address is http://"


def test_a_stranger_is_asked_to_sign_in_and_comes_back_after(stack, stranger, project, new_browser):
    answer = stranger.get("/acme/?page=1")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login/?next=%2Facme%2F%3Fpage%3D1"

    password = "correct horse battery"
    person = stack.create_account()
    stack.sql("insert into member select o.id, a.id, 'viewer' from organization o, account a"
              " where o.slug = 'acme' and a.email = %s", person.email)
    browser = new_browser(person)
    browser.open("/account/")
    for field in ("new", "again"):
        browser.page.fill(f"[name={field}]", password)
    browser.page.click("text=Set password")
    browser.page.click(".side-user summary")
    browser.page.click("text=Sign out")
    browser.page.wait_for_url("**/login/?out=1")

    browser.open("/acme/?page=1")
    browser.page.fill("[name=email]", person.email)
    browser.page.fill("[name=password]", password)
    browser.page.get_by_role("button", name="Sign in").click()
    browser.page.wait_for_url("**/acme/?page=1")
    assert browser.page.get_by_role("heading", name="Projects").is_visible()


@pytest.mark.parametrize("next_", ["//evil.example/", "https://evil.example/", "/\\evil.example",
                                   "/\tevil", "javascript:alert(1)", "/x\r\nSet-Cookie: a=b"])
def test_sign_in_leads_nowhere_else(admin, next_):
    answer = admin.get("/login/", params={"next": next_})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    assert "Set-Cookie" not in answer.headers


def test_an_unknown_page_is_404_with_its_request_id(admin):
    answer = admin.get("/acme/no/such/page/at/all/")
    assert answer.status_code == 404
    assert "No such page" in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_a_path_without_its_slash_is_redirected(admin, project):
    answer = admin.get("/acme?page=2")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/acme/?page=2")


def test_a_wrong_method_names_those_that_work(admin, stack):
    answer = admin.session.put(f"{stack.url}/account/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    answer = admin.get("/logout/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_head_is_get_without_a_body(admin, stack):
    answer = admin.session.head(f"{stack.url}/account/")
    assert answer.status_code == 200
    assert answer.text == "" and int(answer.headers["Content-Length"]) > 1000


@pytest.mark.parametrize("query", ["q=%ff", "q=%00", "&".join("a=1" for _ in range(2000))])
def test_a_query_that_is_no_text_is_400(admin, query):
    answer = admin.get(f"/account/?{query}")
    assert answer.status_code == 400
    assert ('<span class="mono u">q</span>' in answer.text) == query.startswith("q="), "the field is named"


def test_a_field_that_holds_nonsense_is_named(admin, project):
    answer = admin.post("/acme/alerts/incidents/", incident="x")
    assert answer.status_code == 400 and '<span class="mono u">incident</span>' in answer.text
    broken = admin.session.post(admin.stack.url + "/account/", data=f"csrf={admin.csrf}&%3Cb%3E=%ff",
                                headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert broken.status_code == 400 and "%3Cb%3E" in broken.text and "<b>=" not in broken.text


JSON = {"Accept": "application/json"}


@pytest.mark.parametrize("ask", [
    lambda s, url: (404, s.get(url + "/acme/no-such/", headers=JSON)),
    lambda s, url: (404, s.get(url + "/acme/no/such/page/", headers={"Authorization": "Bearer sntryu_none"})),
    lambda s, url: (405, s.put(url + "/account/", headers=JSON)),
    lambda s, url: (405, s.get(url + "/logout/", headers={"Authorization": "Bearer sntryu_none"})),
    lambda s, url: (415, s.post(url + "/account/", json={"name": "x"}, headers=JSON)),
    lambda s, url: (400, s.get(url + "/account/?q=%ff", headers=JSON)),
    lambda s, url: (401, s.get(url + "/metrics", headers={"Authorization": "Bearer sntryu_" + "0" * 64}))])
def test_programs_are_answered_with_a_detail(admin, ask):
    status, answer = ask(admin.session, admin.stack.url)
    assert answer.status_code == status and answer.headers["Content-Type"] == "application/json"
    told = answer.json()
    assert told["detail"] and told["request"] == answer.headers["X-Request-Id"]
    assert told.get("field") == ("q" if status == 400 else None)


def test_a_form_over_a_megabyte_is_413_and_another_type_415(admin):
    assert admin.post("/account/", name="x" * 1_100_000).status_code == 413
    answer = admin.session.post(admin.stack.url + "/account/", json={"name": "x"})
    assert answer.status_code == 415


# CSRF

@pytest.fixture
def name_of(stack):
    return lambda email: stack.value("select name from account where email = %s", email)


@pytest.mark.parametrize("token", ["", "0" * 64, "foreign", "earlier"])
def test_a_form_with_a_wrong_token_changes_nothing(stack, new_person, name_of, token):
    account = stack.create_account(name="Before")
    person = new_person(account.email)
    if token == "foreign":
        token = new_person().csrf
    elif token == "earlier":
        token = person.csrf
        person.sign_in(account.email)
    answer = person.post("/account/", csrf=token, name="After")
    assert answer.status_code == 403
    assert "nothing was changed" in answer.text
    assert name_of(account.email) == "Before"


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"}, {"Origin": "null"},
])
def test_a_form_from_another_site_changes_nothing_even_with_the_token(stack, new_person, name_of,
                                                                      headers):
    account = stack.create_account(name="Before")
    person = new_person(account.email)
    assert person.post("/account/", headers=headers, name="After").status_code == 403
    assert name_of(account.email) == "Before"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, "own origin", {}])
def test_a_form_of_our_own_works(stack, new_person, name_of, headers):
    account = stack.create_account(name="Before")
    person = new_person(account.email)
    headers = {"Origin": stack.url} if headers == "own origin" else headers
    assert person.post("/account/", headers=headers, name="After").status_code == 303
    assert name_of(account.email) == "After"


# tenancy

def test_foreign_and_missing_look_alike(stack, new_person, project):
    """Same status, same text, same number of statements."""
    outsider = new_person()
    paths = ["/{}/", f"/{{}}/projects/{project.slug}/keys/",
             f"/{{}}/projects/{project.slug}/getting-started/"]
    for path in paths:
        foreign = outsider.get(path.format("acme"))
        missing = outsider.get(path.format("emca"))
        assert foreign.status_code == missing.status_code == 404, path
        assert statements(foreign) == statements(missing)
        same = re.compile(r"emca|acme|[0-9a-f]{32}|data-now=\"[^\"]*\"")
        assert same.sub("", foreign.text) == same.sub("", missing.text)


def test_a_project_is_not_found_through_another_organisation(stack, new_person):
    ours = stack.create_project(org="ours")
    owner = stack.create_account()
    theirs = stack.create_project(org="theirs", owner=owner.email)
    person = new_person(owner.email)
    assert person.get(f"/theirs/projects/{theirs.slug}/keys/").status_code == 200
    assert person.get(f"/theirs/projects/{ours.slug}/keys/").status_code == 404
    assert person.get(f"/ours/projects/{ours.slug}/keys/").status_code == 404


@pytest.mark.parametrize("role, may", [("viewer", False), ("member", False), ("admin", True),
                                       ("manager", True), ("owner", True)])
def test_a_role_may_write_projects_or_is_told_what_is_needed(member_of, project, role, may):
    person = member_of("acme", role)
    assert person.get(f"/acme/projects/{project.slug}/keys/").status_code == 200
    answer = person.post(f"/acme/projects/{project.slug}/keys/", label="By role")
    if may:
        assert answer.status_code == 303
    else:
        assert answer.status_code == 403
        assert "<b>admin</b>" in answer.text and f"yours is <b>{role}</b>" in answer.text
        told = person.session.post(person.stack.url + f"/acme/projects/{project.slug}/keys/", data={"csrf": person.csrf},
                                   headers={"Accept": "application/json"})
        assert (told.status_code, told.json()["role"]) == (403, "admin")
        assert "New project" not in person.get("/acme/").text


def test_who_may_give_a_role_is_named(stack, member_of, new_person):
    boss = stack.create_account(email="boss@example.org", name="<i>Anna</i> Kuznetsova")
    stack.create_project(org="named", owner=boss.email)
    manager = member_of("named", "manager")
    viewer = member_of("named", "viewer")
    text = viewer.get("/named/new-project/").text
    assert "&lt;i&gt;Anna&lt;/i&gt; Kuznetsova" in text and "mailto:boss%40example.org" in text
    assert text.count("mailto:") == 2 and text.index("boss") < text.index("manager-"), "the manager can give it, too"
    text = manager.get("/named/settings/sso/").text
    assert text.count("mailto:") == 1 and "boss@example.org" in text, "only an owner makes owners"


# health

def test_health_and_readiness(fresh_stack):
    import requests
    stack = fresh_stack

    def ask(path):
        return requests.get(stack.url + path, timeout=30)

    assert stack.wait_for(lambda: ask("/healthz").text.startswith("ok\n"))
    assert ask("/readyz").status_code == 200
    stack.stop("redis")
    answer = ask("/readyz")
    assert answer.status_code == 503 and "redis away" in answer.text
    answer = ask("/healthz")
    assert answer.status_code == 503 and answer.text == "Redis does not answer\n"
    stack.start("redis")
    assert stack.wait_for(lambda: ask("/readyz").status_code == 200)


def test_pages_come_back_when_redis_does(fresh_stack):
    from page.conftest import Person
    stack = fresh_stack
    stack.create_project("shop-api")
    person = Person(stack).sign_in(stack.admin.email)
    assert person.get("/acme/").status_code == 200
    stack.restart("redis")
    assert person.get("/acme/").status_code == 200, "the login outlives a restart of Redis"
    stack.stop("redis")
    answer = person.get("/acme/")
    assert answer.status_code == 503 and "Events are still being received" in answer.text
    stack.start("redis")
    assert person.get("/acme/").status_code == 200


def test_what_asks_too_much_is_stopped_and_says_so(fresh_stack):
    from page.conftest import Person
    stack = fresh_stack
    stack.write_config({"web.patience": 1})
    stack.restart("web")
    stack.create_project("shop-api")
    person = Person(stack).sign_in(stack.admin.email)
    stack.expect_log("canceling statement due to statement timeout")
    with psycopg.connect(stack.cluster.conninfo(stack.database)) as db:
        db.execute("lock table issue in access exclusive mode")  # as a search that reads them all for ever
        answer = person.get("/acme/issues/")
        assert answer.status_code == 503 and "That takes too long" in answer.text
        answer = person.get("/acme/issues/", headers={"Accept": "application/json"})
        assert answer.status_code == 503 and "ask for less" in answer.json()["detail"]
    assert person.get("/acme/issues/").status_code == 200, "the next request does not suffer for it"


def test_pages_come_back_when_postgresql_has_restarted(durable_stack):
    from page.conftest import Person
    stack = durable_stack
    stack.create_project("shop-api")
    person = Person(stack).sign_in(stack.admin.email)
    for _ in range(4):
        assert person.get("/acme/").status_code == 200
    stack.stop("postgresql")
    assert person.get("/acme/").status_code == 503
    stack.start("postgresql")
    assert stack.wait_for(lambda: person.get("/acme/").status_code == 200)


def test_a_killed_process_is_replaced(fresh_stack):
    import os
    import signal
    import requests
    stack = fresh_stack
    before = stack.part("web").children()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    stack.expect_log("ended by signal 9")
    stack.wait_for(lambda: len(set(stack.part("web").children()) - set(before)) == len(before))
    assert requests.get(stack.url + "/readyz", timeout=30).status_code == 200


def test_hup_brings_new_templates_without_a_failed_request(new_stack):
    import os
    import shutil
    import signal
    import requests
    stack = new_stack(start=["redis", "nginx"])
    templates = stack.folder / "templates"
    shutil.copytree(stack.build.templates, templates)
    stack.write_config({"web.templates": templates})
    stack.start("web")
    login = templates / "login.cs"
    before = requests.get(stack.url + "/login/", timeout=30)
    first = stack.part("web").children()
    login.write_text(login.read_text().replace("<h1>Sign in</h1>", "<h1>Welcome back</h1>"))
    os.kill(stack.part("web").pid, signal.SIGHUP)
    answers = [before]

    def replaced():
        answers.append(requests.get(stack.url + "/login/", timeout=30))
        return all("Welcome back" in a.text for a in answers[-4:])
    stack.wait_for(replaced)
    assert "<h1>Sign in</h1>" in before.text
    assert {a.status_code for a in answers} == {200}

    children = stack.wait_for(lambda: not set(first) & set(now := stack.part("web").children()) and now, what="the old ones to end")
    login.write_text("<?cs if:X ?>")
    os.kill(stack.part("web").pid, signal.SIGHUP)
    stack.wait_for(lambda: "the processes stay as they are" in stack.part("web").log_tail())
    assert "Welcome back" in requests.get(stack.url + "/login/", timeout=30).text
    assert stack.part("web").children() == children


# templates

def test_a_template_with_a_way_around_the_escaping_stops_the_start(new_stack, tmp_path):
    import shutil
    stack = new_stack(start=["redis"])
    for name, text, complaint in [
        ("part/a.cs", "<?cs uvar:X ?>", "without escaping"),
        ("part/a.cs", "<?cs alt:X ?>none<?cs /alt ?>", "without escaping"),
        ("part/a.cs", '<?cs include:"part/missing.cs" ?>', "there is no part/missing.cs"),
        ("part/a.cs", "<p style=\"color: red\">", "content security policy"),
        ("part/a.cs", "<a onclick=\"x()\">", "script of its own"),
        ("part/a.cs", "<script>x()</script>", "script of its own"),
        ("a.cs", "<?cs def:content() ?><?cs if:X ?><?cs /def ?>", "template a.cs"),
    ]:
        templates = stack.folder / "templates"
        shutil.rmtree(templates, ignore_errors=True)
        shutil.copytree(stack.build.templates, templates)
        (templates / name).write_text(text)
        done = stack.vedette("web", check=False, VEDETTE_WEB_TEMPLATES=str(templates))
        assert done.returncode == 1, name
        assert complaint in done.stderr, done.stderr


# size

def test_the_files_of_every_page_stay_small(stack, stranger):
    version = re.search(r'"/static/app.css\?v=([0-9a-f]{8})"', stranger.get("/login/").text).group(1)
    for name, limit in [("app.css", 12 * 1024), ("app.js", 4 * 1024), ("keys.js", 3 * 1024), ("logo.svg", 1024)]:
        answer = stranger.get(f"/static/{name}?v={version}")
        assert answer.status_code == 200
        assert len(gzip.compress(answer.content)) <= limit, f"{name}, as nginx sends it"
        assert "max-age=31536000" in answer.headers["Cache-Control"], name


def test_search_engines_are_told_what_is_not_for_them(stranger):
    answer = stranger.get("/robots.txt")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/plain"
    assert "Disallow: /login/\nDisallow: /share/\n" in answer.text


def test_a_page_without_an_organisation_leads_back_to_one(browser, project):
    page = browser.open("/account/")
    page.get_by_role("link", name="Projects").click()
    page.wait_for_url("**/acme/projects/")
