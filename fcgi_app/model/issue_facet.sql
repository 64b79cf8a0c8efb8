-- name: issue_facets
-- The $5 most frequent values of the keys $3 in the projects $2 (all of them
-- when null) over $4 days; and whom most open issues are assigned to, of the
-- first 10,000 that are.
with keys as (
    select k.id, w.key, w.n
      from unnest($3::text[]) with ordinality as w (key, n)
      join tag_key k on k.key = w.key
     where k.organization_id = $1::bigint
       and ($2::bigint[] is null or k.project_id = any ($2))
), counted as (
    -- key by key: all at once PostgreSQL would sort them, and read every value
    select k.key, k.n, v.value, sum(c.times_seen)::bigint as times_seen
      from keys k
     cross join lateral (
           select d.tag_id, sum(d.times_seen) as times_seen
             from tag_day d
            where d.key_id = k.id
              and d.day > (now() at time zone 'UTC')::date - $4::int
            group by d.tag_id
            order by 2 desc
            limit 100) c
     cross join lateral (
           select t.value
             from tag_value t
            where t.id = c.tag_id
           offset 0) v
     where v.value <> ''
     group by k.key, k.n, v.value
), placed as (
    select c.*, row_number() over (partition by c.key
                                   order by c.times_seen desc, c.value) as place
      from counted c
)
(select p.key, p.value, p.times_seen, null::text as name
   from placed p
  where p.place <= $5::int
  order by p.n, p.place)
 union all
(select 'assigned', coalesce(a.email, '#' || t.slug), c.n, coalesce(a.name, t.name)
   from (select o.assignee_id, o.assignee_team_id, count(*) as n
           from (select i.assignee_id, i.assignee_team_id
                   from issue i
                  where i.organization_id = $1
                    and i.status = 0
                    and ($2 is null or i.project_id = any ($2))
                    and (i.assignee_id is not null or i.assignee_team_id is not null)
                  limit 10000) o
          group by 1, 2
          order by 3 desc
          limit $5) c
   left join account a on a.id = c.assignee_id
   left join team t on t.id = c.assignee_team_id
  order by c.n desc, 2)
