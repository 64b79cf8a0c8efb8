-- name: attachment_list
select id, project_id, event_id, name, content_type, type, size, hash,
       received_at
  from attachment
 where organization_id = $1::bigint
   and project_id = $2::bigint
   and event_id = $3::uuid
 order by id
 limit $4::int

-- name: attachment_by_id
select id, project_id, event_id, name, content_type, type, size, hash,
       received_at
  from attachment
 where organization_id = $1::bigint
   and project_id = $2::bigint
   and id = $3::bigint

-- name: attachment_delete
delete from attachment
 where organization_id = $1::bigint
   and project_id = $2::bigint
   and id = $3::bigint
returning id

-- name: attachment_usage
-- By position, from 1.
select given.n, u.bytes
  from unnest($1::bigint[]) with ordinality given(project_id, n)
  join attachment_usage u on u.project_id = given.project_id

-- name: attachment_unknown
select given.hash
  from unnest($1::bytea[]) given(hash)
 where not exists (select
                     from attachment a
                    where a.hash = given.hash)

-- name: attachment_expire
with gone as (
    delete from attachment
     where id in (select id
                    from attachment
                   where project_id = $1::bigint
                     and received_at < $2::timestamptz
                   order by received_at
                   limit $3::int)
    returning size)
select count(*) as n, coalesce(sum(size), 0)::bigint as bytes
  from gone
