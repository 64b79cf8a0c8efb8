-- name: overview_levels
-- Of each event its own level, from the counters of its tag.
-- Added up by number, whose name is then looked up once.
select v.value as level, c.slot, c.times_seen
  from (select h.tag_id,
               floor(date_part('epoch', h.hour - $3) / $5::int)::int as slot,
               sum(h.times_seen)::bigint as times_seen
          from tag_key k
          join tag_hour h
            on h.key_id = k.id
           and h.hour >= $3::timestamptz
           and h.hour < $4::timestamptz
         where k.organization_id = $1::bigint
           and k.project_id = $2::bigint
           and k.key = 'level'
         group by 1, 2) c
 cross join lateral (
       select t.value
         from tag_value t
        where t.id = c.tag_id
       offset 0) v

-- name: overview_tags
-- From $3 to $6: the hours of a first day that is none as a whole, the days, and
-- the hours of the last one.  What is counted under '' is in the total.
with keys as (
    select k.id, k.key
      from tag_key k
     where k.organization_id = $1::bigint
       and k.project_id = $2::bigint
       and k.key = any ($4::text[])
), counted as (
    select c.key, c.tag_id, sum(c.times_seen)::bigint as times_seen
      from (select k.key, h.tag_id, h.times_seen
              from keys k
              join tag_hour h on h.key_id = k.id
             where h.hour >= $3::timestamptz
               and h.hour < least($3::date + 1, $6::timestamptz)
               and $3 > $3::date
             union all
            select k.key, d.tag_id, d.times_seen
              from keys k
              join tag_day d on d.key_id = k.id
             where d.day >= $3::date + case when $3 > $3::date then 1 else 0 end
               and d.day < $6::date
             union all
            select k.key, h.tag_id, h.times_seen
              from keys k
              join tag_hour h on h.key_id = k.id
             where h.hour >= greatest($6::date, $3::date + case when $3 > $3::date
                                                                then 1 else 0 end)
               and h.hour < $6) c
     group by 1, 2
), ranked as (
    select c.key, v.value, c.times_seen, v.first_seen,
           row_number() over (partition by c.key, v.value = ''
                              order by c.times_seen desc, v.value) as place,
           row_number() over (partition by c.key, v.value = ''
                              order by v.first_seen desc, v.value) as age,
           sum(c.times_seen) over (partition by c.key)::bigint as total,
           count(*) over (partition by c.key) as "values"
      from counted c
      join tag_value v on v.id = c.tag_id
)
select r.key, r.value, r.times_seen, r.first_seen, r.place, r.age, r.total,
       r."values"
  from ranked r
 where r.value <> ''
   and (r.place <= $5::int
        or (r.key = 'release' and r.age <= 3)
        or (r.key = 'geo.country_code' and r.place <= $7::int))
 order by r.key, r.place

-- name: overview_issues
-- fresh: the place among those that were seen first in the release $7.  Hours are
-- added up only of issues that had, in all their time, as many events as the
-- least of $5 have within it: the others cannot be among the most frequent.
with seen as materialized (
    select s.id, s.first_seen, s.first_release, s.times_seen
      from unnest('{0,1,2}'::smallint[]) as st (status)
     cross join lateral (
           select i.id, i.first_seen, i.listed_seen, i.first_release,
                  i.times_seen
             from issue i
            where i.organization_id = $1::bigint
              and i.project_id = $2::bigint
              and i.status = st.status
              and i.listed_seen >= $3::timestamptz
            order by i.listed_seen desc, i.id desc
            limit $6::int) s
     order by s.listed_seen desc, s.id desc
     limit $6
), least as materialized (
    select min(m.events) as events
      from (select coalesce((select sum(h.times_seen)
                               from issue_hour h
                              where h.issue_id = t.id
                                and h.hour >= $3
                                and h.hour < $4::timestamptz), 0) as events
              from (select s.id
                      from seen s
                     order by s.times_seen desc, s.id desc
                     limit $5::int) t) m
), counted as (
    select s.id, s.first_seen, s.first_release,
           case when s.times_seen >= (select l.events
                                        from least l)
                then coalesce((select sum(h.times_seen)
                                 from issue_hour h
                                where h.issue_id = s.id
                                  and h.hour >= $3
                                  and h.hour < $4), 0)
                else -1
           end as events
      from seen s
), placed as (
    select c.id,
           row_number() over (order by c.first_seen desc, c.id desc) as newest,
           row_number() over (order by c.events desc, c.id desc) as frequent,
           case when c.first_release = $7::text
                then row_number() over (partition by c.first_release = $7
                                        order by c.first_seen desc, c.id desc)
           end as fresh
      from counted c
)
select i.id, i.project_id, i.number, i.title, i.type, i.value, i.culprit,
       i.platform, i.level, i.priority, i.status, i.substatus, i.is_unhandled,
       coalesce(i.assignee_id, -i.assignee_team_id) as assignee_id,
       i.first_seen, i.last_seen, i.times_seen, i.users_seen,
       i.first_release, i.last_release, i.status_at,
       p.slug as project_slug, p.name as project_name,
       coalesce(a.name, '#' || tm.slug) as assignee,
       placed.newest, placed.frequent,
       coalesce(placed.fresh, 0) as fresh
  from placed
  join issue i on i.id = placed.id
  join project p on p.id = i.project_id
  left join account a on a.id = i.assignee_id
  left join team tm on tm.id = i.assignee_team_id
 where placed.newest <= $5::int
    or placed.frequent <= $5
    or placed.fresh <= $5
 order by placed.newest

