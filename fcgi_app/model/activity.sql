-- name: activity_list
select v.id, v.account_id, a.name as account, v.kind, v.data, v.at
  from activity v
  left join account a on a.id = v.account_id
 where v.issue_id = $1::bigint
 order by v.id desc
 limit $2::int

-- name: activity_add
insert into activity (organization_id, issue_id, account_id, kind, data)
values ($1::bigint, $2::bigint, $3::bigint, $4::text, $5::text)

-- name: activity_by_id
select v.id, v.account_id, a.name as account, v.kind, v.data, v.at
  from activity v
  left join account a on a.id = v.account_id
 where v.organization_id = $1::bigint
   and v.id = $2::bigint
