-- name: usage_of_projects
-- The primary key leads with organisation, project and hour.
select project_id as id,
       floor(extract(epoch from hour - $3::timestamptz) / 3600)::int as slot,
       coalesce(sum(quantity) filter (where outcome = 'accepted'), 0)
           as accepted,
       coalesce(sum(quantity) filter (where outcome = 'rate_limited'), 0)
           as limited,
       coalesce(sum(quantity) filter
                (where outcome not in ('accepted', 'rate_limited')), 0)
           as refused
  from outcome_hour
 where organization_id = $1
   and project_id = any ($2::bigint[])
   and hour >= $3
   and hour < $3 + interval '24 hours'
   and category in ('error', 'default', 'security')
 group by 1, 2

-- name: usage_of_keys
select key_id as id,
       floor(extract(epoch from hour - $3::timestamptz) / 3600)::int as slot,
       coalesce(sum(quantity) filter (where outcome = 'accepted'), 0)
           as accepted,
       coalesce(sum(quantity) filter (where outcome = 'rate_limited'), 0)
           as limited,
       coalesce(sum(quantity) filter
                (where outcome not in ('accepted', 'rate_limited')), 0)
           as refused
  from outcome_hour
 where organization_id = $1
   and project_id = $2
   and hour >= $3
   and hour < $3 + interval '24 hours'
   and category in ('error', 'default', 'security')
 group by 1, 2

-- name: usage_open_issues
-- No more than a thousand rows of the index are looked at for a project.
select p.id,
       (select count(*)
          from (select 1
                  from issue i
                 where i.organization_id = $1
                   and i.project_id = p.id
                   and i.status = 0
                 limit 1000) seen) as open_issues
  from unnest($2::bigint[]) as p (id)

-- name: usage_months
-- The ledger by month, UTC: of hours that are added up to days, and of those since.
-- recent: since $3.
with l as (
    select d.day::timestamp at time zone 'UTC' as at, d.category, d.outcome,
           d.quantity
      from outcome_day d
     where d.organization_id = $1::bigint
       and d.day >= ($2::timestamptz at time zone 'UTC')::date
       and d.day < (select till at time zone 'UTC' from outcome_mark)
     union all
    select h.hour, h.category, h.outcome, h.quantity
      from outcome_hour h
     where h.organization_id = $1
       and h.hour >= $2
       and h.hour >= (select till from outcome_mark)
)
select extract(year from at at time zone 'UTC')::int * 12
           + extract(month from at at time zone 'UTC')::int - 1 as month,
       category, min(at) as first,
       coalesce(sum(quantity) filter (where outcome = 'accepted'), 0)::bigint
           as accepted,
       coalesce(sum(quantity) filter (where outcome = 'rate_limited'), 0)::bigint
           as limited,
       coalesce(sum(quantity) filter (where outcome = 'accepted'
                                        and at >= $3::timestamptz), 0)::bigint
           as recent
  from l
 group by 1, 2
