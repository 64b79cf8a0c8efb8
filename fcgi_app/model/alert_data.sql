-- name: alert_issues
-- owners: ",12,-3," as in model/assignee.h.
select id, organization_id, project_id, level, priority, status, substatus,
       coalesce(assignee_id, -assignee_team_id) as assignee_id, first_seen,
       times_seen, users_seen, first_release, last_release,
       (select ',' || string_agg(coalesce(o.account_id, -o.team_id)::text, ',')
               || ','
          from issue_owner o
         where o.issue_id = issue.id) as owners
  from issue
 where id = any ($1::bigint[])

-- name: alert_priorities
-- What an issue's priority was last changed to before $2, and the time before.
select (data::json ->> 'priority')::int as priority
  from activity
 where issue_id = $1::bigint
   and kind = 'priority'
   and at <= $2::timestamptz
 order by id desc
 limit 2

-- name: alert_events
-- Events of an issue that came before $3, of the minute $2 when given.
select e.organization_id, e.project_id, e.event_id, e.occurred_at,
       e.received_at, e.level, e.platform, e.title, e.release, e.environment,
       e.transaction, e.server_name, e.user_tag, b.body,
       (select json_agg(json_build_array(k.key, v.value))::text
          from unnest(e.tags) t (id)
          join tag_value v on v.id = t.id
          join tag_key k on k.id = v.key_id) as tags
  from (select *
          from event
         where issue_id = $1::bigint
           and received_at <= $3::timestamptz
           and day >= coalesce($2::timestamptz - interval '1 day',
                               $3 - interval '40 days')::date
           and day <= $3::date
           and ($2 is null
                or (received_at >= $2
                    and received_at < $2 + interval '1 minute'))
         order by id desc
         limit $4::int) e
  left join event_body b on b.day = e.day and b.id = e.id
 order by e.id desc

-- name: alert_count_events
select coalesce(sum(times_seen), 0)::bigint as n
  from issue_minute
 where issue_id = $1::bigint
   and minute >= $2::timestamptz
   and minute < $3::timestamptz
   and (cardinality($4::text[]) = 0 or environment = any ($4))

-- name: alert_count_users
select string_agg(users, '') as users
  from issue_minute
 where issue_id = $1::bigint
   and minute >= $2::timestamptz
   and minute < $3::timestamptz
   and (cardinality($4::text[]) = 0 or environment = any ($4))

-- name: alert_match_add
-- In the order of the rows: two batches may write the same ones.
insert into alert_match as m (issue_id, match, minute, environment,
                              organization_id, users)
select g.issue_id, g.match, g.minute, g.environment, g.organization_id,
       string_agg(distinct g.who, '')
  from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bigint[],
              $5::text[], $6::bytea[])
           g(issue_id, match, minute, organization_id, environment, who)
 group by 1, 2, 3, 4, 5
 order by 1, 2, 3, 4
    on conflict (issue_id, match, minute, environment)
    do update set users = case when length(m.users) < 4096
                               then m.users || excluded.users
                               else m.users end

-- name: alert_match_count
select string_agg(users, '') as users
  from alert_match
 where issue_id = $1::bigint
   and match = $2::bigint
   and minute >= $3::timestamptz
   and minute < $4::timestamptz
   and (cardinality($5::text[]) = 0 or environment = any ($5))

-- name: alert_latest_release
select version
  from release
 where project_id = $1::bigint
 order by coalesce(released_at, first_seen) desc, id desc
 limit 1

