-- name: undo_open
insert into undo (organization_id, account_id, title)
values ($1, $2, $3)
returning id

-- name: undo_keep
insert into undo_issue (undo_id, issue_id, organization_id, before)
select u.id, i.id, i.organization_id,
       jsonb_build_object(
           'status', i.status, 'substatus', i.substatus,
           'status_at', i.status_at, 'assignee_id', i.assignee_id,
           'assignee_team_id', i.assignee_team_id,
           'priority', i.priority, 'priority_locked', i.priority_locked,
           'merged_into', i.merged_into,
           'resolution', (select to_jsonb(r)
                            from issue_resolution r
                           where r.issue_id = i.id),
           'snooze', (select to_jsonb(s)
                        from issue_snooze s
                       where s.issue_id = i.id))
  from undo u
  join issue i on i.organization_id = u.organization_id
 where u.id = $1::bigint
   and i.id = any ($2::bigint[])
    on conflict do nothing

-- name: undo_restore_feedback
update feedback f
   set status = u.status,
       assignee_id = (select m.account_id
                        from member m
                       where m.organization_id = f.organization_id
                         and m.account_id = u.assignee_id)
  from undo_feedback u
 where u.organization_id = $1::bigint
   and u.undo_id = $2::bigint
   and f.organization_id = $1
   and f.id = u.feedback_id

-- name: undo_find
select id, account_id, title, at
  from undo
 where organization_id = $1::bigint
   and account_id = $2::bigint
   and id = $3::bigint
   and done_at is null
   and at > now() - $4::int * interval '1 minute'

-- name: undo_claim
-- Whoever gets the row takes it back.
update undo
   set done_at = now()
 where organization_id = $1::bigint
   and account_id = $2::bigint
   and id = $3::bigint
   and done_at is null
   and at > now() - $4::int * interval '1 minute'
returning title,
          (select count(*)
             from (select
                     from undo_issue ui
                    where ui.undo_id = id
                    limit $5::int) few) as few

-- name: undo_some
-- The next issues of an undo, locked in order.
select i.id, i.status, (u.before ->> 'status')::int as was, i.merged_into
  from undo_issue u
  join issue i on i.id = u.issue_id
 where u.undo_id = $1::bigint
   and u.issue_id > $2::bigint
 order by i.id
 limit $3::int
   for no key update of i

-- name: undo_restore
-- How these issues were.  What they have counted since stays.
with was as (
    select u.issue_id, u.before
      from undo_issue u
     where u.undo_id = $1::bigint
       and u.issue_id = any ($2::bigint[])
), restored as (
    update issue i
       set status = (w.before ->> 'status')::smallint,
           substatus = (w.before ->> 'substatus')::smallint,
           status_at = (w.before ->> 'status_at')::timestamptz,
           assignee_id = (select m.account_id
                            from member m
                           where m.organization_id = i.organization_id
                             and m.account_id =
                                 (w.before ->> 'assignee_id')::bigint),
           assignee_team_id = (select t.id
                                 from team t
                                where t.organization_id = i.organization_id
                                  and t.id =
                                      (w.before ->> 'assignee_team_id')::bigint),
           priority = (w.before ->> 'priority')::smallint,
           priority_locked = (w.before ->> 'priority_locked')::boolean,
           merged_into = (w.before ->> 'merged_into')::bigint
      from was w
     where i.id = w.issue_id
 returning i.id, i.organization_id
), unresolved as (
    delete from issue_resolution r
     using was w
     where r.issue_id = w.issue_id
       and w.before -> 'resolution' = 'null'
), unsnoozed as (
    delete from issue_snooze s
     using was w
     where s.issue_id = w.issue_id
       and w.before -> 'snooze' = 'null'
), resolved as (
    insert into issue_resolution
    select (jsonb_populate_record(null::issue_resolution,
                                  w.before -> 'resolution')).*
      from was w
     where w.before -> 'resolution' <> 'null'
        on conflict (issue_id)
        do update set kind = excluded.kind,
                      release = excluded.release,
                      at = excluded.at
), snoozed as (
    insert into issue_snooze
    select (jsonb_populate_record(null::issue_snooze, w.before -> 'snooze')).*
      from was w
     where w.before -> 'snooze' <> 'null'
        on conflict (issue_id)
        do update set until = excluded.until,
                      events = excluded.events,
                      events_window = excluded.events_window,
                      users = excluded.users,
                      times_seen = excluded.times_seen,
                      users_seen = excluded.users_seen,
                      at = excluded.at
)
insert into activity (organization_id, issue_id, account_id, kind, data)
select r.organization_id, r.id, $3::bigint, 'undone',
       json_build_object('what', $4::text)::text
  from restored r

-- name: undo_known
-- However old it is.
select 1
  from undo
 where organization_id = $1::bigint
   and account_id = $2::bigint
   and id = $3::bigint

-- name: undo_forget
delete from undo
 where id in (select u.id
                from undo u
               where u.at < now() - interval '1 day'
               order by u.at
               limit 20)