-- name: overview_review
-- plan: generic
-- Among the $2 unresolved issues of an organisation that were seen last.  The
-- row of project 0 has the time of the newest event of any issue, that of
-- project -1 how many issues are new since $4 (unresolved) and were between $5
-- and $4 (fresh), $2 + 1 at most, that of project -2 how many came back.  (What coalesce is for: see issue_list.sql.)  Projects
-- are hundreds, where a list would be read through for each issue.
select u.project_id, count(*) as unresolved,
       count(*) filter (where u.substatus = 7) as fresh,
       count(*) filter (where u.substatus = 6) as regressed,
       count(*) filter (where u.substatus = 2) as escalating,
       null::timestamptz as newest
  from (select i.project_id, i.substatus
          from issue i
         where i.organization_id = $1::bigint
           and i.status = 0
           and coalesce($3::bigint[] is null or i.project_id in (select unnest($3)), true)
         order by i.listed_seen desc, i.id desc
         limit $2::int) u
 group by u.project_id
 union all
select 0, 0, 0, 0, 0, max(l.listed_seen)
  from unnest('{0,1,2}'::smallint[]) as st (status)
 cross join lateral (
       select i.listed_seen
         from issue i
        where i.organization_id = $1
          and i.status = st.status
          and coalesce($3 is null or i.project_id in (select unnest($3)), true)
        order by i.listed_seen desc, i.id desc
        limit 1) l
 union all
select -1,
       (select count(*)
          from (select
                  from unnest('{0,1,2}'::smallint[]) as st (status)
                  join issue i
                    on i.organization_id = $1
                   and i.status = st.status
                   and i.first_seen >= $4::timestamptz
                   and coalesce($3 is null or i.project_id in (select unnest($3)), true)
                 limit $2 + 1) n),
       (select count(*)
          from (select
                  from unnest('{0,1,2}'::smallint[]) as st (status)
                  join issue i
                    on i.organization_id = $1
                   and i.status = st.status
                   and i.first_seen >= $5::timestamptz
                   and i.first_seen < $4
                   and coalesce($3 is null or i.project_id in (select unnest($3)), true)
                 limit $2 + 1) n),
       0, 0, null
 union all
select -2, count(*) filter (where r.at >= $4),
       count(*) filter (where r.at < $4), 0, 0, null
  from (select v.at
          from activity v
         where v.organization_id = $1
           and v.kind = 'regressed'
           and v.at >= $5
           and coalesce($3 is null
                        or (select i.project_id
                              from issue i
                             where i.id = v.issue_id) in (select unnest($3)), true)
         order by v.at desc
         limit 2 * $2) r

-- name: overview_countries
-- The $2 most frequent countries of a whole organisation since $3.
select c.country as value, sum(c.times_seen)::bigint as times_seen
  from country_hour c
 where c.organization_id = $1::bigint
   and c.hour >= $3::timestamptz
 group by c.country
