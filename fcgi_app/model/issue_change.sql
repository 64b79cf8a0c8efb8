-- name: issue_change_lock
-- Locked in the order of their ids, as the digest does.
select i.id
  from issue i
 where i.organization_id = $1::bigint
   and i.id = any ($2::bigint[])
   and i.status < 3
 order by i.id
   for no key update

-- name: issue_change_status
-- $5: whatever the state was, for a resolution or a snooze of another kind.
-- Which ones were not so already.
update issue i
   set status = $3::smallint,
       substatus = $4::smallint,
       status_at = now()
 where i.organization_id = $1::bigint
   and i.id = any ($2::bigint[])
   and (i.status <> $3 or i.substatus <> $4 or $5::boolean)
returning i.id

-- name: issue_change_review
update issue i
   set substatus = 3,
       status_at = now()
 where i.organization_id = $1::bigint
   and i.id = any ($2::bigint[])
   and i.status = 0
   and i.substatus <> 3
returning i.id

-- name: issue_change_clear
with resolutions as (
    delete from issue_resolution
     where issue_id = any ($1::bigint[])
), forecasts as (
    delete from issue_forecast
     where issue_id = any ($1)
)
delete from issue_snooze
 where issue_id = any ($1)

-- name: issue_change_resolution
-- Kind 2 keeps the newest release of the project, as ordered by its versions
-- when they have an order, else by date; 3 the commit, if no release has it yet.
-- 4 is 1 in that newest one, and nothing where there is none.
insert into issue_resolution (issue_id, organization_id, kind, release)
select i.id, i.organization_id,
       case when found.version is null and $2::smallint <> 4 then $2 else 1 end,
       case when $2 in (2, 4) then newest.version
            else coalesce(found.version, $3::text) end
  from issue i
 cross join lateral (
       select case when $2 in (2, 4) then release_newest(i.project_id) end as version) newest
  left join lateral (
       select r.version
         from release_commit c
         join release r on r.id = c.release_id
        where $2 = 3
          and c.organization_id = i.organization_id
          and c.revision >= $3
          and c.revision < $3 || 'g'
          and r.project_id = i.project_id
        order by coalesce(r.released_at, r.first_seen), r.id
        limit 1) found on true
 where i.id = any ($1::bigint[])
   and ($2 <> 4 or newest.version is not null)

-- name: issue_change_log_current
-- Resolved in the newest release, of each issue's own project.
insert into activity (organization_id, issue_id, account_id, kind, data)
select $1::bigint, i.id, $3::bigint, 'resolved',
       case when r.release is null then '{}'
            else jsonb_build_object('release', r.release)::text end
  from unnest($2::bigint[]) as i (id)
  left join issue_resolution r on r.issue_id = i.id

-- name: issue_change_snooze
insert into issue_snooze (issue_id, organization_id, until, events,
                          events_window, users, times_seen, users_seen)
select i.id, i.organization_id, now() + $2::bigint * interval '1 minute',
       $3::bigint, $4::int, $5::bigint, i.times_seen, i.users_seen
  from issue i
 where i.id = any ($1::bigint[])

-- name: issue_change_assignee
-- To a member, to the team -$3, or to nobody when it is 0.
update issue i
   set assignee_id = case when $3::bigint > 0 then $3 end,
       assignee_team_id = case when $3 < 0 then -$3 end
 where i.organization_id = $1::bigint
   and i.id = any ($2::bigint[])
   and coalesce(i.assignee_id, -i.assignee_team_id, 0) <> $3
returning i.id

-- name: issue_change_priority
-- $4: by a person, who knows better than what Vedette would make of it.
update issue i
   set priority = $3::smallint,
       priority_locked = i.priority_locked or $4::boolean
 where i.organization_id = $1::bigint
   and i.id = any ($2::bigint[])
   and i.priority <> $3
returning i.id

-- name: issue_change_bookmark
insert into issue_bookmark (issue_id, account_id, organization_id)
select i.id, $3::bigint, i.organization_id
  from issue i
 where i.organization_id = $1::bigint
   and i.id = any ($2::bigint[])
    on conflict do nothing
returning issue_id as id

-- name: issue_change_unbookmark
delete from issue_bookmark
 where organization_id = $1::bigint
   and issue_id = any ($2::bigint[])
   and account_id = $3::bigint
returning issue_id as id

-- name: issue_change_subscribe
-- What a person has said by hand holds against what an action implies.
insert into issue_subscription as s (issue_id, account_id, organization_id,
                                     reason, is_muted)
select i.id, $3::bigint, i.organization_id, $4::text, $5::boolean
  from issue i
 where i.organization_id = $1::bigint
   and i.id = any ($2::bigint[])
    on conflict (issue_id, account_id)
    do update set reason = excluded.reason,
                  is_muted = excluded.is_muted
        where excluded.reason = 'chosen'
returning issue_id as id

