"""The stream by priority and by trend: every issue once, in both directions."""

import math
import re
from html import unescape
from urllib.parse import quote

import pytest

from page.conftest import Person

ISSUES = 70
PRIORITIES = (25, 50, 75)


def trends(stack, count):
    """Until they are reckoned anew, and so many issues have one."""
    stack.sql("update issue_trend_mark set reckoned_at = now() - interval '6 minutes'")
    stack.restart("worker")
    stack.wait_for(lambda: stack.value("select count(*) from issue_trend") == count, what="the trends")


@pytest.fixture(scope="module")
def shop(stack):
    """Many issues of all priorities, of which every seventh has grown since yesterday."""
    project = stack.create_project("shop")
    stack.sql("""
        insert into issue (organization_id, project_id, number, title, level, priority, substatus, first_seen, last_seen,
                           users_seen)
        select p.organization_id, p.id, n, 'Trouble ' || n, 40, (array[25, 50, 75])[1 + n %% 3], 3,
               now() - interval '30 days', now() - n * interval '1 hour', n * 7 %% 100
          from project p, generate_series(1, %s) as n
         where p.id = %s""", ISSUES, project.id)
    stack.sql("insert into issue_words (issue_id, organization_id, search)"
              " select id, organization_id, lower(title) from issue")
    stack.sql("""
        insert into issue_hour (issue_id, hour, times_seen)
        select i.id, now() - age, case when age < interval '1 day' and i.number % 7 = 0 then i.number * 10 else 1 end
          from issue i, unnest(array[interval '2 hours', interval '30 hours']) as age""")
    trends(stack, ISSUES // 7)
    return project


@pytest.fixture(scope="module")
def reader(stack, shop):
    return Person(stack).sign_in(stack.admin.email)


def page(reader, address):
    """The numbers of its issues, the addresses of the pages before and after it."""
    html = reader.get("/acme/issues/" + address).text
    numbers = [int(n) for n in re.findall(r'class="ttl[^>]*><b><bdi>Trouble (\d+)</bdi>', html)]
    links = {word: unescape(href) for href, word in re.findall(
        r'<a class="btn btn-sm"[^>]* href="(\?[^"]*)">(?:<svg.*?</svg>)?(Previous|Next)', html)}
    return numbers, links.get("Previous"), links.get("Next")


ORDERS = {
    "impact": sorted(range(1, ISSUES + 1), key=lambda n: n / 24 - math.log2(1 + n * 7 % 100)),
    "priority": sorted(range(1, ISSUES + 1), key=lambda n: (-PRIORITIES[n % 3], n)),
    "trend": sorted(range(7, ISSUES + 1, 7), reverse=True) + [n for n in range(1, ISSUES + 1) if n % 7 != 0],
}


# one status; all of them; words; a filter; a project
@pytest.mark.parametrize("query", ["q=is:unresolved", "q=", "q=is:unresolved+trouble", "q=is:unresolved+level:error",
                                   "q=is:unresolved&project=shop"])
@pytest.mark.parametrize("sort", list(ORDERS))
def test_each_issue_is_listed_once_in_its_order_onwards_and_back(reader, sort, query):
    pages, address = [], f"?{query}&sort={sort}"
    while address is not None:
        numbers, before, after = page(reader, address)
        pages.append((numbers, before))
        address = after
    assert [n for numbers, _ in pages for n in numbers] == ORDERS[sort]
    assert [len(numbers) for numbers, _ in pages] == [25, 25, 20]

    back, address = [], pages[-1][1]
    while address is not None:
        numbers, address, _ = page(reader, address)
        back.insert(0, numbers)
    assert back == [numbers for numbers, _ in pages[:-1]]


def test_what_was_seen_long_ago_comes_behind_all_priorities(stack, shop, reader):
    """Ten thousand are ordered by priority; none is lost behind them."""
    try:
        stack.sql("""
            insert into issue (organization_id, project_id, number, title, level, priority, status, substatus,
                               first_seen, last_seen)
            select organization_id, id, 1000 + n, 'Old ' || n, 40, case when n > 9990 then 75 else 25 end, 1, 0, now(),
                   now() - n * interval '1 minute'
              from project, generate_series(1, 10005) as n
             where id = %s""", shop.id)
        html = reader.get(f"/acme/issues/?q={quote('is:resolved')}&sort=priority").text
        first = [int(n) for n in re.findall(r"<bdi>Old (\d+)</bdi>", html)]
        assert first == [*range(9991, 10001), *range(1, 16)]
        html = reader.get(f"/acme/issues/?q={quote('is:resolved priority:high')}&sort=priority").text
        assert [int(n) for n in re.findall(r"<bdi>Old (\d+)</bdi>", html)] == list(range(9991, 10006))
    finally:
        stack.sql("delete from issue where number > 1000")


def test_a_trend_ends_with_its_events(stack, shop, reader):
    numbers, _, _ = page(reader, f"?q={quote('is:unresolved')}&sort=trend")
    assert numbers[0] == 70
    stack.sql("delete from issue_hour where issue_id = (select id from issue where number = 70)")
    trends(stack, ISSUES // 7 - 1)
    numbers, _, _ = page(reader, f"?q={quote('is:unresolved')}&sort=trend")
    assert numbers[0] == 63
