-- name: environment_names
-- plan: generic
-- From name to name along the index: hundreds of projects have the same few.
with recursive walk as (
    (select e.name
       from environment e
      where e.organization_id = $1::bigint
      order by e.name
      limit 1)
     union all
    select (select e.name
              from environment e
             where e.organization_id = $1
               and e.name > w.name
             order by e.name
             limit 1)
      from walk w
     where w.name is not null
)
select w.name
  from walk w
 where exists (select 1
                 from environment e
                where e.organization_id = $1
                  and e.name = w.name
                  and coalesce(e.project_id = any ($2::bigint[]), true)
                  and not e.is_hidden)
 order by w.name
 limit $3::int

-- name: environment_list
select name, is_hidden, first_seen, last_seen
  from environment
 where organization_id = $1::bigint
   and project_id = $2::bigint
 order by name
 limit $3::int

-- name: environment_hide
update environment e
   set is_hidden = $4::boolean
  from environment old
 where e.organization_id = $1::bigint
   and e.project_id = $2::bigint
   and e.name = $3::text
   and old.id = e.id
returning old.is_hidden
