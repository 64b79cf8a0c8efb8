-- name: integration_list
-- Not those that let people in: model/sso.sql.
select i.id, i.organization_id, i.type, i.name, i.data, i.state, i.failures,
       i.error, i.checked_at, i.took, i.created_at,
       coalesce(nullif(p.name, ''), p.email) as installed_by
  from integration i
  left join account p on p.id = i.installed_by
 where i.organization_id = $1
   and i.type not like 'sso-%'
 order by i.type, lower(i.name), i.id
 limit $2

-- name: integration_by_id
select i.id, i.organization_id, i.type, i.name, i.data, i.sealed, i.state,
       i.failures, i.error, i.checked_at, i.took, i.created_at,
       coalesce(nullif(p.name, ''), p.email) as installed_by
  from integration i
  left join account p on p.id = i.installed_by
 where i.organization_id = $1
   and i.id = $2

-- name: integration_by_hook
-- $1: the hash of the token.
select i.id, i.organization_id, i.type, i.name, i.data, i.sealed, i.state,
       i.failures, i.error, i.checked_at, i.took, i.created_at,
       null as installed_by
  from integration i
 where i.hook = $1
   and i.state <> 2

-- name: integration_lock
select i.id, i.organization_id, i.type, i.name, i.data, i.sealed, i.state,
       i.failures, i.error, i.checked_at, i.took, i.created_at,
       null as installed_by
  from integration i
 where i.organization_id = $1
   and i.id = $2
   for no key update

-- name: integration_count
-- Locks the organisation, so that two new ones do not pass the limit together.
select (select count(*)
          from integration i
         where i.organization_id = o.id) as n
  from organization o
 where o.id = $1
   for no key update

-- name: integration_insert
insert into integration (organization_id, type, name, data, sealed, hook,
                         installed_by)
values ($1, $2, $3, $4, $5, $6, nullif($7, 0))
returning id

-- name: integration_update
-- What was wrong before is to be tried anew.
update integration
   set name = $3,
       data = $4,
       sealed = $5,
       state = $6,
       failures = 0,
       error = '',
       updated_at = now()
 where organization_id = $1
   and id = $2

-- name: integration_delete
delete from integration
 where organization_id = $1
   and id = $2
returning type, name

-- name: integration_note
-- $4: a failure that will not go away by itself; $7: how many switch it off.
update integration
   set state = case when state = 2 then 2
                    when $3 then 0
                    when $4 and failures + 1 >= $7 then 2
                    else 1 end,
       failures = case when $3 then 0
                       when $4 then failures + 1
                       else failures end,
       error = $5,
       checked_at = now(),
       took = $6
 where organization_id = $1
   and id = $2
returning state

-- name: integration_sealed_otherwise
-- $1: what begins a text that the first key has sealed.
select organization_id, id, sealed
  from integration
 where left(sealed, length($1)) <> $1
 order by id
 limit 20
   for update skip locked

-- name: integration_set_sealed
update integration
   set sealed = $3
 where organization_id = $1
   and id = $2
