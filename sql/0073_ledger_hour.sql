-- The ledger is closed by the hour, not by the day (model/ledger.h): of many
-- projects the hours of a day that is not over were most of what a page read.
-- And sums that no page cuts by project or by quarter are not made of rows that
-- are.

-- Hours before till are in outcome_day.  closed, for a worker of before: the
-- last day that is whole.
alter table outcome_mark add column till timestamptz;
update outcome_mark set till = (closed + 1)::timestamp at time zone 'UTC';
alter table outcome_mark
    drop column closed,
    alter column till set not null,
    add column closed date generated always as ((till at time zone 'UTC')::date - 1) stored;

-- With by_quarter the times are whole quarters of a day, and so is what comes
-- back of hours that are added up.  For rows by project and key:
create or replace function outcome_span(organization bigint, projects bigint[], since timestamptz,
                                        till timestamptz, by_quarter boolean)
returns table (project_id bigint, key_id bigint, at timestamptz, category text,
               outcome text, reason text, quantity bigint)
language sql stable as $$
    select h.project_id, h.key_id, h.hour, h.category, h.outcome, h.reason, h.quantity
      from outcome_hour h
     where h.organization_id = organization
       and h.project_id = any (projects)
       and h.hour >= case when by_quarter
                          then greatest(since, (select m.till from outcome_mark m))
                          else since
                     end
       and h.hour < till
     union all
    select d.project_id, d.key_id, q.at, d.category, d.outcome, d.reason, q.quantity
      from outcome_day d
     cross join lateral (values
           (d.day::timestamp at time zone 'UTC', d.q1),
           (d.day::timestamp at time zone 'UTC' + interval '6 hours', d.q2),
           (d.day::timestamp at time zone 'UTC' + interval '12 hours', d.q3),
           (d.day::timestamp at time zone 'UTC' + interval '18 hours', d.q4))
               as q (at, quantity)
     where by_quarter
       and d.organization_id = organization
       and d.project_id = any (projects)
       and d.day >= (since at time zone 'UTC')::date
       and d.day <= (till at time zone 'UTC')::date
       and (select m.till at time zone 'UTC' from outcome_mark m) > d.day::timestamp
       and q.at >= since
       and q.at < till
       and q.quantity <> 0
$$;

-- All projects together, for charts; outcomes null: each.
create function outcome_slots(organization bigint, projects bigint[], categories text[],
                              outcomes text[], since timestamptz, till timestamptz,
                              by_quarter boolean)
returns table (at timestamptz, outcome text, reason text, quantity bigint)
language sql stable as $$
    select h.hour, h.outcome, h.reason, sum(h.quantity)::bigint
      from outcome_hour h
     where h.organization_id = organization
       and h.project_id = any (projects)
       and h.category = any (categories)
       and (outcomes is null or h.outcome = any (outcomes))
       and h.hour >= case when by_quarter
                          then greatest(since, (select m.till from outcome_mark m))
                          else since
                     end
       and h.hour < till
     group by h.hour, h.outcome, h.reason
     union all
    select q.at, d.outcome, d.reason, q.quantity::bigint
      from (select o.day, o.outcome, o.reason, sum(o.q1) as q1, sum(o.q2) as q2,
                   sum(o.q3) as q3, sum(o.q4) as q4
              from outcome_day o
             where by_quarter
               and o.organization_id = organization
               and o.project_id = any (projects)
               and o.category = any (categories)
               and (outcomes is null or o.outcome = any (outcomes))
               and o.day >= (since at time zone 'UTC')::date
               and o.day <= (till at time zone 'UTC')::date
               and (select m.till at time zone 'UTC' from outcome_mark m) > o.day::timestamp
             group by o.day, o.outcome, o.reason) d
     cross join lateral (values
           (d.day::timestamp at time zone 'UTC', d.q1),
           (d.day::timestamp at time zone 'UTC' + interval '6 hours', d.q2),
           (d.day::timestamp at time zone 'UTC' + interval '12 hours', d.q3),
           (d.day::timestamp at time zone 'UTC' + interval '18 hours', d.q4))
               as q (at, quantity)
     where q.at >= since
       and q.at < till
       and q.quantity <> 0
$$;

-- By project and key, the whole time together, to be added up by whoever asks:
-- of a day that is all within, its sum; else those of its quarters that are.
create function outcome_totals(organization bigint, projects bigint[], since timestamptz,
                               till timestamptz, by_quarter boolean)
returns table (project_id bigint, key_id bigint, category text, outcome text,
               reason text, quantity bigint)
language sql stable as $$
    select h.project_id, h.key_id, h.category, h.outcome, h.reason, h.quantity
      from outcome_hour h
     where h.organization_id = organization
       and h.project_id = any (projects)
       and h.hour >= case when by_quarter
                          then greatest(since, (select m.till from outcome_mark m))
                          else since
                     end
       and h.hour < till
     union all
    select d.project_id, d.key_id, d.category, d.outcome, d.reason,
           case when d.day > (since at time zone 'UTC')::date
                 and d.day < (till at time zone 'UTC')::date
                then d.quantity
                else case when d.day >= (since at time zone 'UTC')
                           and d.day < (till at time zone 'UTC')
                          then d.q1 else 0 end
                     + case when d.day + interval '6 hours' >= (since at time zone 'UTC')
                             and d.day + interval '6 hours' < (till at time zone 'UTC')
                            then d.q2 else 0 end
                     + case when d.day + interval '12 hours' >= (since at time zone 'UTC')
                             and d.day + interval '12 hours' < (till at time zone 'UTC')
                            then d.q3 else 0 end
                     + case when d.day + interval '18 hours' >= (since at time zone 'UTC')
                             and d.day + interval '18 hours' < (till at time zone 'UTC')
                            then d.q4 else 0 end
           end
      from outcome_day d
     where by_quarter
       and d.organization_id = organization
       and d.project_id = any (projects)
       and d.day >= (since at time zone 'UTC')::date
       and d.day <= (till at time zone 'UTC')::date
       and (select m.till at time zone 'UTC' from outcome_mark m) > d.day::timestamp
$$;
