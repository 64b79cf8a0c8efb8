-- name: session_sums
-- Sessions of the projects $2 from $4 to $5 by slot of $6 seconds, in the
-- environment $3 and of releases with $8 in their version (both null: all).  By
-- $7: 0 nothing, 1 release, 2 environment, 3 project; of the $9 with most
-- sessions by name and place, of all others together as place 0.
with hours as materialized (
    select h.project_id, h.release_id, h.environment_id,
           floor(date_part('epoch', h.hour - $4::timestamptz) / $6::int)::int as slot,
           sum(h.sessions) as sessions, sum(h.errored) as errored,
           sum(h.abnormal) as abnormal, sum(h.unhandled) as unhandled,
           sum(h.crashed) as crashed, sum(h.users) as users,
           sum(h.users_crashed) as users_crashed,
           sum(h.duration_ms) as duration_ms, sum(h.durations) as durations
      from release_hour h
     where h.organization_id = $1::bigint
       and h.project_id = any ($2::bigint[])
       and h.hour >= $4
       and h.hour < $5::timestamptz
       and h.sessions > 0
       and ($3::text is null
            or h.environment_id in (select e.id
                                      from environment e
                                     where e.organization_id = $1
                                       and e.name = $3))
     group by 1, 2, 3, 4
), named as (
    select case $7::int when 1 then r.version
                        when 2 then coalesce(e.name, '')
                        when 3 then p.slug
                        else '' end as name,
           h.slot, sum(h.sessions) as sessions, sum(h.errored) as errored,
           sum(h.abnormal) as abnormal, sum(h.unhandled) as unhandled,
           sum(h.crashed) as crashed, sum(h.users) as users,
           sum(h.users_crashed) as users_crashed,
           sum(h.duration_ms) as duration_ms, sum(h.durations) as durations
      from hours h
      join release r on r.id = h.release_id
      join project p on p.id = h.project_id
      left join environment e on e.id = h.environment_id
     where $8::text is null
        or strpos(lower(r.version), $8) > 0
     group by 1, 2
), placed as (
    select name, count(*) over () as groups,
           row_number() over (order by sum(sessions) desc, name) as place
      from named
     group by name
)
select case when p.place <= $9::int then p.place else 0 end as place,
       case when p.place <= $9 then n.name end as name, n.slot, p.groups,
       sum(n.sessions)::bigint as sessions, sum(n.errored)::bigint as errored,
       sum(n.abnormal)::bigint as abnormal,
       sum(n.unhandled)::bigint as unhandled,
       sum(n.crashed)::bigint as crashed, sum(n.users)::bigint as users,
       sum(n.users_crashed)::bigint as users_crashed,
       sum(n.duration_ms)::bigint as duration_ms,
       sum(n.durations)::bigint as durations
  from named n
  join placed p on p.name = n.name
 group by 1, 2, 3, 4
 order by 1, 3
