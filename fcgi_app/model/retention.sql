-- name: retention_begin
-- A run when one is due or asked for, and none is under way.
with due as (
    select exists (select 1 from retention_ask) as asked
     where not exists (select 1
                         from retention_run
                        where finished_at is null)
       and (exists (select 1 from retention_ask)
            or now() >= (select coalesce(max(r.started_at),
                                         (select min(o.created_at)
                                            from organization o))
                                + make_interval(secs => $1::int)
                           from retention_run r))
), answered as (
    delete from retention_ask
     where exists (select 1 from due)
)
insert into retention_run (asked)
select asked
  from due
    on conflict do nothing

-- name: retention_start
-- By somebody with a shell; one that is under way will do.
insert into retention_run (asked)
values (true)
    on conflict do nothing

-- name: retention_current
select id, step, place, started_at
  from retention_run
 where finished_at is null
   for update

-- name: retention_place
update retention_run
   set step = $2::smallint,
       place = $3,
       finished_at = case when $4::boolean then clock_timestamp() end
 where id = $1::bigint

-- name: retention_freed
-- Adds to the run, and to each organisation that still exists.
with given as materialized (
    select *
      from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                  $6::bigint[], $7::bigint[], $8::bigint[])
               g(organization_id, project_id, events, bytes, attachments,
                 reports, issues)
), parts as (
    insert into retention_freed as f (organization_id, run_id, project_id,
                                      events, bytes, attachments, reports,
                                      issues)
    select g.organization_id, $1::bigint, g.project_id, g.events, g.bytes,
           g.attachments, g.reports, g.issues
      from given g
      join organization o on o.id = g.organization_id
        on conflict (organization_id, run_id, project_id)
        do update set events = f.events + excluded.events,
                      bytes = f.bytes + excluded.bytes,
                      attachments = f.attachments + excluded.attachments,
                      reports = f.reports + excluded.reports,
                      issues = f.issues + excluded.issues
)
update retention_run r
   set events = r.events + s.events,
       bytes = r.bytes + s.bytes,
       attachments = r.attachments + s.attachments,
       reports = r.reports + s.reports,
       issues = r.issues + s.issues
  from (select sum(events) as events, sum(bytes) as bytes,
               sum(attachments) as attachments, sum(reports) as reports,
               sum(issues) as issues
          from given) s
 where r.id = $1

-- name: retention_issues
-- Those without an event that stays, with which nobody has done anything.  An
-- archived one stays: it is what keeps its events quiet.
with old as materialized (
    select i.id
      from project_keep($1::int) k
     cross join unnest('{0,1}'::smallint[]) as s (status)
     cross join lateral (
           select (now() at time zone 'UTC')::date - k.days as day) cut
     cross join lateral (
           select i.id
             from issue i
            where i.project_id = k.project_id
              and i.status = s.status
              and i.listed_seen < cut.day at time zone 'UTC'
              and i.last_seen < cut.day at time zone 'UTC'
              and i.assignee_id is null
              and i.assignee_team_id is null
              and not exists (select 1
                                from activity v
                               where v.issue_id = i.id
                                 and v.account_id is not null)
              and not exists (select 1
                                from ticket_issue t
                               where t.issue_id = i.id)
              and not exists (select 1
                                from issue_subscription u
                               where u.issue_id = i.id
                                 and not u.is_muted)
              and not exists (select 1
                                from event e
                               where e.issue_id = i.id
                                 and e.day >= cut.day)
            order by i.listed_seen
            limit $2::int) i
     where k.days > 0
     limit $2
), gone as (
    delete from issue
     where id in (select i.id
                    from issue i
                   where i.id in (select id from old)
                   order by i.id
                     for update skip locked)
    returning organization_id, project_id
)
select organization_id, project_id, count(*) as n
  from gone
 group by 1, 2
 order by 1, 2

-- name: retention_day
-- The oldest whole day of which no project keeps anything, and its newest
-- event.  Today and yesterday are still being written.
select p.day, coalesce((select max(e.id)
                          from event e
                         where e.day = p.day), 0) as top
  from (select to_date(substr(c.relname, 7), 'YYYYMMDD') as day
          from pg_inherits i
          join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'event'::regclass
           and c.relname ~ '^event_[0-9]{8}$') p
 where p.day < (now() at time zone 'UTC')::date - 1
   and not exists (select 1
                     from event_day d
                     join project_keep($1::int) k on k.project_id = d.project_id
                    where d.day = p.day
                      and (k.days = 0
                           or d.day >= (now() at time zone 'UTC')::date - k.days))
   and not exists (select 1                 -- not counted yet
                     from event e
                    where e.day = p.day
                      and e.id > (select folded from event_mark))
   and exists (select 1                     -- else whose day would it be?
                 from project_keep($1) k
                where k.days = 0
                   or p.day < (now() at time zone 'UTC')::date - k.days)
 order by p.day
 limit 1

