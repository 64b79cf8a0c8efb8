-- name: organization_delete_set
-- No row when its time has come already.
update organization o
   set delete_at = $2::timestamptz,
       delete_by = case when $2::timestamptz is not null then $3::text end
  from organization old
 where o.id = $1::bigint
   and old.id = o.id
   and (old.delete_at is null or old.delete_at > now())
returning old.delete_at as before

-- name: organization_other
-- One that stays when this one goes.
select 1 as other
  from organization
 where id <> $1::bigint
   and delete_at is null
 limit 1

-- name: organization_end_due
-- Of all organisations: the worker asks.
select id, slug, name, delete_by
  from organization
 where delete_at <= $1::timestamptz
 order by delete_at
 limit 1

-- name: organization_end_projects
-- They are due as well; how many there are.
with set_off as (
    update project
       set delete_at = now(),
           delete_by = $2::text
     where organization_id = $1::bigint
       and (delete_at is null or delete_at > now())
)
select count(*) as n
  from project
 where organization_id = $1::bigint

-- name: organization_end_last
select organization_end($1::bigint) as ended
