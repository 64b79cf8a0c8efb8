-- name: batch_guard
-- Nothing may hold this transaction up for longer than others are patient: with
-- the 20 s that a batch may take before its COMMIT (digest.c), what stands still
-- in here ends before another worker takes its entries over, after 30 s.
-- Its number comes before the ids that it takes (model/fold.c).  $1 'later': the
-- fold sorts its issues in (sql/0083_issue_listed.sql).
select pg_current_xact_id(),
       set_config('vedette.listed', $1::text, true),
       set_config('lock_timeout', '10s', true),
       set_config('statement_timeout', '20s', true),
       set_config('idle_in_transaction_session_timeout', '9s', true)

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

-- name: batch_missing_days
select d.day
  from (select distinct (u.at at time zone 'UTC')::date as day
          from unnest($1::timestamptz[]) as u (at)) d
 where to_regclass('event_' || to_char(d.day, 'YYYYMMDD')) is null

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
-- The owners of grouping hashes, by position (from 1), and how many events they
-- have: all, and of this hour.  Most have two hashes; each is looked at once.
-- Discarded ones have no issue.
with owner as materialized (
    select given.n, h.issue_id
      from unnest($1::bigint[], $2::bytea[]) with ordinality
               given(project_id, hash, n),
           lateral (select h.issue_id
                      from issue_hash h
                     where h.project_id = given.project_id
                       and h.hash = given.hash
                     limit 1) h
)
select unnest(o.ns) as n, coalesce(o.issue_id, 0) as issue_id, i.times_seen,
       coalesce(i.parted, 0) as parted, i.of_hour
  from (select issue_id, array_agg(n) as ns
          from owner
         group by issue_id) o
  left join lateral (select i.times_seen, i.parted,
                            (select h.times_seen
                               from issue_hour h
                              where h.issue_id = i.id
                                and h.hour = date_trunc('hour', now()))
                                as of_hour
                       from issue i
                      where i.id = o.issue_id
                      limit 1) i on true

-- name: batch_event_ids
select nextval('event_id_seq') as id
  from generate_series(1, $1::int)

-- name: batch_issue_ids
select nextval('issue_id_seq') as id
  from generate_series(1, $1::int)

-- name: batch_copy_events
copy event (day, id, organization_id, project_id, key_id, issue_id, event_id,
            occurred_at, received_at, digested_at, level, platform, title,
            release, environment, transaction, server_name, user_tag, tags,
            has_body, hash, trace)
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
                   first_release, last_release, thinned)
overriding system value
select *
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
              $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::bigint[], $11::bigint[], $12::boolean[],
              $13::timestamptz[], $14::timestamptz[], $15::bigint[],
              $16::bigint[], $17::text[], $18::text[], $19::bigint[])

-- name: batch_new_hashes
insert into issue_hash (project_id, hash, issue_id)
select *
  from unnest($1::bigint[], $2::bytea[], $3::bigint[])
    on conflict do nothing

-- name: batch_copy_words
-- Of issues that nobody else knows yet.
copy issue_words (issue_id, organization_id, search)
from stdin (format binary)

-- name: batch_words
with written as (
    update issue
       set words_due = false
     where id = any ($1::bigint[])
       and words_due
)
insert into issue_words as w (issue_id, organization_id, search)
select *
  from unnest($1::bigint[], $2::bigint[], $3::text[])
    on conflict (issue_id)
    do update set search = excluded.search
        where w.search <> excluded.search

-- name: batch_lock_issues
-- One that was merged or deleted meanwhile is missing; one that has lost hashes
-- says so.
select i.id, i.status, i.substatus, i.last_seen, i.parted, i.words_due,
       i.times_seen,
       i.status = 1 and exists (select
                                  from issue_resolution r
                                 where r.issue_id = i.id) as by_release
  from issue i
 where i.id = any ($1::bigint[])
   and i.status < 3
 order by i.id
   for no key update

-- name: batch_resolutions
-- Of issues that were resolved in a release.
select r.issue_id, r.kind, r.release, r.at,
       coalesce(l.released_at, l.first_seen) as release_at,
       release_is_ordered(i.project_id) as is_ordered
  from issue_resolution r
  join issue i on i.id = r.issue_id
  left join release l on l.project_id = i.project_id
                     and l.version = r.release
 where r.issue_id = any ($1::bigint[])
 order by r.issue_id

-- name: batch_release_times
-- By position, from 1; one that nobody has seen yet is missing.
select given.n, coalesce(l.released_at, l.first_seen) as at
  from unnest($1::bigint[], $2::text[]) with ordinality
           given(project_id, version, n)
  join release l on l.project_id = given.project_id
                and l.version = given.version

