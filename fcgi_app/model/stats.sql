-- name: stats_chart
-- slot -1: what came before $3, from $7 on.  $8: whole quarters of a day
-- are fine enough, here and below.
select floor(date_part('epoch', o.at - $3::timestamptz) / $6::int)::int as slot,
       o.outcome, sum(o.quantity)::bigint as quantity
  from outcome_slots($1::bigint, $2::bigint[], $5::text[], null, $3,
                     $4::timestamptz, $8::boolean) o
 group by 1, 2
 union all
select -1, o.outcome, sum(o.quantity)::bigint
  from outcome_slots($1, $2, $5, null, $7::timestamptz, $3, $8) o
 group by 2

-- name: stats_parts
-- The same sums cut four ways: 0 by project, 1 by key, 2 by category (all of
-- them), 3 by reason.
with o as materialized (
    select project_id, key_id, category, outcome, reason,
           sum(quantity)::bigint as quantity
      from outcome_totals($1::bigint, $2::bigint[], $3::timestamptz,
                          $4::timestamptz, $6::boolean)
     group by 1, 2, 3, 4, 5
)
select 0 as part, project_id, 0 as key_id, '' as name, outcome,
       sum(quantity)::bigint as quantity
  from o
 where category = any ($5::text[])
 group by project_id, outcome
 union all
select 1, o.project_id, o.key_id, k.label, o.outcome, sum(o.quantity)::bigint
  from o
  left join project_key k
    on k.id = o.key_id
   and k.organization_id = $1
 where o.category = any ($5)
 group by o.project_id, o.key_id, k.label, o.outcome
 union all
select 2, 0, 0, category, outcome, sum(quantity)::bigint
  from o
 group by category, outcome
 union all
select 3, 0, 0, reason, outcome, sum(quantity)::bigint
  from o
 where category = any ($5)
   and (outcome <> 'accepted' or reason <> '')
 group by reason, outcome

-- name: stats_samples
-- Of each reason the latest event that is kept by its id, among the $6 that
-- ended last.
select distinct on (e.outcome, e.reason) e.outcome, e.reason, e.event_id
  from (select n.id, n.outcome, n.reason, n.event_id
          from event_ended n
         where n.organization_id = $1::bigint
           and n.project_id = any ($2::bigint[])
           and n.category = any ($5::text[])
           and n.ended_at >= $3::timestamptz
           and n.ended_at < $4::timestamptz
         order by n.id desc
         limit $6::int) e
 order by e.outcome, e.reason, e.id desc

-- name: stats_issues
-- plan: generic
-- Of the events of some days about $5, chosen by their ids, which are random: what
-- each takes ($6 beside its body), by issue; the $7 issues with most.
with held as materialized (
    select coalesce(sum(d.events), 0)::bigint as events
      from event_day d
     where d.organization_id = $1::bigint
       and d.project_id = any ($2::bigint[])
       and d.day >= $3::timestamptz::date
       and d.day < $4::timestamptz::date
), looked as materialized (
    select e.day, e.id, e.issue_id, e.has_body
      from event e
     where e.organization_id = $1
       and e.project_id = any ($2)
       and e.day >= $3::date
       and e.day < $4::date
       and e.event_id <= (
               select rpad(lpad(to_hex(floor(4294967295
                                             * least(1, $5::int / greatest(h.events, 1)::float8))::bigint),
                                8, '0'), 32, 'f')::uuid
                 from held h)
     limit 20000
), sized as materialized (
    select l.issue_id, count(*) as events,
           sum($6::bigint
               + coalesce(case when l.has_body
                               then (select octet_length(b.body)
                                       from event_body b
                                      where b.day = l.day
                                        and b.id = l.id)
                          end, 0))::bigint as bytes
      from looked l
     group by l.issue_id
)
select i.project_id, i.number, i.title, i.level, s.events, s.bytes,
       (select sum(a.events) from sized a)::bigint as looked,
       (select sum(a.bytes) from sized a)::bigint as all_bytes,
       (select h.events from held h) as of_events
  from sized s
  join issue i on i.id = s.issue_id
 where i.organization_id = $1
 order by s.bytes desc, s.issue_id
 limit $7::int