-- name: issue_change_log
insert into activity (organization_id, issue_id, account_id, kind, data)
select $1::bigint, unnest($2::bigint[]), $3::bigint, $4::text, $5::text

-- name: issue_state
-- next: what became the next release, once it is there.
select coalesce(r.kind, 0) as resolution, r.release, s.until,
       (select x.version
          from release x
          left join release b
            on b.project_id = x.project_id
           and b.version = r.release
         where r.kind = 2
           and x.project_id = i.project_id
           and case when r.release is null then x.first_seen > r.at
                    when release_is_ordered(i.project_id)
                    then x.sort_key > b.sort_key
                    else coalesce(x.released_at, x.first_seen)
                         > coalesce(b.released_at, b.first_seen) end
         order by case when release_is_ordered(i.project_id)
                       then x.sort_key end,
                  coalesce(x.released_at, x.first_seen), x.id
         limit 1) as next,
       coalesce(s.events, 0) as events,
       coalesce(s.events_window, 0) as events_window,
       coalesce(s.users, 0) as users,
       greatest(i.times_seen - s.times_seen, 0) as events_so_far,
       greatest(i.users_seen - s.users_seen, 0) as users_so_far,
       exists (select
                 from issue_bookmark b
                where b.account_id = $2::bigint
                  and b.issue_id = i.id) as bookmarked,
       exists (select
                 from issue_subscription f
                where f.issue_id = i.id
                  and f.account_id = $2
                  and not f.is_muted) as subscribed,
       exists (select
                 from ticket_issue t
                where t.organization_id = i.organization_id
                  and t.issue_id = i.id) as ticketed,
       i.share_token
  from issue i
  left join issue_resolution r on r.issue_id = i.id
  left join issue_snooze s on s.issue_id = i.id
 where i.id = $1::bigint

-- name: issue_delete_discard
-- What is remembered of each, and its hashes with it.
with mine as (
    select i.id, i.organization_id, i.project_id, i.title, i.culprit, i.level,
           i.times_seen, nextval(pg_get_serial_sequence('issue_discard', 'id'))
               as discard_id
      from issue i
     where i.id = any ($1::bigint[])
), kept as (
    insert into issue_discard (id, organization_id, project_id, account_id,
                               title, culprit, level, times_seen)
    overriding system value
    select m.discard_id, m.organization_id, m.project_id, $2::bigint, m.title,
           m.culprit, m.level, m.times_seen
      from mine m
 returning id
)
update issue_hash h
   set issue_id = null,
       merged_from = null,
       discard_id = k.id
  from mine m
  join kept k on k.id = m.discard_id
 where h.issue_id = m.id

-- name: issue_delete_hashes
-- An event that comes now makes a new issue.
with gone as (
    delete from issue_hash
     where issue_id = any ($1::bigint[])
 returning issue_id, hash, merged_from
)
insert into issue_hash_kept (issue_id, hash, merged_from, organization_id)
select g.issue_id, g.hash, g.merged_from, i.organization_id
  from gone g
  join issue i on i.id = g.issue_id

-- name: issue_delete_gone
update issue
   set status = 3,
       status_at = now()
 where id = any ($1::bigint[])
returning id

-- name: issue_delete_audit
-- The short ids, for the audit log.
select i.number, p.slug, i.title
  from issue i
  join project p on p.id = i.project_id
 where i.id = any ($1::bigint[])
 order by i.id
 limit 10

-- name: issue_delete_events
-- Some events of the job's issues that nobody has brought back.  Of an issue with
-- at most $3 their ids are known for a week (sql/0059).
with few as (
    select e.day, e.id, e.organization_id, e.project_id, e.event_id,
           e.received_at, i.times_seen <= $3::bigint as told
      from job_issue j
      join issue i on i.id = j.issue_id and i.status = 3
                  and i.merged_into is null
      join event e on e.issue_id = j.issue_id
     where j.job_id = $1::bigint
     limit $2::int
), bodies as (
    delete from event_body b
     using few
     where b.day = few.day
       and b.id = few.id
), gone as (
    delete from event e
     using few
     where e.day = few.day
       and e.id = few.id
 returning 1
), told as (
    insert into event_ended (organization_id, project_id, event_id, category,
                             outcome, reason, received_at)
    select f.organization_id, f.project_id, f.event_id, 'error', 'deleted', '',
           f.received_at
      from few f
     where f.told
)
select count(*) as n
  from gone

-- name: issue_delete_issues
-- A few at once: their counters go with them.
with few as (
    select i.id
      from job_issue j
      join issue i on i.id = j.issue_id
     where j.job_id = $1::bigint
       and i.status = 3
       and i.merged_into is null
     limit $2::int
), gone as (
    delete from issue i
     using few
     where i.id = few.id
 returning 1
)
select count(*) as n
  from gone

-- name: issue_change_job_issues
-- The next issues of a job, in order.
select issue_id as id
  from job_issue
 where job_id = $1::bigint
   and issue_id > $2::bigint
 order by issue_id
 limit $3::int
