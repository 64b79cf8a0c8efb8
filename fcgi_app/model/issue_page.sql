-- What only the pages of one issue ask.

-- name: issue_chart
-- The events of each hour of the issue $1, and, with a version, when the
-- newest $5 releases of its project $4 came in that time; and of its latest $7
-- events those in the environment $6, by the hour.
-- And what archived it and brought it back, as it was archived at the beginning.
select h.hour as at, h.times_seen, null::text as version, false as here,
       null::text as kind
  from issue_hour h
 where h.issue_id = $1::bigint
   and h.hour >= $2::timestamptz
   and h.hour < $3::timestamptz
 union all
(select r.first_seen, 0, r.version, false, null
   from release r
  where r.project_id = $4::bigint
    and r.first_seen >= $2
  order by r.first_seen desc, r.id desc
  limit $5::int)
 union all
(select v.at, 0, null, false, v.kind
   from activity v
  where v.issue_id = $1
    and v.kind in ('archived', 'unresolved', 'resolved', 'escalating', 'ongoing', 'regressed', 'undone')
  order by v.id desc
  limit $8::int)
 union all
select date_trunc('hour', e.occurred_at), count(*), null, true, null
  from (select e.occurred_at, e.environment
          from event e
         where $6::text is not null
           and (e.issue_id, e.id) >= ($1, 0)
           and (e.issue_id, e.id) <= ($1, 9223372036854775807)
           and e.day >= $2::date
         order by e.issue_id desc, e.id desc
         limit $7::int) e
 where e.environment = $6
   and e.occurred_at >= $2
   and e.occurred_at < $3
 group by 1

-- name: issue_commits
-- Of the releases $2 of the project $1 the newest $4 commits, none older than a
-- year, and of those the files that are called as one of $3.
select c.version, c.revision, c.repository, c.message, c.author, c.author_email,
       c.at, f.path
  from release r
 cross join lateral (
       select r.version, c.*
         from release_commit c
        where c.release_id = r.id
        order by c.position
        limit $4::int) c
 cross join lateral unnest(c.files) f (path)
 where r.project_id = $1::bigint
   and r.version = any ($2::text[])
   and (c.at is null or c.at > now() - interval '1 year')
   and regexp_replace(f.path, '^.*/', '') = any ($3::text[])
 order by r.first_seen desc, c.position, f.path
 limit $5::int

-- name: issue_tag_list
-- The most frequent $4 values of each key, at most 300 of countries; the rest
-- of a key, and what its counters no longer tell apart (''), is in its total.
with seen as (
    select t.tag_id, t.times_seen, t.last_seen
      from issue_tag t
     where t.issue_id = $1::bigint
     union all
    select tag.id, count(*), max(e.received_at)
      from event e
     cross join unnest(e.tags) as tag (id)
     where e.issue_id = $1
       and e.day >= $2::date
       and e.id > (select coalesce(max(f.event_id), 0)
                     from issue_fold f
                     where f.issue_id = $1)
     group by tag.id
), counted as (
    select k.key, v.value, sum(s.times_seen)::bigint as times_seen,
           max(s.last_seen) as last_seen
      from seen s
      join tag_value v on v.id = s.tag_id
      join tag_key k on k.id = v.key_id
       and k.project_id = $3::bigint
       and not k.is_hidden
     group by k.key, v.id
), ranked as (
    select c.*, sum(c.times_seen) over (partition by c.key)::bigint as total,
           count(*) filter (where c.value <> '') over (partition by c.key)
               as values,
           row_number() over (partition by c.key
                              order by c.value = '', c.times_seen desc,
                                       c.value) as rank
      from counted c
)
select r.key, r.value, r.times_seen, r.last_seen, r.total, r.values
  from ranked r
 where r.value <> ''
   and r.rank <= case when r.key = 'geo.country_code' then 300
                      else $4::int end
 order by r.key, r.rank
 limit 2000
