-- name: project_by_slug
-- plan: generic
select id, organization_id, slug, name, platform, first_event_at, created_at,
       archived_at, delete_at
  from project
 where organization_id = $1
   and slug = $2

-- name: project_by_old_slug
-- That had the name once.
select p.id, p.organization_id, p.slug, p.name, p.platform, p.first_event_at,
       p.created_at, p.archived_at, p.delete_at
  from project_slug s
  join project p on p.id = s.project_id
 where s.organization_id = $1::bigint
   and s.slug = $2::text
   and p.organization_id = $1

-- name: project_had_issue
-- Whether there was an issue of that number, of a project that is still there;
-- deleted: somebody has deleted the one that was called $4.
select p.id,
       exists (select 1
                 from audit a
                where a.organization_id = $1
                  and a.action in ('issue.delete', 'issue.discard')
                  and $4::text = any (string_to_array(a.object, ', '))) as deleted
  from project p
 where p.organization_id = $1::bigint
   and p.slug = $2::text
   and p.last_issue >= $3::bigint

-- name: project_by_id
select id, organization_id, slug, name, platform, first_event_at, created_at,
       archived_at, delete_at
  from project
 where organization_id = $1::bigint
   and id = $2::bigint

-- name: project_create
insert into project (organization_id, slug, name, platform)
values ($1, $2, $3, $4)
returning id

-- name: project_list
-- plan: generic
select id, organization_id, slug, name, platform, first_event_at, created_at,
       archived_at, delete_at
  from project
 where organization_id = $1
   and ($2::bigint[] is null or id = any ($2))
   and (archived_at is null) <> $3::boolean
 order by lower(name), id
 limit 500

-- name: project_lock
select id, organization_id, slug, name, platform, first_event_at, created_at,
       archived_at, delete_at
  from project
 where organization_id = $1
   and id = $2
   for update

-- name: project_homes
select w.n, p.organization_id
  from unnest($1::bigint[]) with ordinality as w(project_id, n)
  join project p on p.id = w.project_id

-- name: project_update
update project
   set name = $3,
       slug = $4,
       platform = $5
 where organization_id = $1
   and id = $2

-- name: project_delete_bodies
delete from event_body b
 using event e
 where e.organization_id = $1
   and e.project_id = $2
   and b.day = e.day
   and b.id = e.id

-- name: project_delete_events
delete from event
 where organization_id = $1
   and project_id = $2

-- name: project_delete
delete from project
 where organization_id = $1
   and id = $2
