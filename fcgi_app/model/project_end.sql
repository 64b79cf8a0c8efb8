-- name: project_archive_set
update project p
   set archived_at = case when $3::boolean then coalesce(old.archived_at, now()) end
  from project old
 where p.organization_id = $1::bigint
   and p.id = $2::bigint
   and old.id = p.id
returning old.archived_at is not null as before

-- name: project_delete_set
update project p
   set delete_at = $3::timestamptz,
       delete_by = case when $3::timestamptz is not null then $4::text end
  from project old
 where p.organization_id = $1::bigint
   and p.id = $2::bigint
   and old.id = p.id
returning old.delete_at as before

-- name: project_end_due
-- Of all organisations: the worker asks.
select id, organization_id, slug, name, platform, first_event_at, created_at,
       archived_at, delete_at, delete_by
  from project
 where delete_at <= $1
 order by delete_at
 limit 1

-- name: project_end_events
-- A piece of them with their bodies; what is left goes with the project itself.
with some_of_them as materialized (
    select e.day, e.id
      from event e
     where e.organization_id = $1::bigint
       and e.project_id = $2::bigint
     limit 5000
), bodies as (
    delete from event_body b
     using some_of_them s
     where b.day = s.day
       and b.id = s.id
)
delete from event e
 using some_of_them s
 where e.day = s.day
   and e.id = s.id
returning 1
