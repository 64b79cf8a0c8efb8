-- name: batch_releases
-- Known releases by position (from 1).  The project must be of the organisation
-- that the key says: a key that moved is nobody's.
select given.n, r.id, r.last_seen
  from unnest($1::bigint[], $2::bigint[], $3::text[]) with ordinality
           given(organization_id, project_id, version, n)
  join release r
    on r.project_id = given.project_id
   and r.version = given.version
   and r.organization_id = given.organization_id

-- name: batch_new_releases
-- $7: so many a project, and no more.
insert into release (organization_id, project_id, version, sort_key, first_seen,
                     last_seen)
select given.organization_id, given.project_id, given.version,
       nullif(given.sort_key, ''), given.first_seen, given.last_seen
  from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[],
              $5::timestamptz[], $6::timestamptz[])
           given(organization_id, project_id, version, sort_key, first_seen,
                 last_seen)
  join project p
    on p.id = given.project_id
   and p.organization_id = given.organization_id
 where (select count(*)
          from (select
                  from release r
                 where r.project_id = given.project_id
                 limit $7::bigint) have) < $7
 order by given.project_id, given.version
    on conflict do nothing

-- name: batch_releases_seen
with stale as (
    select r.id, given.at
      from unnest($1::bigint[], $2::timestamptz[]) given(id, at)
      join release r on r.id = given.id
     order by r.id
       for no key update of r)
update release r
   set last_seen = greatest(r.last_seen, stale.at)
  from stale
 where r.id = stale.id

-- name: batch_environments
select given.n, e.id, e.last_seen
  from unnest($1::bigint[], $2::bigint[], $3::text[]) with ordinality
           given(organization_id, project_id, name, n)
  join environment e
    on e.project_id = given.project_id
   and e.name = given.name
   and e.organization_id = given.organization_id

-- name: batch_new_environments
-- $4 is only a release's; $7: so many a project, and no more.
insert into environment (organization_id, project_id, name, first_seen,
                         last_seen)
select given.organization_id, given.project_id, given.name, given.first_seen,
       given.last_seen
  from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[],
              $5::timestamptz[], $6::timestamptz[])
           given(organization_id, project_id, name, sort_key, first_seen,
                 last_seen)
  join project p
    on p.id = given.project_id
   and p.organization_id = given.organization_id
 where (select count(*)
          from (select
                  from environment e
                 where e.project_id = given.project_id
                 limit $7::bigint) have) < $7
 order by given.project_id, given.name
    on conflict do nothing

-- name: batch_environments_seen
with stale as (
    select e.id, given.at
      from unnest($1::bigint[], $2::timestamptz[]) given(id, at)
      join environment e on e.id = given.id
     order by e.id
       for no key update of e)
update environment e
   set last_seen = greatest(e.last_seen, stale.at)
  from stale
 where e.id = stale.id

-- name: batch_new_sessions
insert into session_state (organization_id, project_id, sid, started, seq,
                           status, is_counted, is_errored)
select given.*, -1, 0, false, false
  from unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::timestamptz[])
           given(organization_id, project_id, sid, started)
 order by given.project_id, given.sid
    on conflict do nothing

-- name: batch_lock_sessions
select given.n, s.seq, s.status, s.is_counted, s.is_errored
  from unnest($1::bigint[], $2::uuid[]) with ordinality
           given(project_id, sid, n)
  join session_state s
    on s.project_id = given.project_id
   and s.sid = given.sid
 order by s.project_id, s.sid
   for no key update of s

-- name: batch_sessions
update session_state s
   set seq = given.seq,
       status = given.status,
       is_counted = given.is_counted <> 0,
       is_errored = given.is_errored <> 0
  from unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[],
              $5::bigint[], $6::bigint[])
           given(project_id, sid, seq, status, is_counted, is_errored)
 where s.project_id = given.project_id
   and s.sid = given.sid

-- name: batch_release_users
-- A row for each user that this day had not seen, or not seen crash.
insert into release_user as u (organization_id, release_id, environment_id,
                               day, user_hash, is_crashed)
select given.organization_id, given.release_id, given.environment_id,
       (given.at at time zone 'UTC')::date, given.user_hash,
       given.is_crashed <> 0
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[],
              $5::bigint[], $6::bigint[])
           given(organization_id, release_id, environment_id, at, user_hash,
                 is_crashed)
 order by given.release_id, given.environment_id, given.at, given.user_hash
    on conflict (release_id, environment_id, day, user_hash)
    do update set is_crashed = true
        where excluded.is_crashed and not u.is_crashed
returning release_id, environment_id, user_hash, is_crashed, xmax = 0 as fresh,
          u.day::timestamp at time zone 'UTC' as at

-- name: batch_health
insert into release_hour as h (organization_id, project_id, release_id,
                               environment_id, hour, events, sessions, exited,
                               errored, abnormal, unhandled, crashed, users,
                               users_crashed, duration_ms, durations)
select *
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
              $5::timestamptz[], $6::bigint[], $7::bigint[], $8::bigint[],
              $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
              $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[])
    on conflict (release_id, hour, environment_id)
    do update set events = h.events + excluded.events,
                  sessions = h.sessions + excluded.sessions,
                  exited = h.exited + excluded.exited,
                  errored = h.errored + excluded.errored,
                  abnormal = h.abnormal + excluded.abnormal,
                  unhandled = h.unhandled + excluded.unhandled,
                  crashed = h.crashed + excluded.crashed,
                  users = h.users + excluded.users,
                  users_crashed = h.users_crashed + excluded.users_crashed,
                  duration_ms = h.duration_ms + excluded.duration_ms,
                  durations = h.durations + excluded.durations

-- name: session_forget
-- Those of which no update can come any more.
with gone as (
    delete from session_state s
     using (select project_id, sid
              from session_state
             where started < now() - interval '6 days'
             order by started
             limit $1::int) old
     where s.project_id = old.project_id
       and s.sid = old.sid
    returning 1)
select count(*) as n
  from gone

-- name: session_forget_users
with gone as (
    delete from release_user u
     using (select release_id, environment_id, day, user_hash
              from release_user
             where day < (now() at time zone 'UTC')::date - 6
             order by day
             limit $1::int) old
     where u.release_id = old.release_id
       and u.environment_id = old.environment_id
       and u.day = old.day
       and u.user_hash = old.user_hash
    returning 1)
select count(*) as n
  from gone
