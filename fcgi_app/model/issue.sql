-- name: issue_list
-- A page of the stream.  One statement with a branch for each way to walk,
-- chosen by $12, because each way has another index, one walk a status: 1 later
-- and 2 earlier by last seen, 3 and 4 by first seen, 5 and 6 by events, 7 and 8
-- by users, 9 with words (issue_words, of which $14 is the longest).  A branch
-- that is not chosen is never started.  The filter stands once, in passing.
--
--  $1 organization          $2 statuses         $3 substatuses
--  $4 levels                $5 priorities       $6 projects
--  $7 assignees             $8 unhandled
--  $9 tag keys, $10 their patterns, $11 whether negated
-- $13 all words             $15 sort: 0 last seen, 1 first seen, 2 events, 3 users
-- $16 1 onwards, -1 backwards    $17, $18 key and id to start from
-- $19 rows                  $20 the key as a number, null: from the start
-- $21 to $28 last seen, first seen, events, users: from, below
with wanted as materialized (
    -- the numbers of the tags' values, if they are few
    select t.n, t.key, t.pattern, t.negated, found.ids,
           cardinality(found.ids) < 100 as few
      from unnest($9::text[], $10::text[], $11::boolean[]) with ordinality
               as t (key, pattern, negated, n)
     cross join lateral (
           select array(select v.id
                          from tag_key k
                          join tag_value v on v.key_id = k.id
                         where k.organization_id = $1::bigint
                           and k.key = t.key
                           and ($6::bigint[] is null or k.project_id = any ($6))
                           and v.value ilike t.pattern
                         limit 100) as ids) found
), passing as not materialized (
    select i.id, i.status, i.last_seen, i.first_seen, i.times_seen,
           i.users_seen,
           case $15::int
               when 0 then (extract(epoch from i.last_seen) * 1000000)::bigint
               when 1 then (extract(epoch from i.first_seen) * 1000000)::bigint
               when 2 then i.times_seen
               else i.users_seen
           end as key
      from issue i
     where i.organization_id = $1::bigint
       and ($3::smallint[] is null or i.substatus = any ($3))
       and ($4::smallint[] is null or i.level = any ($4))
       and ($5::smallint[] is null or i.priority = any ($5))
       and ($6::bigint[] is null or i.project_id = any ($6))
       and ($7::bigint[] is null or coalesce(i.assignee_id, -i.assignee_team_id, 0)
                                     = any ($7))
       and ($8::boolean is null or i.is_unhandled = $8)
       and ($21::timestamptz is null or i.last_seen >= $21)
       and ($22::timestamptz is null or i.last_seen < $22)
       and ($23::timestamptz is null or i.first_seen >= $23)
       and ($24::timestamptz is null or i.first_seen < $24)
       and ($25::bigint is null or i.times_seen >= $25)
       and ($26::bigint is null or i.times_seen < $26)
       and ($27::bigint is null or i.users_seen >= $27)
       and ($28::bigint is null or i.users_seen < $28)
       and ($9 is null or not exists (
               select 1
                 from wanted t
                where (exists (
                          select 1
                            from issue_tag it
                            join tag_key k on k.id = it.key_id
                            join tag_value v on v.id = it.tag_id
                           where it.issue_id = i.id
                             and k.key = t.key
                             and v.value ilike t.pattern)
                       or exists (
                          select 1
                            from event e
                           where e.issue_id = i.id
                             and e.day >= i.first_seen::date - 1
                             and e.id > coalesce((select f.event_id
                                                    from issue_fold f
                                                   where f.issue_id = i.id), 0)
                             and case when t.few then e.tags && t.ids
                                      else exists (
                                          select 1
                                            from unnest(e.tags) as tag (id)
                                            join tag_value v on v.id = tag.id
                                            join tag_key k on k.id = v.key_id
                                           where k.key = t.key
                                             and v.value ilike t.pattern)
                                 end)) = t.negated))
), page as (
    (select p.id, p.key
       from unnest($2::smallint[]) as s (status)
      cross join lateral (
            select p.id, p.key, p.last_seen
              from passing p
             where p.status = s.status
               and (p.last_seen, p.id) < ($17::timestamptz, $18::bigint)
             order by p.last_seen desc, p.id desc
             limit $19::int) p
      where $12::int = 1
      order by p.last_seen desc, p.id desc
      limit $19)
     union all
    (select p.id, p.key
       from unnest($2::smallint[]) as s (status)
      cross join lateral (
            select p.id, p.key, p.last_seen
              from passing p
             where p.status = s.status
               and (p.last_seen, p.id) > ($17::timestamptz, $18::bigint)
             order by p.last_seen, p.id
             limit $19::int) p
      where $12::int = 2
      order by p.last_seen, p.id
      limit $19)
     union all
    (select p.id, p.key
       from unnest($2::smallint[]) as s (status)
      cross join lateral (
            select p.id, p.key, p.first_seen
              from passing p
             where p.status = s.status
               and (p.first_seen, p.id) < ($17::timestamptz, $18::bigint)
             order by p.first_seen desc, p.id desc
             limit $19::int) p
      where $12::int = 3
      order by p.first_seen desc, p.id desc
      limit $19)
     union all
    (select p.id, p.key
       from unnest($2::smallint[]) as s (status)
      cross join lateral (
            select p.id, p.key, p.first_seen
              from passing p
             where p.status = s.status
               and (p.first_seen, p.id) > ($17::timestamptz, $18::bigint)
             order by p.first_seen, p.id
             limit $19::int) p
      where $12::int = 4
      order by p.first_seen, p.id
      limit $19)
     union all
    (select p.id, p.key
       from unnest($2::smallint[]) as s (status)
      cross join lateral (
            select p.id, p.key, p.times_seen
              from passing p
             where p.status = s.status
               and (p.times_seen, p.id) < (coalesce($20::bigint, 9223372036854775807), $18::bigint)
             order by p.times_seen desc, p.id desc
             limit $19::int) p
      where $12::int = 5
      order by p.times_seen desc, p.id desc
      limit $19)
     union all
    (select p.id, p.key
       from unnest($2::smallint[]) as s (status)
      cross join lateral (
            select p.id, p.key, p.times_seen
              from passing p
             where p.status = s.status
               and (p.times_seen, p.id) > (coalesce($20::bigint, 9223372036854775807), $18::bigint)
             order by p.times_seen, p.id
             limit $19::int) p
      where $12::int = 6
      order by p.times_seen, p.id
      limit $19)
     union all
    (select p.id, p.key
       from unnest($2::smallint[]) as s (status)
      cross join lateral (
            select p.id, p.key, p.users_seen
              from passing p
             where p.status = s.status
               and (p.users_seen, p.id) < (coalesce($20::bigint, 9223372036854775807), $18::bigint)
             order by p.users_seen desc, p.id desc
             limit $19::int) p
      where $12::int = 7
      order by p.users_seen desc, p.id desc
      limit $19)
     union all
    (select p.id, p.key
       from unnest($2::smallint[]) as s (status)
      cross join lateral (
            select p.id, p.key, p.users_seen
              from passing p
             where p.status = s.status
               and (p.users_seen, p.id) > (coalesce($20::bigint, 9223372036854775807), $18::bigint)
             order by p.users_seen, p.id
             limit $19::int) p
      where $12::int = 8
      order by p.users_seen, p.id
      limit $19)
     union all
    (select p.id, p.key
       from passing p
       join issue_words w on w.issue_id = p.id
      where $12::int = 9
        and p.status = any ($2)
        and p.id in (select issue_matches($14::text))
        and w.search ilike all ($13::text[])
        and ($20::bigint is null
             or (p.key * $16::int, p.id * $16) < ($20 * $16, $18 * $16))
      order by p.key * $16 desc, p.id * $16 desc
      limit $19)
)
select i.id, i.project_id, i.number, i.title, i.type, i.value, i.culprit,
       i.platform, i.level, i.priority, i.status, i.substatus, i.is_unhandled,
       coalesce(i.assignee_id, -i.assignee_team_id) as assignee_id,
       i.first_seen, i.last_seen, i.times_seen, i.users_seen,
       i.first_release, i.last_release, i.status_at,
       p.slug as project_slug, p.name as project_name,
       coalesce(a.name, '#' || tm.slug) as assignee, w.search
  from page
  join issue i on i.id = page.id
  join project p on p.id = i.project_id
  left join account a on a.id = i.assignee_id
  left join team tm on tm.id = i.assignee_team_id
  left join issue_words w on $12 = 9 and w.issue_id = i.id
 order by page.key desc, page.id desc

