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
-- of the $8 that had most events, and of $10.
with counted as materialized (
    select t.project_id, sum(t.quantity) as n
      from outcome_totals($1::bigint, $2::bigint[], $3::timestamptz,
                          $4::timestamptz, $9::boolean) t
     where t.outcome = 'accepted'
       and t.category = any ($5::text[])
     group by t.project_id
), top as materialized (
    (select project_id
       from counted
      order by n desc, project_id
      limit $8::int)
     union
    select project_id
      from counted
     where project_id = any ($10::bigint[])
)
select 0::bigint as project_id,
       floor(date_part('epoch', o.at - $3) / $6::int)::int as slot,
       o.outcome, o.reason, sum(o.quantity)::bigint as quantity
  from outcome_slots($1, $2, $5, null, $3, $4, $9) o
 group by 2, 3, 4
 union all
select 0, -1, o.outcome, '', sum(o.quantity)::bigint
  from outcome_slots($1, $2, $5, null, $7::timestamptz, $3, $9) o
 group by 3
 union all
select o.project_id,
       greatest(floor(date_part('epoch', o.at - $3) / $6), -1)::int, o.outcome,
       '', sum(o.quantity)::bigint
  from outcome_span($1, array(select top.project_id from top), $7, $4, $9) o
 where o.outcome = 'accepted'
   and o.category = any ($5)
 group by 1, 2, 3
