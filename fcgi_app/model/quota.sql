-- name: quota_list
select id, organization_id, project_id, key_id, categories, count, seconds,
       created_at
  from quota
 where organization_id = $1
   and project_id is not distinct from $2
   and key_id is not distinct from $3
 order by seconds, categories
 limit 100

-- name: quota_owner
-- The words for the audit log; no row when the ids do not belong together.
-- The lock makes the count of limits hold.
select o.slug as organization, p.slug as project, k.label as key
  from organization o
  left join project p
    on p.organization_id = o.id
   and p.id = $2
  left join project_key k
    on k.organization_id = o.id
   and k.project_id = p.id
   and k.id = $3
 where o.id = $1
   and ($2::bigint is null or p.id is not null)
   and ($3::bigint is null or k.id is not null)
   for update of o

-- name: quota_set
-- before: the null for a new one.
with old as (
    select count
      from quota
     where organization_id = $1
       and project_id is not distinct from $2
       and key_id is not distinct from $3
       and categories = $4
       and seconds = $6
), full_up as (
    select count(*) >= $7 as is_full
      from quota
     where organization_id = $1
       and project_id is not distinct from $2
       and key_id is not distinct from $3
), new as (
    insert into quota (organization_id, project_id, key_id, categories, count,
                       seconds)
    select $1, $2, $3, $4, $5, $6
     where exists (select 1 from old)
        or not (select is_full from full_up)
        on conflict (organization_id, project_id, key_id, categories, seconds)
        do update set count = excluded.count
    returning id
)
select new.id, (select count from old) as before
  from new

-- name: quota_remove
delete from quota
 where organization_id = $1
   and project_id is not distinct from $2
   and key_id is not distinct from $3
   and id = $4
returning categories, count, seconds
