-- name: assignee_list
-- plan: generic
-- $2: the account that asks; $3: an issue, 0 for none, whose owners have the rule
-- that says so.
with person as (
    select a.id, a.name, a.email as word, a.id = $2::bigint as mine,
           o.rule
      from member m
      join account a on a.id = m.account_id
      left join issue_owner o
        on o.issue_id = $3::bigint
       and o.account_id = a.id
     where m.organization_id = $1::bigint
       and a.is_active
     order by lower(a.name), a.id
     limit 500
), crew as (
    select -t.id as id, t.name, '#' || t.slug as word,
           exists (select 1
                     from team_member m
                    where m.team_id = t.id
                      and m.account_id = $2) as mine,
           o.rule
      from team t
      left join issue_owner o
        on o.issue_id = $3
       and o.team_id = t.id
     where t.organization_id = $1
     order by lower(t.name), t.id
     limit 200
)
select * from person
 union all
select * from crew

-- name: assignee_name
select a.name
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1::bigint
   and m.account_id = $2::bigint
 union all
select '#' || t.slug
  from team t
 where t.organization_id = $1
   and t.id = -$2

-- name: assignee_words
-- Those of the addresses and "#slug"s that are somebody's.
select a.id, a.email as word, a.name
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1::bigint
   and a.email = any ($2::text[])
   and a.is_active
 union all
select -t.id, '#' || t.slug, t.name
  from team t
 where t.organization_id = $1
   and '#' || t.slug = any ($2)
