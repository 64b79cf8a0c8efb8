-- name: batch_guard
-- Nothing may hold this transaction up for longer than others are patient.
select set_config('lock_timeout', '10s', true),
       set_config('statement_timeout', '20s', true),
       set_config('idle_in_transaction_session_timeout', '20s', true)

-- name: batch_done
-- Entries that a committed transaction has dealt with.
select given.entry
  from unnest($1::text[]) given(entry)
 where exists (select
                 from digest_mark m
                where given.entry = any (m.entries))

-- name: batch_mark
insert into digest_mark (name, entries)
values ($1, $2::text[])
    on conflict (name)
    do update set entries = excluded.entries, at = now()

-- name: batch_mark_once
-- No row: this set was the latest already.
insert into digest_mark as m (name, entries)
values ($1, $2::text[])
    on conflict (name)
    do update set entries = excluded.entries, at = now()
        where m.entries <> excluded.entries
returning name

-- name: batch_forget
delete from digest_mark
 where at < now() - interval '30 days'

-- name: batch_partition
select event_partition($1::date), event_partition($1::date + 1)

-- name: batch_projects
select id, organization_id, first_event_at is null as is_waiting
  from project
 where id = any ($1::bigint[])

-- name: batch_duplicates
-- The positions (from 1) of events that are stored already.  LATERAL with
-- LIMIT: an index lookup for each, whatever the statistics say.
select given.n
  from unnest($1::bigint[], $2::uuid[]) with ordinality
           given(project_id, event_id, n),
       lateral (select
                  from event e
                 where e.project_id = given.project_id
                   and e.event_id = given.event_id
                   and e.day >= $3::date
                 limit 1) stored

-- name: batch_hashes
-- The owners of grouping hashes, by position (from 1).
select given.n, owner.issue_id
  from unnest($1::bigint[], $2::bytea[]) with ordinality
           given(project_id, hash, n),
       lateral (select h.issue_id
                  from issue_hash h
                 where h.project_id = given.project_id
                   and h.hash = given.hash
                 limit 1) owner

-- name: batch_event_ids
select nextval('event_id_seq') as id
  from generate_series(1, $1::int)

-- name: batch_issue_ids
select nextval('issue_id_seq') as id
  from generate_series(1, $1::int)

-- name: batch_copy_events
copy event (day, id, organization_id, project_id, key_id, issue_id, event_id,
            occurred_at, received_at, digested_at, level, platform, title,
            release, environment, transaction, server_name, user_tag)
from stdin (format binary)

-- name: batch_copy_bodies
copy event_body (day, id, body) from stdin (format binary)

-- name: batch_lock_projects
-- Whoever holds a project's row may make issues in it.
select id, last_issue
  from project
 where id = any ($1::bigint[])
 order by id
   for no key update

-- name: batch_last_issue
update project p
   set last_issue = given.last_issue
  from unnest($1::bigint[], $2::bigint[]) given(id, last_issue)
 where p.id = given.id

-- name: batch_first_event
update project p
   set first_event_at = given.at
  from unnest($1::bigint[], $2::timestamptz[]) given(id, at)
 where p.id = given.id
   and p.first_event_at is null

-- name: batch_new_issues
insert into issue (id, organization_id, project_id, number, title, type, value,
                   culprit, platform, level, priority, is_unhandled,
                   first_seen, last_seen, times_seen, users_seen,
                   first_release, last_release, search)
overriding system value
select *
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
              $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::bigint[], $11::bigint[], $12::boolean[],
              $13::timestamptz[], $14::timestamptz[], $15::bigint[],
              $16::bigint[], $17::text[], $18::text[], $19::text[])

-- name: batch_new_hashes
insert into issue_hash (project_id, hash, issue_id)
select *
  from unnest($1::bigint[], $2::bytea[], $3::bigint[])
    on conflict do nothing

-- name: batch_lock_issues
select id, status, substatus
  from issue
 where id = any ($1::bigint[])
 order by id
   for no key update

-- name: batch_users
-- How many users each issue has not seen before.
with fresh as (
    insert into issue_user (issue_id, user_hash)
    select *
      from unnest($1::bigint[], $2::bytea[])
        on conflict do nothing
    returning issue_id)
select issue_id, count(*) as n
  from fresh
 group by issue_id

