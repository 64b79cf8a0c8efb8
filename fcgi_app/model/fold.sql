-- name: fold_mark
select s.last_value - case when s.is_called then 0 else 1 end as last_id,
       m.settled, m.folded
  from event_id_seq s, event_mark m

-- name: fold_settle
-- $1 was read before this transaction got its number: whoever took an id up to
-- it has a smaller one.
update event_mark m
   set settled = case when over.all_of_them then m.next_id else m.settled end,
       next_id = case when over.all_of_them then $1::bigint else m.next_id end,
       next_xid = case when over.all_of_them then pg_current_xact_id()
                       else m.next_xid end
  from (select pg_snapshot_xmin(pg_current_snapshot()) >= o.next_xid
                   as all_of_them
          from event_mark o) over
returning m.settled, m.folded

-- name: fold_lock
-- One at a time: merging and retention fold, too.
select folded
  from event_mark
   for update

-- name: fold_projects
-- Of a wide key, $3 values a day are counted each, the others under ''.  OFFSET:
-- the hour is told once an event, not once a tag.
with seen as materialized (
    select e.hour, tag.id as tag_id, count(*) as n
      from (select date_trunc('hour', d.received_at) as hour, d.tags
              from event d
             where d.id > $1::bigint
               and d.id <= $2::bigint
            offset 0) e
     cross join unnest(e.tags) as tag (id)
     group by 1, 2
), found as materialized (
    -- by number, one by one, as keys: joins would read all there are
    select s.hour, s.tag_id, s.n, v.key_id
      from seen s
     cross join lateral (
           select t.key_id
             from tag_value t
            where t.id = s.tag_id
            limit 1) v
), keys as materialized (
    -- none goes, or moves, before its counters are here and can go with it
    select k.id, k.is_wide, k.key, k.organization_id
      from tag_key k
     where k.id = any (array(select distinct f.key_id from found f))
     order by k.id
       for share
), keyed as materialized (
    select f.key_id, f.hour, f.hour::date as day, f.tag_id, f.n,
           k.is_wide and not exists (
               select 1
                 from tag_day d
                where d.key_id = f.key_id
                  and d.day = f.hour::date
                  and d.tag_id = f.tag_id) as is_new
      from found f
      join keys k on k.id = f.key_id
), room as materialized (
    select w.key_id, w.day,
           $3::bigint - (select count(*)
                           from tag_day d
                          where d.key_id = w.key_id
                            and d.day = w.day) as n
      from (select distinct key_id, day
              from keyed
             where is_new) w
), ranked as (
    select k.*, dense_rank() over (partition by k.key_id, k.day, k.is_new
                                   order by k.tag_id) as place
      from keyed k
), counted as materialized (
    select c.key_id, c.hour, c.day, c.tag_id, sum(c.n)::bigint as n
      from (select r.key_id, r.hour, r.day, r.n,
                   case when not r.is_new or r.place <= room.n then r.tag_id
                        else (select v.id
                                from tag_value v
                               where v.key_id = r.key_id
                                 and v.value = '')
                   end as tag_id
              from ranked r
              left join room on room.key_id = r.key_id
                            and room.day = r.day) c
     group by 1, 2, 3, 4
), hours as (
    insert into tag_hour as t (key_id, hour, tag_id, times_seen)
    select c.key_id, c.hour, c.tag_id, c.n
      from counted c
     order by 1, 2, 3
        on conflict (key_id, hour, tag_id)
        do update set times_seen = t.times_seen + excluded.times_seen
), countries as (
    insert into country_hour as t (organization_id, hour, country, times_seen)
    select k.organization_id, c.hour, v.value, sum(c.n)
      from keys k
      join counted c on c.key_id = k.id
      join tag_value v on v.id = c.tag_id
     where k.key = 'geo.country_code'
     group by 1, 2, 3
     order by 1, 2, 3
        on conflict (organization_id, hour, country)
        do update set times_seen = t.times_seen + excluded.times_seen
), stale as (
    -- what came late: the sums of its day are no longer true
    delete from tag_sum_day s
     using (select distinct k.organization_id, c.day
              from counted c
              join keys k on k.id = c.key_id
             where c.day < current_date) l
     where s.organization_id = l.organization_id
       and s.day = l.day
)
insert into tag_day as t (key_id, day, tag_id, times_seen)
select c.key_id, c.day, c.tag_id, sum(c.n)
  from counted c
 group by 1, 2, 3
 order by 1, 2, 3
    on conflict (key_id, day, tag_id)
    do update set times_seen = t.times_seen + excluded.times_seen

-- name: fold_days
-- The size of a body is known without reading it; $3: what goes beside it.
-- Sizes before the join, else it carries the bodies.
with sizes as materialized (
    select b.day, b.id, octet_length(b.body) as n
      from event_body b
     where b.id > $1::bigint
       and b.id <= $2::bigint
)
insert into event_day as d (project_id, day, organization_id, events, bytes)
select e.project_id, e.day, max(e.organization_id), count(*),
       sum(coalesce(s.n, 0) + $3::bigint)
  from event e
  left join sizes s on s.day = e.day
                   and s.id = e.id
 where e.id > $1
   and e.id <= $2
 group by 1, 2
 order by 1, 2
    on conflict (project_id, day)
    do update set events = d.events + excluded.events,
                  bytes = d.bytes + excluded.bytes