-- name: retention_unfolded
-- Issues above $2 that this day's events are not folded into.
select distinct e.issue_id
  from event e
  join issue i on i.id = e.issue_id
  left join issue_fold f on f.issue_id = e.issue_id
 where e.day = $1::date
   and e.issue_id > $2::bigint
   and e.id > coalesce(f.event_id, 0)
 order by e.issue_id
 limit $3::int

-- name: retention_drop
select event_partition_drop($1::date, $2::bigint) as bytes

-- name: retention_dropped
with day as (
    delete from event_day
     where day = $2::date
    returning organization_id, project_id, events, bytes
), counted as (
    update retention_run
       set partitions = partitions + 1
     where id = $1::bigint
)
select organization_id, project_id, events, bytes
  from day
 order by 1, 2

-- name: retention_aged
-- A day of a project that is past its age, or of a project that is gone.
select d.organization_id, d.project_id, d.day
  from event_day d
  left join project_keep($1::int) k on k.project_id = d.project_id
 where k.project_id is null
    or (k.days > 0
        and d.day < (now() at time zone 'UTC')::date - k.days)
 order by d.day, d.project_id
 limit 1

-- name: retention_oversized
-- The oldest day of a project that holds too much, or of any project of an
-- organisation that does.
select d.organization_id, d.project_id, d.day
  from event_day d
 where d.project_id in (
           select h.project_id
             from event_day h
             join project_keep(0) k on k.project_id = h.project_id
            where k.bytes > 0
            group by h.project_id, k.bytes
           having sum(h.bytes) > k.bytes)
    or d.organization_id in (
           select h.organization_id
             from event_day h
             join organization o on o.id = h.organization_id
            where o.keep_bytes > 0
            group by h.organization_id, o.keep_bytes
           having sum(h.bytes) > o.keep_bytes)
 order by d.day, d.project_id
 limit 1

-- name: retention_pick
-- Events of a project's day in the order of their ids, which one index has.
select e.id, e.issue_id, e.event_id
  from event e
 where e.day = $1::date
   and e.project_id = $2::bigint
   and e.event_id > $3::uuid
   and e.id <= (select folded from event_mark)
 order by e.event_id
 limit $4::int

-- name: retention_pick_oldest
select e.id, e.issue_id
  from event e
 where e.day = $1::date
   and e.project_id = $2::bigint
   and e.id <= (select folded from event_mark)
 order by e.id
 limit $3::int

-- name: retention_delete
-- $4: what an event takes besides its body.
with bodies as (
    delete from event_body
     where day = $1::date
       and id = any ($3::bigint[])
    returning octet_length(body) as n
), gone as (
    delete from event
     where day = $1
       and id = any ($3)
    returning 1
), freed as (
    select (select count(*) from gone) as events,
           (select coalesce(sum(n), 0) from bodies)
               + $4::bigint * (select count(*) from gone) as bytes
), held as (
    update event_day d
       set events = d.events - f.events,
           bytes = greatest(d.bytes - f.bytes, 0)
      from freed f
     where d.project_id = $2::bigint
       and d.day = $1
)
select events, bytes::bigint as bytes
  from freed

-- name: retention_emptied
delete from event_day
 where project_id = $1::bigint
   and day = $2::date

-- name: retention_attachments
-- The next project above $2 that has attachments past their age.
select k.organization_id, k.project_id, cut.at
  from project_keep($1::int) k
 cross join lateral (
       select ((now() at time zone 'UTC')::date - k.attachment_days)
                  at time zone 'UTC' as at) cut
 where k.attachment_days > 0
   and k.project_id > $2::bigint
   and exists (select 1
                 from attachment t
                where t.project_id = k.project_id
                  and t.received_at < cut.at)
 order by k.project_id
 limit 1

-- name: retention_reports
with old as (
    select f.id
      from project_keep($1::int) k
     cross join lateral (
           select f.id
             from feedback f
            where f.project_id = k.project_id
              and f.received_at < ((now() at time zone 'UTC')::date - k.days)
                                      at time zone 'UTC'
            order by f.received_at
            limit $2::int) f
     where k.days > 0
     limit $2
), gone as (
    delete from feedback
     where id in (select id from old)
    returning organization_id, project_id
)
select organization_id, project_id, count(*) as n
  from gone
 group by 1, 2
 order by 1, 2

-- name: retention_tag_hours
-- tag_day has the same numbers by day, for ever.
with gone as (
    delete from tag_hour
     where ctid = any (array(select ctid
                               from tag_hour
                              where hour < now() - make_interval(days => $1::int)
                              limit $2::int))
    returning 1)
select count(*) as n
  from gone

-- name: retention_country_hours
with gone as (
    delete from country_hour
     where ctid = any (array(select ctid
                               from country_hour
                              where hour < now() - make_interval(days => $1::int)
                              limit $2::int))
    returning 1)
select count(*) as n
  from gone

