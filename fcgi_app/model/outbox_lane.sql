-- name: outbox_lanes
-- When each lane has something to do and nobody in it: those that are ready
-- come first, from the one behind $1 around.  Endpoints that have failed get
-- $2 senders at most; the rest of them looks again in a second.  A lease whose
-- session has ended is none.
with recursive lane(name) as (
    select min(o.lane)
      from outbox o
     where o.state = 0
     union all
    select (select min(o.lane)
              from outbox o
             where o.state = 0
               and o.lane > l.name)
      from lane l
     where l.name is not null
), busy as materialized (
    select o.lane, max(o.leased_until) as until,
           bool_or(exists (select 1
                             from outbox_endpoint e
                            where e.name = o.endpoint)) as failing
      from outbox o
     where o.state = 0
       and o.leased_until > now()
       and (o.leased_by is null
            or o.leased_by in (select pid from pg_stat_activity))
     group by o.lane
), state as (
    select l.name, e.name is not null as failing,
           greatest(first.due_at, b.until, e.open_until,
                    case when e.name is not null
                          and (select count(*)
                                 from busy f
                                where f.failing) >= $2::bigint
                         then now() + interval '1 second' end) as ready_at
      from lane l
     cross join lateral (
               select o.due_at, o.endpoint
                 from outbox o
                where o.state = 0
                  and o.lane = l.name
                  and not exists (
                          select 1
                            from outbox w
                           where w.state = 0
                             and w.attempts > 0
                             and w.lane = o.lane
                             and w.thread = o.thread
                             and w.address = o.address
                             and w.id < o.id
                             and (w.due_at, w.id) > (o.due_at, o.id))
                order by o.due_at, o.id
                limit 1) first
      left join busy b
        on b.lane = l.name
      left join outbox_endpoint e
        on e.name = first.endpoint
)
select name, failing, ready_at, ready_at <= now() as ready
  from state
 order by greatest(ready_at, now()), name <= $1::text, name
 limit $3::int

-- name: outbox_lock
-- Until the end of the transaction; whoever else wants the lane goes on.
select pg_try_advisory_xact_lock(hashtextextended('outbox ' || $1::text, 0))
           as mine

-- name: outbox_lock_failing
-- Those who would work for endpoints that have failed go in one by one, so that
-- each sees how many there are.
select pg_advisory_xact_lock(hashtext('outbox failing'))

-- name: outbox_lease
-- Of a lane that is locked.  An endpoint that has failed gets one row at a
-- time, and none while it rests or $4 are at work for others like it.  What
-- comes later of a thread waits for what is to be tried again.
with busy as materialized (
    select o.lane,
           bool_or(exists (select 1
                             from outbox_endpoint e
                            where e.name = o.endpoint)) as failing
      from outbox o
     where o.state = 0
       and o.leased_until > now()
       and (o.leased_by is null
            or o.leased_by in (select pid from pg_stat_activity))
     group by o.lane
), due as (
    select o.id, o.endpoint, o.due_at, e.name is not null as probing
      from outbox o
      left join outbox_endpoint e
        on e.name = o.endpoint
     where o.state = 0
       and o.lane = $1::text
       and o.due_at <= now()
       and (e.name is null
            or (e.open_until <= now()
                and (select count(*)
                       from busy f
                      where f.failing) < $4::bigint))
       and not exists (
               select 1
                 from busy b
                where b.lane = $1)
       and not exists (
               select 1
                 from outbox w
                where w.state = 0
                  and w.attempts > 0
                  and w.lane = $1
                  and w.thread = o.thread
                  and w.address = o.address
                  and w.id < o.id
                  and (w.due_at, w.id) > (o.due_at, o.id))
     order by o.due_at, o.id
     limit $2::int
       for update of o skip locked
), chosen as (
    select d.id, d.endpoint, d.probing,
           row_number() over (order by d.due_at, d.id) as place
      from due d
), probed as (
    update outbox_endpoint e
       set open_until = now() + $3::bigint * interval '1 microsecond'
      from chosen c
     where c.probing
       and c.place = 1
       and e.name = c.endpoint
)
update outbox o
   set leased_until = now() + $3 * interval '1 microsecond',
       leased_by = pg_backend_pid(),
       attempts = o.attempts + 1
  from chosen c
 where o.id = c.id
   and (not c.probing or c.place = 1)
returning o.id, o.organization_id, o.project_id, o.issue_id, o.rule_id,
          o.fire_id, o.cause, o.channel, o.integration_id, o.account_id,
          o.address, o.endpoint, o.data, o.key, o.state, o.due_at, o.attempts,
          o.last_code, o.last_answer, o.created_at, o.done_at

-- name: outbox_release
-- What was not begun is as it was, and others hear that the lane is free.
with freed as (
    update outbox
       set leased_until = null,
           attempts = attempts - 1
     where id = any ($2::bigint[])
       and state = 0
)
select pg_notify('vedette_outbox', '')
 where exists (select 1
                 from outbox
                where state = 0
                  and lane = $1::text
                  and due_at <= now())