-- name: fold_move
update event_mark
   set folded = $1::bigint

-- name: fold_list
-- The stream sorts the issues in that these events are of, where the digest has
-- left that for later.  The rows: those that they brought so far that folding
-- pays.  By number, one by one: joins would read all issues.
with touched as materialized (
    select i.*
      from (select distinct e.issue_id
              from event e
             where e.id > $1::bigint
               and e.id <= $2::bigint) t
     cross join lateral (
           select i.id, i.times_seen,
                  (i.listed_seen, i.listed_events, i.listed_users,
                   i.listed_release)
                      is distinct from
                  (i.last_seen, i.times_seen, i.users_seen,
                   case when i.substatus = 6 or i.status = 1
                        then i.last_release end) as is_behind
             from issue i
            where i.id = t.issue_id
            limit 1) i
), behind as (
    select i.id
      from issue i
     where i.id = any (array(select t.id from touched t where t.is_behind))
     order by i.id
       for no key update
), listed as (
    update issue i
       set listed_seen = i.last_seen,
           listed_events = i.times_seen,
           listed_users = i.users_seen,
           listed_release = case when i.substatus = 6 or i.status = 1
                                 then i.last_release end
     where i.id = any (array(select b.id from behind b))
)
select i.id
  from touched i
 where i.times_seen >= $3::bigint
   and i.times_seen - coalesce((select f.times_seen
                                  from issue_fold f
                                 where f.issue_id = i.id), 0) >= $3
 order by i.id
 limit $4::int

-- name: fold_issues
-- $2: up to this event.  A key with $3 values gets no more of them: what is
-- new is counted under ''.
with behind as materialized (
    select i.id, coalesce(f.event_id, 0) as event_id, i.first_seen::date - 1 as day
      from unnest($1::bigint[]) given (id)
      join issue i on i.id = given.id
      left join issue_fold f on f.issue_id = i.id
     where coalesce(f.event_id, 0) < $2::bigint
), events as materialized (
    select e.issue_id, e.tags, e.occurred_at
      from behind b
      join event e on e.issue_id = b.id
                  and e.day >= b.day
                  and e.id > b.event_id
                  and e.id <= $2
), counted as materialized (
    select c.issue_id, v.key_id, c.tag_id, c.n, c.first_seen, c.last_seen
      from (select e.issue_id, tag.id as tag_id, count(*) as n,
                   min(e.occurred_at) as first_seen,
                   max(e.occurred_at) as last_seen
              from events e
             cross join unnest(e.tags) as tag (id)
             group by 1, 2) c
      join tag_value v on v.id = c.tag_id
), placed as materialized (
    select c.*, exists (select 1
                          from issue_tag t
                         where t.issue_id = c.issue_id
                           and t.key_id = c.key_id
                           and t.tag_id = c.tag_id) as known
      from counted c
), ranked as materialized (
    select p.*, row_number() over (partition by p.issue_id, p.key_id, p.known
                                   order by p.n desc, p.tag_id) as place
      from placed p
), room as materialized (
    -- of the keys that get a value they did not have
    select r.issue_id, r.key_id,
           $3::bigint - (select count(*)
                           from issue_tag t
                          where t.issue_id = r.issue_id
                            and t.key_id = r.key_id) as n
      from ranked r
     where r.place = 1
       and not r.known
), kept as (
    select r.issue_id, r.key_id,
           case when r.known or r.place <= room.n then r.tag_id
                else (select v.id
                        from tag_value v
                       where v.key_id = r.key_id
                         and v.value = '')
           end as tag_id,
           r.n, r.first_seen, r.last_seen
      from ranked r
      left join room on room.issue_id = r.issue_id
                    and room.key_id = r.key_id
), written as (
    insert into issue_tag as t (issue_id, key_id, tag_id, times_seen,
                                first_seen, last_seen)
    select k.issue_id, k.key_id, k.tag_id, sum(k.n), min(k.first_seen),
           max(k.last_seen)
      from kept k
     group by 1, 2, 3
     order by 1, 2, 3
        on conflict (issue_id, key_id, tag_id)
        do update set times_seen = t.times_seen + excluded.times_seen,
                      first_seen = least(t.first_seen, excluded.first_seen),
                      last_seen = greatest(t.last_seen, excluded.last_seen)
)
insert into issue_fold as f (issue_id, event_id, times_seen)
select b.id, $2, (select count(*)
                    from events e
                   where e.issue_id = b.id)
  from behind b
    on conflict (issue_id)
    do update set event_id = excluded.event_id,
                  times_seen = f.times_seen + excluded.times_seen
