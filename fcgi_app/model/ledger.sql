-- name: ledger_lock
select pg_advisory_xact_lock(hashtext('vedette ledger'))

-- name: ledger_late
select pg_advisory_xact_lock_shared(hashtext('vedette ledger'))

-- name: ledger_close
-- The hours above the mark that have been over for an hour, of one day: the next
-- that has anything.
with due as (
    select m.till as since, date_trunc('hour', now() - interval '1 hour', 'UTC')
               as last
      from outcome_mark m
), next as (
    select d.since, d.last,
           least(d.last, date_trunc('day', f.hour, 'UTC') + interval '1 day')
               as till
      from due d
     cross join lateral (
           select coalesce(min(h.hour), d.last) as hour
             from outcome_hour h
            where h.hour >= d.since) f
     where d.since < d.last
), rolled as (
    insert into outcome_day as o (organization_id, project_id, key_id, day,
                                  category, outcome, reason, quantity,
                                  q1, q2, q3, q4)
    select h.organization_id, h.project_id, h.key_id, h.day, h.category,
           h.outcome, h.reason, sum(h.quantity),
           coalesce(sum(h.quantity) filter (where h.quarter = 0), 0),
           coalesce(sum(h.quantity) filter (where h.quarter = 1), 0),
           coalesce(sum(h.quantity) filter (where h.quarter = 2), 0),
           coalesce(sum(h.quantity) filter (where h.quarter = 3), 0)
      from next n
     cross join lateral (
           select g.*, (g.hour at time zone 'UTC')::date as day,
                  extract(hour from g.hour at time zone 'UTC')::int / 6 as quarter
             from outcome_hour g
            where g.hour >= n.since
              and g.hour < n.till) h
     group by 1, 2, 3, 4, 5, 6, 7
     order by 1, 2, 4, 3, 5, 6, 7
        on conflict (organization_id, project_id, day, key_id, category,
                     outcome, reason)
        do update set quantity = o.quantity + excluded.quantity,
                      q1 = o.q1 + excluded.q1,
                      q2 = o.q2 + excluded.q2,
                      q3 = o.q3 + excluded.q3,
                      q4 = o.q4 + excluded.q4
)
update outcome_mark m
   set till = n.till
  from next n
returning n.till < n.last as more

-- name: ledger_add
-- Of the rows that outcome_add writes, those of hours that are added up.
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
 where l.hour < (select till from outcome_mark)
 group by 1, 2, 3, 4, 5, 6, 7
 order by 1, 2, 4, 3, 5, 6, 7
    on conflict (organization_id, project_id, day, key_id, category, outcome,
                 reason)
    do update set quantity = o.quantity + excluded.quantity,
                  q1 = o.q1 + excluded.q1,
                  q2 = o.q2 + excluded.q2,
                  q3 = o.q3 + excluded.q3,
                  q4 = o.q4 + excluded.q4
