-- name: beside_list
-- The files of the event $3, then the newest words on the issue $2.
with files as (
    select a.id, a.name, a.type, a.size, a.received_at
      from attachment a
     where a.project_id = $1::bigint
       and a.event_id = $3::uuid
     order by a.id
     limit $4::int
), told as (
    select f.id, coalesce(nullif(f.name, ''), f.email) as name, f.message,
           f.received_at
      from feedback f
     where f.issue_id = $2::bigint
       and f.status <> 2
     order by f.id desc
     limit $5::int
)
select true as is_file, f.id, f.name, f.type as text, f.size, f.received_at,
       f.id as place
  from files f
 union all
select false, t.id, t.name, t.message, 0, t.received_at, -t.id
  from told t
 order by 1 desc, 7
