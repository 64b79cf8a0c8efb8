-- name: join_request_switch
-- A row when that was a change.
update organization
   set takes_requests = $2
 where id = $1
   and takes_requests <> $2
returning slug

-- name: join_request_add
-- No row: it takes none, the account is a member or has asked, or $3 wait.
insert into join_request (organization_id, account_id)
select o.id, $2::bigint
  from organization o
 where o.id = $1::bigint
   and o.takes_requests
   and o.delete_at is null
   and not exists (select 1
                     from member m
                    where m.organization_id = o.id
                      and m.account_id = $2)
   and not exists (select 1
                     from join_request r
                    where r.organization_id = o.id
                   offset $3::int)
    on conflict (organization_id, account_id) do nothing
returning account_id

-- name: join_request_readers
-- Whom a request is told to.
select a.id, a.email
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1
   and m.role in ('manager', 'owner')
   and a.is_active
 order by m.role desc, a.id
 limit 10

-- name: join_request_list
-- One row at least, without an account when nobody asks.
select o.takes_requests, r.account_id, r.email, r.name, r.created_at
  from organization o
  left join (select q.organization_id, q.account_id, a.email, a.name,
                    q.created_at
               from join_request q
               join account a on a.id = q.account_id
              where a.is_active) r
    on r.organization_id = o.id
 where o.id = $1
 order by r.created_at, r.account_id
 limit 200

-- name: join_request_take
with gone as (
    delete from join_request
     where organization_id = $1
       and account_id = $2
 returning account_id
)
select a.email
  from gone
  join account a on a.id = gone.account_id
