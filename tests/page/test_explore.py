"""The explorer: events counted by what one asks for."""

import csv
import io
import json
import re
from urllib.parse import quote

import pytest
from page.conftest import Person, cold, latest, statements
from page.issues import lock_timeout

HOSTILE = '=cmd|"><script>alert(1)</script>\u202e'


@pytest.fixture(scope="module")
def shop(stack):
    """Seven events of four issues in two projects."""
    shop = stack.create_project("shop-api", platform="python")
    blog = stack.create_project("blog")
    chrome = {"contexts": {"browser": {"name": "Chrome", "version": "126.0"}}}
    firefox = {"contexts": {"browser": {"name": "Firefox", "version": "141.0"}}}
    ids = [stack.send_event(shop, lock_timeout(user={"id": str(n % 2), "geo": {"country_code": "FR"}}))
           for n in range(3)]
    ids += [stack.send_event(shop, message="Disk full", environment="staging", level="warning", **chrome),
            stack.send_event(shop, message="Disk full", environment="staging", level="warning", **firefox),
            stack.send_event(blog, message="Disk full", environment="production", user={"id": "9"}, **chrome),
            stack.send_event(blog, message=HOSTILE, server_name=HOSTILE)]
    for id in ids:
        stack.wait_for_event(id)
    stack.wait_for_counters()
    return shop


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture
def explore(shop, browser):
    return lambda query="": browser.open(f"/acme/explore/{query}")


def table(page):
    rows = page.locator("[data-table=groups] tbody tr").all()
    return [tuple(cell.inner_text() for cell in row.locator("td").all()[:-2]) for row in rows]


def heading(page):
    return page.locator(".card-head").first.locator("> :not(a)").all_inner_texts()


def test_all_events_are_there_and_the_latest_of_them(explore):
    page = explore()
    assert heading(page) == ["7 events", "exact"]
    assert page.locator("[data-table=samples] tbody tr").count() == 7
    assert latest(page.locator("svg.chart[data-v]")) == 7


@pytest.mark.parametrize("query, expected", [
    # from counters
    ("?by=level", [("error", "5"), ("warning", "2")]),
    ("?by=project", [("shop-api", "5"), ("blog", "2")]),
    ("?by=browser&range=24h", [("Chrome 126.0", "2"), ("Firefox 141.0", "1")]),
    ("?by=environment&q=environment:staging", [("staging", "2")]),
    # from events
    ("?by=level&by=environment", [("error", "production", "4"), ("warning", "staging", "2"), ("error", "(none)", "1")]),
    ("?by=project&by=browser&q=disk", [("blog", "Chrome 126.0", "1"), ("shop-api", "Chrome 126.0", "1"),
                                       ("shop-api", "Firefox 141.0", "1")]),
    ("?by=level&environment=staging", [("warning", "2")]),
    ("?by=project&q=!environment:staging", [("shop-api", "3"), ("blog", "2")]),
    ("?by=level&q=is:unresolved+project:blog", [("error", "2")]),
    ("?by=error.type&q=is:resolved", []),
    ("?by=browser&q=browser:chrome*+disk", [("Chrome 126.0", "2")]),
    ("?by=environment&q=ENVIRONMENT:Staging+level:warning", [("staging", "2")]),
    ("?by=project&show=users", [("shop-api", "2"), ("blog", "1")]),
    ("?by=platform", [("other", "4"), ("python", "3")]),
])
def test_events_are_counted_by_keys_and_filters(explore, query, expected):
    assert table(explore(query)) == expected


@pytest.mark.parametrize("query, expected", [
    ("environment:staging OR user:id:9", [("shop-api", "2"), ("blog", "1")]),
    ("level:warning OR project:blog", [("blog", "2"), ("shop-api", "2")]),
    ("(level:warning browser:Chrome*) OR (project:blog environment:production)", [("blog", "1"), ("shop-api", "1")]),
    ("!environment:staging (user:id:0 OR browser:Chrome*)", [("shop-api", "2"), ("blog", "1")]),
    ("(browser:Firefox* OR !has:environment) is:unresolved", [("blog", "1"), ("shop-api", "1")]),
    ("user:id:0 OR (user:id:0 level:fatal)", [("shop-api", "2")]),
    ("user:id:nobody OR browser:none", []),
])
def test_either_of_several_ways_may_hold(explore, query, expected):
    page = explore(f"?by=project&as=table&q={quote(query)}")
    assert sorted(table(page)) == sorted(expected)
    assert page.get_by_text("Nothing matches").count() == (not expected)
    if expected:
        assert heading(page)[0].split()[0] == str(sum(int(n) for _, n in expected))
    assert page.locator("[data-table=samples] tbody tr").count() == sum(int(n) for _, n in expected)


