-- name: explore_meaning
-- How many events there are in the projects $2, unless it is of one issue ($9):
-- of whole days as they are kept, of hours by their levels, of which each has
-- one; since: from which day on there are $12 of them and more, null when there
-- are not; whether the key $10 has too many values to be counted each.  And the
-- numbers of the values that each term $13 names, of $5 at most: $8 to the letter,
-- else the pattern $4, which tells no letter from its capital, or of releases in
-- the order $14; and how many events have them, if that is counted.  A row without
-- a term when there is none.
with held as materialized (
    select d.day, sum(d.events) as events
      from event_day d
     where d.organization_id = $1::bigint
       and d.project_id = any ($2::bigint[])
       and not $9::boolean
       and d.day >= $6::timestamptz::date
       and d.day < $7::timestamptz
     group by d.day
), recent as (
    -- the last of them may be one that has not come to its end
    select h.day, sum(h.events) over (order by h.day desc
                                      rows between unbounded preceding
                                               and current row) as events
      from held h
     where h.day < (select max(l.day)
                      from held l)
), size as materialized (
    select case when $11::int = 86400
                then coalesce((select sum(h.events)
                                 from held h), 0)
                else 0
           end::bigint
           + coalesce((select sum(c.n)
                         from tag_key k
                        cross join lateral (
                              -- key by key: a join would read all counters
                              select sum(h.times_seen) as n
                                from tag_hour h
                               where h.key_id = k.id
                                 and h.hour >= $6::timestamptz
                                 and h.hour < $7::timestamptz
                              offset 0) c
                        where k.organization_id = $1
                          and k.project_id = any ($2)
                          and k.key = 'level'
                          and $11 <> 86400
                          and not $9), 0)::bigint as events,
           (select max(r.day)
              from recent r
             where r.events >= $12::bigint)::timestamptz as since,
           exists (select 1
                     from tag_key k
                    where k.organization_id = $1
                      and k.project_id = any ($2)
                      and k.key = $10::text
                      and k.is_wide
                      and not $9) as wide
), term as materialized (
    select t.n, t.place, t.pattern, t.exact, t.sign, k.id as key_id,
           k.project_id, k.is_wide
      from unnest($3::text[], $4::text[], $8::text[], $13::bigint[], $14::text[])
               with ordinality as t (key, pattern, exact, n, sign, place)
     cross join lateral (
           select k.id, k.project_id, k.is_wide
             from tag_key k
            where k.organization_id = $1
              and k.project_id = any ($2)
              and k.key = t.key) k
), exact as materialized (
    select t.n, t.place, t.key_id, t.is_wide, v.id
      from term t
     cross join lateral (
           select v.id
             from tag_value v
            where v.key_id = t.key_id
              and v.value = t.exact
            limit $5::int) v
     limit $5
), named as (
    select e.n, e.key_id, e.is_wide, e.id
      from exact e
     union all
    (select t.n, t.key_id, t.is_wide, v.id
       from term t
      cross join lateral (
            select v.id
              from tag_value v
             where v.key_id = t.key_id
               and v.value ilike t.pattern
               and v.value <> ''
             limit $5) v
      where t.sign = ''
        and t.place not in (select e.place from exact e)
      limit $5)
     union all
    (select t.n, t.key_id, t.is_wide, v.id
       from term t
       join release r on r.project_id = t.project_id
       join tag_value v on v.key_id = t.key_id
                       and v.value = r.version
      where t.sign <> ''
        and case t.sign
                when 'latest' then r.version = (select release_newest(t.project_id))
                when '>=' then r.sort_key >= decode(t.pattern, 'hex')
                when '>' then r.sort_key > decode(t.pattern, 'hex')
                when '<=' then r.sort_key <= decode(t.pattern, 'hex')
                when '<' then r.sort_key < decode(t.pattern, 'hex')
                else r.sort_key = decode(t.pattern, 'hex')
            end
      limit $5)
)
select s.events, s.since, s.wide, v.n, v.id,
       case when v.is_wide then 0
            else coalesce((select sum(d.times_seen)
                             from tag_day d
                            where d.key_id = v.key_id
                              and d.tag_id = v.id
                              and d.day >= $6::timestamptz::date
                              and d.day < $7::timestamptz::date), 0)
       end::bigint as named
  from size s
  left join (select distinct n.* from named n limit $5) v on true

