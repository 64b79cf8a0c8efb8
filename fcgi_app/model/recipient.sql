-- name: recipient_find
-- $4 group: 0 members, 1 recently active, 2 account $5, 3 team $5, 4 assignee,
-- 5 followers, 6 assignee and owners.  The setting is the most specific one of the kind $6.
with wanted as (
    select v.account_id, ''::text as reason
      from project_viewer v
     where $4::int in (0, 1)
       and v.project_id = $2::bigint
     union all
    select $5::bigint, 'member'
     where $4 = 2
     union all
    select t.account_id, 'team'
      from team_member t
     where $4 = 3
       and t.organization_id = $1::bigint
       and t.team_id = $5
     union all
    select i.assignee_id, 'assigned'
      from issue i
     where $4 in (4, 5, 6)
       and i.id = $3::bigint
       and i.assignee_id is not null
     union all
    select t.account_id, 'team'
      from issue i
      join team_member t on t.team_id = i.assignee_team_id
     where $4 in (4, 5, 6)
       and i.id = $3
     union all
    select coalesce(o.account_id, t.account_id), 'owner'
      from issue_owner o
      left join team_member t on t.team_id = o.team_id
     where $4 = 6
       and o.issue_id = $3
     union all
    select p.account_id, 'took part'
      from (select distinct h.account_id
              from activity h
             where $4 = 5
               and h.issue_id = $3
               and h.account_id is not null) p
     union all
    select s.account_id, s.reason
      from issue_subscription s
     where $4 = 5
       and s.issue_id = $3
       and not s.is_muted
), chosen as (
    select w.account_id, max(w.reason) as reason
      from wanted w
     where not exists (
               select 1
                 from issue_subscription s
                where s.issue_id = $3
                  and s.account_id = w.account_id
                  and s.is_muted)
     group by w.account_id
)
select a.id as account_id, a.email, a.name, c.reason,
       (select n.value
          from notification_setting n
         where n.account_id = a.id
           and n.organization_id = $1
           and n.project_id in (0, $2)
           and n.kind = $6::text
         order by n.project_id desc
         limit 1) as setting
  from chosen c
  join account a on a.id = c.account_id
  join project_viewer v on v.account_id = a.id and v.project_id = $2
 where v.organization_id = $1
 order by case when $4 = 1 then a.last_login_at end desc nulls last, a.id
 limit $7::int

-- name: recipient_mentioned
select a.id as account_id, a.email, a.name, 'mentioned'::text as reason,
       null::text as setting
  from account a
  join project_viewer v on v.account_id = a.id
 where v.organization_id = $1::bigint
   and v.project_id = $2::bigint
   and (a.email = any ($3::text[]) or split_part(a.email, '@', 1) = any ($3))
 order by a.id
 limit $4::int

-- name: recipient_managers
select a.id as account_id, a.email, a.name, 'manager'::text as reason,
       null::text as setting
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1::bigint
   and m.role in ('owner', 'manager')
   and a.is_active
 order by a.id
 limit 20

-- name: notification_list
select n.organization_id, n.project_id, p.slug as project, n.kind, n.value
  from notification_setting n
  join member m using (organization_id, account_id)
  left join project p on p.id = n.project_id
 where n.account_id = $1::bigint
   and (n.project_id = 0 or p.id is not null)
 order by n.organization_id, p.slug nulls first, n.kind
 limit 1000

-- name: notification_set
-- Only where the account may see it.
insert into notification_setting (account_id, organization_id, project_id, kind,
                                  value)
select $1::bigint, $2::bigint, $3::bigint, $4::text, $5::text
 where exists (select 1
                 from member m
                where m.organization_id = $2
                  and m.account_id = $1)
   and ($3 = 0 or exists (
           select 1
             from project_viewer v
            where v.organization_id = $2
              and v.project_id = $3
              and v.account_id = $1))
    on conflict (account_id, organization_id, project_id, kind)
    do update set value = excluded.value

-- name: notification_unset
delete from notification_setting
 where account_id = $1::bigint
   and organization_id = $2::bigint
   and project_id = $3::bigint
   and kind = $4::text

-- name: issue_subscribe
insert into issue_subscription (issue_id, account_id, organization_id, reason,
                                is_muted)
select i.id, $3::bigint, $1::bigint, 'chosen', $4::boolean
  from issue i
 where i.organization_id = $1
   and i.id = $2::bigint
    on conflict (issue_id, account_id) do update
   set is_muted = excluded.is_muted

-- name: mail_thread
with added as (
    insert into mail_thread (issue_id, address, organization_id, message_id)
    select i.id, $3::text, $1::bigint, $4::text
      from issue i
     where i.id = $2::bigint
       and i.organization_id = $1
        on conflict do nothing
    returning message_id
)
select message_id from added
 union all
select message_id
  from mail_thread
 where issue_id = $2
   and address = $3
 limit 1

-- name: signing_key
select key from signing_key limit 1