-- name: batch_check
insert into issue_check (issue_id, organization_id)
select i.id, i.organization_id
  from issue i
 where i.id = any ($1::bigint[])
 order by i.id
    on conflict do nothing

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
-- Adds events to issues that are locked; the newest event gives the texts, but
-- one that says nothing takes no title away.
update issue i
   set times_seen = i.times_seen + given.n,
       thinned = i.thinned + given.thinned,
       users_seen = i.users_seen + given.users,
       first_seen = least(i.first_seen, given.first_seen),
       last_seen = greatest(i.last_seen, given.last_seen),
       is_unhandled = i.is_unhandled or given.unhandled,
       title = case when given.newer and given.title <> '<unlabeled event>'
                    then given.title else i.title end,
       type = case when given.newer and given.title <> '<unlabeled event>'
                    then given.type else i.type end,
       value = case when given.newer and given.title <> '<unlabeled event>'
                    then given.value else i.value end,
       culprit = case when given.newer then given.culprit else i.culprit end,
       platform = case when given.newer then given.platform else i.platform end,
       level = case when given.newer then given.level else i.level end,
       last_release = coalesce(given.last_release, i.last_release),
       first_release = coalesce(i.first_release, given.last_release),
       status = case when given.regressed then 0 else i.status end,
       substatus = case when given.regressed then 6 else i.substatus end,
       status_at = case when given.regressed then now() else i.status_at end
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[],
              $5::timestamptz[], $6::boolean[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::bigint[],
              $13::text[], $14::boolean[], $15::bigint[], $16::boolean[])
           given(id, n, users, first_seen, last_seen, unhandled, title, type,
                 value, culprit, platform, level, last_release, regressed,
                 thinned, newer)
 where i.id = given.id

-- name: batch_regressed
with gone as (
    delete from issue_resolution
     where issue_id = any ($2::bigint[])
)
insert into activity (organization_id, issue_id, kind, data)
select g.organization_id, g.issue_id, 'regressed', g.data
  from unnest($1::bigint[], $2::bigint[], $3::text[])
           g(organization_id, issue_id, data)

-- name: batch_hours
-- An ongoing issue with more than $4 events in an hour is looked at each time
-- when there are about an eighth more: it may escalate.
with hours as (
    insert into issue_hour as h (issue_id, hour, times_seen)
    select *
      from unnest($1::bigint[], $2::timestamptz[], $3::bigint[])
        on conflict (issue_id, hour)
        do update set times_seen = h.times_seen + excluded.times_seen
    returning h.issue_id, h.hour, h.times_seen
), grown as (
    select h.issue_id
      from hours h
      join unnest($1, $2, $3) given (issue_id, hour, n)
        on given.issue_id = h.issue_id
       and given.hour = h.hour
     where h.times_seen > $4::bigint
       and floor(8 * ln(h.times_seen))
           > floor(8 * ln(greatest(h.times_seen - given.n, $4)))
)
insert into issue_check (issue_id, organization_id)
select i.id, i.organization_id
  from issue i
 where i.id in (select issue_id
                  from grown)
   and i.status = 0
   and i.substatus = 3
 order by i.id
    on conflict do nothing

-- name: batch_tags_find
-- The numbers of tags, by position (from 1); of a key that is full the values
-- that have none share the number of ''.  Two looks at the index, not one for
-- either value in order: that the planner may answer by a walk through all
-- values of the key.
select found.n, found.id
  from (select given.n,
               coalesce((select v.id
                           from tag_value v
                          where v.key_id = k.id
                            and v.value = given.value),
                        case when k.is_full
                             then (select v.id
                                     from tag_value v
                                    where v.key_id = k.id
                                      and v.value = '')
                        end) as id
          from unnest($1::bigint[], $2::text[], $3::text[]) with ordinality
                   given(project_id, key, value, n),
               lateral (select k.id, k.is_full
                          from tag_key k
                         where k.project_id = given.project_id
                           and k.key = given.key
                         limit 1) k) found
 where found.id is not null

-- name: batch_tag_keys_add
-- Each with the value ''.
with fresh as (
    insert into tag_key (organization_id, project_id, key)
    select distinct p.organization_id, p.id, given.key collate "C"
      from unnest($1::bigint[], $2::text[]) given(project_id, key)
      join project p on p.id = given.project_id
     where not exists (select
                         from tag_key k
                        where k.project_id = p.id
                          and k.key = given.key)
     order by 2, 3
        on conflict do nothing
    returning id)
insert into tag_value (key_id, value)
select id, ''
  from fresh

-- name: batch_tags_add
-- Those that were added, by key.
with fresh as (
    insert into tag_value (key_id, value)
    select k.id, given.value collate "C"
      from unnest($1::bigint[], $2::text[], $3::text[])
               given(project_id, key, value)
      join tag_key k on k.project_id = given.project_id
                    and k.key = given.key
     where not k.is_full
     order by 1, 2
        on conflict do nothing
    returning id, key_id, value)
select f.id, f.key_id, k.project_id, k.key, f.value, k.is_wide
  from fresh f
  join tag_key k on k.id = f.key_id
 order by f.key_id

-- name: batch_tags_count
-- Has the key so many values that it is wide ($2), or full ($3)?
update tag_key k
   set is_wide = k.is_wide or seen.n >= $2::bigint,
       is_full = seen.n >= $3::bigint
  from (select count(*) as n
          from (select 1
                  from tag_value v
                 where v.key_id = $1::int
                 limit (select case when w.is_wide then $3::bigint
                                     else $2::bigint end
                          from tag_key w
                         where w.id = $1)) counted) seen
 where k.id = $1

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

-- name: batch_session_minutes
insert into session_minute as m (organization_id, project_id, environment,
                                 is_crashed, minute, sessions, users,
                                 release_id)
select organization_id, project_id, environment, is_crashed <> 0, minute,
       sessions, users, release_id
  from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[],
              $5::timestamptz[], $6::bigint[], $7::bytea[], $8::bigint[])
           given(organization_id, project_id, environment, is_crashed, minute,
                 sessions, users, release_id)
    on conflict (project_id, minute, environment, is_crashed, release_id)
    do update set sessions = m.sessions + excluded.sessions,
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
