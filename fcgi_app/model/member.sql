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
select a.id, a.email, a.name, m.role, a.last_login_at
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1
   and a.is_active
 order by lower(a.name), a.id
 limit 500

-- name: member_granters
-- Who has one of these roles and so can give a lower one, owners first.
select a.id, a.email, a.name, m.role, a.last_login_at
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1
   and a.is_active
   and m.role = any (string_to_array($2::text, ' '))
 order by m.role <> 'owner', lower(a.name), a.id
 limit $3::int

-- name: member_after
-- By part of a name or address, in lower case, all when null; behind the member
-- $3 in the order of names, null: from the beginning.
select a.id, a.email, a.name, m.role, a.last_login_at,
       a.totp_sealed is not null as has_second
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1
   and a.is_active
   and ($2::text is null
        or strpos(lower(a.name) || ' ' || a.email, $2) > 0)
   and ($3::bigint is null
        or (lower(a.name), a.id) > (select lower(c.name), c.id
                                      from member d
                                      join account c on c.id = d.account_id
                                     where d.organization_id = $1
                                       and d.account_id = $3))
 order by lower(a.name), a.id
 limit $4::int

-- name: member_before
-- The same, backwards.
select a.id, a.email, a.name, m.role, a.last_login_at,
       a.totp_sealed is not null as has_second
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1
   and a.is_active
   and ($2::text is null
        or strpos(lower(a.name) || ' ' || a.email, $2) > 0)
   and (lower(a.name), a.id) < (select lower(c.name), c.id
                                  from member d
                                  join account c on c.id = d.account_id
                                 where d.organization_id = $1
                                   and d.account_id = $3::bigint)
 order by lower(a.name) desc, a.id desc
 limit $4::int

-- name: member_lock
-- One change of members at a time in an organisation; reading goes on.
select id
  from organization
 where id = $1
   for no key update

-- name: member_for_change
select m.role, a.email,
       exists (select 1
                 from member o
                 join account p on p.id = o.account_id
                where o.organization_id = $1
                  and o.role = 'owner'
                  and o.account_id <> $2
                  and p.is_active) as other_owner
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1
   and m.account_id = $2

-- name: member_remove
delete from member
 where organization_id = $1
   and account_id = $2

-- name: member_unassign
update issue
   set assignee_id = null
 where organization_id = $1
   and assignee_id = $2
