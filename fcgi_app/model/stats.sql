-- name: stats_chart
-- What came before $3, from $7 on, is the slot -1.  $8: whole quarters of a day
-- are fine enough, here and below.
select greatest(floor(date_part('epoch', o.at - $3::timestamptz) / $6::int),
                -1)::int as slot,
       o.outcome, sum(o.quantity)::bigint as quantity
  from outcome_span($1::bigint, $2::bigint[], $7::timestamptz, $4::timestamptz,
                    $8::boolean) o
 where o.category = any ($5::text[])
 group by 1, 2

-- name: stats_parts
-- The same sums cut four ways: 0 by project, 1 by key, 2 by category (all of
-- them), 3 by reason.
with o as materialized (
    select project_id, key_id, category, outcome, reason,
           sum(quantity)::bigint as quantity
      from outcome_span($1::bigint, $2::bigint[], $3::timestamptz,
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
-- As stats_chart, with the $8 projects that had most events apart and all
-- others as project 0.
with o as materialized (
    select project_id,
           greatest(floor(date_part('epoch', at - $3::timestamptz)
                          / $6::int), -1)::int as slot,
           outcome, sum(quantity)::bigint as quantity
      from outcome_span($1::bigint, $2::bigint[], $7::timestamptz,
                        $4::timestamptz, $9::boolean)
     where category = any ($5::text[])
     group by 1, 2, 3
), top as (
    select project_id
      from o
     where outcome = 'accepted'
       and slot >= 0
     group by project_id
     order by sum(quantity) desc, project_id
     limit $8::int
)
select coalesce(top.project_id, 0) as project_id, o.slot, o.outcome,
       sum(o.quantity)::bigint as quantity
  from o
  left join top on top.project_id = o.project_id
 group by 1, 2, 3

-- name: stats_reasons
select outcome, reason, sum(quantity)::bigint as quantity
  from outcome_span($1::bigint, $2::bigint[], $3::timestamptz,
                    $4::timestamptz, $7::boolean)
 where category = any ($5::text[])
   and outcome <> 'accepted'
 group by 1, 2
 order by 3 desc, 1, 2
 limit $6::int
