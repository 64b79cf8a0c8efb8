"""Limits by category, and what an organisation keeps."""

import re
import time

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


def test_a_limit_says_how_full_it_is_by_the_counter_that_the_edge_asks(stack, own):
    path = f"/{own.org}/settings/limits/"
    for category, count, window in (("feedback", 0, 3600), ("replay", 1000, 604800), ("span", 1000, 604800)):
        assert own.person.post(path, category=category, count=str(count), window=str(window)).status_code == 303
    ids = dict(stack.sql("select q.categories, q.id from quota q join organization o on o.id = q.organization_id"
                         " where o.slug = %s", own.org))

    def count(category, used):
        stack.redis.set(f"vedette:quota:q{ids[category]}:{int(time.time()) // 604800}", used)
    count("replay", 1000)
    count("span", 12)
    text = own.person.get(path).text
    rows = {name: re.search(rf"<tr><td>[^\n]*>{name}<[^\n]*", text).group(0) for name in ids}
    assert "Refuses all." in rows["feedback"]
    assert ">1,000</span>" in rows["replay"] or ">1k<" in rows["replay"] and "100 %" in rows["replay"]
    assert "Full: the rest is refused for another" in rows["replay"]
    assert ">12</span>" in rows["span"] and "1 %" in rows["span"] and "Begins anew in" in rows["span"]


@pytest.fixture
def months(stack, own):
    """Events of this month, of the one before and of thirteen months ago; the first two by name."""
    row = stack.sql("select organization_id, id, to_char(d, 'YYYY-MM'), to_char(d - interval '10 days', 'YYYY-MM')"
                    " from project, date_trunc('month', now() at time zone 'UTC') d where id = %s", own.id)[0]
    org, project, own.present, own.before = row
    stack.sql(f"""do $$
        declare
            month timestamp := '{own.present}-01';
        begin
            perform pg_advisory_xact_lock(hashtext('vedette ledger'));
            insert into outcome_hour
            select {org}, {project}, 0, v.at at time zone 'UTC', v.category, v.outcome, '', v.n
              from (values (month, 'error', 'accepted', 7), (month, 'error', 'rate_limited', 3),
                           (month, 'attachment', 'accepted', 2048),
                           (month - interval '10 days', 'default', 'accepted', 4100),
                           (month - interval '13 months', 'error', 'accepted', 77777)) as v (at, category, outcome, n);
            delete from outcome_day;
            update outcome_mark set till = '2000-01-01Z';
        end $$""")
    yield own
    stack.sql("delete from outcome_hour where project_id = %s", project)
    stack.sql("delete from outcome_day where project_id = %s", project)


def test_usage_is_shown_by_month(months):
    answer = months.person.get(f"/{months.org}/settings/usage/")
    rows = [re.sub(r"<[^>]*>", " ", row).replace("so far", "").split() for row in
            re.findall(r'<tr><td class="mono[^\n]*', answer.text)]
    cells = {name: rest for name, *rest in rows}
    assert len(rows) == 12 and cells[months.present] == ["7", "2.0", "KB", "3"], rows
    assert cells[months.before] == ["4,100", "0", "B", "0"] and "77,777" not in answer.text
    assert ">Attachments<" in answer.text and ">Spans<" not in answer.text
    assert statements(answer) <= 5


def test_usage_tells_what_the_month_comes_to(stack, months):
    """What came so far, and for what is left of it the pace of the last seven days."""
    def expected():
        return stack.value(
            "select 7 + trunc(case when m.start >= s.since then 7 else 0 end"
            "              * extract(epoch from m.start + interval '1 month' - s.now) / extract(epoch from s.now - s.since))"
            "  from (select now() at time zone 'UTC' as now, date_trunc('day', now() at time zone 'UTC' - interval '7 days') as since) s,"
            "       (select date_trunc('month', now() at time zone 'UTC') as start) m")
    most = expected()  # the later it is, the less is left
    answer = months.person.get(f"/{months.org}/settings/usage/")
    least = expected()
    row = re.search(r"<tr data-forecast>(.*)", answer.text).group(1)
    told = int(re.search(r'class="num[^>]*>([\d,]+)', row).group(1).replace(",", ""))
    assert "By the end of the month" in row and int(least) <= told <= int(most)


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
