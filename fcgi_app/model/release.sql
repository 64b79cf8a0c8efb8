-- name: release_list
-- $2 projects, $3 environment, $4 a pattern of LIKE, $5: older than this id.
select r.id, r.project_id, p.slug as project_slug, p.name as project_name,
       p.platform, r.version, r.sort_key is not null as is_semantic,
       r.first_seen, r.last_seen, r.released_at, r.url,
       (select count(*)
          from (select
                  from issue i
                 where i.project_id = r.project_id
                   and i.first_release = r.version
                 limit $6::int) fresh) as new_issues
  from (select r.*
          from release r
         where r.organization_id = $1::bigint
           and ($2::bigint[] is null or r.project_id = any ($2))
           and ($3::text is null
                or exists (select
                             from environment e
                             join release_hour h
                               on h.release_id = r.id
                              and h.environment_id = e.id
                            where e.project_id = r.project_id
                              and e.name = $3))
           and ($4::text is null or lower(r.version) like $4)
           and ($5::bigint is null
                or (r.first_seen, r.id)
                   < (select c.first_seen, c.id
                        from release c
                       where c.id = $5
                         and c.organization_id = $1))
         order by r.first_seen desc, r.id desc
         limit $7::int) r
  join project p on p.id = r.project_id
 order by r.first_seen desc, r.id desc

-- name: release_list_back
select r.id, r.project_id, p.slug as project_slug, p.name as project_name,
       p.platform, r.version, r.sort_key is not null as is_semantic,
       r.first_seen, r.last_seen, r.released_at, r.url,
       (select count(*)
          from (select
                  from issue i
                 where i.project_id = r.project_id
                   and i.first_release = r.version
                 limit $6::int) fresh) as new_issues
  from (select r.*
          from release r
         where r.organization_id = $1::bigint
           and ($2::bigint[] is null or r.project_id = any ($2))
           and ($3::text is null
                or exists (select
                             from environment e
                             join release_hour h
                               on h.release_id = r.id
                              and h.environment_id = e.id
                            where e.project_id = r.project_id
                              and e.name = $3))
           and ($4::text is null or lower(r.version) like $4)
           and (r.first_seen, r.id)
               > (select c.first_seen, c.id
                    from release c
                   where c.id = $5::bigint
                     and c.organization_id = $1)
         order by r.first_seen, r.id
         limit $7::int) r
  join project p on p.id = r.project_id
 order by r.first_seen desc, r.id desc

-- name: release_list_by_version
-- Those without an order are not in it.
select r.id, r.project_id, p.slug as project_slug, p.name as project_name,
       p.platform, r.version, r.sort_key is not null as is_semantic,
       r.first_seen, r.last_seen, r.released_at, r.url,
       (select count(*)
          from (select
                  from issue i
                 where i.project_id = r.project_id
                   and i.first_release = r.version
                 limit $6::int) fresh) as new_issues
  from (select r.*
          from release r
         where r.organization_id = $1::bigint
           and r.sort_key is not null
           and ($2::bigint[] is null or r.project_id = any ($2))
           and ($3::text is null
                or exists (select
                             from environment e
                             join release_hour h
                               on h.release_id = r.id
                              and h.environment_id = e.id
                            where e.project_id = r.project_id
                              and e.name = $3))
           and ($4::text is null or lower(r.version) like $4)
           and ($5::bigint is null
                or (r.sort_key, r.id)
                   < (select c.sort_key, c.id
                        from release c
                       where c.id = $5
                         and c.organization_id = $1))
         order by r.sort_key desc, r.id desc
         limit $7::int) r
  join project p on p.id = r.project_id
 order by r.sort_key desc, r.id desc