-- name: alert_adopted
-- The version $4 against the adopted release of the environment $2: the newest
-- by version, else by date, of those with a tenth of what the last day had.
with used as (
    select h.release_id, sum(h.sessions) as sessions, sum(h.events) as events
      from release_hour h
      join environment e on e.id = h.environment_id
     where h.project_id = $1::bigint
       and e.project_id = $1
       and e.name = $2::text
       and h.hour > $3::timestamptz - interval '1 day'
       and h.hour <= $3
     group by h.release_id
), adopted as (
    select r.sort_key, coalesce(r.released_at, r.first_seen) as at
      from used u
     cross join (select sum(sessions) as sessions, sum(events) as events
                   from used) w
      join release r on r.id = u.release_id
     where case when w.sessions > 0
                then u.sessions * 10 >= w.sessions
                else u.events * 10 >= w.events and u.events > 0 end
     order by r.sort_key desc nulls last, at desc, r.id desc
     limit 1
)
select case when r.sort_key is not null and d.sort_key is not null
            then (r.sort_key > d.sort_key)::int - (r.sort_key < d.sort_key)::int
            else (r.at > d.at)::int - (r.at < d.at)::int end as side
  from adopted d
 cross join (select sort_key, coalesce(released_at, first_seen) as at
               from release
              where project_id = $1
                and version = $4::text) r

-- name: alert_deploys
select (select d.finished_at
          from deploy d
          join release r on r.id = d.release_id
         where d.organization_id = p.organization_id
           and r.project_id = p.id
           and ($2::text = '' or d.environment = $2)
           and d.finished_at <= $3::timestamptz
           and d.finished_at > $3 - interval '31 days'
         order by d.finished_at desc
         limit 1) as last,
       (select d.finished_at
          from deploy d
          join release r on r.id = d.release_id
         where d.organization_id = p.organization_id
           and r.project_id = p.id
           and ($2 = '' or d.environment = $2)
           and d.finished_at > $3
         order by d.finished_at
         limit 1) as next
  from project p
 where p.id = $1::bigint

-- name: alert_sessions
select coalesce(sum(h.sessions), 0)::bigint as n
  from release_hour h
  left join environment e on e.id = h.environment_id
 where h.project_id = $1::bigint
   and h.hour = $3::timestamptz
   and (cardinality($2::text[]) = 0 or e.name = any ($2))

-- name: alert_sample
select id
  from issue
 where organization_id = $1::bigint
   and (cardinality($2::bigint[]) = 0 or project_id = any ($2))
   and status = 0
 order by listed_seen desc, id desc
 limit 1

-- name: alert_projects
select id
  from project
 where organization_id = $1::bigint
 order by id
 limit 1000

-- name: alert_project_last
select minute
  from project_minute
 where project_id = $1::bigint
   and minute <= $3::timestamptz
   and (cardinality($2::text[]) = 0 or environment = any ($2))
 order by minute desc
 limit 1

-- name: alert_project_delay
-- Of the 20 latest events that came in the last five minutes before $2.
select coalesce(max(extract(epoch from digested_at - received_at)), 0)
           as seconds
  from (select e.digested_at, e.received_at
          from issue i
         cross join lateral (
               select v.digested_at, v.received_at
                 from event v
                where v.issue_id = i.id
                  and v.day >= ($2::timestamptz - interval '1 day')::date
                order by v.id desc
                limit 1) e
         where i.project_id = $1::bigint
           and i.status = 0
           and i.listed_seen >= $2 - interval '1 hour'
         order by i.listed_seen desc
         limit 20) latest
 where digested_at >= $2 - interval '5 minutes'

-- name: alert_project_quota
-- Of each key with a limit: what came in its window, in percent of it.
select 100.0 * used.n / k.limit_count as share, k.limit_window
  from project_key k
 cross join lateral (
       select coalesce(sum(m.times_seen), 0) as n
         from project_minute m
        where m.project_id = k.project_id
          and m.minute > $2::timestamptz
                  - greatest(k.limit_window, 60) * interval '1 second'
          and m.minute <= $2) used
 where k.project_id = $1::bigint
   and k.is_active
   and k.limit_count > 0
 order by share desc
 limit 1

-- name: alert_new_environments
with given as (
    select *
      from unnest($1::bigint[], $2::text[], $3::timestamptz[]) with ordinality
               g(issue_id, environment, minute, n)
), added as (
    insert into issue_environment (issue_id, environment, first_seen)
    select distinct on (issue_id, environment) issue_id, environment, minute
      from given
     order by issue_id, environment, n
        on conflict do nothing
    returning issue_id, environment
)
select min(g.n) as n
  from given g
  join added using (issue_id, environment)
 group by issue_id, environment