-- name: retention_outcome_hours
-- Those that outcome_day has.
with gone as (
    delete from outcome_hour
     where ctid = any (array(select o.ctid
                               from outcome_hour o
                              where o.hour < now() - make_interval(days => $1::int)
                                and o.hour < (select till from outcome_mark)
                              limit $2::int))
    returning 1)
select count(*) as n
  from gone

-- name: retention_issue_hours
with gone as (
    delete from issue_hour
     where ctid = any (array(select ctid
                               from issue_hour
                              where hour < now() - make_interval(days => $1::int)
                              limit $2::int))
    returning 1)
select count(*) as n
  from gone

-- name: retention_forget
delete from retention_run
 where finished_at < now() - interval '90 days'
   and id < (select max(id) from retention_run)

-- name: retention_state
-- The run under way, and the last one that has finished.
select r.id, r.asked, r.started_at, r.finished_at, r.partitions,
       r.events, r.bytes, r.attachments, r.reports, r.issues
  from ((select * from retention_run
          where finished_at is null)
         union all
        (select * from retention_run
          where finished_at is not null
          order by id desc
          limit 1)) r

-- name: retention_next
select exists (select 1 from retention_ask) as asked,
       coalesce((select max(r.started_at) from retention_run r),
                (select min(o.created_at) from organization o),
                now()) as after

-- name: retention_freed_by
select coalesce(sum(f.events), 0)::bigint as events,
       coalesce(sum(f.bytes), 0)::bigint as bytes,
       coalesce(sum(f.attachments), 0)::bigint as attachments,
       coalesce(sum(f.reports), 0)::bigint as reports,
       coalesce(sum(f.issues), 0)::bigint as issues
  from retention_freed f
 where f.organization_id = $1::bigint
   and f.run_id = $2::bigint

-- name: retention_runs
select r.id, r.asked, r.started_at, r.finished_at, r.partitions,
       f.events, f.bytes, f.attachments, f.reports, f.issues
  from (select run_id, sum(events)::bigint as events,
               sum(bytes)::bigint as bytes,
               sum(attachments)::bigint as attachments,
               sum(reports)::bigint as reports, sum(issues)::bigint as issues
          from retention_freed
         where organization_id = $1::bigint
         group by run_id
         order by run_id desc
         limit $2::int) f
  join retention_run r on r.id = f.run_id
 order by r.id desc

-- name: retention_ask
insert into retention_ask (organization_id)
values ($1::bigint)
    on conflict (organization_id)
    do update set at = now()

-- name: retention_limits
select coalesce(keep_days, -1) as days, coalesce(keep_bytes, -1) as bytes, slug
  from organization
 where id = $1::bigint

-- name: retention_limits_lock
select coalesce(keep_days, -1) as days, coalesce(keep_bytes, -1) as bytes, slug
  from organization
 where id = $1::bigint
   for update

-- name: retention_limits_set
update organization
   set keep_days = nullif($2::int, -1),
       keep_bytes = nullif($3::bigint, -1)
 where id = $1::bigint

-- name: retention_growth
-- Today is not over: it would make the rate too small.
select p.slug, k.days, coalesce(k.bytes, 0) as keep_bytes,
       sum(h.events)::bigint as events, sum(h.bytes)::bigint as bytes,
       coalesce(u.bytes, 0)::bigint as attachments,
       coalesce(sum(h.bytes) filter (where h.day >= t.day - $4::int
                                       and h.day < t.day), 0)::bigint as grown
  from event_day h
  join project p on p.id = h.project_id
  join project_keep($3::int) k on k.project_id = p.id
  left join attachment_usage u on u.project_id = p.id
 cross join (select (now() at time zone 'UTC')::date as day) t
 where h.organization_id = $1::bigint
   and p.organization_id = $1
   and p.id = any ($2::bigint[])
 group by p.id, p.slug, k.days, k.bytes, u.bytes
 order by sum(h.bytes) + coalesce(u.bytes, 0) desc, p.id
 limit $5::int

-- name: retention_projects
select p.id, p.slug, p.name, k.days, k.attachment_days,
       coalesce(k.own_days, -1) as own_days,
       coalesce(k.own_attachment_days, -1) as own_attachment_days,
       coalesce(k.bytes, -1) as own_bytes,
       coalesce(h.events, 0)::bigint as events,
       coalesce(h.bytes, 0)::bigint as bytes,
       coalesce(u.bytes, 0) as attachments,
       h.oldest::timestamp at time zone 'UTC' as oldest
  from project p
  join project_keep($3::int) k on k.project_id = p.id
  left join (select project_id, sum(events) as events, sum(bytes) as bytes,
                    min(day) as oldest
               from event_day
              where organization_id = $1::bigint
              group by project_id) h on h.project_id = p.id
  left join attachment_usage u on u.project_id = p.id
 where p.organization_id = $1
   and ($2::bigint[] is null or p.id = any ($2))
 order by coalesce(h.bytes, 0) + coalesce(u.bytes, 0) desc, p.id
 limit $4::int
