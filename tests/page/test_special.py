"""What is special about an issue: one sentence, when the numbers bear it."""

import html
import re

import pytest

from page.conftest import Person


@pytest.fixture(scope="module")
def shop(stack):
    """60 events of other issues, of which 6 are on Safari; issue 1 has 30, 27 of them there."""
    shop = stack.create_project("shop", platform="javascript")
    for n in range(30):
        send(stack, shop, "Cart broke", browser="Safari 17" if n < 27 else "Firefox 130", city="Wien")
    for n in range(60):
        last = send(stack, shop, f"Other {'abc'[n % 3] * 9}", browser="Safari 17" if n < 6 else "Firefox 130",
                    city="Wien", plan=f"plan {n % 30}")
    settle(stack, last)
    return shop


@pytest.fixture(scope="module")
def reader(stack):
    return Person(stack).sign_in(stack.admin.email)


def send(stack, project, message, **tags):
    return stack.send_event(project, message=message, tags=tags)


def settle(stack, last):
    """All that was sent is stored and counted: two workers may store the last one first."""
    stack.wait_for_event(last)
    stack.wait_for(lambda: stack.redis.xlen("vedette:events") == 0, what="an empty stream")
    stack.wait_for_counters()


def said(reader, path):
    """The sentence and what it is based on, or None."""
    text = reader.get(path).text
    found = re.search(r'id="special">(.*?)</div></div>', text, re.S)
    if not found:
        return None
    parts = re.findall(r"<p[^>]*>(.*?)</p>", found.group(1), re.S)
    return [html.unescape(re.sub(r"<[^>]+>", "", p)).replace("\xa0", " ") for p in parts]


def test_one_sentence_names_what_is_frequent_here_and_rare_elsewhere(stack, shop, reader):
    sentence, basis = said(reader, "/acme/issues/SHOP-1/")
    assert sentence == "90 % of these events have browser Safari 17, against 10 % of the project's other events."
    assert basis.startswith("Compared with 60 events of other issues since ") and "99.7 %" in basis


def test_what_is_everywhere_or_too_rare_is_not_special(stack, shop, reader):
    for n in range(2):
        last = send(stack, shop, "Seldom", browser="Opera 9", city="Wien")
    settle(stack, last)
    issue = stack.value("select id from issue where title = 'Seldom'")
    assert said(reader, f"/acme/issues/{issue}/") is None


def test_a_project_with_one_issue_has_nothing_to_compare_with(stack, project, reader):
    for _ in range(20):
        last = send(stack, project, "Alone", browser="Safari 17")
    settle(stack, last)
    issue = stack.value("select id from issue where project_id = %s", project.id)
    assert said(reader, f"/acme/issues/{issue}/") is None


def test_several_values_stand_in_one_sentence_the_clearest_first(stack, shop, reader):
    hostile = '<img src=x onerror=alert(1)>'
    for n in range(40):
        last = send(stack, shop, "Many", browser="Edge 1" if n < 30 else "Firefox 130", city=hostile, shelf="B",
                    aisle="C" if n < 38 else "D")
    settle(stack, last)
    issue = stack.value("select id from issue where title = 'Many'")
    sentence, basis = said(reader, f"/acme/issues/{issue}/")
    assert sentence == (f"100 % of these events have city {hostile}, against 0 % of the project's other events,"
                        " 100 % have shelf B, against 0 %, and 95 % have aisle C, against 0 %.")
    assert hostile not in reader.get(f"/acme/issues/{issue}/").text


def test_an_old_issue_is_compared_with_the_days_that_the_project_counts(stack, shop, reader):
    """1,000 events two months ago, all on Safari: of the project's last days they are no part."""
    issue = stack.value("select id from issue where title = 'Cart broke'")
    stack.sql("update issue set first_seen = now() - interval '60 days', times_seen = 1030 where id = %s", issue)
    stack.sql("insert into issue_hour (issue_id, hour, times_seen)"
              " values (%s, date_trunc('hour', now() - interval '60 days'), 1000)", issue)
    stack.sql("insert into issue_tag (issue_id, key_id, tag_id, times_seen, first_seen, last_seen)"
              " select %s, k.id, v.id, 1000, now(), now() from tag_key k join tag_value v on v.key_id = k.id"
              " where k.project_id = %s and v.value = 'Safari 17'", issue, shop.id)
    sentence, _ = said(reader, f"/acme/issues/{issue}/")
    share = 100 * 1027 // 1030
    there = re.search(r"against (\d+) % of the project's other events\.", sentence)
    assert sentence.startswith(f"{share} % of these events have browser Safari 17, against ")
    assert 0 < int(there.group(1)) <= 10
