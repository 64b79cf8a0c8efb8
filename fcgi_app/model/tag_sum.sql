-- part: due
-- The latest day that has been over for a while and has no sums, of organisations
-- with more than $1 projects.
    select p.organization_id, d.day
      from (select organization_id
              from project
             group by organization_id
            having count(*) > $1::int) p
     cross join lateral (
           select max(g.day) as day
             from generate_series(1, $2::int) n
            cross join lateral (
                  select (now() - interval '30 minutes')::date - n as day) g
            where not exists (select 1
                                from tag_sum_day m
                               where m.organization_id = p.organization_id
                                 and m.day = g.day)) d
     where d.day is not null
     order by d.day desc, p.organization_id
     limit 1

-- name: tag_sum_due
-- use: due

-- name: tag_sum_lock
select pg_try_advisory_xact_lock(hashtext('vedette tag sums')) as locked

-- name: tag_sum_reckon
-- Of a key that has more than $3 values, or too many in one project to be
-- counted each, nothing.
with due as materialized (
-- use: due
), day as (
    insert into tag_sum_day (organization_id, day)
    select organization_id, day
      from due
    returning organization_id, day
), keys as materialized (
    select d.organization_id, d.day, k.id, k.key,
           bool_or(k.is_wide) over (partition by k.key) as is_wide
      from due d
      join tag_key k on k.organization_id = d.organization_id
), counted as materialized (
    -- key by key: a join would read all counters
    select k.organization_id, k.day, k.key, c.tag_id, c.times_seen,
           count(*) over (partition by k.key, k.id) as n
      from keys k
     cross join lateral (
           select t.tag_id, t.times_seen
             from tag_day t
            where t.key_id = k.id
              and t.day = k.day
           offset 0) c
     where not k.is_wide
), few as materialized (
    select c.key
      from counted c
     group by c.key
    having max(c.n) <= $3::int
), named as materialized (
    select c.organization_id, c.day, c.key, v.value,
           sum(c.times_seen)::bigint as times_seen
      from counted c
     cross join lateral (
           -- by number: a join would read all of the table
           select t.value
             from tag_value t
            where t.id = c.tag_id
           offset 0) v
     where c.key in (select few.key
                       from few)
     group by 1, 2, 3, 4
), written as (
    insert into tag_sum (organization_id, key, day, value, times_seen)
    select n.organization_id, n.key, n.day, n.value, n.times_seen
      from named n
     where n.key in (select m.key
                       from named m
                      group by m.key
                     having count(*) <= $3)
)
select organization_id, day
  from day