-- name: alert_new_tags
with given as (
    select *
      from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[],
                  $5::timestamptz[]) with ordinality
               g(organization_id, project_id, key, value, at, n)
), added as (
    insert into alert_tag (organization_id, project_id, key, value, first_seen)
    select distinct on (project_id, key, value)
           organization_id, project_id, key, value, at
      from given
     order by project_id, key, value, n
        on conflict do nothing
    returning project_id, key, value
)
select min(g.n) as n
  from given g
  join added using (project_id, key, value)
 group by project_id, key, value

-- name: alert_seed_tags
-- $2 projects, none: all of the organisation.
insert into alert_tag (organization_id, project_id, key, value, first_seen)
select $1::bigint, k.project_id, k.key, v.value, v.first_seen
  from tag_key k
  join tag_value v on v.key_id = k.id
 where k.organization_id = $1
   and (cardinality($2::bigint[]) = 0 or k.project_id = any ($2))
   and k.key = any ($3::text[])
   and v.value <> ''
 limit 100000
    on conflict do nothing

-- name: alert_due_add
insert into alert_due as d (organization_id, project_id, issue_id, minute,
                            event_id, rules)
select g.organization_id, g.project_id, g.issue_id, g.minute, g.event_id::uuid,
       g.rules::bigint[]
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[],
              $5::text[], $6::text[])
           g(organization_id, project_id, issue_id, minute, event_id, rules)
 order by g.issue_id, g.minute
    on conflict (issue_id, minute) do update
   set event_id = coalesce(excluded.event_id, d.event_id),
       rules = (select array_agg(distinct r)
                  from unnest(d.rules || excluded.rules) r)

-- name: alert_due_take
delete from alert_due d
 using (select issue_id, minute
          from alert_due
         order by minute, issue_id
         limit $1::int
           for update skip locked) t
 where d.issue_id = t.issue_id
   and d.minute = t.minute
returning d.organization_id, d.project_id, d.issue_id, d.minute,
          replace(d.event_id::text, '-', '') as event_id, d.rules::text as rules

-- name: alert_fire_add
-- A rule that is silent for the issue does not fire, but for blocks that have
-- not yet; one that was deleted meanwhile does not either.  The positions (from
-- 1) of those that did.
with given as (
    select *
      from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
                  $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[],
                  $9::text[], $10::text[], $11::bigint[], $12::text[],
                  $13::bigint[])
               with ordinality
               g(organization_id, rule_id, project_id, issue_id, event_id, at,
                 next_at, cause, value, threshold, window_s, environment,
                 blocks, n)
     where exists (select 1 from alert_rule r where r.id = g.rule_id)
     order by rule_id, issue_id
), won as (
    insert into alert_state as s (rule_id, issue_id, organization_id, fired_at,
                                  next_at, blocks, latest)
    select rule_id, issue_id, organization_id, at, next_at, blocks, blocks
      from given
        on conflict (rule_id, issue_id) do update
       set fired_at = excluded.fired_at,
           next_at = case when s.next_at <= excluded.fired_at
                          then excluded.next_at else s.next_at end,
           blocks = case when s.next_at <= excluded.fired_at
                         then excluded.blocks
                         else s.blocks | excluded.blocks end,
           latest = case when s.next_at <= excluded.fired_at
                         then excluded.blocks
                         else excluded.blocks & ~s.blocks end
     where s.next_at <= excluded.fired_at
        or excluded.blocks & ~s.blocks <> 0
    returning rule_id, issue_id, next_at, blocks as silent, latest
), fired as (
    insert into alert_fire (organization_id, rule_id, project_id, issue_id,
                            event_id, at, cause, value, threshold, window_s,
                            environment, blocks)
    select g.organization_id, g.rule_id, g.project_id,
           case when g.issue_id > 0 then g.issue_id end,
           g.event_id::uuid, g.at, g.cause, g.value::double precision,
           g.threshold::double precision, g.window_s,
           coalesce(g.environment, ''), won.latest
      from given g
      join won using (rule_id, issue_id)
     order by g.n
    returning id, rule_id, coalesce(issue_id, -project_id) as issue_id
)
select g.n, f.id, w.latest, w.silent, w.next_at
  from fired f
  join given g using (rule_id, issue_id)
  join won w using (rule_id, issue_id)

