-- name: assignee_list
-- $2: the account that asks.
with person as (
    select a.id, a.name, a.email as word, a.id = $2::bigint as mine
      from member m
      join account a on a.id = m.account_id
     where m.organization_id = $1::bigint
       and a.is_active
     order by lower(a.name), a.id
     limit 500
), crew as (
    select -t.id as id, t.name, '#' || t.slug as word,
           exists (select 1
                     from team_member m
                    where m.team_id = t.id
                      and m.account_id = $2) as mine
      from team t
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
