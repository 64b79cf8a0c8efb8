-- name: project_star_set
insert into project_star (account_id, organization_id, project_id)
select $2::bigint, p.organization_id, p.id
  from project p
 where p.organization_id = $1::bigint
   and p.id = $3::bigint
    on conflict do nothing

-- name: project_star_clear
delete from project_star
 where organization_id = $1::bigint
   and account_id = $2::bigint
   and project_id = $3::bigint
