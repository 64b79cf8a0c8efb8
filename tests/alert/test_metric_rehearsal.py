"""The rehearsal of a rule about a number, against a model of alerts_integrations.md 1.8 of its own."""

import random
import re
import time

from alert.test_metric import add_metric

MINUTE = 60
DAYS = 14
LONGEST = 2 * 60  # minutes: the window, and the one it is compared with


def every(rule):
    """Minutes between two looks."""
    window = int(rule["window"])
    return (1 if window < 30 else 2 if window < 60 else 3) * (2 if int(rule["compare"]) else 1)


def model(rule, counts, now):
    """What the rule tells, oldest first: (minute, severity), 0 when it is well again."""
    window, compare, step = int(rule["window"]), int(rule["compare"]), every(rule)
    limits = {20: float(rule["critical"])}
    if rule.get("warning"):
        limits[10] = float(rule["warning"])
    well = float(rule.get("resolve") or limits[min(limits)])
    in_a_row, state, closed, told = dict.fromkeys(limits, 0), 0, -99, []

    def beyond(value, limit):
        return value < limit if rule["side"] == "below" else value > limit

    def total(end):
        return sum(counts.get(minute, 0) for minute in range(end - window, end))

    start = now - DAYS * 1440
    for at in range(-(-start // step) * step, now + 1, step):
        value = total(at)
        if compare:
            before = total(at - compare)
            if not before:
                in_a_row = dict.fromkeys(limits, 0)
                continue
            value = value * 100 / before
        for severity, limit in limits.items():
            in_a_row[severity] = in_a_row[severity] + 1 if beyond(value, limit) else 0
        hit = [severity for severity in limits if in_a_row[severity] >= int(rule["period"])]
        if hit:
            becomes = max(hit)
        elif state and beyond(value, well):
            becomes = 10 if 10 in limits and not beyond(value, limits[20]) else state
        else:
            becomes = 0
        if not state and at <= closed + 10:
            becomes = 0
        if becomes != state:
            told.append((at, becomes))
            closed = closed if becomes else at
            state = becomes
    return told


RULES = {
    "above": {"critical": "20"},
    "below": {"side": "below", "critical": "2"},
    "five minutes": {"window": "5", "critical": "6"},
    "warning": {"critical": "25", "warning": "12"},
    "resolve": {"critical": "15", "resolve": "4"},
    "in a row": {"window": "30", "critical": "8", "period": "4"},
    "change": {"compare": "60", "critical": "180"},
}


def test_what_a_number_would_have_told_in_a_fortnight(stack, project, browser):
    chance = random.Random(11)
    now = int(time.time() // MINUTE)
    counts, at = {}, now - 13 * 1440
    while at < now - 2 * LONGEST:  # from then on nothing changes, however long the test takes
        counts[at] = chance.randrange(1, 4)
        at += int(chance.expovariate(1 / (4 if chance.random() < .9 else 200))) + 1
    stack.sql("insert into project_minute (organization_id, project_id, environment, level, minute, times_seen, users)"
              " select p.organization_id, p.id, '', 40, to_timestamp(c.minute * 60), c.n, ''"
              " from project p, unnest(%s::bigint[], %s::bigint[]) c (minute, n) where p.id = %s",
              list(counts), list(counts.values()), project.id)
    for name, fields in RULES.items():
        rule = {"metric": "events", "level": "0", "window": "60", "compare": "0", "side": "above", "period": "1",
                **fields}
        told = model(rule, counts, now)
        browser.open(f"/acme/alerts/{add_metric(stack, project, **rule)}/")
        head = browser.page.locator("aside h2").first.inner_text()
        fired = 1 if head.endswith("once") else int(re.search(r"fired ([\d,]+)", head).group(1).replace(",", ""))
        assert fired == sum(severity > 0 for _, severity in told), name
        assert fired > 1, name
        shown = [(line.locator("time").get_attribute("datetime"), line.inner_text().split(":")[0].strip())
                 for line in browser.page.locator("ol.hits li").all()]
        words = {20: "Critical", 10: "Warning", 0: "Resolved"}
        assert [word for _, word in shown] == [words[severity] for _, severity in told[::-1][:20]], name
        assert [moment[:16] for moment, _ in shown] == [
            time.strftime("%Y-%m-%dT%H:%M", time.gmtime(minute * MINUTE)) for minute, _ in told[::-1][:20]], name
