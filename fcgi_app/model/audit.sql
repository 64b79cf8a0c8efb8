-- name: audit_add
insert into audit (organization_id, account_id, actor, actor_email, address,
                   action, object, before, after)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: audit_add_account
-- In every organisation of the account $1.
insert into audit (organization_id, account_id, actor, actor_email, address,
                   action, object)
select m.organization_id, $2::bigint, $3::text, $4::text, $5::text, $6::text,
       $7::text
  from member m
 where m.account_id = $1

-- name: audit_older
-- Rows before $2, newest first; $3 action, $4 part of a name.
select id, account_id, actor, actor_email, address, action, object, before,
       after, at
  from audit
 where organization_id = $1
   and id < $2
   and ($3::text is null or action = $3)
   and ($4::text is null
        or strpos(lower(actor || ' ' || actor_email || ' ' || object || ' '
                        || address), $4) > 0)
 order by id desc
 limit $5::int

-- name: audit_newer
-- Rows after $2, oldest first.
select id, account_id, actor, actor_email, address, action, object, before,
       after, at
  from audit
 where organization_id = $1
   and id > $2
   and ($3::text is null or action = $3)
   and ($4::text is null
        or strpos(lower(actor || ' ' || actor_email || ' ' || object || ' '
                        || address), $4) > 0)
 order by id
 limit $5::int

-- name: audit_system_older
-- What was done to the installation, before $1.
select id, account_id, actor, actor_email, address, action, object, before,
       after, at
  from audit
 where organization_id is null
   and id < $1
 order by id desc
 limit $2::int

-- name: audit_system_newer
select id, account_id, actor, actor_email, address, action, object, before,
       after, at
  from audit
 where organization_id is null
   and id > $1
 order by id
 limit $2::int
