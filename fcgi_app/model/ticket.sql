-- name: ticket_list
select t.id, t.organization_id, t.integration_id, i.name as integration,
       i.type, t.key, t.url, t.title, t.status, t.is_done, t.assignee,
       t.assignee_id, t.data, t.error, t.synced_at
  from ticket_issue l
  join ticket t on t.id = l.ticket_id
  join integration i on i.id = t.integration_id
 where l.organization_id = $1
   and l.issue_id = $2
 order by t.id
 limit $3

-- name: ticket_by_id
select t.id, t.organization_id, t.integration_id, i.name as integration,
       i.type, t.key, t.url, t.title, t.status, t.is_done, t.assignee,
       t.assignee_id, t.data, t.error, t.synced_at
  from ticket t
  join integration i on i.id = t.integration_id
 where t.organization_id = $1
   and t.id = $2

-- name: ticket_by_key
select t.id, t.organization_id, t.integration_id, i.name as integration,
       i.type, t.key, t.url, t.title, t.status, t.is_done, t.assignee,
       t.assignee_id, t.data, t.error, t.synced_at
  from ticket t
  join integration i on i.id = t.integration_id
 where t.organization_id = $1
   and t.integration_id = $2
   and t.key = $3

-- name: ticket_insert
insert into ticket (organization_id, integration_id, key, url, title, status,
                    is_done, assignee, assignee_id, data, synced_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now())
on conflict (integration_id, key) do update
   set url = excluded.url,
       title = excluded.title,
       status = excluded.status,
       is_done = excluded.is_done,
       assignee = excluded.assignee,
       assignee_id = excluded.assignee_id,
       data = excluded.data,
       synced_at = now()
returning id

-- name: ticket_issue_insert
insert into ticket_issue (ticket_id, issue_id, organization_id)
select $1::bigint, i.id, i.organization_id
  from issue i
 where i.organization_id = $2
   and i.id = $3
on conflict do nothing
returning issue_id

-- name: ticket_issue_delete
delete from ticket_issue l
 using ticket t
 where l.ticket_id = t.id
   and t.organization_id = $1
   and l.issue_id = $2
   and l.ticket_id = $3
returning t.key, t.url, t.integration_id

-- name: ticket_history
insert into activity (organization_id, issue_id, account_id, kind, data)
select i.organization_id, i.id, nullif($3::bigint, 0), $4::text, $5::text
  from issue i
 where i.organization_id = $1::bigint
   and i.id = $2::bigint

-- name: ticket_update
-- One that stays as it is is looked at ever more seldom (ticket_look.h), and
-- never all of them at once.
update ticket t
   set status = $3,
       is_done = $4,
       assignee = $5,
       assignee_id = $6,
       title = $7,
       error = '',
       synced_at = now(),
       look_pause = p.pause,
       look_at = now() + p.pause * (0.9 + 0.2 * random())
  from (select case when (o.status, o.is_done, o.assignee_id, o.title)
                         is distinct from ($3::text, $4::boolean, $6::text,
                                           $7::text)
                    then interval '30 minutes'
                    else least(o.look_pause * 2, interval '1 day')
                    end as pause
          from ticket o
         where o.organization_id = $1
           and o.id = $2) p
 where t.organization_id = $1
   and t.id = $2

-- name: ticket_set_error
update ticket
   set error = $3,
       look_pause = least(look_pause * 2, interval '1 day'),
       look_at = now() + least(look_pause * 2, interval '1 day')
 where organization_id = $1
   and id = $2

-- name: ticket_claim
-- A claim without a ticket is one that came to nothing, after a minute.
insert into ticket_claim as c (organization_id, integration_id, issue_id)
select $1::bigint, $2::bigint, $3::bigint
 where not exists (select 1
                     from ticket_issue l
                     join ticket t on t.id = l.ticket_id
                    where l.issue_id = $3
                      and t.integration_id = $2)
on conflict (issue_id, integration_id) do update
   set claimed_at = now()
 where c.claimed_at < now() - interval '60 seconds'
returning xmax <> 0 as again

-- name: ticket_unclaim
delete from ticket_claim
 where integration_id = $1
   and issue_id = $2

-- name: ticket_activity
select v.issue_id, coalesce(v.account_id, 0) as account_id,
       coalesce(nullif(a.name, ''), a.email, '') as account, v.kind, v.data,
       coalesce(i.assignee_id, -i.assignee_team_id, 0) as assignee_id,
       coalesce(p.email, '') as assignee_mail, i.status
  from activity v
  join issue i on i.id = v.issue_id
  left join account a on a.id = v.account_id
  left join account p on p.id = i.assignee_id
 where v.organization_id = $1
   and v.id = $2

-- name: ticket_comment_insert
insert into ticket_comment (ticket_id, remote_id, organization_id, activity_id)
values ($1, $2, $3, nullif($4, 0))
on conflict do nothing
returning ticket_id

-- name: ticket_comment_sent
-- The note of the sending becomes the comment; should that have come in as a
-- new one meanwhile, the note is enough.
update ticket_comment
   set remote_id = $4
 where organization_id = $1
   and ticket_id = $2
   and remote_id = $3
   and not exists (select 1
                     from ticket_comment c
                    where c.ticket_id = $2
                      and c.remote_id = $4)

-- name: ticket_comment_delete
delete from ticket_comment
 where organization_id = $1
   and ticket_id = $2
   and remote_id = $3

-- name: ticket_issues
-- Not those that were merged into others, or are on their way out.
select l.issue_id
  from ticket_issue l
  join issue i on i.id = l.issue_id
 where l.organization_id = $1
   and l.ticket_id = $2
   and i.status < 3
 order by l.issue_id
 limit 100

-- name: ticket_pull_issue
-- Only those that are not so already; 1 is resolved, substatus 3 is ongoing.
select i.id
  from ticket_issue l
  join issue i on i.id = l.issue_id
 where l.organization_id = $1
   and l.ticket_id = $2
   and i.status < 3
   and (i.status = 1) <> $3
   and (i.status <> 2 or not $3)
 order by i.id
 limit 100
   for no key update of i

-- name: ticket_person
-- Remembered, or a member by a mail address.
select m.account_id
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1
   and (m.account_id = (select p.account_id
                          from ticket_person p
                         where p.integration_id = $2
                           and p.remote_id = $3)
        or ($4 <> '' and lower(a.email) = lower($4)))
 order by (lower(a.email) = lower($4)), m.account_id
 limit 1

-- name: ticket_person_of
select remote_id
  from ticket_person
 where integration_id = $1
   and account_id = $2
 limit 1

-- name: ticket_person_insert
insert into ticket_person (organization_id, integration_id, remote_id,
                           account_id)
values ($1, $2, $3, $4)
on conflict (integration_id, remote_id) do update
   set account_id = excluded.account_id

-- name: ticket_choice
select data
  from ticket_choice
 where organization_id = $1
   and project_id = $2
   and integration_id = $3

-- name: ticket_choice_set
insert into ticket_choice (organization_id, project_id, integration_id, data)
values ($1, $2, $3, $4)
on conflict (project_id, integration_id) do update
   set data = excluded.data