having sum(c.times_seen) > 0
 order by c.country = '', times_seen desc, value
 limit $2::int

-- name: overview_countries_of
-- The same of the projects $4: the hours of the first day, and the days after it.
with keys as (
    select k.id
      from tag_key k
     where k.organization_id = $1::bigint
       and k.key = 'geo.country_code'
       and k.project_id = any ($4::bigint[])
)
-- key by key: all at once PostgreSQL would sort them, and read every value
select v.value, sum(c.times_seen)::bigint as times_seen
  from keys k
 cross join lateral (
       select n.tag_id, sum(n.times_seen) as times_seen
         from (select h.tag_id, h.times_seen
                 from tag_hour h
                where h.key_id = k.id
                  and h.hour >= $3::timestamptz
                  and h.hour < $3::date + 1
                union all
               select d.tag_id, d.times_seen
                 from tag_day d
                where d.key_id = k.id
                  and d.day > $3::date) n
        group by n.tag_id
       offset 0) c
 cross join lateral (
       select t.value
         from tag_value t
        where t.id = c.tag_id
       offset 0) v
 group by v.value
 order by v.value = '', times_seen desc, v.value
 limit $2::int

-- name: overview_side
-- What stands beside the numbers of a project, a kind of rows each: 'key' (the
-- oldest that is on), 'team' (n: its members), 'person' (of these teams, n: how
-- many there are), 'rule' (that listens to it, at:
-- when it fired last), 'release' (the health of $3, or of the newest, since
-- $4), 'all' (that of all its releases).  $5: so many of each at most.
with health as materialized (
    select h.release_id, sum(h.sessions)::bigint as sessions,
           sum(h.crashed)::bigint as crashed, sum(h.users)::bigint as users,
           sum(h.users_crashed)::bigint as users_crashed
      from release_hour h
     where h.organization_id = $1::bigint
       and h.project_id = $2::bigint
       and h.hour >= $4::timestamptz
     group by h.release_id
)
(select 'key' as kind, k.id, k.public_key as name, null::timestamptz as at,
        0::bigint as n, 0::bigint as crashed, 0::bigint as users,
        0::bigint as users_crashed
   from project_key k
  where k.organization_id = $1
    and k.project_id = $2
    and k.is_active
  order by k.id
  limit 1)
 union all
(select 'team', t.id, t.slug, null,
        (select count(*)
           from team_member m
          where m.team_id = t.id), 0, 0, 0
   from team_project tp
   join team t on t.id = tp.team_id
  where tp.organization_id = $1
    and tp.project_id = $2
  order by t.slug
  limit $5::int)
 union all
(select 'person', p.id, p.name, null, count(*) over (), 0, 0, 0
   from (select distinct a.id, a.name
           from team_project tp
           join team_member m on m.team_id = tp.team_id
           join account a on a.id = m.account_id
          where tp.organization_id = $1
            and tp.project_id = $2
            and a.is_active) p
  order by lower(p.name), p.id
  limit $5)
 union all
(select 'rule', r.id, r.name, f.fired_at,
        case when r.snoozed_until > now() then 1 else 0 end, 0, 0, 0
   from (select a.*
           from alert_rule a
          where a.organization_id = $1
            and a.is_on
            and (a.all_projects
                 or exists (select
                              from alert_rule_project p
                             where p.rule_id = a.id
                               and p.project_id = $2))
          order by a.id
          limit 200) r
   left join lateral (
        select a.fired_at
          from alert_fire a
         where a.rule_id = r.id
         order by a.id desc
         limit 1) f on true
  order by f.fired_at desc nulls last, r.id
  limit $5)
 union all
(select 'release', r.id, r.version, r.first_seen, coalesce(h.sessions, 0),
        coalesce(h.crashed, 0), coalesce(h.users, 0),
        coalesce(h.users_crashed, 0)
   from release r
   left join health h on h.release_id = r.id
  where r.organization_id = $1
    and r.project_id = $2
    and ($3::text is null or r.version = $3)
  order by r.first_seen desc, r.id desc
  limit 1)
 union all
select 'all', 0, null, null, coalesce(sum(sessions), 0)::bigint,
       coalesce(sum(crashed), 0)::bigint, coalesce(sum(users), 0)::bigint,
       coalesce(sum(users_crashed), 0)::bigint
  from health