@pytest.mark.parametrize("query", ["disk OR user:id:9", "is:resolved OR level:warning", "timesSeen:>3 OR level:warning"])
def test_ways_that_one_event_cannot_tell_are_pointed_at(reader, shop, query):
    html = reader.get("/acme/explore/", params={"q": query}).text
    assert "Here OR stands between tags, levels and projects only." in html or "Only the list of issues knows this key." in html


def test_the_latest_of_few_events_are_those_that_were_counted(stack, reader, shop):
    newest = [id.hex for (id,) in stack.sql("select event_id from event where environment = 'staging' order by id desc")]
    html = reader.get("/acme/explore/?by=browser&q=environment:staging").text
    assert re.findall(r"/events/([0-9a-f]{32})/", html) == newest


def test_what_is_beyond_the_top_is_other(stack, explore):
    many = stack.create_project("many")
    ids = [stack.send_event(many, message="Full", server_name=f"web{n}") for n in range(8) for _ in range(8 - n)]
    for id in ids:
        stack.wait_for_event(id)
    stack.wait_for_counters()
    for query in ("?project=many&by=server_name&top=5", "?project=many&by=server_name&top=5&q=full"):
        page = explore(query)
        assert table(page) == [("web0", "8"), ("web1", "7"), ("web2", "6"), ("web3", "5"), ("web4", "4"),
                               ("other: 3 more", "6")]
        assert "other, 6" in page.locator(".legend").inner_text()


def test_what_is_found_stands_beside_the_period_before(stack, explore):
    past = stack.create_project("past")
    ids = [stack.send_event(past, message="Full", server_name=name) for name in ("web1", "web1", "web1", "web2")]
    for id in ids:
        stack.wait_for_event(id)
    stack.wait_for_counters()
    # a fortnight earlier there were ten on web1 and none on web2
    stack.sql("insert into tag_day (key_id, tag_id, day, times_seen)"
              " select d.key_id, d.tag_id, max(d.day) - 14, 10 from tag_day d join tag_key k on k.id = d.key_id"
              " join tag_value v on v.id = d.tag_id where k.project_id = %s"
              " and v.value in ('web1', 'error') group by 1, 2", past.id)
    page = explore("?project=past&by=server_name&compare=1")
    assert page.get_by_label("Compare with the period before").is_checked()
    assert heading(page)[2].startswith("−60 % 10 in the 14 days before")
    rows = [row.locator("td").all_inner_texts()[:4] for row in page.locator("[data-table=groups] tbody tr").all()]
    assert rows == [["web1", "3", "10", "−70 %"], ["web2", "1", "0", "new"]]
    assert "the period before, 10" in page.locator(".legend").inner_text()
    assert page.locator("svg.chart path.l-before").count() == 1
    page.get_by_label("Compare with the period before").uncheck()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(lambda url: "compare" not in url)
    assert page.locator("svg.chart path.l-before").count() == 0


def test_the_map_counts_by_country(explore):
    page = explore("?as=map")
    assert "France" in page.locator(".maprow").inner_text()
    assert page.locator(".map path.q5 title").text_content() == "France: 3 (100.0 %)"
    assert page.locator(".maprow .legend").inner_text() == "3"


def test_the_map_stands_beside_the_period_before(stack, explore):
    world = stack.create_project("world")
    ids = [stack.send_event(world, message="Full", user={"id": "1", "geo": {"country_code": code}})
           for code in ("FR", "FR", "DE")]
    for id in ids:
        stack.wait_for_event(id)
    stack.wait_for_counters()
    # a fortnight earlier there were ten in France, none in Germany, and some in Spain
    stack.sql("insert into tag_day (key_id, tag_id, day, times_seen)"
              " select d.key_id, d.tag_id, max(d.day) - 14, 10 from tag_day d join tag_key k on k.id = d.key_id"
              " join tag_value v on v.id = d.tag_id where k.project_id = %s and v.value in ('FR', 'error') group by 1, 2", world.id)
    stack.sql("with spain as (insert into tag_value (key_id, value)"
              " select id, 'ES' from tag_key"
              " where project_id = %s and key = 'geo.country_code' returning id, key_id)"
              " insert into tag_day (key_id, tag_id, day, times_seen)"
              " select s.key_id, s.id, max(d.day) - 14, 4 from spain s join tag_day d on d.key_id = s.key_id"
              " group by 1, 2", world.id)
    page = explore("?project=world&as=map&compare=1")
    rows = page.locator(".maprow .bars li").all_inner_texts()
    assert [row.split("\n")[:2] for row in rows] == [["France", "−80 % 2"], ["Germany", "new 1"]]
    assert page.get_by_text("Only in the 14 days before: Spain 4").is_visible()
    assert heading(page)[2].startswith("−79 % 14 in the 14 days before")
    assert "−80 %" not in explore("?project=world&as=map").locator(".maprow").inner_text()