-- name: alert_fire_add_each
-- No row: the rule was deleted meanwhile.
insert into alert_fire (organization_id, rule_id, project_id, issue_id,
                        feedback_id, event_id, at, cause, environment, blocks)
select $1::bigint, r.id, $3::bigint, $4::bigint, $5::bigint, $6::uuid,
       $7::timestamptz, $8::text, $9::text, $10::int
  from alert_rule r
 where r.id = $2::bigint
returning id

-- name: alert_fire_hold
update alert_fire set held = $2::text where id = $1::bigint

-- name: alert_fire_escalated
update alert_fire set escalated = $2::text where id = $1::bigint

-- name: alert_acted
-- Whether a person has done something to the issue since it was told of; a
-- message has been put aside or taken over.
select case when f.feedback_id is not null
            then m.status <> 0 or m.assignee_id is not null
            else i.status <> 0 or exists (
                     select 1
                       from activity v
                      where v.issue_id = i.id
                        and v.account_id is not null
                        and v.at > f.fired_at) end as acted
  from alert_fire f
  left join issue i on i.id = f.issue_id
  left join feedback m on m.id = f.feedback_id
 where f.organization_id = $1::bigint
   and f.id = $2::bigint
   and (i.id is not null or m.id is not null)

-- name: alert_fire_count
-- At most 10,000: no cap is higher.
select count(*) as n
  from (select 1
          from alert_fire
         where rule_id = $1::bigint
           and fired_at >= $2::timestamptz
           and held = ''
         limit 10000) f

-- name: alert_fire_list
select f.id, f.organization_id, f.rule_id, f.project_id, f.issue_id,
       replace(f.event_id::text, '-', '') as event_id, f.at, f.fired_at,
       f.cause, f.value, f.threshold, f.window_s, f.environment, f.held, f.blocks,
       f.escalated, f.feedback_id,
       r.name as rule_name, i.title as issue_title, i.number as issue_number,
       p.slug as project_slug
  from alert_fire f
  join alert_rule r on r.id = f.rule_id
  left join issue i on i.id = f.issue_id
  left join project p on p.id = f.project_id
 where f.organization_id = $1::bigint
   and ($2::bigint = 0 or f.rule_id = $2)
   and ($3::bigint = 0 or f.project_id = $3)
   and f.id < $4::bigint
 order by f.id desc
 limit $5::int

-- name: alert_fires
select f.id, f.organization_id, f.rule_id, f.project_id, f.issue_id,
       replace(f.event_id::text, '-', '') as event_id, f.at, f.fired_at,
       f.cause, f.value, f.threshold, f.window_s, f.environment, f.held, f.blocks,
       f.escalated, f.feedback_id,
       r.name as rule_name, i.title as issue_title, i.number as issue_number,
       p.slug as project_slug
  from alert_fire f
  join alert_rule r on r.id = f.rule_id
  left join issue i on i.id = f.issue_id
  left join project p on p.id = f.project_id
 where f.organization_id = $1::bigint
   and f.id = any ($2::bigint[])
 order by f.id

-- name: alert_fire_titles
select i.id, i.title, i.number, p.slug
  from issue i
  join project p on p.id = i.project_id
 where i.organization_id = $1::bigint
   and i.id = any ($2::bigint[])

-- name: alert_fires_held
select f.id, f.organization_id, f.rule_id, f.project_id, f.issue_id,
       replace(f.event_id::text, '-', '') as event_id, f.at, f.fired_at,
       f.cause, f.value, f.threshold, f.window_s, f.environment, f.held, f.blocks,
       f.escalated, f.feedback_id,
       r.name as rule_name, i.title as issue_title, i.number as issue_number,
       p.slug as project_slug
  from alert_fire f
  join alert_rule r on r.id = f.rule_id
  left join issue i on i.id = f.issue_id
  left join project p on p.id = f.project_id
 where f.organization_id = $1::bigint
   and f.rule_id = $2::bigint
   and f.fired_at >= $3::timestamptz
   and f.held <> ''
 order by f.id
 limit $4::int