-- name: release_list_by_version_back
select r.id, r.project_id, p.slug as project_slug, p.name as project_name,
       p.platform, r.version, r.sort_key is not null as is_semantic,
       r.first_seen, r.last_seen, r.released_at, r.url,
       (select count(*)
          from (select
                  from issue i
                 where i.project_id = r.project_id
                   and i.first_release = r.version
                 limit $6::int) fresh) as new_issues
  from (select r.*
          from release r
         where r.organization_id = $1::bigint
           and r.sort_key is not null
           and ($2::bigint[] is null or r.project_id = any ($2))
           and ($3::text is null
                or exists (select
                             from environment e
                             join release_hour h
                               on h.release_id = r.id
                              and h.environment_id = e.id
                            where e.project_id = r.project_id
                              and e.name = $3))
           and ($4::text is null or lower(r.version) like $4)
           and (r.sort_key, r.id)
               > (select c.sort_key, c.id
                    from release c
                   where c.id = $5::bigint
                     and c.organization_id = $1)
         order by r.sort_key, r.id
         limit $7::int) r
  join project p on p.id = r.project_id
 order by r.sort_key desc, r.id desc

-- name: release_by_version
select r.id, r.project_id, p.slug as project_slug, p.name as project_name,
       p.platform, r.version, r.sort_key is not null as is_semantic,
       r.first_seen, r.last_seen, r.released_at, r.url, 0 as new_issues
  from project p
  join release r
    on r.project_id = p.id
   and r.version = $2::text
 where p.organization_id = $1::bigint
   and ($3::bigint[] is null or p.id = any ($3))
 order by p.slug
 limit 50

-- name: release_before
-- Of the same package, by version when it has an order, else by time.
select r.id, r.project_id, p.slug as project_slug, p.name as project_name,
       p.platform, r.version, r.sort_key is not null as is_semantic,
       r.first_seen, r.last_seen, r.released_at, r.url, 0 as new_issues
  from release this,
       lateral (select 0 as place, before.*
                  from (select *
                          from release o
                         where o.project_id = this.project_id
                           and o.package = this.package
                           and o.sort_key < this.sort_key
                         order by o.sort_key desc, o.first_seen desc
                         limit 1) before
                 union all
                select 1, before.*
                  from (select *
                          from release o
                         where o.project_id = this.project_id
                           and o.package = this.package
                           and (o.first_seen, o.id)
                               < (this.first_seen, this.id)
                           and this.sort_key is null
                         order by o.first_seen desc, o.id desc
                         limit 1) before
                 order by 1
                 limit 1) r
  join project p on p.id = r.project_id
 where this.id = $1::bigint

-- name: release_latest
select newest.version
  from project p,
       lateral release_newest(p.id) newest(version)
 where newest.version is not null
   and p.organization_id = $1::bigint
   and ($2::bigint[] is null or p.id = any ($2))
 limit 500

-- name: release_pair
select version, first_seen
  from release
 where project_id = $1::bigint
   and version in ($2::text, $3::text)

-- name: release_numbers
-- All that a page asks, at once: by the place of each ask, from 1, and by slot
-- of its step ($5, seconds; 0: all in one).  $2: the id is a project's.
select asked.n,
       case when asked.step > 0
            then floor(extract(epoch from h.hour - asked.since)
                       / asked.step)::bigint
            else 0 end as slot,
       sum(h.events) as events, sum(h.sessions) as sessions,
       sum(h.exited) as exited, sum(h.errored) as errored,
       sum(h.abnormal) as abnormal, sum(h.unhandled) as unhandled,
       sum(h.crashed) as crashed, sum(h.users) as users,
       sum(h.users_crashed) as users_crashed,
       sum(h.duration_ms) as duration_ms, sum(h.durations) as durations
  from unnest($1::bigint[], $2::boolean[], $3::timestamptz[],
              $4::timestamptz[], $5::bigint[]) with ordinality
           as asked (id, is_project, since, till, step, n)
 cross join lateral (
        select h.hour, h.events, h.sessions, h.exited, h.errored, h.abnormal,
               h.unhandled, h.crashed, h.users, h.users_crashed,
               h.duration_ms, h.durations
          from release_hour h
         where not asked.is_project
           and h.release_id = asked.id
           and h.hour >= asked.since
           and h.hour < asked.till
           and ($6::text is null
                or h.environment_id in (select e.id
                                          from environment e
                                         where e.project_id = h.project_id
                                           and e.name = $6))
         union all
        select h.hour, h.events, h.sessions, h.exited, h.errored, h.abnormal,
               h.unhandled, h.crashed, h.users, h.users_crashed,
               h.duration_ms, h.durations
          from release_hour h
         where asked.is_project
           and h.project_id = asked.id
           and h.hour >= asked.since
           and h.hour < asked.till
           and ($6::text is null
                or h.environment_id in (select e.id
                                          from environment e
                                         where e.project_id = h.project_id
                                           and e.name = $6))) h
 group by 1, 2

