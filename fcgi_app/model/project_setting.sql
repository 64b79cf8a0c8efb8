-- name: project_setting_of_projects
-- What many projects have set; the defaults are in the program.
select s.project_id, s.name, s.value
  from unnest($1::bigint[], $2::bigint[]) as w(organization_id, project_id)
  join project_setting s using (organization_id, project_id)
 order by s.project_id, s.name

-- name: project_setting_named
-- One setting of these projects, of those that have it and not empty.
select s.project_id, s.name, s.value
  from project_setting s
 where s.organization_id = $1::bigint
   and s.project_id = any ($2::bigint[])
   and s.name = $3::text
   and s.value <> ''

-- name: project_setting_set
-- The project is locked: nobody else sets it meanwhile.
with old as (
    select s.value
      from project_setting s
     where s.organization_id = $1
       and s.project_id = $2
       and s.name = $3
)
insert into project_setting (organization_id, project_id, name, value)
select p.organization_id, p.id, $3, $4
  from project p
 where p.organization_id = $1
   and p.id = $2
on conflict (project_id, name) do update
   set value = excluded.value
returning (select value from old) as before

-- name: project_setting_filtered
select reason, sum(quantity)::bigint as quantity
  from outcome_hour
 where organization_id = $1
   and project_id = $2
   and hour >= $3
   and outcome = 'filtered'
 group by reason
