-- name: environment_list
select name, bool_and(is_hidden) as is_hidden, min(first_seen) as first_seen,
       max(last_seen) as last_seen
  from environment
 where organization_id = $1::bigint
   and ($2::bigint[] is null or project_id = any ($2))
   and ($3::boolean or not is_hidden)
 group by name
 order by name
 limit $4::int

-- name: environment_hide
update environment e
   set is_hidden = $4::boolean
  from environment old
 where e.organization_id = $1::bigint
   and e.project_id = $2::bigint
   and e.name = $3::text
   and old.id = e.id
returning old.is_hidden
