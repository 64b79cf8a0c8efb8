"""Stats: what was received, what became of it, and that it adds up."""

import csv
import hashlib
import html
import io
import re
import time

import pytest
from page.conftest import Person, old_outcomes, statements


@pytest.fixture(scope="module")
def shop(stack):
    """Two projects: accepted, duplicate, unreadable, limited, discarded by clients."""
    api = stack.create_project("shop-api", platform="python")
    web = stack.create_project("storefront", platform="javascript")
    ids = [stack.send_event(api, message=f"Disk {name} full") for name in "abcde"]
    stack.send_event(api, message="Disk a full", event_id=ids[0])
    ids += [stack.send_event(web, message="Late")]
    stack.send_envelope(web, {}, [({"type": "event"}, b"{not json")])
    stack.send_envelope(web, {}, [({"type": "client_report"}, {"timestamp": time.time(), "discarded_events": [
        {"reason": "before_send", "category": "error", "quantity": 40},
        {"reason": "queue_overflow", "category": "error", "quantity": 2},
        {"reason": "sample_rate", "category": "transaction", "quantity": 900}],
        "rate_limited_events": [{"reason": "key_quota", "category": "error", "quantity": 3}]})])
    for id in ids:
        stack.wait_for_event(id)
    stack.wait_for(lambda: total(stack, "invalid") == 2 and total(stack, "client_discard") == 942
                   and total(stack, "rate_limited") == 3)
    return api, web


def total(stack, outcome):
    """Of the shop's organisation."""
    return stack.value("select coalesce(sum(h.quantity), 0)::int from outcome_hour h join organization o on o.id = h.organization_id"
                       " where o.slug = 'acme' and h.outcome = %s", outcome)


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


