-- name: project_by_slug
select id, organization_id, slug, name, platform, first_event_at, created_at
  from project
 where organization_id = $1
   and slug = $2

-- name: project_create
insert into project (organization_id, slug, name, platform)
values ($1, $2, $3, $4)
returning id

-- name: project_list
select id, organization_id, slug, name, platform, first_event_at, created_at
  from project
 where organization_id = $1
 order by lower(name), id
 limit 500
