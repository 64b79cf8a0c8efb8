-- name: token_add
insert into api_token (account_id, name, digest, ending, scopes, expires_at)
select $1::bigint, $2::text, $3::text, $4::text, $5::text,
       now() + $6::int * interval '1 day'
 where (select count(*)
          from (select 1
                  from api_token
                 where account_id = $1
                 limit 100) t) < 100
returning id

-- name: token_list
select id, name, ending, scopes, created_at, expires_at, used_at, used_from
  from api_token
 where account_id = $1
 order by id desc
 limit 100

-- name: token_remove
delete from api_token
 where account_id = $1
   and id = $2
returning name

-- name: token_find
-- Use is noted once a minute at most.
with found as (
    select t.id, t.account_id, t.scopes, t.used_at
      from api_token t
      join account a on a.id = t.account_id
     where t.digest = $1::text
       and (t.expires_at is null or t.expires_at > now())
       and a.is_active
), used as (
    update api_token t
       set used_at = now(),
           used_from = $2::text
      from found f
     where t.id = f.id
       and (f.used_at is null or f.used_at < now() - interval '1 minute')
)
select id, account_id, scopes
  from found
