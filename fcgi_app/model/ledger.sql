-- name: ledger_lock
select pg_advisory_xact_lock(hashtext('vedette ledger'))

-- name: ledger_late
select pg_advisory_xact_lock_shared(hashtext('vedette ledger'))

-- name: ledger_close
-- The next day above the mark that has anything, if it is over; the hour is for
-- transactions that began before midnight.
with due as (
    select d.closed, d.last
      from (select m.closed,
                   ((now() - interval '1 hour') at time zone 'UTC')::date - 1 as last
              from outcome_mark m) d
     where d.closed < d.last
), next as (
    select least(d.last, coalesce((select min(h.hour at time zone 'UTC')::date
                                     from outcome_hour h
                                    where h.hour >= (d.closed + 1)::timestamp
                                                        at time zone 'UTC'),
                                  d.last)) as day,
           d.last
      from due d
), rolled as (
    insert into outcome_day (organization_id, project_id, key_id, day, category,
                             outcome, reason, quantity, q1, q2, q3, q4)
    select h.organization_id, h.project_id, h.key_id, n.day, h.category,
           h.outcome, h.reason, sum(h.quantity),
           coalesce(sum(h.quantity) filter (where h.quarter = 0), 0),
           coalesce(sum(h.quantity) filter (where h.quarter = 1), 0),
           coalesce(sum(h.quantity) filter (where h.quarter = 2), 0),
           coalesce(sum(h.quantity) filter (where h.quarter = 3), 0)
      from next n
     cross join lateral (
           select o.*,
                  extract(hour from o.hour at time zone 'UTC')::int / 6 as quarter
             from outcome_hour o
            where o.hour >= n.day::timestamp at time zone 'UTC'
              and o.hour < (n.day + 1)::timestamp at time zone 'UTC') h
     group by 1, 2, 3, 4, 5, 6, 7
        on conflict (organization_id, project_id, day, key_id, category,
                     outcome, reason)
        do update set quantity = excluded.quantity,
                      q1 = excluded.q1,
                      q2 = excluded.q2,
                      q3 = excluded.q3,
                      q4 = excluded.q4
)
update outcome_mark m
   set closed = n.day
  from next n
returning n.day < n.last as more

-- name: ledger_add
-- Of the rows that outcome_add writes, those of days that are added up.
insert into outcome_day as o (organization_id, project_id, key_id, day,
                              category, outcome, reason, quantity,
                              q1, q2, q3, q4)
select l.organization_id, l.project_id, l.key_id, l.day, l.category, l.outcome,
       l.reason, sum(l.quantity),
       coalesce(sum(l.quantity) filter (where l.quarter = 0), 0),
       coalesce(sum(l.quantity) filter (where l.quarter = 1), 0),
       coalesce(sum(l.quantity) filter (where l.quarter = 2), 0),
       coalesce(sum(l.quantity) filter (where l.quarter = 3), 0)
  from (select g.*, (g.hour at time zone 'UTC')::date as day,
               extract(hour from g.hour at time zone 'UTC')::int / 6 as quarter
          from unnest($1::bigint[], $2::bigint[], $3::timestamptz[],
                      $4::bigint[], $5::text[], $6::text[], $7::text[],
                      $8::bigint[])
                   g(organization_id, project_id, hour, key_id, category,
                     outcome, reason, quantity)) l
 where l.day <= (select closed from outcome_mark)
 group by 1, 2, 3, 4, 5, 6, 7
 order by 1, 2, 4, 3, 5, 6, 7
    on conflict (organization_id, project_id, day, key_id, category, outcome,
                 reason)
    do update set quantity = o.quantity + excluded.quantity,
                  q1 = o.q1 + excluded.q1,
                  q2 = o.q2 + excluded.q2,
                  q3 = o.q3 + excluded.q3,
                  q4 = o.q4 + excluded.q4