def test_one_number_says_how_much_and_how_often(explore):
    page = explore("?as=number&q=disk")
    stats = page.locator(".card-body.stats").inner_text()
    assert re.fullmatch(r"Events\n3\nin the last 14 days\nA minute\n< 0.01\non average\nMost in a day\n3\n\d+ \w+", stats)
    page = explore("?as=number&range=24h&show=users")
    assert re.fullmatch(r"Users\n3\nin the last 24 hours\nMost in an hour\n[123]\n.*UTC.*", page.locator(".card-body.stats").inner_text())
    page = explore("?as=number&by=level&show=users")
    assert "Most" not in page.locator(".card-body.stats").inner_text() and ("error", "3") in table(page)


def test_what_is_asked_for_often_is_one_click(explore, new_browser, stack):
    page = new_browser(stack.admin, java_script_enabled=False).open("/acme/explore/?q=disk&as=table")
    presets = page.get_by_role("navigation", name="Counts by")
    assert presets.get_by_role("link").all_inner_texts() == ["Level", "Type", "Release", "Environment", "Browser",
                                                             "Operating system", "URL", "Server", "Country", "User"]
    presets.get_by_role("link", name="Level").click()
    assert table(page) == [("warning", "2"), ("error", "1")]
    assert presets.get_by_role("link", name="Level").get_attribute("aria-current") == "true"
    presets.get_by_role("link", name="Browser").click()
    assert table(page) == [("Chrome", "2"), ("Firefox", "1")]
    assert page.locator("#q").input_value() == "disk"
    presets.get_by_role("link", name="Browser").click()
    assert "by=" not in page.url, "a second time takes it off"


def test_an_alert_is_made_of_what_is_asked_for(stack, shop, explore, member_of):
    page = explore("?project=shop-api&environment=staging&q=level%3A%5Bwarning%2Cerror%2Cfatal%5D")
    page.get_by_role("link", name="Create an alert").click()
    assert page.get_by_label("What", exact=True).input_value() == "events"
    assert page.get_by_label("Level of events", exact=True).input_value() == "30"
    assert page.get_by_label("Critical", exact=True).input_value() == "10"
    assert page.get_by_label("Environments").input_value() == "staging"
    assert page.locator("select[name=project]").evaluate("s => [...s.selectedOptions].map(o => o.value)") == ["shop-api"]
    assert page.locator(".note-warn").count() == 0
    page.get_by_role("button", name="Save alert").click()
    assert page.get_by_text("Saved.").is_visible()
    [(name, data)] = stack.sql("select name, data from alert_rule")
    assert name == "Events: level:[warning,error,fatal]" and json.loads(data)["level"] == "30"
    # what a rule cannot ask for is said
    page = explore("?show=users&q=environment%3Aproduction+browser%3AChrome*+disk")
    page.get_by_role("link", name="Create an alert").click()
    assert page.get_by_label("What", exact=True).input_value() == "users"
    assert page.get_by_label("Environments").input_value() == "production"
    assert page.locator("select[name=project]").evaluate("s => s.value") == "all"
    assert page.locator(".note-warn code").all_inner_texts() == ["browser:Chrome*", "disk"]
    assert "Create an alert" not in member_of("acme", "viewer").get("/acme/explore/").text


def test_a_wish_that_no_rule_takes_is_none(reader, shop):
    html = reader.get("/acme/alerts/new/?kind=metric&metric=nonsense&level=7&critical=lots&window=5&project=elsewhere").text
    assert re.findall(r'<option value="([^"]*)" selected', html)[:6] == ["all", "events", "0", "5", "0", "above"]
    assert 'name="critical" inputmode="decimal"' in html and 'value="100"' in html