-- name: explore_counted
-- $3: the key, '' for none; $8: only these numbers of values; null: all.  With
-- '' stands what is counted together.  Days of all projects may be added up
-- already (model/tag_sum.h).
with whole as materialized (
    select m.day
      from tag_sum_day m
     where m.organization_id = $1::bigint
       and $6::int = 86400
       and $8::int[] is null
       and $3::text <> 'project'
       and m.day >= $4::timestamptz::date
       and m.day < $5::timestamptz::date
       and not exists (select 1
                         from project p
                        where p.organization_id = $1
                          and p.id <> all ($2::bigint[]))
       and exists (select 1
                     from tag_sum s
                    where s.organization_id = $1
                      and s.key = case when $3 = '' then 'level' else $3 end
                      and s.day = m.day)
), rest as materialized (
    select min(g.day) as first, max(g.day) as last
      from (select $4::timestamptz::date + n as day
              from generate_series(0, $5::timestamptz::date
                                          - $4::timestamptz::date - 1) n) g
     where g.day not in (select w.day
                           from whole w)
), keys as (
    select k.id, p.slug
      from tag_key k
      join project p on p.id = k.project_id
     where k.organization_id = $1::bigint
       and k.project_id = any ($2::bigint[])
       and k.key = case when $3::text in ('', 'project') then 'level' else $3 end
), seen as (
    -- key by key: a join would read all counters
    select k.slug, c.tag_id, c.slot, c.n
      from keys k
     cross join lateral (
           select d.tag_id, d.day - $4::timestamptz::date as slot,
                  d.times_seen as n
             from tag_day d
            where $6::int = 86400
              and d.key_id = k.id
              and d.day >= (select r.first from rest r)
              and d.day <= (select r.last from rest r)
              and d.day not in (select w.day from whole w)
              and ($8::int[] is null or d.tag_id = any ($8))
            union all
           select h.tag_id,
                  floor(extract(epoch from h.hour - $4::timestamptz) / $6)::int,
                  h.times_seen
             from tag_hour h
            where $6 <> 86400
              and h.key_id = k.id
              and h.hour >= $4
              and h.hour < $5::timestamptz
              and ($8 is null or h.tag_id = any ($8))
           offset 0) c
), summed as materialized (
    select case when $3 = 'project' then s.slug end as slug,
           case when $3 in ('', 'project') then 0 else s.tag_id end as tag_id,
           s.slot, sum(s.n) as n
      from seen s
     group by 1, 2, 3
), texts as materialized (
    -- by number, once each: a join would read all of the table
    select s.slug, array_agg(s.slot) as slots, array_agg(s.n) as counts,
           (select v.value
              from tag_value v
             where v.id = s.tag_id) as value
      from summed s
     group by s.slug, s.tag_id
), named as materialized (
    select b.value, b.slot, sum(b.n) as n
      from (select coalesce(t.slug, t.value, '') as value, u.slot, u.n
              from texts t
             cross join lateral unnest(t.slots, t.counts) as u (slot, n)
             union all
            select case when $3 = '' then '' else a.value end,
                   a.day - $4::timestamptz::date, a.times_seen
              from whole w
              join tag_sum a
                on a.organization_id = $1
               and a.key = case when $3 = '' then 'level' else $3 end
               and a.day = w.day) b
     group by 1, 2
), ranked as (
    select r.value, row_number() over (order by sum(r.n) desc, r.value) as place
      from named r
     where r.value <> '' or $3 = ''
     group by r.value
)
select coalesce(case when r.place <= $7::int then r.place end, 0) as place,
       n.slot, sum(n.n)::bigint as n,
       case when r.place <= $7 then min(n.value) else '' end as value,
       (select count(*) from ranked) as groups
  from named n
  left join ranked r on r.value = n.value
 group by coalesce(case when r.place <= $7 then r.place end, 0), r.place <= $7,
          n.slot

-- name: explore_words
-- The issues that have all the words, when they are at most $3, and how many
-- events they had.
with found as materialized (
    select issue_matches($1::text) as id
     limit $3::int + 1
), matched as materialized (
    select w.issue_id as id
      from found f
      join issue_words w on w.issue_id = f.id
     where w.search ilike all ($2::text[])
)
select (select count(*) from found) as found, m.id,
       (select coalesce(sum(h.times_seen), 0)
          from issue_hour h
         where h.issue_id = m.id
           and h.hour >= $4::timestamptz
           and h.hour < $5::timestamptz)::bigint as events
  from matched m

