-- name: account_by_id
select id, email, name, password_hash, is_superuser, is_active
  from account
 where id = $1

-- name: account_by_email
select id, email, name, password_hash, is_superuser, is_active
  from account
 where email = $1

-- name: account_create
insert into account (email, name, is_superuser)
values ($1, $2, $3)
returning id

-- name: account_set_name
update account
   set name = $2
 where id = $1

-- name: account_set_password
update account
   set password_hash = $2
 where id = $1

-- name: account_signed_in
update account
   set last_login_at = now()
 where id = $1
