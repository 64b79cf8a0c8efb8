-- name: second_set
update account
   set totp_sealed = $2,
       totp_step = $3,
       secured_at = now()
 where id = $1

-- name: second_use
-- No row when this code, or a newer one, was used already.
update account
   set totp_step = $2
 where id = $1
   and totp_step < $2
returning id

-- name: second_codes_forget
delete from recovery_code
 where account_id = $1

-- name: second_codes_add
insert into recovery_code (account_id, digest)
select $1::bigint, d
  from unnest($2::text[]) as d

-- name: second_code_use
delete from recovery_code
 where account_id = $1
   and digest = $2
returning account_id

-- name: second_codes_left
select count(*) as n
  from recovery_code
 where account_id = $1