def numbers(text):
    return [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", text)]


def table(page, name):
    """{first cell: the numbers of its row}"""
    rows = page.locator(f"table[data-table='{name}'] tbody tr").all()
    cells = [row.locator("td").all_inner_texts() for row in rows]
    return {row[0].strip(): row[1:] for row in cells}


def test_what_was_received_is_the_sum_of_what_became_of_it(shop, browser):
    page = browser.open("/acme/stats/")
    first, *parts, discarded = numbers(page.locator("#identity").inner_text())
    # six stored, one duplicate, one unreadable, three limited
    assert first == 11 == sum(parts)
    assert parts == [6, 0, 3, 2]
    assert discarded == 42
    strip = page.locator(".stats").inner_text()
    assert "Received\n11" in strip and "Accepted\n6" in strip and "Discarded by clients\n42" in strip


@pytest.mark.parametrize("name", ["Project", "Key"])
def test_every_table_adds_up_to_the_same(shop, browser, name):
    page = browser.open("/acme/stats/")
    rows = [[int(n.replace(",", "")) for n in [received, *row]]
            for received, share, *row in table(page, name).values()]
    assert [sum(column) for column in zip(*rows)] == [11, 6, 0, 3, 2, 42]
    for received, *parts, discarded in rows:
        assert received == sum(parts)


@pytest.mark.parametrize("name", ["Project", "Key"])
def test_who_sent_most_is_first_with_its_share(shop, browser, name):
    """The client that threw most away has not sent most."""
    rows = table(browser.open("/acme/stats/"), name)
    assert [row[:2] for row in rows.values()] == [["6", "55 %"], ["5", "45 %"]]


def test_reasons_say_why(shop, browser):
    reasons = table(browser.open("/acme/stats/"), "Reason")
    assert reasons["Application's before_send"] == ["discarded by clients", "40", "85 %"]
    assert reasons["Sent twice"][:2] == ["invalid", "1"]
    assert reasons["Not JSON what was sent"][:2] == ["invalid", "1"]
    assert sum(int(r[1]) for r in reasons.values()) == 47


def test_a_reason_leads_to_the_latest_event_that_ended_for_it(stack, reader):
    project = stack.create_project("refused", org="refusing")
    for _ in range(2):
        event = stack.send_event(project, request={"headers": {"User-Agent": "Googlebot/2.1"}})
        stack.wait_for(lambda event=event: stack.value(
            "select count(*) from event_ended where project_id = %s and event_id = %s::uuid", project.id, event) == 1)
    stack.wait_for(lambda: stack.value(
        "select coalesce(sum(quantity), 0)::int from outcome_hour where project_id = %s and outcome = 'filtered'", project.id) == 2)
    text = reader.get("/refusing/stats/").text
    assert "a link leads to the latest one" in text
    link = re.search(r'<a href="([^"]*)">Web crawlers</a>', text).group(1)
    assert link.replace("-", "").endswith(f"/stats/event/?id={event}")
    assert "Not stored in refused" in reader.get(link).text


@pytest.fixture(scope="module")
def unread(stack):
    """A project of which something could not be read."""
    project = stack.create_project("unread", org="reading")
    stack.send_envelope(project, {}, [({"type": "event"}, b'{"message": "<b>cut", "password": "hunter2", ')])
    stack.wait_for(lambda: stack.value("select count(*) from refused where project_id = %s", project.id) == 1)
    return project


def test_what_could_not_be_read_is_shown_as_it_came_to_administrators(reader, unread, member_of):
    stats = reader.get("/reading/stats/").text
    link = re.search(r'<a [^>]*href="([^"]*)">what was sent</a>', stats).group(1)
    assert link == "/reading/stats/refused/?reason=invalid_json"
    shown = re.search(r"<pre[^>]*>(.*?)</pre>", reader.get(link).text, re.S).group(1)
    assert "<b>" not in shown
    assert html.unescape(shown).strip() == '{"message": "<b>cut", "password": "[Filtered]",'
    assert "<pre" not in reader.get("/reading/stats/refused/?reason=invalid_log").text
    assert reader.get("/reading/stats/refused/?project=none").status_code == 404
    member = member_of("reading", "member")
    assert "what was sent" not in member.get("/reading/stats/").text
    assert member.get(link).status_code == 403


def test_a_project_that_wants_no_samples_shows_none(stack, reader, unread):
    stack.sql("insert into project_setting (organization_id, project_id, name, value)"
              " select organization_id, id, 'scrub.refused', 'off' from project where id = %s", unread.id)
    assert "what was sent" not in reader.get("/reading/stats/").text
    assert "Nothing is kept" in reader.get("/reading/stats/refused/").text


def test_storage_tells_what_attachments_take(stack, reader):
    project = stack.create_project("files", org="filing")
    org = stack.value("select organization_id from project where id = %s", project.id)
    stack.sql("insert into event_day values (%s, (now() at time zone 'UTC')::date, %s, 1, 100)", project.id, org)
    stack.sql("insert into attachment_usage (project_id, organization_id, bytes) values (%s, %s, 3 << 20)", project.id, org)
    row = re.search(r'data-table="Storage".*?<tbody>(.*?)</tbody>', reader.get("/filing/stats/").text, re.S).group(1)
    assert '<td class="num">3.0 MB</td>' in row, row


@pytest.fixture(scope="module")
def senders(stack):
    """A project of which one issue has the largest events, another the most."""
    project = stack.create_project("senders", org="sending")
    other = stack.create_project("quiet", org="sending")
    ids = [stack.send_event(project, message="Small and many", user={"id": "7"}, sdk={"name": "acme.python", "version": "2.1.0"})
           for _ in range(3)]
    # what no packing makes small
    large = {str(n): hashlib.sha256(str(n).encode()).hexdigest() for n in range(300)}
    ids.append(stack.send_event(project, message="Large", extra=large, user={"ip_address": "203.0.113.9"},
                                sdk={"name": "acme.php", "version": "1.0.0"}))
    ids.append(stack.send_event(other, message="Elsewhere", sdk={"name": "acme.python", "version": "2.1.0"}))
    for id in ids:
        stack.wait_for_event(id)
    stack.wait_for(lambda: stack.value("select coalesce(sum(events), 0)::int from event_day d join project p on p.id = d.project_id"
                                       " where p.slug in ('senders', 'quiet')") == 5, what="the fold")
    return project


def cells(text, name):
    found = re.search(rf'data-table="{name}".*?<tbody>(.*?)</tbody>', text, re.S).group(1)
    return [[re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
            for row in re.findall(r"<tr>(.*?)</tr>", found, re.S)]


def test_what_takes_most_room_and_who_sends_most(stack, reader, senders):
    answer = reader.get("/sending/stats/senders/")
    assert statements(answer) <= 12
    issues = cells(answer.text, "Issue")
    assert [row[0] for row in issues] == ["LargeSENDERS-2", "Small and manySENDERS-1", "ElsewhereQUIET-1"] and [row[1] for row in issues] == ["1", "3", "1"]
    sizes = dict(stack.sql("select i.title, sum(500 + coalesce(octet_length(b.body), 0))::int from event e join issue i on i.id = e.issue_id"
                           " join project p on p.id = e.project_id left join event_body b on b.day = e.day and b.id = e.id"
                           " where p.slug in ('senders', 'quiet') group by 1"))
    assert float(issues[0][3].rstrip(" %")) == pytest.approx(100 * sizes["Large"] / sum(sizes.values()), abs=1)
    assert "All events of these days are counted." in answer.text
    assert cells(answer.text, "sdk") == [["acme.python 2.1.0", "4", "80 %"], ["acme.php 1.0.0", "1", "20 %"]]
    assert cells(answer.text, "user")[0] == ["id:7", "3", "75 %"] and cells(answer.text, "user")[1][0] == "ip:203.0.113.9"
    only = reader.get("/sending/stats/senders/?project=quiet").text
    assert [row[0] for row in cells(only, "Issue")] == ["ElsewhereQUIET-1"] and cells(only, "sdk")[0][1] == "1"
    link = re.search(r'href="(/sending/explore/\?q=[^"]*sdk[^"]*)"', answer.text).group(1)
    assert "acme.python 2.1.0" in reader.get(link.replace("&amp;", "&")).text
    assert "No event of these days is kept." in reader.get("/sending/stats/senders/?from=2020-01-01T00:00Z&to=2020-01-02T00:00Z").text


def test_of_many_events_a_part_is_looked_at(stack, reader, senders):
    """By what the counters say: the numbers are scaled up to that."""
    stack.sql("update event_day d set events = events + 995000 from project p where p.id = d.project_id and p.slug = 'senders'")
    try:
        stack.sql("update event e set event_id = overlay(event_id::text placing '00000000' from 1 for 8)::uuid"
                  " from project p where p.id = e.project_id and p.slug in ('senders', 'quiet')")
        text = reader.get("/sending/stats/senders/").text
        assert "Reckoned from 5 of 995,005 events" in text
        assert {row[0]: row[1] for row in cells(text, "Issue")}["ElsewhereQUIET-1"] in ("199K", "199k")
    finally:
        stack.sql("update event_day d set events = events - 995000 from project p where p.id = d.project_id and p.slug = 'senders'")


def test_a_reason_that_nobody_knows_is_shown_as_it_came(shop, stack, browser):
    rows = [(3, "rate_limited", "key_quota", 1), (3, "invalid", "too_large:event", 1), (3, "filtered", "web-crawlers", 1),
            (3, "client_discard", "moon", 1)]
    with old_outcomes(stack, shop[0], rows):
        page = browser.open("/acme/stats/?range=14d")
        reasons = table(page, "Reason")
        assert {"Limit of the client key", "Too large: event", "Web crawlers", "moon"} <= set(reasons)
        assert page.locator("[data-table='Reason'] [title='web-crawlers']").inner_text() == "Web crawlers"


def test_categories_are_not_mixed_and_lead_to_their_own_page(shop, browser):
    page = browser.open("/acme/stats/")
    categories = table(page, "Category")
    assert categories["transaction"] == ["0", "0", "0", "0", "0", "900"]
    assert categories["error"][0] == "11"
    page.get_by_role("link", name="transaction").click()
    page.wait_for_url("**category=transaction")
    assert page.get_by_role("heading", name="transaction by outcome").is_visible()
    assert "another 900" in page.locator("#identity").inner_text()


def test_a_project_can_be_looked_at_alone(shop, browser, reader):
    page = browser.open("/acme/stats/?project=storefront")
    assert numbers(page.locator("#identity").inner_text()) == [5, 1, 0, 3, 1, 42]
    assert list(table(page, "Project")) == ["storefront"]
    assert reader.get("/acme/stats/?project=no-such").status_code == 404


@pytest.mark.parametrize("span, buckets, step", [("24h", 24, 3600), ("14d", 56, 21600), ("30d", 30, 86400)])
def test_the_chart_has_its_numbers_beside_it(shop, browser, span, buckets, step):
    page = browser.open(f"/acme/stats/?range={span}")
    chart = page.locator("svg.chart[data-v]")
    assert chart.get_attribute("data-step") == str(step)
    series = dict(s.split(":") for s in chart.get_attribute("data-v").split(";"))
    assert list(series) == ["invalid", "rate limited", "discarded by clients", "accepted"]
    sums = [sum(map(int, v.split(","))) for v in series.values()]
    assert sums == [2, 3, 42, 6]
    assert all(len(v.split(",")) == buckets for v in series.values())
    page.get_by_text("The numbers as a table").click()
    rows = page.locator(".twin tbody tr")
    found = [sum(int(n) for n in column)
             for column in zip(*[row.locator("td").all_inner_texts() for row in rows.all()])]
    assert found == sums


def filtered(reader):
    return [re.search(r" (\d+) filtered", reader.get(f"/acme/stats/?range={span}").text).group(1)
            for span in ("24h", "14d", "30d")]


def test_older_hours_are_only_in_the_longer_ranges(shop, stack, reader):
    with old_outcomes(stack, shop[0], [(days, "filtered", "ip-address", days) for days in (3, 20, 40)]):
        assert filtered(reader) == ["0", "3", "23"]
        for span, known in [("24h", True), ("14d", False), ("30d", False)]:
            assert ("not known" in reader.get(f"/acme/stats/?range={span}").text) != known


def test_days_without_their_hours_are_the_same(shop, stack, reader):
    """What the worker adds up is read instead of hours, which may be gone."""
    with old_outcomes(stack, shop[0], [(days, "filtered", "ip-address", days) for days in (3, 20)]):
        charts = [reader.get(f"/acme/stats/{file}?range=30d").text for file in ("", "csv/")]
        stack.restart("worker")
        stack.wait_for(lambda: stack.value("select closed > now() - interval '3 days' from outcome_mark"))
        stack.sql("delete from outcome_hour where reason = 'ip-address'")
        assert filtered(reader) == ["0", "3", "23"]
        again = [reader.get(f"/acme/stats/{file}?range=30d").text for file in ("", "csv/")]
        assert again[1] == charts[1]
        assert re.findall('data-v="[^"]*"', again[0]) == re.findall('data-v="[^"]*"', charts[0])


def test_the_file_has_every_number(shop, stack, reader):
    key = stack.value("select id from project_key where project_id = %s", shop[0].id)
    stack.sql("update project_key set label = %s where id = %s", '=cmd|"x"', key)
    answer = reader.get("/acme/stats/csv/?range=24h")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'filename="acme-stats-24h.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert sum(int(r["quantity"]) for r in rows) == 53
    duplicate = next(r for r in rows if r["reason"] == "duplicate")
    assert (duplicate["project"], duplicate["category"], duplicate["outcome"]) == ("shop-api", "error", "invalid")
    assert duplicate["key"] == """'=cmd|"x\"""", "a spreadsheet sees text, not a formula"
    alone = reader.get("/acme/stats/csv/?range=24h&project=shop-api").text
    assert "storefront" not in alone and "shop-api" in alone


@pytest.mark.parametrize("limit, days, told", [
    (0, 90, "none of its own"), (500, 90, "It is full: the oldest events of 500 B make room."),
    (5000, 0, "At this rate 4.9 KB are reached in about 21 days."), (2100, 0, "in about a day."),
    (9000, 30, "events age out before 8.8 KB")])
def test_a_project_reaches_its_size_limit_at_the_rate_of_two_weeks(stack, reader, limit, days, told):
    """2,000 bytes are held; 1,960 came in 14 whole days, 140 a day."""
    slug = f"store-{limit}"
    project = stack.create_project(slug)
    org = stack.value("select organization_id from project where id = %s", project.id)
    for ago, size in [(0, 20), (1, 960), (14, 1000), (15, 20)]:
        stack.sql("insert into event_day values (%s, (now() at time zone 'UTC')::date - %s, %s, 1, %s)",
                  project.id, ago, org, size)
    settings = [("keep.days", days)] + ([("keep.bytes", limit)] if limit else [])
    for name, value in settings:
        stack.sql("insert into project_setting values (%s, %s, %s, %s)", org, project.id, name, str(value))
    text = reader.get(f"/acme/stats/?project={slug}").text
    row = re.search(r'data-table="Storage".*?<tbody>(.*?)</tbody>', text, re.S).group(1)
    assert "2.0 KB" in row or "2 KB" in row, row
    assert told in row, row


def test_the_page_is_small_and_takes_few_statements(shop, reader):
    answer = reader.get("/acme/stats/?range=14d")
    assert statements(answer) <= 9
    assert len(answer.content) < 60_000


def test_a_foreign_organisation_is_not_counted(shop, stack, browser):
    other = stack.create_project("lonely", org="elsewhere")
    page = browser.open("/elsewhere/stats/")
    assert page.get_by_role("heading", name="Nothing has arrived yet").is_visible()
    page.get_by_role("link", name="Set up lonely").click()
    page.wait_for_url("**/elsewhere/projects/lonely/getting-started/")
    page = browser.open("/elsewhere/stats/")  # set-up would go on by itself
    event = stack.send_event(other, message="Hello")
    stack.wait_for_event(event)
    page = browser.open("/elsewhere/stats/")
    assert numbers(page.locator("#identity").inner_text()) == [1, 1, 0, 0, 0]


def test_who_may_not_see_the_organisation_does_not_see_its_numbers(shop, new_person):
    person = new_person()
    for path in ("/acme/stats/", "/acme/stats/csv/"):
        assert person.get(path).status_code == 404


def test_an_empty_time_says_so_and_offers_more(shop, browser):
    page = browser.open("/acme/stats/?category=replay&range=24h")
    assert page.get_by_role("heading", name="Nothing in the last 24 hours").is_visible()
    page.get_by_role("link", name="Look back 30 days").click()
    page.wait_for_url("**range=30d")
