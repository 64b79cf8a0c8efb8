-- name: overview_levels
-- seen: the $6 issues that were seen last, from the index issue_project_stream,
-- one walk a status.
with seen as materialized (
    select s.id, s.level
      from unnest('{0,1,2}'::smallint[]) as st (status)
     cross join lateral (
           select i.id, i.level, i.last_seen
             from issue i
            where i.organization_id = $1::bigint
              and i.project_id = $2::bigint
              and i.status = st.status
              and i.last_seen >= $3::timestamptz
            order by i.last_seen desc, i.id desc
            limit $6::int) s
     order by s.last_seen desc, s.id desc
     limit $6
)
select s.level,
       floor(date_part('epoch', h.hour - $3) / $5::int)::int as slot,
       sum(h.times_seen)::bigint as times_seen,
       (select count(*) from seen) as issues
  from seen s
  join issue_hour h
    on h.issue_id = s.id
   and h.hour >= $3
   and h.hour < $4::timestamptz
 group by 1, 2

-- name: overview_tags
with seen as materialized (
    select s.id, s.type, s.times_seen, s.first_seen
      from unnest('{0,1,2}'::smallint[]) as st (status)
     cross join lateral (
           select i.id, i.type, i.times_seen, i.first_seen, i.last_seen
             from issue i
            where i.organization_id = $1::bigint
              and i.project_id = $2::bigint
              and i.status = st.status
              and i.last_seen >= $3::timestamptz
            order by i.last_seen desc, i.id desc
            limit $6::int) s
     order by s.last_seen desc, s.id desc
     limit $6
), counted as (
    select k.key, t.value, sum(t.times_seen)::bigint as times_seen,
           min(t.first_seen) as first_seen
      from seen s
     cross join unnest($4::text[]) as k (key)
     cross join lateral (
           select t.value, t.times_seen, t.first_seen
             from issue_tag t
            where t.issue_id = s.id
              and t.key = k.key
            limit 100) t
     group by 1, 2
     union all
    select 'error.type', s.type, sum(s.times_seen)::bigint, min(s.first_seen)
      from seen s
     where s.type <> ''
     group by s.type
), ranked as (
    select c.key, c.value, c.times_seen, c.first_seen,
           row_number() over (partition by c.key
                              order by c.times_seen desc, c.value) as place,
           row_number() over (partition by c.key
                              order by c.first_seen desc, c.value) as age,
           sum(c.times_seen) over (partition by c.key)::bigint as total,
           count(*) over (partition by c.key) as "values"
      from counted c
)
select r.key, r.value, r.times_seen, r.first_seen, r.place, r.age, r.total,
       r."values"
  from ranked r
 where r.place <= $5::int
    or (r.key = 'release' and r.age <= 3)
 order by r.key, r.place

-- name: overview_issues
with seen as materialized (
    select s.id, s.first_seen
      from unnest('{0,1,2}'::smallint[]) as st (status)
     cross join lateral (
           select i.id, i.first_seen, i.last_seen
             from issue i
            where i.organization_id = $1::bigint
              and i.project_id = $2::bigint
              and i.status = st.status
              and i.last_seen >= $3::timestamptz
            order by i.last_seen desc, i.id desc
            limit $6::int) s
     order by s.last_seen desc, s.id desc
     limit $6
), counted as (
    select s.id, s.first_seen,
           coalesce((select sum(h.times_seen)
                       from issue_hour h
                      where h.issue_id = s.id
                        and h.hour >= $3
                        and h.hour < $4::timestamptz), 0)::bigint as events
      from seen s
), placed as (
    select c.id, c.events,
           row_number() over (order by c.first_seen desc, c.id desc) as newest,
           row_number() over (order by c.events desc, c.id desc) as frequent
      from counted c
)
select i.id, i.project_id, i.number, i.title, i.type, i.value, i.culprit,
       i.platform, i.level, i.priority, i.status, i.substatus, i.is_unhandled,
       i.assignee_id, i.first_seen, i.last_seen, i.times_seen, i.users_seen,
       i.first_release, i.last_release, i.status_at,
       p.slug as project_slug, p.name as project_name, a.name as assignee,
       placed.events, placed.newest, placed.frequent
  from placed
  join issue i on i.id = placed.id
  join project p on p.id = i.project_id
  left join account a on a.id = i.assignee_id
 where placed.newest <= $5::int
    or placed.frequent <= $5
 order by placed.newest

-- name: overview_review
-- Among the $2 unresolved issues of an organisation that were seen last; the
-- row of project 0 has the time of the newest event of any issue.
select u.project_id, count(*) as unresolved,
       count(*) filter (where u.substatus = 7) as fresh,
       count(*) filter (where u.substatus = 6) as regressed,
       count(*) filter (where u.substatus = 2) as escalating,
       null::timestamptz as newest
  from (select i.project_id, i.substatus
          from issue i
         where i.organization_id = $1::bigint
           and i.status = 0
           and ($3::bigint[] is null or i.project_id = any ($3))
         order by i.last_seen desc, i.id desc
         limit $2::int) u
 group by u.project_id
 union all
select 0, 0, 0, 0, 0, max(l.last_seen)
  from unnest('{0,1,2}'::smallint[]) as st (status)
 cross join lateral (
       select i.last_seen
         from issue i
        where i.organization_id = $1
          and i.status = st.status
          and ($3 is null or i.project_id = any ($3))
        order by i.last_seen desc, i.id desc
        limit 1) l

-- name: overview_values
-- The $3 most frequent values of the key $2 in the $4 issues of an organisation
-- that were seen last, since $5.
with seen as materialized (
    select s.id
      from unnest('{0,1,2}'::smallint[]) as st (status)
     cross join lateral (
           select i.id, i.last_seen
             from issue i
            where i.organization_id = $1::bigint
              and i.status = st.status
              and i.last_seen >= $5::timestamptz
              and ($6::bigint[] is null or i.project_id = any ($6))
            order by i.last_seen desc, i.id desc
            limit $4::int) s
     order by s.last_seen desc, s.id desc
     limit $4
)
select $2::text as key, t.value, sum(t.times_seen)::bigint as times_seen,
       min(t.first_seen) as first_seen,
       row_number() over (order by sum(t.times_seen) desc, t.value) as place,
       0 as age,
       sum(sum(t.times_seen)) over ()::bigint as total,
       count(*) over () as "values"
  from seen s
 cross join lateral (
       select t.value, t.times_seen, t.first_seen
         from issue_tag t
        where t.issue_id = s.id
          and t.key = $2
        limit 250) t
 group by t.value
 order by place
 limit $3::int
