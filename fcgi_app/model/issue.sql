-- name: issue_by_id
-- plan: generic
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
-- plan: generic
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
-- plan: generic
-- The numbers of the tabs, capped: what is for review is counted among the
-- newest unresolved issues only, so that no number costs more than
-- a thousand rows.  (What coalesce is for: see issue_list.sql.)
select count(*) as unresolved,
       count(*) filter (where u.substatus in (2, 6, 7)) as for_review,
       count(*) filter (where u.substatus = 6) as regressed,
       count(*) filter (where u.substatus = 2) as escalating
  from (select i.substatus
          from issue i
         where i.organization_id = $1::bigint
           and i.status = 0
           and coalesce(i.project_id = any ($2::bigint[]), true)
         order by i.listed_seen desc, i.id desc
         limit 1000) u

-- name: issue_counts_of
-- plan: generic
-- As issue_counts, of a few projects, each by its own index.
select count(*) as unresolved,
       count(*) filter (where u.substatus in (2, 6, 7)) as for_review,
       count(*) filter (where u.substatus = 6) as regressed,
       count(*) filter (where u.substatus = 2) as escalating
  from (select n.substatus
          from unnest($2::bigint[]) as wanted (project_id)
         cross join lateral (
               select i.substatus, i.listed_seen, i.id
                 from issue i
                where i.organization_id = $1::bigint
                  and i.project_id = wanted.project_id
                  and i.status = 0
                order by i.listed_seen desc, i.id desc
                limit 1000) n
         order by n.listed_seen desc, n.id desc
         limit 1000) u

-- name: issue_count_mine
-- plan: generic
select count(*) as n
  from (select 1
          from issue i
         where i.organization_id = $1::bigint
           and i.assignee_id = $3::bigint
           and i.status = 0
           and coalesce(i.project_id = any ($2::bigint[]), true)
         limit 1000) m

-- name: issue_hours
-- plan: generic
-- Events of the issues $1 from $2 on, added up in slots of $3 seconds.
select h.issue_id,
       floor(date_part('epoch', h.hour - $2::timestamptz) / $3::int)::int
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
with keys as materialized (
    select k.id, k.key, k.is_wide, wanted.place
      from unnest($2::text[]) with ordinality as wanted (key, place)
      join tag_key k on k.project_id = $6::bigint
                    and k.key = wanted.key
                    and not k.is_hidden
), seen as (
    -- key by key: a thousand users are most of what an issue has
    select t.tag_id, t.times_seen
      from keys k
     cross join lateral (
           select o.tag_id, o.times_seen
             from issue_tag o
            where o.issue_id = $1::bigint
              and o.key_id = k.id
           offset 0) t
     union all
    select tag.id, count(*)
      from event e
     cross join unnest(e.tags) as tag (id)
     where e.issue_id = $1
       and e.day >= $3::date
       and e.id > (select coalesce(max(f.event_id), 0)
                     from issue_fold f
                     where f.issue_id = $1)
     group by tag.id
), counted as (
    select k.place, k.key, k.id as key_id, k.is_wide, v.id as tag_id,
           v.value, sum(s.times_seen)::bigint as times_seen
      from seen s
      join tag_value v on v.id = s.tag_id
      join keys k on k.id = v.key_id
     group by k.place, k.key, k.id, k.is_wide, v.id
), ranked as (
    select c.*, sum(c.times_seen) over (partition by c.place)::bigint as total,
           row_number() over (partition by c.place
                              order by c.times_seen desc, c.value) as rank
      from counted c
), project as materialized (
    select (select sum(d.times_seen)
              from tag_key k
              join tag_day d on d.key_id = k.id
             where k.project_id = $6
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