-- name: explore_scan
-- plan: generic
-- Which events are looked at: $5 those with one of these tags, or $6 of these
-- issues, or else of the projects and with an event id below $7.  The tags and
-- the groups are model/explore_group.c's: here a plan that does not know how
-- many rows there are would compare each with each.
--  $1 organization   $2 projects   $3 since   $4 until    $8 levels
--  $9 whether the filter asks for issues: $10 statuses $11 substatuses
--     $12 priorities $13 assignees $14 unhandled
-- $15 words          $16 keys         $17 seconds of a slot   $18 with tags?
with looked as not materialized (
    (select e.day, e.id, e.project_id, e.issue_id, e.received_at, e.level, e.platform,
            e.release, e.environment, e.transaction, e.server_name, e.user_tag,
            e.tags
       from event e
      where e.organization_id = $1::bigint
        and e.project_id = any ($2::bigint[])
        and e.day >= $3::timestamptz::date
        and e.day <= $4::timestamptz::date
        and e.received_at >= $3::timestamptz
        and e.received_at < $4::timestamptz
        and $5::int[] is null
        and $6::bigint[] is null
        and e.event_id < $7::uuid
      limit 20000)
     union all
    select e.day, e.id, e.project_id, e.issue_id, e.received_at, e.level, e.platform,
           e.release, e.environment, e.transaction, e.server_name, e.user_tag,
           e.tags
      from event_having($5, $3::timestamptz::date, $4::timestamptz::date, 20000) e
     where $5 is not null
       and e.organization_id = $1
       and e.project_id = any ($2)
       and e.received_at >= $3
       and e.received_at < $4
     union all
    (select e.day, e.id, e.project_id, e.issue_id, e.received_at, e.level, e.platform,
            e.release, e.environment, e.transaction, e.server_name, e.user_tag,
            e.tags
       from event e
      where $5 is null
        and e.issue_id = any ($6)
        and e.organization_id = $1
        and e.project_id = any ($2)
        and e.day >= $3::timestamptz::date
        and e.day <= $4::timestamptz::date
        and e.received_at >= $3
        and e.received_at < $4
      limit 20000)
)
select l.day, l.id, l.project_id, l.level as severity,
       floor(extract(epoch from l.received_at - $3) / $17::int)::int as slot,
       l.user_tag as "user",
       case when 'project' = any ($16::text[])
            then (select p.slug
                    from project p
                   where p.id = l.project_id)
       end as project,
       case when 'platform' = any ($16) then l.platform end as platform,
       case when 'level' = any ($16)
            then case l.level when 50 then 'fatal' when 40 then 'error'
                              when 30 then 'warning' when 20 then 'info'
                              else 'debug' end
       end as level,
       case when 'release' = any ($16) then l.release end as release,
       case when 'environment' = any ($16) then l.environment end
           as environment,
       case when 'transaction' = any ($16) then l.transaction end
           as transaction,
       case when 'server_name' = any ($16) then l.server_name end
           as server_name,
       case when $18::boolean then l.tags end as tags,
       ($8::smallint[] is null or l.level = any ($8))
       and (not $9::boolean or exists (
               select 1
                 from issue i
                where i.id = l.issue_id
                  and i.status = any ($10::smallint[])
                  and ($11::smallint[] is null or i.substatus = any ($11))
                  and ($12::smallint[] is null or i.priority = any ($12))
                  and ($13::bigint[] is null
                       or coalesce(i.assignee_id, -i.assignee_team_id, 0)
                              = any ($13))
                  and ($14::boolean is null or i.is_unhandled = $14)))
       and ($15::text[] is null or exists (
               select 1
                 from issue_words w
                where w.issue_id = l.issue_id
                  and w.search ilike all ($15))) as passes
  from looked l

