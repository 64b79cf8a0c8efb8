"""The search language of the stream: OR, parentheses, has: and the keys one by one (the words of it: test_issue_list.py)."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from page.conftest import Person, cold, statements
from page.issues import frame
from page.test_issue_list import STATEMENTS_MAX

LOCK, VALUE, FLAG, OLD = "InventoryLockTimeout", "ValueError", "Feature flag without context", "Deadline exceeded"
ALL = {LOCK, VALUE, FLAG, OLD}
SHARED = "771a43a4192642f0b136d5159a501700"
TRACE = "4c79f60c11214eb38604f4ae0781bfb2"


def send(stack, project, type=None, value="", function="run", **more):
    event = dict(more)
    handled = event.pop("handled", None)
    if type is not None:
        event["exception"] = {"values": [{
            "type": type, "value": value, "mechanism": {"type": "wsgi", **({} if handled is None else {"handled": handled})},
            "stacktrace": {"frames": [frame(function, 7)]}}]}
    else:
        event["message"] = value
    return stack.send_event(project, event)


@pytest.fixture(scope="module")
def shop(stack):
    """Four issues in two projects that differ in everything that can be asked for."""
    api = stack.create_project("shop-api", platform="python")
    web = stack.create_project("storefront", platform="javascript")
    for id in [
        send(stack, api, LOCK, "could not reserve 3 items", "reserve_stock", handled=False, platform="python",
             release="shop@1.4.2", environment="production", tags={"campaign": "summer sale", "star": "a*b"},
             user={"id": "7", "email": "mary@example.org", "ip_address": "203.0.113.9",
                   "geo": {"country_code": "NO", "city": "Oslo", "region": "Norway"}},
             request={"url": "https://shop.example.org/cart", "method": "POST",
                      "headers": {"Referer": "https://shop.example.org/basket"}},
             threads={"values": [{"id": 1, "main": True, "crashed": True}]}, transaction="/cart", logger="shop.stock", dist="31",
             sdk={"name": "sentry.python", "version": "2.19.0"}, server_name="web-3", contexts={
                 "trace": {"type": "trace", "trace_id": TRACE, "span_id": "b" * 16}, "app": {"in_foreground": True},
                 "response": {"status_code": 503}, "os": {"name": "Android", "version": "14", "build": "UP1A", "rooted": True},
                 "browser": {"name": "Chrome", "version": "124"}, "runtime": {"name": "CPython", "version": "3.13"},
                 "device": {"family": "Pixel", "model": "Pixel 9", "model_id": "tokay", "arch": "arm64", "brand": "Google"}}),
        send(stack, api, VALUE, "no date", "parse_date", handled=True, level="fatal", platform="python",
             release="shop@1.10.0", environment="staging", user={"email": "tom@example.org"},
             contexts={"trace": {"trace_id": SHARED, "span_id": "a" * 16}}),
        send(stack, web, value=FLAG, level="info", platform="javascript", release="web@2.0.0",
             contexts={"trace": {"trace_id": SHARED, "span_id": "c" * 16}}),
        send(stack, web, value=OLD, level="warning", platform="javascript", tags={"campaign": "winter"}),
    ]:
        stack.wait_for_event(id)
    stack.wait_for_counters()
    stack.sql("update issue set times_seen = 1500, users_seen = 40 where type = %s", LOCK)
    stack.sql("update issue set first_seen = '2025-03-04 12:00Z', last_seen = '2025-03-05 12:00Z' where title = %s", OLD)
    account = stack.value("select id from account where email = %s", stack.admin.email)
    stack.sql("insert into issue_bookmark (issue_id, account_id, organization_id)"
              " select id, %s, organization_id from issue where type = %s", account, VALUE)
    stack.sql("insert into issue_subscription (issue_id, account_id, organization_id, reason)"
              " select id, %s, organization_id, 'chosen' from issue where title = %s", account, OLD)
    stack.sql("insert into issue_owner (issue_id, place, organization_id, account_id, rule)"
              " select id, 0, organization_id, %s, '*' from issue where type = %s", account, LOCK)
    stack.sql("insert into integration (organization_id, type, name, sealed, state)"
              " select organization_id, 'jira', 'Jira', '', 2 from issue where title = %s", FLAG)
    stack.sql("insert into ticket (organization_id, integration_id, key, url, title)"
              " select organization_id, id, 'OPS-1', 'https://jira.example.org/1', 'x' from integration")
    stack.sql("insert into ticket_issue (ticket_id, issue_id, organization_id)"
              " select t.id, i.id, i.organization_id from ticket t, issue i where i.title = %s", FLAG)
    return api, web


@pytest.fixture(scope="module")
def reader(stack, shop):
    return Person(stack).sign_in(stack.admin.email)


def html(reader, *query, more=""):
    return reader.get("/acme/issues/?" + "&".join(f"q={quote(q)}" for q in query) + more).text


def listed(reader, *query, more=""):
    return {unescape(t) for t in re.findall(r'class="ttl[^>]*><b><bdi>(.*?)</bdi>', html(reader, *query, more=more))}


def faults(reader, *query):
    return [(unescape(term), unescape(re.sub("<.*?>", "", why)), unescape(link)) for term, why, link in re.findall(
        r'role="alert">.*?<code class="u">(.*?)</code> was left out. <span class="u">(.*?)</span> <a href="(.*?)"',
        html(reader, *query))]


@pytest.mark.parametrize("query, expected", [
    ("level:fatal OR level:info", {VALUE, FLAG}),
    ("level:fatal or level:info", {VALUE, FLAG}),
    ("level:fatal OR times_seen:>100", {VALUE, LOCK}),
    ("level:fatal OR is:unhandled OR campaign:winter", {VALUE, LOCK, OLD}),
    ("project:shop-api (level:fatal OR campaign:winter)", {VALUE}),
    ("project:shop-api AND (level:fatal OR (is:unhandled AND reserve))", {VALUE, LOCK}),
    ("level:info project:storefront OR level:fatal project:storefront", {FLAG}),
    ("level:info OR level:error project:shop-api", {FLAG, LOCK}),
    ("reserve OR flag", {LOCK, FLAG}),
    ("reserve OR (flag level:fatal)", {LOCK}),
    ("(reserve OR date) level:fatal", {VALUE}),
    ("environment:production OR environment:staging", {LOCK, VALUE}),
    ("environment:production OR !has:release", {LOCK, OLD}),
    ("is:resolved OR level:fatal", {VALUE}),
    ("assigned:me OR level:fatal", {VALUE}),
    ("users:>10 OR lastSeen:<2025-04-01", {LOCK, OLD}),
    ("deadline or flag", set()),                       # words of a sentence
    ("has:release", {LOCK, VALUE, FLAG}), ("!has:release", {OLD}), ('release:""', {OLD}), ('!release:""', {LOCK, VALUE, FLAG}),
    ("has:campaign", {LOCK, OLD}), ("has:tags[campaign]", {LOCK, OLD}), ("has:stack.function", {LOCK, VALUE}),
    ("has:user.email", {LOCK, VALUE}), ("has:assigned", set()), ("!has:assigned", ALL),
    ("campaign:winter", {OLD}), ('campaign:"summer sale"', {LOCK}), ('"campaign":winter', {OLD}),
    ("campaign:[winter, \"summer sale\"]", {LOCK, OLD}), ("!campaign:[winter,other]", {LOCK, VALUE, FLAG}),
    ("release:[shop@1.4.2,web@2.0.0]", {LOCK, FLAG}), ("star:a\\*b", {LOCK}), ("star:a\\*", set()), ("star:a*", {LOCK}),
    ("release:latest", {VALUE, FLAG}), ("release:>=1.9", {VALUE, FLAG}), ("release:<1.10", {LOCK}),
    ("release:>shop@1.4.2", {VALUE}), ("!release:>=1.9", {LOCK, OLD}), ("release:=1.4.2", {LOCK}),
    ("firstRelease:shop@1.4.*", {LOCK}), ("first-release:latest", {VALUE, FLAG}), ("!firstRelease:latest", {LOCK, OLD}),
    ("error.type:*Lock*", {LOCK}), ("error.type:[ValueError,KeyError]", {VALUE}), ('error.value:"no date"', {VALUE}),
    ("error.handled:true", {VALUE}), ("error.handled:0", {LOCK}), ("error.unhandled:true", {LOCK}),
    ("error.mechanism:wsgi", {LOCK, VALUE}),
    ("stack.function:reserve_stock", {LOCK}), ("stack.function:*_date", {VALUE}), ("!stack.function:*_date", {LOCK, FLAG, OLD}),
    ("stack.filename:*.py", {LOCK, VALUE}), ("stack.module:nothing.like.it", set()),
    ('title:"Feature flag*"', {FLAG}), ('message:"deadline exceeded"', {OLD}), ("culprit:*parse_date*", {VALUE}),
    ("platform:python", {LOCK, VALUE}), ("platform.name:[javascript]", {FLAG, OLD}),
    ("user.id:7", {LOCK}), ("user.email:tom@example.org", {VALUE}), ("user.email:mary@*", {LOCK}), ("user.username:tom", set()),
    ("http.url:*example.org/cart", {LOCK}), ("sdk.name:nothing", set()),
    ("timesSeen:>=1k", {LOCK}), ("timesSeen:<1k users:<2", {VALUE, FLAG, OLD}),
    ("firstSeen:2025-03-04", {OLD}), ("age:<2025-03-05", {OLD}), ("lastSeen:>2025-03-05", {LOCK, VALUE, FLAG}),
    ("lastSeen:>=2025-03-05 lastSeen:<2025-03-06", {OLD}), ("lastSeen:2025-03-05T12:03", {OLD}),
    ("lastSeen:2025-03-05T13:00", set()),
    ("is:linked", {FLAG}), ("is:unlinked", {LOCK, VALUE, OLD}), ("!is:linked level:info", set()),
    ("bookmarks:me", {VALUE}), ("!bookmarks:me", {LOCK, FLAG, OLD}), ("bookmarks:me OR is:linked", {VALUE, FLAG}),
    ("subscribed:me", {OLD}), ("assigned_or_suggested:me", {LOCK}), ("assigned_or_suggested:[me,none]", ALL),
    ("main.run()", set()), ("(deadline)", {OLD}), ("ValueError: no date", {VALUE}),
])
def test_a_query_finds_what_it_says(shop, reader, query, expected):
    assert listed(reader, query) == expected


# every key that people know, with a value that LOCK has and VALUE has not; "": one that is asked for elsewhere
KEYS = {
    "is": "unhandled", "assigned": "", "assigned_to": "", "assigned_or_suggested": "me", "bookmarks": "", "subscribed": "",
    "age": "", "firstSeen": "", "lastSeen": "", "timesSeen": ">1k", "times_seen": "1500", "users": "40",
    "timestamp": "", "event.timestamp": "", "firstRelease": "shop@1.4.2", "first-release": "shop@1.4.*",
    "regressed_in_release": "shop@1.4.9", "release": "shop@1.4.2", "release.version": "1.4.2", "release.build": "",
    "release.package": "", "dist": "31", "environment": "production", "level": "error", "platform": "", "platform.name": "",
    "project": "", "project.id": "", "issue": "", "issue.id": "", "issue.category": "", "issue.type": "",
    "issue.priority": "", "priority": "", "error.type": LOCK, "error.value": "*reserve*", "error.handled": "false",
    "error.unhandled": "true", "error.mechanism": "", "error.main_thread": "true", "stack.filename": "", "stack.abs_path": "",
    "stack.function": "reserve_stock", "stack.module": "", "stack.package": "", "message": "*reserve*", "title": f"{LOCK}*",
    "location": "/cart", "culprit": "/cart", "transaction": "/cart", "http.method": "POST",
    "http.url": "*/cart", "url": "*/cart", "http.referer": "*/basket", "http.status_code": "503", "http.status": "5*",
    "user": "id:7", "user.id": "7", "user.email": "mary@*", "user.username": "", "user.ip": "", "geo.country_code": "NO",
    "geo.city": "oslo", "geo.region": "", "os.name": "Android", "os.version": "14", "os.build": "UP1A", "os.rooted": "true",
    "browser.name": "Chrome", "browser": "Chrome*", "runtime.name": "CPython", "device": '"Pixel 9"', "device.family": "Pixel",
    "device.arch": "arm64", "device.brand": "google", "device.model_id": "tokay", "app.in_foreground": "true",
    "sdk.name": "sentry.python", "sdk.version": "2.19.*", "trace": TRACE, "event.type": "", "server_name": "web-3",
    "logger": "shop.*", "has": "trace",
}


@pytest.mark.parametrize("key", [key for key, value in KEYS.items() if value])
def test_every_key_tells_who_has_it_from_who_has_not(shop, reader, stack, key):
    if key == "regressed_in_release":
        stack.sql("insert into activity (organization_id, issue_id, kind, data)"
                  " select organization_id, id, 'regressed', '{\"release\": \"shop@1.4.9\"}' from issue where type = %s", LOCK)
    query = f"{key}:{KEYS[key]}"
    assert not faults(reader, query)
    found = listed(reader, query)
    assert LOCK in found and (VALUE in found) == (key == "has")
    assert key in {"is", "timesSeen", "times_seen", "users"} or listed(reader, f"!{query}") == ALL - found


@pytest.mark.parametrize("key", [key for key in KEYS if len(key) > 4])
def test_a_slip_in_a_key_is_no_tag(shop, reader, key):
    assert faults(reader, f"{key}x:1") != [], "any tag may be asked for, but none that is nearly a key"


@pytest.mark.parametrize("query, expected", [
    (f"trace:{TRACE}", {LOCK}), (f"trace:{TRACE.upper()}", {LOCK}), (f"trace:[{TRACE},{'0' * 31}1]", {LOCK}),
    (f"trace:{'0' * 31}1", set()), (f"trace:{TRACE} level:fatal", set()), (f"trace:{TRACE} OR level:fatal", {LOCK, VALUE}),
    ("has:trace", {LOCK, VALUE, FLAG}), ("!has:trace", {OLD}),
    ("stack.abs_path:/srv/shop/*", {LOCK, VALUE}), ("release.package:shop", {LOCK, VALUE}), ("release.version:2.0.0", {FLAG}),
    ("release.version:>=1.9", {VALUE, FLAG}), ("release.build:7", set()), ("issue.category:error", ALL), ("!issue.type:error", set()),
    ("timestamp:-24h", ALL), ("timestamp:+1d", set()), ("event.timestamp:>=2025-01-01 level:fatal", {VALUE}),
    ("timestamp:<2025-01-01 OR level:info", {FLAG}),
    ("event.type:error", {LOCK, VALUE}), ("!event.type:Error", {FLAG, OLD}), ("event.type:default", {FLAG, OLD}),
    ("sentry.python", set()),  # what all have is no word of any
])
def test_traces_releases_and_times_of_events_are_found(shop, reader, query, expected):
    assert not faults(reader, query)
    assert listed(reader, query) == expected


@pytest.mark.parametrize("query, term, reason, without", [
    ("is:unresolved OR level:loud", "level:loud", "use debug", "is:unresolved"),
    ("(levle:error OR is:new) x", "levle:error", "was level meant? For a tag, write tags[levle]:value.", "(is:new) x"),
    ("is:new OR", "OR", "stands between two terms", "is:new"),
    ("OR is:new", "OR", "stands between two terms", "is:new"),
    ("(is:new", "(", "is not closed", "is:new"),
    ("is:new)", ")", "Nothing opens", "is:new"),
    ("is:new ()", "(", "nothing between", "is:new)"),
    ("!(is:new)", "!(", "in front of each term", "is:new)"),
    ("(" * 9 + "x" + ")" * 9, "(", "too many parentheses", None),
    (" ".join(f"(level:info OR tags[a{n}]:b{n})" for n in range(5)), "(", "too many ways", None),
    ("has:level", "has:level", "nothing of the kind", ""), ("has:users", "has:users", "nothing of the kind", ""),
    ("release:[1.0", "release:[1.0", "is not closed by", ""), ("release:[1.0,,2]", "release:[1.0,,2]", "an empty value", ""),
    ("release:>=abc", "release:>=abc", "is no version that has an order", ""),
    ("bookmarks:tom", "bookmarks:tom", "use me", ""), ("issue:nothing", "issue:nothing", "no short id", ""),
    ("error.handled:maybe", "error.handled:maybe", "use true or false", ""), ("issue.id:x", "issue.id:x", "is no number", ""),
    ("lastSeen:2026-02-31", "lastSeen:2026-02-31", "is no age", ""), ("users:9x", "users:9x", "is no number", ""),
])
def test_what_is_wrong_is_pointed_at_and_taken_out_by_a_link(shop, reader, query, term, reason, without):
    found = faults(reader, query)
    assert [t for t, _, _ in found][0] == term and reason in found[0][1]
    if without is not None:
        assert parse_qs(urlsplit(found[0][2]).query, keep_blank_values=True)["q"] == [without]


@pytest.mark.parametrize("query", ["(" * 500, ")" * 500, "OR " * 300, "( OR ) " * 140, '"' * 999, "[" * 999, "a:[" * 300, "!" * 999,
                                   "has:" * 200, "a\\" * 300, "x:>=" * 200, "тег:значение OR (имя:я)", "tags[" * 150, "\x1f(\x01)"])
def test_nothing_that_is_typed_breaks_the_page(shop, reader, query):
    assert "<h1>Issues</h1>" in html(reader, query)


def test_pieces_of_the_address_must_all_hold(shop, reader):
    """Tokens and what is typed beside them: an OR does not reach out of its own."""
    assert listed(reader, "project:shop-api", "level:fatal OR campaign:winter") == {VALUE}
    page = html(reader, "project:shop-api", "level:fatal OR campaign:winter")
    assert 'data-q="(level:fatal OR campaign:winter)"' in page
    assert unescape(re.search(r'href="([^"]*)" aria-label="Remove project:shop-api"', page).group(1)).endswith(
        "q=level%3Afatal%20OR%20campaign%3Awinter")


def test_a_trace_leads_to_its_event_or_to_its_issues(stack, shop, reader):
    def where(text):
        return reader.get(f"/acme/issues/?q={text}").headers.get("location", "")
    event = stack.value("select replace(event_id::text, '-', '') from event where trace = %s", TRACE)
    assert re.fullmatch(rf"/acme/issues/SHOP-API-\w+/events/{event}/", where(TRACE))
    assert where(SHARED) == f"/acme/issues/?q=trace%3A{SHARED}"
    assert listed(reader, f"trace:{SHARED}") == {VALUE, FLAG}
    assert where("0" * 31 + "1").startswith("/acme/stats/event/")


def test_an_issue_is_found_by_its_ids(stack, shop, reader):
    [(id, number)] = stack.sql("select id, number from issue where type = %s", LOCK)
    assert listed(reader, f"issue.id:{id}") == {LOCK} == listed(reader, f"issue.id:[{id},0]")
    short = re.search(r"SHOP-API-\w+", html(reader, f"issue.id:{id}")).group(0)
    assert listed(reader, f"issue:{short.lower()}") == {LOCK} and listed(reader, f"!issue:{short}") == ALL - {LOCK}


@pytest.mark.parametrize("more", ["&sort=new", "&sort=freq", "&sort=user", "&sort=priority", "&sort=trend", "&sort=impact", "&project=shop-api",
                                  "&rows=50"])
def test_every_order_knows_the_language(shop, reader, more):
    assert listed(reader, "is:unresolved", "level:fatal OR reserve", more=more) == {VALUE, LOCK}
    assert listed(reader, "level:fatal OR users:>10 OR has:nothing", more=more) == {VALUE, LOCK}


def test_a_hit_of_an_or_says_where_it_matched(shop, reader):
    page = html(reader, "summer OR level:fatal")
    assert "Found in the tag <code>campaign: summer sale</code>" in page


def test_a_search_with_or_costs_no_more_statements(stack, shop, reader):
    def cost(query):
        return statements(cold(stack, reader, f"/acme/issues/?q={quote(query)}"))
    plain = cost("is:unresolved level:error has:release")
    assert cost("is:unresolved (level:fatal OR users:>10) has:release") <= plain + 1
    assert max(cost("reserve OR flag"), cost("bookmarks:me OR is:linked")) <= STATEMENTS_MAX


def test_all_that_match_understand_it(stack, shop, reader):
    answer = reader.post(f"/acme/issues/?q={quote('has:release (level:fatal OR level:info)')}", all="1", priority="25")
    assert answer.status_code in (200, 303)
    stack.wait_for(lambda: stack.value("select count(*) from issue where priority = 25 and title <> %s", OLD) >= 2,
                   what="the change of what matches")
    assert {t for (t,) in stack.sql("select coalesce(nullif(type, ''), title) from issue where priority = 25")} == {VALUE, FLAG}


def test_the_feed_understands_it(shop, reader):
    text = reader.get(f"/acme/issues/ndjson/?q={quote('level:fatal OR reserve')}").text
    assert {json.loads(line)["title"].split(":")[0] for line in text.splitlines()} == {VALUE, LOCK}


def test_what_the_help_shows_is_understood(shop, reader):
    page = reader.get("/acme/issues/help/").text
    examples = [unescape(q) for q in re.findall(r'<td><a class="mono u"[^>]*>(.*?)</a>', page)]
    assert len(examples) > 8 and not [q for q in examples if faults(reader, q)]
    keys = re.findall(r'<td class="mono">([^<]*):</td><td>[^<]+</td><td class="mono small u">([^<]*)<', page)
    assert {"is", "has", "firstRelease", "stack.function", "assigned_or_suggested"} <= {key for key, _ in keys}
    for key, values in keys:
        query = " ".join(f"{key}:{unescape(value)}" for value in values.split())
        assert not faults(reader, query), query


def test_explore_understands_what_an_event_can_answer(shop, reader):
    def explored(query):
        page = reader.get(f"/acme/explore/?q={quote(query)}").text
        return {t for t in ALL if t in page}, re.findall(r'<code class="u">(.*?)</code> was left out', page)
    assert explored("release:[shop@1.4.2,web@2.0.0]") == ({LOCK, FLAG}, [])
    assert explored("environment:production OR environment:staging") == ({LOCK, VALUE}, [])
    assert explored("release:>=1.9 level:[fatal,info]") == ({VALUE, FLAG}, [])
    assert explored("has:campaign") == ({LOCK, OLD}, [])
    assert explored("is:new title:x level:fatal") == ({VALUE}, ["title:x"])
    assert explored("level:fatal (campaign:winter OR is:unhandled)")[1] == ["(campaign:winter OR is:unhandled)"]


def test_a_row_says_its_ticket_comments_and_feedback(stack, shop, reader):
    stack.sql("insert into activity (organization_id, issue_id, kind, data)"
              " select organization_id, id, k, '{}' from issue, unnest(array['comment', 'comment', 'assigned']) k"
              " where title = %s", FLAG)
    stack.sql("insert into feedback (organization_id, project_id, event_id, is_report, issue_id, message, status, received_at)"
              " select organization_id, project_id, gen_random_uuid(), true, id, 'x', s, now() from issue, unnest(array[0, 2]) s"
              " where title = %s", FLAG)
    [row] = re.findall(r"<tr class=.l-.*?</tr>", html(reader, "level:info"), re.S)
    badges = re.sub(r"<svg.*?</svg>", "", row)
    assert '<span title="Linked ticket"> OPS-1</span><span title="2 comments"> 2</span>' in badges
    assert '<span class="chip chip-line">Feedback 1</span>' in badges
    [row] = re.findall(r"<tr class=.l-.*?</tr>", html(reader, "level:fatal"), re.S)
    assert "Linked ticket" not in row and "comment" not in row and "Feedback" not in row