-- name: release_first_issues
-- First seen in it; $3: unhandled ones only.
select i.id, i.project_id, i.number, i.title, i.type, i.value, i.culprit,
       i.platform, i.level, i.priority, i.status, i.substatus, i.is_unhandled,
       coalesce(i.assignee_id, -i.assignee_team_id) as assignee_id,
       i.first_seen, i.last_seen, i.times_seen, i.users_seen,
       i.first_release, i.last_release, i.status_at,
       p.slug as project_slug, p.name as project_name,
       coalesce(a.name, '#' || tm.slug) as assignee
  from issue i
  join project p on p.id = i.project_id
  left join account a on a.id = i.assignee_id
  left join team tm on tm.id = i.assignee_team_id
 where i.project_id = $1::bigint
   and i.first_release = $2::text
   and (not $3::boolean or i.is_unhandled)
 order by i.last_seen desc, i.id desc
 limit $4::int

-- name: release_last_issues
-- Last seen in it, and resolved ($3) or regressed.
select i.id, i.project_id, i.number, i.title, i.type, i.value, i.culprit,
       i.platform, i.level, i.priority, i.status, i.substatus, i.is_unhandled,
       coalesce(i.assignee_id, -i.assignee_team_id) as assignee_id,
       i.first_seen, i.last_seen, i.times_seen, i.users_seen,
       i.first_release, i.last_release, i.status_at,
       p.slug as project_slug, p.name as project_name,
       coalesce(a.name, '#' || tm.slug) as assignee
  from issue i
  join project p on p.id = i.project_id
  left join account a on a.id = i.assignee_id
  left join team tm on tm.id = i.assignee_team_id
 where i.project_id = $1::bigint
   and i.listed_release = $2::text
   and case when $3::boolean then i.status = 1 else i.substatus = 6 end
 order by i.last_seen desc, i.id desc
 limit $4::int

-- name: release_new_issues
-- First seen in each of these versions, the latest $3 of each.
select i.id, i.project_id, i.number, i.title, i.type, i.value, i.culprit,
       i.platform, i.level, i.priority, i.status, i.substatus, i.is_unhandled,
       coalesce(i.assignee_id, -i.assignee_team_id) as assignee_id,
       i.first_seen, i.last_seen, i.times_seen, i.users_seen,
       i.first_release, i.last_release, i.status_at,
       p.slug as project_slug, p.name as project_name,
       coalesce(a.name, '#' || tm.slug) as assignee
  from unnest($2::text[]) as v (version)
 cross join lateral (
       select f.*
         from issue f
        where f.project_id = $1::bigint
          and f.first_release = v.version
        order by f.last_seen desc, f.id desc
        limit $3::int) i
  join project p on p.id = i.project_id
  left join account a on a.id = i.assignee_id
  left join team tm on tm.id = i.assignee_team_id
 order by i.last_seen desc, i.id desc

-- name: release_issue_counts
-- By the place of the version, from 1.
select v.n, c.*
  from unnest($2::text[]) with ordinality as v (version, n)
 cross join lateral (
       select count(*) filter (where i.first_release = v.version) as fresh,
              count(*) filter (where i.first_release = v.version
                                 and i.is_unhandled) as unhandled,
              count(*) filter (where i.last_release = v.version
                                 and i.substatus = 6) as regressed,
              count(*) filter (where i.last_release = v.version
                                 and i.status = 1) as resolved
         from ((select first_release, last_release, is_unhandled, substatus,
                       status
                  from issue
                 where project_id = $1::bigint
                   and first_release = v.version
                 limit $3::int)
               union all
               (select first_release, last_release, is_unhandled, substatus,
                       status
                  from issue
                 where project_id = $1
                   and listed_release = v.version
                   and first_release is distinct from v.version
                 limit $3)) i) c

