-- name: feedback_list
-- $2: of these projects; $3 a status; $4 an assignee; $5 a pattern of LIKE;
-- $6 an environment; $7: older than this id; null leaves each open.
select f.id, f.project_id, p.slug as project_slug, f.event_id, f.is_report,
       f.subject, f.issue_id, i.number as issue_number,
       i.title as issue_title, f.status, f.assignee_id,
       who.name as assignee, f.name, f.email, f.message, f.url, f.source,
       f.replay, f.release, f.environment, f.browser, f.os, f.country,
       f.received_at
  from feedback f
  join project p on p.id = f.project_id
  left join issue i on i.id = f.issue_id
  left join account who on who.id = f.assignee_id
 where f.organization_id = $1::bigint
   and ($2::bigint[] is null or f.project_id = any ($2))
   and ($3::int is null or f.status = $3)
   and ($4::bigint is null or f.assignee_id = $4)
   and ($5::text is null
        or lower(f.message || ' ' || f.name || ' ' || f.email) like $5)
   and ($6::text is null or f.environment = $6)
   and f.id < coalesce($7::bigint, 9223372036854775807)
 order by f.id desc
 limit $8::int

-- name: feedback_list_back
-- As feedback_list, next newer than $7, turned round again.
select n.*
  from (select f.id, f.project_id, p.slug as project_slug, f.event_id,
               f.is_report, f.subject, f.issue_id, i.number as issue_number,
               i.title as issue_title, f.status, f.assignee_id,
               who.name as assignee, f.name, f.email, f.message, f.url,
               f.source, f.replay, f.release, f.environment, f.browser, f.os,
               f.country, f.received_at
          from feedback f
          join project p on p.id = f.project_id
          left join issue i on i.id = f.issue_id
          left join account who on who.id = f.assignee_id
         where f.organization_id = $1::bigint
           and ($2::bigint[] is null or f.project_id = any ($2))
           and ($3::int is null or f.status = $3)
           and ($4::bigint is null or f.assignee_id = $4)
           and ($5::text is null
                or lower(f.message || ' ' || f.name || ' ' || f.email) like $5)
           and ($6::text is null or f.environment = $6)
           and f.id > $7::bigint
         order by f.id
         limit $8::int) n
 order by n.id desc

-- name: feedback_by_id
select f.id, f.project_id, p.slug as project_slug, f.event_id, f.is_report,
       f.subject, f.issue_id, i.number as issue_number,
       i.title as issue_title, f.status, f.assignee_id,
       who.name as assignee, f.name, f.email, f.message, f.url, f.source,
       f.replay, f.release, f.environment, f.browser, f.os, f.country,
       f.received_at
  from feedback f
  join project p on p.id = f.project_id
  left join issue i on i.id = f.issue_id
  left join account who on who.id = f.assignee_id
 where f.organization_id = $1::bigint
   and f.id = $2::bigint
   and ($3::bigint[] is null or f.project_id = any ($3))

-- name: feedback_past
-- What alerts are rehearsed on; $2 projects, none: all.
select f.id, f.project_id, p.slug as project_slug, f.event_id, f.is_report,
       f.subject, f.issue_id, i.number as issue_number,
       i.title as issue_title, f.status, f.assignee_id,
       null::text as assignee, f.name, f.email, f.message, f.url, f.source,
       f.replay, f.release, f.environment, f.browser, f.os, f.country,
       f.received_at
  from project p
  join feedback f on f.project_id = p.id
  left join issue i on i.id = f.issue_id
 where p.organization_id = $1::bigint
   and (cardinality($2::bigint[]) = 0 or p.id = any ($2))
   and f.received_at >= $3::timestamptz
   and f.received_at < $4::timestamptz
 order by f.received_at desc
 limit $5::int

-- name: feedback_counts
-- Of each status, up to $3.
select s.status, counted.n
  from generate_series(0, 2) s(status),
       lateral (select count(*) as n
                  from (select
                          from feedback f
                         where f.organization_id = $1::bigint
                           and f.status = s.status
                           and ($2::bigint[] is null
                                or f.project_id = any ($2))
                         limit $3::int) found) counted

-- name: feedback_of_issues
-- By position (from 1), up to $2; spam does not count.
select given.n as place, counted.n
  from unnest($1::bigint[]) with ordinality given(issue_id, n),
       lateral (select count(*) as n
                  from (select
                          from feedback f
                         where f.issue_id = given.issue_id
                           and f.status <> 2
                         limit $2::int) found) counted
 where counted.n > 0

-- name: feedback_keep
-- How messages are, for the undo $3.
insert into undo_feedback (undo_id, feedback_id, organization_id, status,
                           assignee_id)
select u.id, f.id, f.organization_id, f.status, f.assignee_id
  from undo u
  join feedback f on f.organization_id = u.organization_id
 where u.organization_id = $1::bigint
   and u.id = $3::bigint
   and ($2::bigint[] is null or f.project_id = any ($2))
   and f.id = any ($4::bigint[])
    on conflict do nothing

-- name: feedback_set_status
with changed as (
    update feedback
       set status = $4
     where organization_id = $1::bigint
       and ($2::bigint[] is null or project_id = any ($2))
       and id = any ($3::bigint[])
       and status <> $4::int
    returning 1)
select count(*) as n
  from changed

-- name: feedback_assign
with changed as (
    update feedback
       set assignee_id = $4
     where organization_id = $1::bigint
       and ($2::bigint[] is null or project_id = any ($2))
       and id = any ($3::bigint[])
       and ($4::bigint is null
            or exists (select
                         from member m
                        where m.organization_id = $1
                          and m.account_id = $4))
       and assignee_id is distinct from $4
    returning 1)
select count(*) as n
  from changed

-- name: feedback_link
-- Some of those whose event has come since; older ones have none.
with late as (
    select f.id, e.issue_id
      from (select id, project_id, subject
              from feedback
             where issue_id is null
               and subject is not null
               and received_at > now() - interval '1 day'
             order by received_at desc
             limit $1::int) f,
           lateral (select e.issue_id
                      from event e
                     where e.project_id = f.project_id
                       and e.event_id = f.subject
                       and e.day >= (now() at time zone 'UTC')::date - 1
                     limit 1) e),
linked as (
    update feedback f
       set issue_id = late.issue_id
      from late
     where f.id = late.id
    returning 1)
select count(*) as n
  from linked
