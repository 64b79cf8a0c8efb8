-- name: issue_life_look
-- Archived ones that had events since somebody last looked, or were archived
-- since, ongoing ones of which more and more come, and those whose time is up;
-- of each some.  Who became ongoing in this hour has none to measure it by.
with due as (
    (select c.issue_id
       from issue_check c
      order by c.issue_id
      limit $1::int)
    union
    (select s.issue_id
       from issue_snooze s
      where s.until <= now()
      order by s.until
      limit $1)
)
select i.id, i.status = 2 and i.substatus in (1, 4) as rests,
       i.substatus = 1 as by_forecast, i.priority,
       i.status = 0 and i.substatus = 3
           and i.status_at < date_trunc('hour', now()) as goes_on,
       coalesce(s.until <= now(), false) as is_due,
       coalesce(s.events, 0) as events,
       coalesce(s.users, 0) as users,
       least(i.times_seen - s.times_seen,
             case when s.events_window is not null
                  then (select coalesce(sum(m.times_seen), 0)
                          from issue_minute m
                         where m.issue_id = i.id
                           and m.minute >= now() - s.events_window
                                                   * interval '1 minute')
                  end)::bigint as events_so_far,
       i.users_seen - s.users_seen as users_so_far,
       f.ceilings[1 + (current_date - f.made_on)] as ceiling,
       coalesce(current_date - f.made_on < 7, false) as is_fresh,
       i.first_seen > now() - interval '7 days' as is_young,
       (select h.times_seen
          from issue_hour h
         where h.issue_id = i.id
           and h.hour = date_trunc('hour', now())) as of_hour
  from due d
  join issue i on i.id = d.issue_id
  left join issue_snooze s on s.issue_id = i.id
  left join issue_forecast f on f.issue_id = i.id
 order by i.id
   for no key update of i skip locked

-- name: issue_life_looked
delete from issue_check
 where issue_id = any ($1::bigint[])

-- name: issue_life_back
-- $2: escalating, else ongoing.  An escalating issue matters more, unless a
-- person has said how much.
with back as (
    update issue i
       set status = 0,
           substatus = case when $2::boolean then 2 else 3 end,
           status_at = now(),
           priority = case when not $2 or i.priority_locked then i.priority
                           when i.priority < 50 then 50
                           else 75 end
      from unnest($1::bigint[], $3::text[], $4::bigint[])
               given(id, data, priority)
     where i.id = given.id
 returning i.id, i.organization_id, given.data, i.priority,
           i.priority <> given.priority as is_raised
), snoozes as (
    delete from issue_snooze
     where issue_id = any ($1)
), forecasts as (
    delete from issue_forecast
     where issue_id = any ($1)
), raised as (
    insert into activity (organization_id, issue_id, kind, data)
    select organization_id, id, 'priority',
           json_build_object('priority', priority)::text
      from back
     where is_raised
     order by id
)
insert into activity (organization_id, issue_id, kind, data)
select organization_id, id, case when $2 then 'escalating' else 'ongoing' end,
       data
  from back
 order by id

-- name: issue_life_hours
-- Seven days, by the hour: 0 is the oldest; the newest is $2 hours ago.
select h.issue_id,
       167 - extract(epoch from date_trunc('hour', now()) - h.hour)::bigint
             / 3600 + $2::bigint as n, h.times_seen
  from issue_hour h
 where h.issue_id = any ($1::bigint[])
   and h.hour > date_trunc('hour', now()) - (168 + $2) * interval '1 hour'
   and h.hour <= now() - $2 * interval '1 hour'

-- name: issue_life_forecast
insert into issue_forecast (issue_id, organization_id, made_on, ceilings)
select i.id, i.organization_id, current_date, $2::bigint[]
  from issue i
 where i.id = $1::bigint
    on conflict (issue_id)
    do update set made_on = excluded.made_on,
                  ceilings = excluded.ceilings

-- name: issue_life_settle
-- When they came stays; what an escalation raised goes back to what the level
-- says.
with old as (
    select id
      from issue
     where status = 0
       and substatus in (2, 6, 7)
       and status_at < now() - interval '7 days'
     order by status_at
     limit $1::int
       for no key update skip locked
), settled as (
    update issue i
       set substatus = 3,
           priority = case when was.substatus <> 2 or i.priority_locked
                           then i.priority
                           when i.level <= 20 then 25
                           when i.level <= 30 then 50
                           else 75 end
      from old
      join issue was on was.id = old.id
     where i.id = old.id
 returning i.id, i.organization_id, i.priority,
           i.priority <> was.priority as is_lowered
), lowered as (
    insert into activity (organization_id, issue_id, kind, data)
    select organization_id, id, 'priority',
           json_build_object('priority', priority)::text
      from settled
     where is_lowered
), told as (
    insert into activity (organization_id, issue_id, kind, data)
    select organization_id, id, 'ongoing', '{}'
      from settled
 returning 1
)
select count(*) as n
  from told

-- name: issue_life_resolve
with rule as (
    select s.project_id,
           case when s.value ~ '^[1-9][0-9]{0,5}$' then s.value::int end as hours
      from project_setting s
     where s.name = 'issue.auto_resolve'
), old as (
    select i.id, r.hours
      from rule r
      join issue i on i.project_id = r.project_id
     where r.hours is not null
       and i.status = 0
       and i.listed_seen < now() - r.hours * interval '1 hour'
       and i.last_seen < now() - r.hours * interval '1 hour'
       and i.status_at < now() - r.hours * interval '1 hour'
     order by i.id
     limit $1::int
       for no key update of i skip locked
), resolved as (
    update issue i
       set status = 1,
           substatus = 0,
           status_at = now()
      from old
     where i.id = old.id
 returning i.id, i.organization_id, old.hours
), told as (
    insert into activity (organization_id, issue_id, kind, data)
    select organization_id, id, 'resolved',
           json_build_object('age', hours)::text
      from resolved
 returning 1
)
select count(*) as n
  from told
