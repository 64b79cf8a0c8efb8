-- name: member_role
select m.role
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1
   and m.account_id = $2
   and a.is_active

-- name: member_set
insert into member (organization_id, account_id, role)
values ($1, $2, $3)
    on conflict (organization_id, account_id) do update
   set role = excluded.role

-- name: member_list
select a.id, a.email, a.name, m.role
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1
   and a.is_active
 order by lower(a.name), a.id
 limit 500