def test_a_value_narrows_the_search(explore):
    page = explore("?by=level&by=browser")
    page.get_by_role("link", name="Firefox 141.0").click()
    page.wait_for_url("**q=browser*")
    assert table(page) == [("warning", "Firefox 141.0", "1")]
    assert page.locator(".tok").inner_text().startswith("browser:")


def test_the_form_asks_for_more(explore):
    page = explore()
    page.get_by_label("Group by, key 1").fill("level")
    page.get_by_label("Group by, key 2").fill("project")
    page.get_by_label("What to count").select_option("users")
    page.locator("#q").fill("project:blog")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**show=users**")
    assert table(page) == [("error", "blog", "1")]


def test_a_sample_says_so_and_is_scaled(stack, browser):
    """Of many events a share is looked at, chosen by their ids: here always the same."""
    flood = stack.create_project("flood", org="floods")
    stack.wait_for_event(stack.send_event(flood, message="Flood", environment="staging"))
    stack.wait_for_event(stack.send_event(flood, message="Flood", environment="production"))
    stack.sql("insert into event select e.day, nextval('event_id_seq'), e.organization_id, e.project_id, e.key_id,"
              " e.issue_id, md5(n::text)::uuid, e.occurred_at, e.received_at, e.digested_at, e.level, e.platform,"
              " e.title, e.release, e.environment, e.transaction, e.server_name, 'id:' || n, e.tags, e.has_body"
              " from event e, generate_series(1, 40000) n where e.project_id = %s and e.environment = 'production'",
              flood.id)
    stack.wait_for_counters()
    page = browser.open("/floods/explore/?by=level&by=environment")
    assert heading(page)[1].startswith("Sampled 1 : ")
    assert table(page)[0][:2] == ("error", "production")
    number = page.locator("[data-table=groups] td.num span").first.get_attribute("title")
    assert 39_000 < int(number.replace(",", "")) < 41_000
    rare = browser.open("/floods/explore/?by=level&by=environment&q=environment:staging")
    assert heading(rare) == ["1 event", "exact"]
    users = browser.open("/floods/explore/?show=users")
    assert "At least so many" in users.locator("main").inner_text()


def test_the_events_are_exported_line_by_line(shop, reader):
    answer = reader.get("/acme/explore/csv/?project=shop-api&project=blog&range=24h")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="acme-events-24h.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 7
    assert rows[0]["server_name"] == f"'{HOSTILE}", "a formula is none any more"
    assert rows[-1]["issue"] == "SHOP-API-1" and rows[-1]["user"] == "id:0"
    lines = reader.get("/acme/explore/ndjson/?q=environment:staging").content.decode().splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["Disk full"] * 2
    assert json.loads(lines[0])["release"] is None


def test_an_export_goes_on_piece_by_piece(stack, reader):
    """More events than one look takes, and a HEAD that has no body."""
    busy = stack.create_project("busy")
    for _ in range(2):
        stack.wait_for_event(stack.send_event(busy, message="Busy"))
    stack.sql("insert into event select e.day, nextval('event_id_seq'), e.organization_id, e.project_id, e.key_id,"
              " e.issue_id, gen_random_uuid(), e.occurred_at, e.received_at, e.digested_at, e.level, e.platform,"
              " e.title, e.release, e.environment, e.transaction, e.server_name, e.user_tag, e.tags, e.has_body"
              " from event e, generate_series(1, 2500) where e.project_id = %s", busy.id)
    answer = reader.get("/acme/explore/csv/?project=busy")
    ids = [row["event"] for row in csv.DictReader(io.StringIO(answer.text))]
    assert len(ids) == len(set(ids)) == 5002
    assert reader.session.head(f"{stack.url}/acme/explore/csv/?project=busy").content == b""