-- name: issue_by_id
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
 where i.organization_id = $1::bigint
   and i.id = $2::bigint
   and i.status < 3

-- name: issue_by_number
-- By its short id: the project's slug and the number there.
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
 where p.organization_id = $1::bigint
   and p.slug = $2::text
   and i.organization_id = $1
   and i.number = $3::bigint
   and i.status < 3

-- name: issue_merged_into
-- Where an issue that is gone has gone to, by its id or by its short id.
with recursive way as (
    select i.id, i.status, i.merged_into, 1 as step
      from issue i
      join project p on p.id = i.project_id
     where i.organization_id = $1::bigint
       and ((i.id = $2::bigint and $3::text is null)
            or (p.slug = $3 and i.number = $2))
     union all
    select i.id, i.status, i.merged_into, w.step + 1
      from way w
      join issue i on i.id = w.merged_into
     where w.step < 20
)
select w.id
  from way w
 where w.status < 3

-- name: issue_all_in
-- How many of the issues $2 are in the projects $3.
select count(*) as n
  from issue i
 where i.organization_id = $1::bigint
   and i.id = any ($2::bigint[])
   and i.project_id = any ($3::bigint[])

-- name: issue_counts
-- The numbers of the tabs, capped: what is for review is counted among the
-- newest unresolved issues only, so that no number costs more than $4 rows.
select count(*) as unresolved,
       count(*) filter (where u.substatus in (2, 6, 7)) as for_review,
       count(*) filter (where u.substatus = 6) as regressed,
       count(*) filter (where u.substatus = 2) as escalating,
       (select count(*)
          from (select 1
                  from issue i
                 where i.organization_id = $1::bigint
                   and i.assignee_id = $2::bigint
                   and i.status = 0
                   and ($3::bigint[] is null or i.project_id = any ($3))
                 limit $4::int) m) as mine
  from (select i.substatus
          from issue i
         where i.organization_id = $1
           and i.status = 0
           and ($3::bigint[] is null or i.project_id = any ($3))
         order by i.last_seen desc, i.id desc
         limit $4) u

