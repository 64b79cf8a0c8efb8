-- name: explore_size
-- How many events there are in the projects $2, of which each has one level;
-- and whether the key $6 has too many values to be counted each.
select coalesce((select sum(d.times_seen)
                   from tag_key k
                   join tag_day d on d.key_id = k.id
                  where k.organization_id = $1::bigint
                    and k.project_id = any ($2::bigint[])
                    and k.key = 'level'
                    and $5::int = 86400
                    and d.day >= $3::timestamptz::date
                    and d.day < $4::timestamptz::date), 0)::bigint
       + coalesce((select sum(h.times_seen)
                     from tag_key k
                     join tag_hour h on h.key_id = k.id
                    where k.organization_id = $1
                      and k.project_id = any ($2)
                      and k.key = 'level'
                      and $5 <> 86400
                      and h.hour >= $3::timestamptz
                      and h.hour < $4::timestamptz), 0)::bigint as events,
       exists (select 1
                 from tag_key k
                where k.organization_id = $1
                  and k.project_id = any ($2)
                  and k.key = $6::text
                  and k.is_wide) as wide

-- name: explore_terms
-- The numbers of the values that each term names, of $5 at most: $9 to the
-- letter, else the pattern $4; and how many events have them, if that is
-- counted.
select t.n, t.negated, v.id,
       case when k.is_wide then 0
            else coalesce((select sum(d.times_seen)
                             from tag_day d
                            where d.key_id = k.id
                              and d.tag_id = v.id
                              and d.day >= $6::timestamptz::date
                              and d.day < $7::timestamptz::date), 0)
       end::bigint as events
  from unnest($3::text[], $4::text[], $8::boolean[], $9::text[]) with ordinality
           as t (key, pattern, negated, exact, n)
 cross join lateral (
       select k.id, k.is_wide
         from tag_key k
        where k.organization_id = $1::bigint
          and k.project_id = any ($2::bigint[])
          and k.key = t.key) k
 cross join lateral (
       select v.id
         from tag_value v
        where v.key_id = k.id
          and v.value = t.exact
        union all
       select v.id
         from tag_value v
        where t.exact is null
          and v.key_id = k.id
          and v.value ilike t.pattern
          and v.value <> ''
        limit $5::int) v
 limit $5