-- name: alert_fire_days
select f.rule_id,
       floor(extract(epoch from f.at - $3::timestamptz) / 86400)::int as day,
       count(*) as n
  from alert_fire f
 where f.organization_id = $1::bigint
   and f.rule_id = any ($2::bigint[])
   and f.at >= $3
 group by 1, 2

-- name: alert_forget_issue_minutes
-- A window is 30 days at most, what is usual lies 29 days back, and a fortnight
-- of either is rehearsed.
delete from issue_minute
 where ctid = any (array(select ctid
                           from issue_minute
                          where minute < now() - interval '45 days'
                          limit $1::int))

-- name: alert_forget_matches
delete from alert_match
 where ctid = any (array(select ctid
                           from alert_match
                          where minute < now() - interval '45 days'
                          limit $1::int))

-- name: alert_forget_project_minutes
delete from project_minute
 where ctid = any (array(select ctid
                           from project_minute
                          where minute < now() - interval '45 days'
                          limit $1::int))

-- name: alert_forget_session_minutes
delete from session_minute
 where ctid = any (array(select ctid
                           from session_minute
                          where minute < now() - interval '45 days'
                          limit $1::int))

-- name: alert_forget_fires
delete from alert_fire
 where id in (select id
                from alert_fire
               where fired_at < now() - interval '180 days'
               order by id
               limit $1::int)

-- name: rehearse_minutes
-- Minutes of issues in which something came in, with what counts for the
-- environments $5; $2 projects, none: all.  Issues that have no more than $6
-- events in all of the time are left out.
with seen as (
    select i.id, i.project_id
      from issue i
     where i.organization_id = $1::bigint
       and (cardinality($2::bigint[]) = 0 or i.project_id = any ($2))
       and i.listed_seen >= $3::timestamptz - interval '1 day'
       and i.times_seen > $6::bigint
     order by i.listed_seen desc
     limit 5000
)
select s.id as issue_id, s.project_id, m.minute, m.n, m.users
  from seen s
 cross join lateral (
       select c.minute,
              coalesce(sum(c.times_seen) filter (
                  where cardinality($5::text[]) = 0
                     or c.environment = any ($5)), 0)::bigint as n,
              case when $7::boolean
                   then string_agg(c.users, '') filter (
                       where cardinality($5) = 0 or c.environment = any ($5))
              end as users
         from issue_minute c
        where c.issue_id = s.id
          and c.minute >= $3
          and c.minute < $4::timestamptz
        group by c.minute) m
 order by s.id, m.minute
 limit $8::int

-- name: rehearse_matches
-- Users of events that matched the tag filters $6, by issue and minute.
select m.issue_id, i.project_id, m.minute,
       string_agg(m.users, '') filter (
           where cardinality($5::text[]) = 0
              or m.environment = any ($5)) as users
  from alert_match m
  join issue i on i.id = m.issue_id
 where m.organization_id = $1::bigint
   and (cardinality($2::bigint[]) = 0 or i.project_id = any ($2))
   and m.minute >= $3::timestamptz
   and m.minute < $4::timestamptz
   and m.match = $6::bigint
 group by 1, 2, 3
 order by 1, 3
 limit $7::int

-- name: rehearse_new
-- When issues were new, or new in one of the environments $5.
select i.id as issue_id, i.project_id, f.minute
  from issue i
 cross join lateral (
       select m.minute
         from issue_minute m
        where m.issue_id = i.id
          and (cardinality($5::text[]) = 0 or m.environment = any ($5))
        order by m.minute
        limit 1) f
 where i.organization_id = $1::bigint
   and (cardinality($2::bigint[]) = 0 or i.project_id = any ($2))
   and i.listed_seen >= $3::timestamptz - interval '1 day'
   and f.minute >= $3
   and f.minute < $4::timestamptz
 order by f.minute desc
 limit $6::int

