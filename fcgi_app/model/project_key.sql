-- name: project_key_list
select id, organization_id, project_id, public_key, label, is_active,
       limit_count, limit_window, created_at, last_seen_at, expires_at
  from project_key
 where organization_id = $1
   and project_id = $2
 order by id
 limit 100

-- name: project_key_by_id
select id, organization_id, project_id, public_key, label, is_active,
       limit_count, limit_window, created_at, last_seen_at, expires_at
  from project_key
 where organization_id = $1
   and project_id = $2
   and id = $3

-- name: project_key_create
insert into project_key (organization_id, project_id, public_key, label,
                         limit_count, limit_window)
select p.organization_id, p.id, $3, $4, $5::bigint, $6::integer
  from project p
 where p.organization_id = $1
   and p.id = $2
returning id, organization_id, project_id, public_key, label, is_active,
          limit_count, limit_window, created_at, last_seen_at, expires_at,
          (select p.slug
             from project p
            where p.id = project_key.project_id) as project

-- name: project_key_update
update project_key
   set label = $4,
       is_active = $5,
       limit_count = $6,
       limit_window = $7,
       expires_at = $8
 where organization_id = $1
   and project_id = $2
   and id = $3
returning id, organization_id, project_id, public_key, label, is_active,
          limit_count, limit_window, created_at, last_seen_at, expires_at,
          (select p.slug
             from project p
            where p.id = project_key.project_id) as project

-- name: project_key_lock
-- As project_key_by_id, for a change.
select id, organization_id, project_id, public_key, label, is_active,
       limit_count, limit_window, created_at, last_seen_at, expires_at
  from project_key
 where organization_id = $1
   and project_id = $2
   and id = $3
   for update

-- name: project_key_delete
delete from project_key
 where organization_id = $1
   and project_id = $2
   and id = $3
returning (select p.slug
             from project p
            where p.id = project_key.project_id) as project

-- name: project_key_copy_quotas
-- The limits of one key for another.
insert into quota (organization_id, project_id, key_id, categories, count,
                   seconds)
select q.organization_id, q.project_id, $4::bigint, q.categories, q.count,
       q.seconds
  from quota q
 where q.organization_id = $1
   and q.project_id = $2
   and q.key_id = $3

-- name: project_key_expired
-- Of all organisations: the worker asks.
select id, organization_id, project_id, public_key, label, is_active,
       limit_count, limit_window, created_at, last_seen_at, expires_at,
       (select p.slug
          from project p
         where p.id = project_key.project_id) as project
  from project_key
 where expires_at <= $1
 order by id
 limit 50
   for update skip locked

-- name: project_key_ids
-- For publishing, by pages: of an organisation, or (null) of the whole
-- installation.
select id
  from project_key
 where ($1::bigint is null or organization_id = $1)
   and id > $2
 order by id
 limit 500

-- name: project_key_publish_lock
-- One reads and publishes at a time; the number is "keys" in ASCII.
select pg_advisory_xact_lock(1801812339)

-- name: project_key_records
-- What the edges are told of these keys.  By ids alone: it is what the other
-- statements of this file have found for an organisation that is published.
-- A key that is being deleted is waited for.
select k.id, k.organization_id, k.project_id, k.public_key,
       k.is_active and p.archived_at is null
           and p.delete_at is null and o.delete_at is null as is_active,
       k.limit_count, k.limit_window,
       s.count as spike_count, s.seconds as spike_seconds,
       w.value as origins,
       (select string_agg(format(E'q%s %s %s %s %s %s\n', q.id,
                                 case when q.key_id is not null then 'key'
                                      when q.project_id is not null then 'project'
                                      else 'organization' end,
                                 q.seconds, q.count, q.categories,
                                 case when q.key_id is not null then 'key_quota'
                                      when q.project_id is not null then 'project_quota'
                                      else 'org_quota' end),
                          '' order by q.key_id, q.project_id, q.id)
          from quota q
         where q.organization_id = k.organization_id
           and (q.project_id is null
                or (q.project_id = k.project_id
                    and (q.key_id is null or q.key_id = k.id)))) as quotas
  from project_key k
  join project p on p.id = k.project_id
  join organization o on o.id = k.organization_id
  left join project_spike s
    on s.project_id = k.project_id
   and not exists (select 1
                     from project_setting off
                    where off.project_id = k.project_id
                      and off.name = 'spike.protection'
                      and off.value = 'off')
  left join project_setting w
    on w.project_id = k.project_id
   and w.name = 'origins.allowed'
 where k.id = any($1)
 order by k.id
   for share of k

-- name: project_key_unknown
-- Which of these are no keys of ours (any more).
select k.public_key
  from unnest($1::text[]) as k(public_key)
 where not exists (select 1
                     from project_key p
                    where p.public_key = k.public_key)