def test_the_newest_are_looked_for_in_the_latest_days(stack, reader):
    """Where those have plenty; all of them are exported, also what came later than its day."""
    long = stack.create_project("long")
    stack.wait_for_event(stack.send_event(long, message="Today"))
    for ago, n in ((1, 2500), (4, 3)):
        stack.sql("select event_partition(current_date - %s)", ago)
        stack.sql("insert into event select e.day - %s, nextval('event_id_seq'), e.organization_id, e.project_id,"
                  " e.key_id, e.issue_id, gen_random_uuid(), e.occurred_at - i, e.received_at - i, e.digested_at,"
                  " e.level, e.platform, e.title, e.release, e.environment, e.transaction, e.server_name, e.user_tag,"
                  " e.tags, e.has_body from event e, generate_series(1, %s), make_interval(days => %s) i"
                  " where e.project_id = %s and e.day = current_date", ago, n, ago, long.id)
    stack.wait_for_counters()
    page = reader.get("/acme/explore/?project=long").text
    assert "<h2>2,504 events</h2>" in page
    days = re.findall(r'<time datetime="([^"T]*)T', page.split('data-table="samples"')[1])
    yesterday = stack.value("select (current_date - 1)::text")
    assert days == [yesterday] * 10, "the order is that of their coming"
    exported = reader.get("/acme/explore/csv/?project=long").text
    assert len(exported.splitlines()) == 1 + 2504


def test_hostile_values_are_only_text(explore):
    page = explore("?by=server_name&q=server_name:*")
    assert "<script>alert" not in page.content()
    assert page.locator("[data-table=groups] .ctl", has_text="U+202E").count() == 1


def test_a_wrong_term_is_pointed_at(explore):
    page = explore("?q=levle:1")
    assert "levle:1 was left out" in page.locator(".note-bad").inner_text()


@pytest.mark.parametrize("query", ["", "?by=browser&by=os&by=level&q=disk+environment:Staging", "?as=map&range=30d",
                                   "?by=browser&by=os&by=level&q=disk+environment:Staging&compare=1"])
def test_the_page_is_small_and_takes_few_statements(stack, shop, reader, query):
    answer = cold(stack, reader, f"/acme/explore/{query}")
    assert statements(answer) <= (16 if "compare" in query else 12), "a comparison is two questions"
    assert len(answer.content) < 60_000


def test_others_see_nothing_of_it(stack, shop, new_person, member_of):
    assert new_person().get("/acme/explore/").status_code == 404
    stack.create_project("theirs", org="elsewhere")
    stack.wait_for_event(stack.send_event(stack.project("elsewhere", "theirs"), message="Kanarienvogel"))
    assert "Kanarienvogel" not in member_of("acme", "viewer").get("/acme/explore/?q=kanarien*").text.replace("q=", "")



# ---- nothing

def ways_out(html):
    """{what could be left out: what would be there}"""
    page = html.partition('<section class="empty">')[2]
    return {" ".join(re.sub("<.*?>", "", name).split()): count for name, count in
            re.findall(r'<a class="btn btn-sm" href="[^"]*">(.*?)(?: <span class="mute">(.*?)</span>)?</a>', page)}


def test_nothing_says_what_it_is_because_of(stack, shop, reader, new_person):
    html = reader.get("/acme/explore/?q=environment:staging+level:fatal").text
    assert "Nothing matches in the last 14 days" in html
    assert ways_out(html) == {"Remove environment:staging": "still none", "Remove level:fatal": "2"}
    html = reader.get("/acme/explore/?project=blog&environment=staging").text
    assert ways_out(html) == {"All environments": "2", "All projects": "2"}
    answer = cold(stack, reader, "/acme/explore/?q=environment:staging+level:fatal+user:x&project=blog&environment=staging")
    assert statements(answer) <= 12
    assert ways_out(answer.text)["Remove user:x"] == ""
    stack.sql("update organization set keep_days = 5 where slug = 'acme'")
    try:
        assert "Events older than 5 days are no longer kept here." in reader.get("/acme/explore/?q=level:fatal").text
        assert "no longer kept" not in reader.get("/acme/explore/?q=level:fatal&range=24h").text
    finally:
        stack.sql("update organization set keep_days = null where slug = 'acme'")


def test_pages_of_an_organisation_without_projects_lead_to_the_first(stack, new_person):
    owner = stack.create_account()
    stack.sql("insert into organization (slug, name) values ('bare', 'Bare')")
    stack.sql("insert into member (organization_id, account_id, role) select o.id, a.id, 'owner' from organization o, account a"
              " where o.slug = 'bare' and a.email = %s", owner.email)
    person = new_person(owner.email)
    for path in ("explore/", "releases/", "feedback/", "dashboard/", "issues/"):
        html = person.get(f"/bare/{path}").text
        assert "No project of this organisation has received an event." in html, path
        assert 'href="/bare/new-project/">Create the first project' in html, path