-- name: release_deploys
select release_id, environment, name, url, started_at, finished_at
  from deploy
 where release_id = any ($1::bigint[])
 order by finished_at desc, id desc
 limit $2::int

-- name: release_origin
-- Deploys, the newest first, then commits in their order.
select *
  from (select false as is_commit, environment, name, url, started_at,
               finished_at, null as revision, null as repository,
               null as message, null as author, null as author_email,
               null::timestamptz as at
          from deploy
         where release_id = $1::bigint
         order by finished_at desc, id desc
         limit $2::int) deploys
 union all
select *
  from (select true, null, null, null, null::timestamptz, null::timestamptz,
               revision, repository, message, author, author_email, at
          from release_commit
         where release_id = $1
         order by position, id
         limit $3::int) commits

-- name: release_save
insert into release as r (organization_id, project_id, version, sort_key,
                          first_seen, last_seen, released_at, url)
select p.organization_id, p.id, $3::text, $4::bytea, now(), now(),
       $5::timestamptz, coalesce($6::text, '')
  from project p
 where p.organization_id = $1::bigint
   and p.id = $2::bigint
    on conflict (project_id, version)
    do update set released_at = coalesce(excluded.released_at, r.released_at),
                  url = coalesce($6, r.url)
returning id

-- name: release_deploy
insert into deploy (organization_id, release_id, environment, name, url,
                    started_at, finished_at)
select r.organization_id, r.id, $3::text, $4::text, $5::text,
       $6::timestamptz, coalesce($7::timestamptz, now())
  from release r
 where r.organization_id = $1::bigint
   and r.id = $2::bigint
returning id

-- name: release_drop_commits
delete from release_commit
 where organization_id = $1::bigint
   and release_id = $2::bigint

-- name: release_add_commits
insert into release_commit (organization_id, release_id, position, revision,
                            repository, message, author, author_email, at,
                            files)
select r.organization_id, r.id, given.position, given.revision,
       given.repository, given.message, given.author, given.author_email,
       given.at, coalesce(string_to_array(given.files, E'\n'), '{}')
  from release r,
       unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
              $8::text[], $9::timestamptz[], $10::text[])
           given(position, revision, repository, message, author,
                 author_email, at, files)
 where r.organization_id = $1::bigint
   and r.id = $2::bigint
    on conflict do nothing

-- name: release_resolve_pending
-- Issues that were resolved in a commit: this release brings it.
update issue_resolution p
   set kind = 1,
       release = r.version
  from release r
  join issue i on i.project_id = r.project_id
 where r.organization_id = $1::bigint
   and r.id = $2::bigint
   and p.organization_id = $1
   and p.kind = 3
   and p.issue_id = i.id
   and exists (select 1
                 from release_commit c
                where c.release_id = r.id
                  and c.organization_id = $1
                  and c.revision >= p.release
                  and c.revision < p.release || 'g')

