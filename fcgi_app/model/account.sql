-- name: account_by_id
-- plan: generic
select id, email, name, password_hash, is_superuser, is_active, totp_sealed,
       secured_at, time_zone, newest_first, language, pending_email
  from account
 where id = $1

-- name: account_of_worker
-- Without what lets somebody sign in, which the worker may not read.
select id, email, name, null::text as password_hash, is_superuser, is_active,
       null::text as totp_sealed, secured_at, time_zone, newest_first,
       language, pending_email
  from account
 where id = $1

-- name: account_by_email
select id, email, name, password_hash, is_superuser, is_active, totp_sealed,
       secured_at, time_zone, newest_first, language, pending_email
  from account
 where email = $1

-- name: account_create
insert into account (email, name, is_superuser)
values ($1, $2, $3)
returning id

-- name: account_set_profile
update account
   set name = $2,
       time_zone = $3,
       newest_first = $4,
       language = $5
 where id = $1

-- name: account_email_ask
-- No row when the address is taken.
update account
   set pending_email = $2,
       pending_digest = $3,
       pending_until = now() + interval '1 day'
 where id = $1
   and not exists (select 1
                     from account
                    where email = $2)
returning id

-- name: account_email_waiting
select id, pending_email
  from account
 where pending_digest = $1
   and pending_until > now()
   and is_active

-- name: account_email_take
update account
   set email = pending_email,
       pending_email = null,
       pending_digest = null,
       pending_until = null
 where pending_digest = $1
   and pending_until > now()
   and is_active
returning id, email

-- name: account_time_zone
select name
  from pg_timezone_names
 where name = $1

-- name: account_last_owner
-- Organisations that this account alone owns.
select o.name
  from member m
  join organization o on o.id = m.organization_id
 where m.account_id = $1
   and m.role = 'owner'
   and not exists (select 1
                     from member x
                     join account a on a.id = x.account_id
                    where x.organization_id = m.organization_id
                      and x.role = 'owner'
                      and x.account_id <> $1
                      and a.is_active)
 limit 5

-- name: account_close
-- The name stays beside what was done; nobody signs in with it any more.
with gone as (
    delete from member
     where account_id = $1::bigint
), tokens as (
    delete from api_token
     where account_id = $1
), codes as (
    delete from recovery_code
     where account_id = $1
)
update account
   set is_active = false,
       email = 'closed-' || id || '@invalid',
       password_hash = null,
       totp_sealed = null,
       pending_email = null,
       pending_digest = null
 where id = $1

-- name: account_any
select 1 as any
  from account
 limit 1

-- name: account_first_lock
-- One at a time; the number is that of migration_lock and one more.
select pg_advisory_xact_lock(8333884)

-- name: account_set_password
update account
   set password_hash = $2,
       secured_at = now()
 where id = $1

-- name: account_signed_in
update account
   set last_login_at = now()
 where id = $1