-- name: explore_counted
-- $3: the key, '' for none; $8: only these numbers of values; null: all.  With
-- '' stands what is counted together.
with keys as (
    select k.id, p.slug
      from tag_key k
      join project p on p.id = k.project_id
     where k.organization_id = $1::bigint
       and k.project_id = any ($2::bigint[])
       and k.key = case when $3::text in ('', 'project') then 'level' else $3 end
), seen as (
    select k.slug, d.tag_id, d.day - $4::timestamptz::date as slot, d.times_seen
      from keys k
      join tag_day d on d.key_id = k.id
     where $6::int = 86400
       and d.day >= $4::timestamptz::date
       and d.day < $5::timestamptz::date
     union all
    select k.slug, h.tag_id,
           floor(extract(epoch from h.hour - $4::timestamptz) / $6)::int,
           h.times_seen
      from keys k
      join tag_hour h on h.key_id = k.id
     where $6 <> 86400
       and h.hour >= $4
       and h.hour < $5::timestamptz
), summed as materialized (
    select case when $3 = 'project' then s.slug end as slug,
           case when $3 in ('', 'project') then 0 else s.tag_id end as tag_id,
           s.slot, sum(s.times_seen) as n
      from seen s
     where ($8::int[] is null or s.tag_id = any ($8))
     group by 1, 2, 3
), named as materialized (
    select case when $3 = '' then ''
                when $3 = 'project' then s.slug
                else coalesce(v.value, '')
           end as value,
           s.slot, sum(s.n) as n
      from summed s
      left join tag_value v on v.id = s.tag_id
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
-- Which events are looked at: $5 those with one of these tags, or $6 of these
-- issues, or else of the projects and with an event id below $7.
--  $1 organization   $2 projects   $3, $4 time    $8 levels
--  $9 whether the filter asks for issues: $10 statuses $11 substatuses
--     $12 priorities $13 assignees $14 unhandled
-- $15 words          $16, $17 numbers of terms and of their values,
-- $18 which terms are negated, by number, $19 how many are not
-- $20 keys           $21 seconds of a slot     $22 users?   $23 groups
-- $24 events to look at, at most
with looked as materialized (
    select e.day, e.id, e.project_id, e.issue_id, e.received_at, e.level,
           e.platform, e.release, e.environment, e.transaction, e.server_name,
           e.user_tag, e.tags
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
     union all
    select e.day, e.id, e.project_id, e.issue_id, e.received_at, e.level,
           e.platform, e.release, e.environment, e.transaction, e.server_name,
           e.user_tag, e.tags
      from event_tagged($5, $3::timestamptz::date, $4::timestamptz::date, $24::int) t
      join event e on e.day = t.day
                  and e.id = t.id
     where $5 is not null
       and e.organization_id = $1
       and e.project_id = any ($2)
       and e.received_at >= $3
       and e.received_at < $4
     union all
    select e.day, e.id, e.project_id, e.issue_id, e.received_at, e.level,
           e.platform, e.release, e.environment, e.transaction, e.server_name,
           e.user_tag, e.tags
      from event e
     where $5 is null
       and e.issue_id = any ($6)
       and e.organization_id = $1
       and e.project_id = any ($2)
       and e.day >= $3::timestamptz::date
       and e.day <= $4::timestamptz::date
       and e.received_at >= $3
       and e.received_at < $4
     limit $24
), terms as materialized (
    select t.n, t.id, ($18::boolean[])[t.n] as negated
      from unnest($16::int[], $17::int[]) as t (n, id)
), hits as materialized (
    select l.id,
           count(distinct t.n) filter (where not t.negated) as wanted,
           bool_or(t.negated) as refused
      from looked l
     cross join unnest(l.tags) as tag (id)
      join terms t on t.id = tag.id
     where cardinality($16) > 0
     group by l.id
), passing as materialized (
    select l.*
      from looked l
      left join hits h on h.id = l.id
     where coalesce(h.wanted, 0) = $19::int
       and h.refused is not true
       and ($8::smallint[] is null or l.level = any ($8))
       and (not $9::boolean or exists (
               select 1
                 from issue i
                where i.id = l.issue_id
                  and i.status = any ($10::smallint[])
                  and ($11::smallint[] is null or i.substatus = any ($11))
                  and ($12::smallint[] is null or i.priority = any ($12))
                  and ($13::bigint[] is null
                       or coalesce(i.assignee_id, 0) = any ($13))
                  and ($14::boolean is null or i.is_unhandled = $14)))
       and ($15::text[] is null or exists (
               select 1
                 from issue_words w
                where w.issue_id = l.issue_id
                  and w.search ilike all ($15)))
), keys as (
    select k.key, k.place,
           k.key in ('project', 'platform', 'level', 'release', 'environment',
                     'transaction', 'server_name', 'user') as is_column
      from unnest($20::text[]) with ordinality as k (key, place)
), named as materialized (
    -- the values of tags that these events have
    select v.id, k.place, v.value
      from (select distinct tag.id
              from passing p
             cross join unnest(p.tags) as tag (id)
             where exists (select 1 from keys where not is_column)) t
      join tag_value v on v.id = t.id
      join tag_key tk on tk.id = v.key_id
      join keys k on k.key = tk.key
                 and not k.is_column
), tagged as materialized (
    select p.id, max(n.value) filter (where n.place = 1) as v1,
           max(n.value) filter (where n.place = 2) as v2,
           max(n.value) filter (where n.place = 3) as v3
      from passing p
     cross join unnest(p.tags) as tag (id)
      join named n on n.id = tag.id
     group by p.id
), valued as materialized (
    select p.id, p.day, p.user_tag,
           floor(extract(epoch from p.received_at - $3) / $21::int)::int as slot,
           coalesce(t.v1, c.v[array_position(c.k, $20[1])], '') as v1,
           coalesce(t.v2, c.v[array_position(c.k, $20[2])], '') as v2,
           coalesce(t.v3, c.v[array_position(c.k, $20[3])], '') as v3
      from passing p
      join project pr on pr.id = p.project_id
      left join tagged t on t.id = p.id
     cross join lateral (
           select '{project,platform,level,release,environment,transaction,server_name,user}'::text[] as k,
                  array[pr.slug, p.platform,
                        case p.level when 50 then 'fatal' when 40 then 'error'
                                     when 30 then 'warning' when 20 then 'info'
                                     else 'debug' end,
                        p.release, p.environment, p.transaction,
                        p.server_name, p.user_tag] as v) c
), ranked as materialized (
    select v.v1, v.v2, v.v3, count(*) as n, count(distinct v.user_tag) as users,
           row_number() over (order by case when $22::boolean
                                            then count(distinct v.user_tag)
                                            else count(*)
                                       end desc, v.v1, v.v2, v.v3) as place
      from valued v
     group by 1, 2, 3
), placed as (
    select case when r.place <= $23::int then r.place else 0 end as place,
           v.slot, v.user_tag
      from valued v
      join ranked r on r.v1 = v.v1
                   and r.v2 = v.v2
                   and r.v3 = v.v3
)
select 'looked' as kind, 0::bigint as place, 0 as slot,
       (select count(*) from looked) as n, 0::bigint as users,
       '' as v1, '' as v2, '' as v3,
       (select count(*) from ranked)::bigint as id
 union all
select 'group', r.place, 0, r.n, r.users, r.v1, r.v2, r.v3, 0
  from ranked r
 where r.place <= $23
 union all
select case when grouping(p.place) = 1 then 'all'
            when grouping(p.slot) = 1 then 'sum'
            else 'slot'
       end,
       p.place, p.slot, count(*), count(distinct p.user_tag), '', '', '', 0
  from placed p
 group by grouping sets ((p.place, p.slot), (p.place), ())

-- name: explore_events
-- The newest first, below $7, of the $20 that are looked at; parameters to $19
-- as in explore_scan.  last: where to go on, null at the end.
with looked as materialized (
    (select e.day, e.id, e.project_id, e.issue_id, e.level, e.tags
      from event e
     where e.organization_id = $1::bigint
       and e.project_id = any ($2::bigint[])
       and e.day >= $3::timestamptz::date
       and e.day <= $4::timestamptz::date
       and e.received_at >= $3::timestamptz
       and e.received_at < $4::timestamptz
       and $5::int[] is null
       and $6::bigint[] is null
       and e.id < $7::bigint
     order by e.id desc
     limit $20)
     union all
    select e.day, e.id, e.project_id, e.issue_id, e.level, e.tags
      from event_tagged($5, $3::timestamptz::date, $4::timestamptz::date, $20::int) t
      join event e on e.day = t.day
                  and e.id = t.id
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
       and e.day >= $3::timestamptz::date
       and e.day <= $4::timestamptz::date
       and e.received_at >= $3
       and e.received_at < $4
       and e.id < $7
     order by id desc
     limit $20
), terms as materialized (
    select t.n, t.id, ($18::boolean[])[t.n] as negated
      from unnest($16::int[], $17::int[]) as t (n, id)
), hits as materialized (
    select l.id,
           count(distinct t.n) filter (where not t.negated) as wanted,
           bool_or(t.negated) as refused
      from looked l
     cross join unnest(l.tags) as tag (id)
      join terms t on t.id = tag.id
     where cardinality($16) > 0
     group by l.id
), passing as materialized (
    select l.*
      from looked l
      left join hits h on h.id = l.id
     where coalesce(h.wanted, 0) = $19::int
       and h.refused is not true
       and ($8::smallint[] is null or l.level = any ($8))
       and (not $9::boolean or exists (
               select 1
                 from issue i
                where i.id = l.issue_id
                  and i.status = any ($10::smallint[])
                  and ($11::smallint[] is null or i.substatus = any ($11))
                  and ($12::smallint[] is null or i.priority = any ($12))
                  and ($13::bigint[] is null
                       or coalesce(i.assignee_id, 0) = any ($13))
                  and ($14::boolean is null or i.is_unhandled = $14)))
       and ($15::text[] is null or exists (
               select 1
                 from issue_words w
                where w.issue_id = l.issue_id
                  and w.search ilike all ($15)))
)
select e.id, e.event_id, e.occurred_at, e.received_at, e.level, e.platform,
       e.title, e.release, e.environment, e.transaction, e.server_name,
       e.user_tag, e.has_body, e.issue_id, p.slug as project_slug, i.number,
       b.last
  from (select case when count(*) >= $20 then min(l.id) end as last
          from looked l) b
  left join (select t.day, t.id
               from passing t
              order by t.id desc
              limit $21::int) t on true
  left join event e on e.day = t.day
                   and e.id = t.id
  left join issue i on i.id = e.issue_id
  left join project p on p.id = e.project_id
 order by e.id desc nulls last
