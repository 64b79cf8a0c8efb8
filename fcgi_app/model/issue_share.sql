-- name: issue_share_set
-- No row: it is so already.
with changed as (
    update issue
       set share_token = $3
     where organization_id = $1::bigint
       and id = $2::bigint
       and (share_token is null) <> ($3::text is null)
 returning id
)
insert into activity (organization_id, issue_id, account_id, kind)
select $1, c.id, $4::bigint, case when $3 is null then 'unshared' else 'shared' end
  from changed c
returning id

-- name: issue_share_find
select i.organization_id, i.id
  from issue i
 where i.share_token = $1
   and i.status < 3
