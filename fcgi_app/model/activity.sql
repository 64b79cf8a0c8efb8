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

-- name: activity_mentioned
-- By an address, or by what stands before its @.
select a.id
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1::bigint
   and (lower(a.email) = any ($2::text[])
        or split_part(lower(a.email), '@', 1) = any ($2))
   and a.is_active
 order by a.id
 limit 20

-- name: activity_comment_edit
-- Whom it mentions stays: they have been told.
update activity
   set data = ((data::jsonb - 'text' - 'edited') || $4::jsonb)::text
 where issue_id = $1::bigint
   and id = $2::bigint
   and account_id = $3::bigint
   and kind = 'comment'
returning id

-- name: activity_comment_remove
delete from activity
 where issue_id = $1::bigint
   and id = $2::bigint
   and account_id = $3::bigint
   and kind = 'comment'
returning id
