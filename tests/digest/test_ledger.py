"""The ledger by days: what the hours say, also when it came late or the hours are gone."""

import time

from harness.line import envelope, make_event

BY_DAY = """
    select day, category, outcome, reason, quantity::int, q1::int, q2::int, q3::int, q4::int
      from outcome_day where project_id = %s order by 1, 2, 3, 4"""

BY_HOUR = """
    select (hour at time zone 'UTC')::date, category, outcome, reason, sum(quantity)::int,
           coalesce(sum(quantity) filter (where extract(hour from hour at time zone 'UTC') < 6), 0)::int,
           coalesce(sum(quantity) filter (where extract(hour from hour at time zone 'UTC') between 6 and 11), 0)::int,
           coalesce(sum(quantity) filter (where extract(hour from hour at time zone 'UTC') between 12 and 17), 0)::int,
           coalesce(sum(quantity) filter (where extract(hour from hour at time zone 'UTC') >= 18), 0)::int
      from outcome_hour where project_id = %s and hour < date_trunc('day', now(), 'UTC') - interval '1 day'
     group by 1, 2, 3, 4 order by 1, 2, 3, 4"""


def add(line, hours_ago):
    for hours in hours_ago:
        at = time.time() - hours * 3600
        line.add(envelope(make_event({"timestamp": at})), t=int(at * 1e6))
    line.drained()


def test_days_that_are_over_are_added_up_and_late_comers_too(own_line):
    line = own_line
    line.start_worker()
    add(line, [0, 50, 57, 63, 69, 69, 98, 150])
    line.sql("delete from outcome_day")
    line.sql("update outcome_mark set till = '2000-01-01Z'")
    line.restart_worker()
    yesterday = "((now() - interval '1 hour') at time zone 'UTC')::date - 1"
    line.stack.wait_for(lambda: line.value(f"select closed = {yesterday} from outcome_mark"))
    hours = line.sql(BY_HOUR, line.project)
    assert sum(row[4] for row in hours) == 7 and len(hours) >= 3
    assert line.sql(BY_DAY + " ", line.project) == hours

    add(line, [51, 69, 300])
    hours = line.sql(BY_HOUR, line.project)
    assert sum(row[4] for row in hours) == 10
    assert line.sql(BY_DAY, line.project) == hours
    spans = "select coalesce(sum(quantity), 0)::int from outcome_span(%s, array[%s::bigint]," \
        " date_trunc('day', now(), 'UTC') - interval '30 days', now() + interval '1 hour', {})"
    assert line.value(spans.format("true"), line.org, line.project) == 11

    # hours go when they are old, days stay
    line.sql("update outcome_hour set hour = hour - interval '40 days' where hour < now() - interval '2 days'")
    line.stack.vedette("retention", "run")
    assert line.value("select sum(quantity)::int from outcome_hour") == 1
    assert line.value(spans.format("true"), line.org, line.project) == 11
    assert line.value(spans.format("false"), line.org, line.project) == 1