-- name: issue_hours
-- Events of the issues $1 from $2 on, added up in slots of $3 seconds.
select h.issue_id,
       floor(extract(epoch from h.hour - $2::timestamptz) / $3::int)::int
           as slot,
       sum(h.times_seen)::bigint as times_seen
  from issue_hour h
 where h.issue_id = any ($1::bigint[])
   and h.hour >= $2
   and h.hour < $4::timestamptz
 group by 1, 2

-- name: issue_tag_top
-- The most frequent values of each key, in the order of the keys: those that
-- are folded and those of the events since.  Beside the first two of each what
-- the whole project has of them on the $5 days from $4 on, by single look-ups;
-- a wide key does not count each of its values there.
with seen as (
    select t.tag_id, t.times_seen
      from issue_tag t
     where t.issue_id = $1::bigint
     union all
    select tag.id, count(*)
      from event e
     cross join unnest(e.tags) as tag (id)
     where e.issue_id = $1
       and e.day >= $3::date
       and e.id > coalesce((select f.event_id
                              from issue_fold f
                             where f.issue_id = $1), 0)
     group by tag.id
), counted as (
    select wanted.place, wanted.key, k.id as key_id, k.is_wide, v.id as tag_id,
           v.value, sum(s.times_seen)::bigint as times_seen
      from seen s
      join tag_value v on v.id = s.tag_id
      join tag_key k on k.id = v.key_id
      join unnest($2::text[]) with ordinality as wanted (key, place)
        on wanted.key = k.key
       and not k.is_hidden
     group by wanted.place, wanted.key, k.id, v.id
), ranked as (
    select c.*, sum(c.times_seen) over (partition by c.place)::bigint as total,
           row_number() over (partition by c.place
                              order by c.times_seen desc, c.value) as rank
      from counted c
), project as materialized (
    select (select sum(d.times_seen)
              from tag_key k
              join tag_day d on d.key_id = k.id
             where k.project_id = $6::bigint
               and k.key = 'level'
               and d.day >= $4::date)::bigint as events,
           (select sum(h.times_seen)
              from issue_hour h
             where h.issue_id = $1
               and h.hour >= $4)::bigint as own
)
select r.place, r.key, r.value, r.times_seen, r.total,
       case when r.rank <= 2 and not r.is_wide
            then coalesce((select sum(d.times_seen)
                             from generate_series(0, $5::int - 1) as g (n)
                             join tag_day d
                               on d.key_id = r.key_id
                              and d.day = $4::date + g.n
                              and d.tag_id = r.tag_id), 0)
       end::bigint as project, p.events as project_events, p.own
  from ranked r, project p
 where r.rank <= 4
 order by r.place, r.rank