-- name: stats_rows
select $3::timestamptz
           + floor(date_part('epoch', o.at - $3) / $6::int)
           * make_interval(secs => $6) as at,
       o.project_id, o.key_id, k.label, o.category, o.outcome, o.reason,
       sum(o.quantity)::bigint as quantity
  from outcome_span($1::bigint, $2::bigint[], $3, $4::timestamptz,
                    $8::boolean) o
  left join project_key k
    on k.id = o.key_id
   and k.organization_id = $1
 where o.category = any ($5::text[])
 group by 1, 2, 3, 4, 5, 6, 7
 order by 1, 2, 3, 5, 6, 7
 limit $7::int

-- name: stats_projects
-- As stats_chart of all projects, by reason, as project 0; and what was accepted
-- of the $8 that had most events, and of $10.  Rows are read once, and added up by
-- project (what was accepted within) and by time.
with l as (
    select h.project_id, h.hour, null::date as day, h.outcome, h.reason,
           h.quantity as q1, 0::bigint as q2, 0::bigint as q3, 0::bigint as q4,
           case when h.outcome = 'accepted'
                 and h.hour >= $3::timestamptz
                then h.quantity
           end as within
      from outcome_hour h
     where h.organization_id = $1::bigint
       and h.project_id = any ($2::bigint[])
       and h.category = any ($5::text[])
       and h.hour >= case when $9::boolean
                          then greatest($7::timestamptz,
                                        (select m.till from outcome_mark m))
                          else $7
                     end
       and h.hour < $4::timestamptz
     union all
    select d.project_id, null, d.day, d.outcome, d.reason, d.q1, d.q2, d.q3,
           d.q4,
           case when d.outcome <> 'accepted'
                  or d.day < (select ($3 at time zone 'UTC')::date)
                then null
                when d.day > (select ($3 at time zone 'UTC')::date)
                 and d.day < (select ($4 at time zone 'UTC')::date)
                then d.quantity
                else (select coalesce(sum(q.quantity), 0)
                        from (values (0, d.q1), (6, d.q2), (12, d.q3),
                                     (18, d.q4)) as q (hour, quantity)
                       where d.day + make_interval(hours => q.hour)
                                 >= ($3 at time zone 'UTC')
                         and d.day + make_interval(hours => q.hour)
                                 < ($4 at time zone 'UTC'))
           end
      from outcome_day d
     where $9
       and d.organization_id = $1
       and d.project_id = any ($2)
       and d.category = any ($5)
       and d.day >= ($7 at time zone 'UTC')::date
       and d.day <= ($4 at time zone 'UTC')::date
       and (select m.till at time zone 'UTC' from outcome_mark m)
               > d.day::timestamp
), sums as materialized (
    select l.project_id,
           coalesce(l.hour, l.day::timestamp at time zone 'UTC') as at,
           l.outcome, l.reason, sum(l.q1) as q1, sum(l.q2) as q2,
           sum(l.q3) as q3, sum(l.q4) as q4, sum(l.within) as n
      from l
     group by grouping sets ((l.project_id),
                             (l.hour, l.day, l.outcome, l.reason))
), top as materialized (
    (select s.project_id
       from sums s
      where s.n > 0
        and s.project_id is not null
      order by s.n desc, s.project_id
      limit $8::int)
     union
    select s.project_id
      from sums s
     where s.n > 0
       and s.project_id = any ($10::bigint[])
)
select 0::bigint as project_id, p.slot, s.outcome,
       case when p.slot >= 0 then s.reason else '' end as reason,
       sum(p.quantity)::bigint as quantity
  from sums s
 cross join lateral (
       select greatest(floor(date_part('epoch', s.at + make_interval(hours => q.hour)
                                                - $3) / $6::int), -1)::int as slot,
              q.quantity
         from (values (0, s.q1), (6, s.q2), (12, s.q3), (18, s.q4))
                  as q (hour, quantity)
        where q.quantity <> 0
          and s.at + make_interval(hours => q.hour) >= $7
          and s.at + make_interval(hours => q.hour) < $4) p
 where s.project_id is null
 group by 2, 3, 4
 union all
select o.project_id,
       greatest(floor(date_part('epoch', o.at - $3) / $6), -1)::int, o.outcome,
       '', sum(o.quantity)::bigint
  from outcome_span($1, array(select top.project_id from top), $7, $4, $9) o
 where o.outcome = 'accepted'
   and o.category = any ($5)
 group by 1, 2, 3