-- name: explore_names
-- The values of the keys $3 among the numbers $4: of a key that has few all are
-- read, as those of other keys are most of the numbers.
with keys as materialized (
    select k.id, array_position($3::text[], k.key) as place
      from tag_key k
     where k.organization_id = $1::bigint
       and k.project_id = any ($2::bigint[])
       and k.key = any ($3)
), numbers as materialized (
    select n.id
      from unnest($4::int[]) as n (id)
), few as materialized (
    select k.id as key_id, k.place, v.id, v.value,
           count(*) over (partition by k.id) as n
      from keys k
     cross join lateral (
           select t.id, t.value
             from tag_value t
            where t.key_id = k.id
            limit 201) v
)
select f.id, f.place, f.value
  from few f
 where f.n <= 200
   and f.id in (select id from numbers)
 union all
select v.id, k.place, v.value
  from numbers n
 cross join lateral (
       select t.id, t.key_id, t.value
         from tag_value t
        where t.id = n.id
       offset 0) v
  join keys k on k.id = v.key_id
 where exists (select 1
                 from few f
                where f.n > 200)
   and k.id in (select f.key_id
                  from few f
                 where f.n > 200)

-- name: explore_events
-- The newest first, below $7, of the $16 that are looked at; parameters to $15
-- as in explore_scan.  Whether their tags pass is told by the caller.  last:
-- where to go on, null at the end.  Days are told so that PostgreSQL can leave
-- out the others while it plans, which costs more than the reading.
with looked as materialized (
    (select e.day, e.id, e.project_id, e.issue_id, e.level, e.tags
       from event e
      where e.organization_id = $1::bigint
        and e.project_id = any ($2::bigint[])
        and e.day >= ($3::timestamptz at time zone 'UTC')::date
        and e.day <= ($4::timestamptz at time zone 'UTC')::date
        and e.received_at >= $3::timestamptz
        and e.received_at < $4::timestamptz
        and $5::int[] is null
        and $6::bigint[] is null
        and e.id < $7::bigint
      order by e.id desc
      limit $16)
     union all
    select e.day, e.id, e.project_id, e.issue_id, e.level, e.tags
      from event_having($5, ($3::timestamptz at time zone 'UTC')::date,
                        ($4::timestamptz at time zone 'UTC')::date, 20000) e
     where $5 is not null
       and e.organization_id = $1
       and e.project_id = any ($2)
       and e.received_at >= $3
       and e.received_at < $4
       and e.id < $7
     union all
    select e.day, e.id, e.project_id, e.issue_id, e.level, e.tags
      from event e
     where $5 is null
       and e.issue_id = any ($6)
       and e.organization_id = $1
       and e.project_id = any ($2)
       and e.day >= ($3::timestamptz at time zone 'UTC')::date
       and e.day <= ($4::timestamptz at time zone 'UTC')::date
       and e.received_at >= $3
       and e.received_at < $4
       and e.id < $7
     order by id desc
     limit $16::int
), passing as materialized (
    select l.day, l.id, l.project_id, l.level, l.tags
      from looked l
     where ($8::smallint[] is null or l.level = any ($8))
       and (not $9::boolean or exists (
               select 1
                 from issue i
                where i.id = l.issue_id
                  and i.status = any ($10::smallint[])
                  and ($11::smallint[] is null or i.substatus = any ($11))
                  and ($12::smallint[] is null or i.priority = any ($12))
                  and ($13::bigint[] is null
                       or coalesce(i.assignee_id, -i.assignee_team_id, 0)
                              = any ($13))
                  and ($14::boolean is null or i.is_unhandled = $14)))
       and ($15::text[] is null or exists (
               select 1
                 from issue_words w
                where w.issue_id = l.issue_id
                  and w.search ilike all ($15)))
)
select p.day, p.id, p.project_id, p.level as severity,
       case when $17::boolean then p.tags end as tags,
       (select case when count(*) >= $16 then min(l.id) end
          from looked l) as last
  from passing p
 right join (select 1) one on true
 order by p.id desc nulls last

-- name: explore_rows
-- The events of these days and numbers.
select e.id, e.event_id, e.occurred_at, e.received_at, e.level, e.platform,
       e.title, e.release, e.environment, e.transaction, e.server_name,
       e.user_tag, e.has_body, e.issue_id, p.slug as project_slug, i.number
  from unnest($2::date[], $3::bigint[]) as t (day, id)
  join event e on e.day = t.day
              and e.id = t.id
  join issue i on i.id = e.issue_id
  join project p on p.id = e.project_id
 where e.organization_id = $1::bigint
 order by e.id desc
