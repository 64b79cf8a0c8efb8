-- name: activity_list
-- What was done to the issue, and the latest $3 times that an alert fired for it.
select v.id, v.account_id, a.name as account, v.kind, v.data, v.at
  from ((select v.id, v.account_id, v.kind, v.data, v.at
           from activity v
          where v.issue_id = $1::bigint
          order by v.id desc
          limit $2::int)
        union all
        (select f.id, null, 'fired',
                jsonb_build_object(
                    'rule_id', f.rule_id, 'name', r.name, 'cause', f.cause,
                    'held', f.held,
                    'sent', (select jsonb_agg(jsonb_build_object(
                                        'channel', o.channel, 'address', o.address,
                                        'state', o.state, 'code', o.last_code)
                                    order by o.id)
                               from (select o.*
                                       from outbox o
                                      where o.organization_id = f.organization_id
                                        and o.fire_id = f.id
                                        and o.channel <> 'route'
                                      order by o.id
                                      limit 5) o))::text,
                f.fired_at
           from alert_fire f
           join alert_rule r on r.id = f.rule_id
          where f.issue_id = $1
          order by f.id desc
          limit $3::int)) v
  left join account a on a.id = v.account_id
 order by v.at desc, v.id desc
 limit $2

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