-- name: release_news
-- Of the projects $1: the newest $3 releases since $2 ('new'), the health since
-- $4 of all together ('all'), of the $5 with most sessions then ('top'), and for
-- each project $8 its newest release and the health of all its releases ('own').
-- $7: the health may be what a chore has added up lately (release_recent.h).
with reckoned as materialized (
    select 1
      from release_recent_mark m
     where $7::boolean
       and m.organization_id = $6::bigint
       and m.reckoned_at > now() - interval '3 minutes'
), health as materialized (
    select r.release_id, r.project_id, r.sessions, r.crashed, r.users,
           r.users_crashed
      from release_recent r
     where exists (select 1 from reckoned)
       and r.organization_id = $6
       and r.project_id = any ($1::bigint[])
     union all
    select h.release_id, h.project_id, sum(h.sessions)::bigint as sessions,
           sum(h.crashed)::bigint as crashed, sum(h.users)::bigint as users,
           sum(h.users_crashed)::bigint as users_crashed
      from release_hour h
     where not exists (select 1 from reckoned)
       and h.project_id = any ($1)
       and h.organization_id = $6
       and h.hour >= $4::timestamptz
       and h.sessions > 0
     group by h.release_id, h.project_id
), recent as (
    select r.id, r.project_id, r.version, r.first_seen
      from release r
     where r.organization_id = $6
       and r.project_id = any ($1)
       and r.first_seen >= $2::timestamptz
     order by r.first_seen desc, r.id desc
     limit $3::int
)
select 'new' as kind, r.version, p.slug, p.id as project_id, r.first_seen,
       h.sessions, h.crashed, h.users, h.users_crashed
  from recent r
  join project p on p.id = r.project_id
  left join health h on h.release_id = r.id
 union all
select 'all', null, null, null, null, sum(sessions)::bigint,
       sum(crashed)::bigint, sum(users)::bigint, sum(users_crashed)::bigint
  from health
 union all
(select 'top', r.version, p.slug, p.id, r.first_seen, h.sessions, h.crashed,
        h.users, h.users_crashed
   from health h
   join release r on r.id = h.release_id
   join project p on p.id = r.project_id
  order by h.sessions desc, r.id desc
  limit $5::int)
 union all
select 'own', r.version, p.slug, p.id, r.first_seen, h.sessions, h.crashed,
       h.users, h.users_crashed
  from project p
  left join lateral (
       select newest.version, newest.first_seen
         from release newest
        where newest.organization_id = $6
          and newest.project_id = p.id
        order by newest.first_seen desc, newest.id desc
        limit 1) r on true
  left join (
       select project_id, sum(sessions)::bigint as sessions,
              sum(crashed)::bigint as crashed, sum(users)::bigint as users,
              sum(users_crashed)::bigint as users_crashed
         from health
        group by project_id) h on h.project_id = p.id
 where p.organization_id = $6
   and p.id = any ($8::bigint[])

-- name: release_name
select project_id, version
  from release
 where organization_id = $1::bigint
   and id = $2::bigint

-- name: release_marks
-- By the place of the release, from 1: issues that came back in it, $3 at most,
-- and the authors of its commits, of whom the $4 with most are named; and the
-- release before it, as release_before has it.
select u.place, g.regressed, w.authors, w.names, e.id as before,
       e.version as before_version
  from unnest($2::bigint[]) with ordinality as u (id, place)
  join release r on r.id = u.id
                and r.organization_id = $1::bigint
 cross join lateral (
       select count(*) as regressed
         from (select
                 from issue i
                where i.project_id = r.project_id
                  and i.listed_release = r.version
                  and i.substatus = 6
                limit $3::int) back) g
 cross join lateral (
       select count(*) as authors,
              string_agg(c.name, ', ' order by c.place)
                  filter (where c.place <= $4::int) as names
         from (select max(rc.author) as name,
                      row_number() over (order by count(*) desc,
                                                  max(rc.author)) as place
                 from release_commit rc
                where rc.release_id = r.id
                  and rc.author <> ''
                group by coalesce(nullif(lower(rc.author_email), ''),
                                  rc.author)) c) w
  left join lateral (
       (select o.id, o.version
          from release o
         where o.project_id = r.project_id
           and o.package = r.package
           and o.sort_key < r.sort_key
         order by o.sort_key desc, o.first_seen desc
         limit 1)
        union all
       (select o.id, o.version
          from release o
         where o.project_id = r.project_id
           and o.package = r.package
           and (o.first_seen, o.id) < (r.first_seen, r.id)
           and r.sort_key is null
         order by o.first_seen desc, o.id desc
         limit 1)) e on true

-- name: release_open_issues
select i.id
  from issue i
 where i.organization_id = $1::bigint
   and i.project_id = $2::bigint
   and i.first_release = $3::text
   and i.status = 0
 order by i.id
 limit $4::int