-- name: batch_issues
-- Adds events to issues; the newest event gives the texts.
update issue i
   set times_seen = i.times_seen + given.n,
       users_seen = i.users_seen + given.users,
       first_seen = least(i.first_seen, given.first_seen),
       last_seen = greatest(i.last_seen, given.last_seen),
       is_unhandled = i.is_unhandled or given.unhandled,
       title = case when given.newer then given.title else i.title end,
       type = case when given.newer then given.type else i.type end,
       value = case when given.newer then given.value else i.value end,
       culprit = case when given.newer then given.culprit else i.culprit end,
       platform = case when given.newer then given.platform else i.platform end,
       level = case when given.newer then given.level else i.level end,
       search = case when given.newer then given.search else i.search end,
       last_release = coalesce(given.last_release, i.last_release),
       first_release = coalesce(i.first_release, given.last_release),
       status = case when given.regressed then 0 else i.status end,
       substatus = case when given.regressed then 6 else i.substatus end,
       status_at = case when given.regressed then now() else i.status_at end
  from (select g.*, g.last_seen >= old.last_seen as newer
          from unnest($1::bigint[], $2::bigint[], $3::bigint[],
                      $4::timestamptz[], $5::timestamptz[], $6::boolean[],
                      $7::text[], $8::text[], $9::text[], $10::text[],
                      $11::text[], $12::bigint[], $13::text[], $14::text[],
                      $15::boolean[])
                   g(id, n, users, first_seen, last_seen, unhandled, title,
                     type, value, culprit, platform, level, search,
                     last_release, regressed)
          join issue old on old.id = g.id) given
 where i.id = given.id

-- name: batch_regressed
insert into activity (organization_id, issue_id, kind, data)
select g.organization_id, g.issue_id, 'regressed', g.data
  from unnest($1::bigint[], $2::bigint[], $3::text[])
           g(organization_id, issue_id, data)

-- name: batch_hours
insert into issue_hour as h (issue_id, hour, times_seen)
select *
  from unnest($1::bigint[], $2::timestamptz[], $3::bigint[])
    on conflict (issue_id, hour)
    do update set times_seen = h.times_seen + excluded.times_seen

-- name: batch_tags
-- Counts tag values.  One pass without a join, and an answer only for the keys
-- that got values which the issue did not know.
with written as (
    insert into issue_tag as t (issue_id, key, value, times_seen, first_seen,
                                last_seen)
    select *
      from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[],
                  $5::timestamptz[], $6::timestamptz[])
        on conflict (issue_id, key, value)
        do update set times_seen = t.times_seen + excluded.times_seen,
                      first_seen = least(t.first_seen, excluded.first_seen),
                      last_seen = greatest(t.last_seen, excluded.last_seen)
    returning issue_id, key, xmax = 0 as fresh)
select issue_id, key, count(*) as n
  from written
 where fresh
 group by issue_id, key

-- name: batch_tag_counts
-- How many values of a key an issue has, by position (from 1); $3 is enough.
select given.n, have.n as have
  from unnest($1::bigint[], $2::text[]) with ordinality
           given(issue_id, key, n),
       lateral (select count(*) as n
                  from (select
                          from issue_tag t
                         where t.issue_id = given.issue_id
                           and t.key = given.key
                         limit $3::bigint) counted) have

-- name: batch_tags_known
-- The positions (from 1) of values that are counted already.
select given.n
  from unnest($1::bigint[], $2::text[], $3::text[]) with ordinality
           given(issue_id, key, value, n),
       lateral (select
                  from issue_tag t
                 where t.issue_id = given.issue_id
                   and t.key = given.key
                   and t.value = given.value
                 limit 1) known

-- name: batch_dead_letter
-- No row: it has been noted already.
insert into dead_letter (entry, organization_id, project_id, reason)
values ($1, $2, $3, $4)
    on conflict do nothing
returning at

-- name: batch_exhume
-- No row: it is none any more.
delete from dead_letter
 where entry = $1
returning organization_id, project_id, at

-- name: batch_issue_minutes
-- users: 4 bytes each, the same ones again in later batches; 4096 at most.
insert into issue_minute as m (issue_id, environment, minute, times_seen, users)
select *
  from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::bigint[],
              $5::bytea[])
    on conflict (issue_id, minute, environment)
    do update set times_seen = m.times_seen + excluded.times_seen,
                  users = case when length(m.users) < 4096
                               then m.users || excluded.users
                               else m.users end

-- name: batch_project_minutes
insert into project_minute as m (organization_id, project_id, environment,
                                 level, minute, times_seen, users)
select *
  from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[],
              $5::timestamptz[], $6::bigint[], $7::bytea[])
    on conflict (project_id, minute, environment, level)
    do update set times_seen = m.times_seen + excluded.times_seen,
                  users = case when length(m.users) < 4096
                               then m.users || excluded.users
                               else m.users end
