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
