-- name: project_key_list
select id, organization_id, project_id, public_key, label, is_active,
       limit_count, limit_window, created_at
  from project_key
 where organization_id = $1
   and project_id = $2
 order by id
 limit 100

-- name: project_key_by_id
select id, organization_id, project_id, public_key, label, is_active,
       limit_count, limit_window, created_at
  from project_key
 where organization_id = $1
   and project_id = $2
   and id = $3

-- name: project_key_create
insert into project_key (organization_id, project_id, public_key, label)
select p.organization_id, p.id, $3, $4
  from project p
 where p.organization_id = $1
   and p.id = $2
returning id, organization_id, project_id, public_key, label, is_active,
          limit_count, limit_window, created_at,
          (select p.slug
             from project p
            where p.id = project_key.project_id) as project

-- name: project_key_update
update project_key
   set label = $4,
       is_active = $5,
       limit_count = $6,
       limit_window = $7
 where organization_id = $1
   and project_id = $2
   and id = $3
returning id, organization_id, project_id, public_key, label, is_active,
          limit_count, limit_window, created_at,
          (select p.slug
             from project p
            where p.id = project_key.project_id) as project

-- name: project_key_lock
-- As project_key_by_id, for a change.
select id, organization_id, project_id, public_key, label, is_active,
       limit_count, limit_window, created_at
  from project_key
 where organization_id = $1
   and project_id = $2
   and id = $3
   for update

-- name: project_key_all
-- For publishing, by pages: of the whole installation, the one statement that
-- asks for no organisation.
select id, organization_id, project_id, public_key, label, is_active,
       limit_count, limit_window, created_at
  from project_key
 where id > $1
 order by id
 limit 500

-- name: project_key_unknown
-- Which of these are no keys of ours (any more).
select k.public_key
  from unnest($1::text[]) as k(public_key)
 where not exists (select 1
                     from project_key p
                    where p.public_key = k.public_key)
