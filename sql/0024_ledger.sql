-- The ledger over a long time: days where they are added up, else hours
-- (model/ledger.h).

create index outcome_hour_age on outcome_hour using brin (hour);

-- Outcomes of projects between two times; with by_quarter the times are whole
-- quarters of a day, and so is what comes back of days that are added up.
create function outcome_span(organization bigint, projects bigint[], since timestamptz,
                             till timestamptz, by_quarter boolean)
returns table (project_id bigint, key_id bigint, at timestamptz, category text,
               outcome text, reason text, quantity bigint)
language sql stable as $$
    select h.project_id, h.key_id, h.hour, h.category, h.outcome, h.reason, h.quantity
      from outcome_hour h
     where h.organization_id = organization
       and h.project_id = any (projects)
       and h.hour >= case when by_quarter
                          then greatest(since, (select (m.closed + 1)::timestamp
                                                       at time zone 'UTC'
                                                  from outcome_mark m))
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
       and d.day <= (select m.closed from outcome_mark m)
       and q.at >= since
       and q.at < till
       and q.quantity <> 0
$$;