-- name: rehearse_history
select v.issue_id, i.project_id, v.kind, v.data, v.at
  from issue i
  join activity v on v.issue_id = i.id
 where i.organization_id = $1::bigint
   and (cardinality($2::bigint[]) = 0 or i.project_id = any ($2))
   and v.at >= $3::timestamptz
   and v.at < $4::timestamptz
   and v.kind = any ($5::text[])
 order by v.at desc
 limit $6::int

-- name: rehearse_tags
-- When a project first had a value of one of the tags.
select k.project_id, k.key, v.value, v.first_seen as at,
       coalesce(i.issue_id, 0) as issue_id
  from tag_key k
  join tag_value v on v.key_id = k.id
  left join lateral (
       select t.issue_id
         from issue_tag t
        where t.tag_id = v.id
        order by t.first_seen
        limit 1) i on true
 where k.organization_id = $1::bigint
   and (cardinality($2::bigint[]) = 0 or k.project_id = any ($2))
   and k.key = any ($5::text[])
   and v.value <> ''
   and v.first_seen >= $3::timestamptz
   and v.first_seen < $4::timestamptz
 order by v.first_seen desc
 limit $6::int

-- name: rehearse_projects
-- Minutes in which a project got something.
select m.project_id, m.minute
  from project p
  join project_minute m on m.project_id = p.id
 where p.organization_id = $1::bigint
   and (cardinality($2::bigint[]) = 0 or p.id = any ($2))
   and m.minute >= $3::timestamptz
   and m.minute < $4::timestamptz
   and (cardinality($5::text[]) = 0 or m.environment = any ($5))
 group by 1, 2
 order by 1, 2
 limit $6::int

-- name: rehearse_counts
-- What projects got by the minute, of the level $6 and above.
select m.minute, sum(m.times_seen)::bigint as n,
       case when $7::boolean then string_agg(m.users, '') end as users
  from project p
  join project_minute m on m.project_id = p.id
 where p.organization_id = $1::bigint
   and (cardinality($2::bigint[]) = 0 or p.id = any ($2))
   and m.minute >= $3::timestamptz
   and m.minute < $4::timestamptz
   and (cardinality($5::text[]) = 0 or m.environment = any ($5))
   and m.level >= $6::int
 group by m.minute
 order by m.minute
 limit $8::int

-- name: rehearse_sessions
-- What they had of sessions by the minute; $6: their users, not themselves; $8 as
-- of metric_sessions.  place: of the release among all, the newest last, when
-- it is the newest that is asked for; else 0.
with chosen as materialized (
    select r.id,
           case when $8 = 'latest'
                then row_number() over (
                         order by r.sort_key nulls first,
                                  coalesce(r.released_at, r.first_seen), r.id)
                else 0 end as place
      from release r
     where $8::text <> ''
       and r.organization_id = $1::bigint
       and (cardinality($2::bigint[]) = 0 or r.project_id = any ($2))
       and ($8 = 'latest' or r.version = $8)
)
select m.minute, coalesce(c.place, 0) as place,
       coalesce(sum(m.sessions) filter (where not m.is_crashed), 0)::bigint
           as n,
       coalesce(sum(m.sessions) filter (where m.is_crashed), 0)::bigint as bad,
       case when $6::boolean
            then string_agg(m.users, '') filter (where not m.is_crashed)
       end as users,
       case when $6
            then string_agg(m.users, '') filter (where m.is_crashed)
       end as bad_users
  from project p
  join session_minute m on m.project_id = p.id
  left join chosen c on c.id = m.release_id
 where p.organization_id = $1
   and (cardinality($2) = 0 or p.id = any ($2))
   and m.minute >= $3::timestamptz
   and m.minute < $4::timestamptz
   and (cardinality($5::text[]) = 0 or m.environment = any ($5))
   and ($8 = '' or c.id is not null)
 group by m.minute, c.place
 order by m.minute, c.place
 limit $7::int
