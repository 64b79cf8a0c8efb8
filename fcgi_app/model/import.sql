-- name: import_project_owner
-- Whose the number is; another organisation's is not seen from here.
select p.id
  from project p
 where p.id = $2::bigint
   and p.organization_id = $1::bigint

-- name: import_project_slug
select 1 as taken
  from project
 where organization_id = $1::bigint
   and slug = $2::text

-- name: import_project
insert into project (id, organization_id, slug, name, platform)
overriding system value
values ($1::bigint, $2::bigint, $3::text, $4::text, $5::text)

-- name: import_number
-- New projects get numbers behind it.
select project_number_used($1::bigint)

-- name: import_key
-- One that the project has already stays as it is; taken: it is another's.
insert into project_key (organization_id, project_id, public_key, label,
                         is_active, limit_count, limit_window)
select $1::bigint, $2::bigint, $3::text, $4::text, $5::boolean, $6::bigint,
       $7::integer
 where not exists (select 1
                     from project_key k
                    where k.organization_id = $1
                      and k.project_id = $2
                      and k.public_key = $3)

-- name: import_team
-- Its number here; also of one that is there.
with made as (
    insert into team (organization_id, slug, name)
    values ($1::bigint, $2::text, $3::text)
        on conflict do nothing
    returning id
)
select id from made
 union all
select id
  from team
 where organization_id = $1
   and slug = $2
 limit 1

-- name: import_team_project
insert into team_project (organization_id, team_id, project_id)
select p.organization_id, $2::bigint, p.id
  from project p
 where p.organization_id = $1::bigint
   and p.id = $3::bigint
    on conflict do nothing
