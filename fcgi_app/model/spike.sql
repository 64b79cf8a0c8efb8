-- name: spike_reckon
-- Of the whole installation, a hundred projects at a time.  A cap that moved by
-- a tenth or less stays as it is: each change makes every edge look.
with due as (
    select p.id, p.organization_id, s.count, s.seconds
      from project p
      left join project_spike s
        on s.project_id = p.id
     where s.updated_at is null
        or s.updated_at < now() - interval '1 hour'
     order by s.updated_at nulls first, p.id
     limit 100
), hours as (
    select d.id, sum(o.quantity) as events,
           row_number() over (partition by d.id
                              order by sum(o.quantity) desc) as place,
           count(*) over (partition by d.id) as hours
      from due d
      join outcome_hour o
        on o.organization_id = d.organization_id
       and o.project_id = d.id
       and o.hour >= date_trunc('hour', now()) - interval '168 hours'
       and o.hour < date_trunc('hour', now())
     where o.category in ('default', 'error', 'security')
       and (o.outcome = 'accepted'
            or (o.outcome = 'rate_limited' and o.reason = 'spike_protection'))
     group by d.id, o.hour
), normal as (
    select d.id, d.organization_id, d.count as old,
           coalesce(max(h.events) filter (where h.place = 9), 0)::bigint as normal,
           coalesce(max(h.hours), 0) >= 24 as is_known
      from due d
      left join hours h
        on h.id = d.id
     group by d.id, d.organization_id, d.count
), cap as (
    select id, organization_id, old, normal,
           case when is_known then greatest(normal, $1::bigint) else 0 end as count
      from normal
), stored as (
    insert into project_spike as s (organization_id, project_id, normal, count,
                                    seconds)
    select organization_id, id, normal, count, $2::integer
      from cap
        on conflict (project_id)
        do update set normal = excluded.normal,
                      count = case when s.count > 0 and excluded.count > 0
                                    and abs(excluded.count - s.count) * 10 <= s.count
                                   then s.count
                                   else excluded.count end,
                      seconds = excluded.seconds,
                      updated_at = now()
    returning project_id, organization_id, count, seconds
)
select n.organization_id, n.project_id,
       (n.count, n.seconds) is distinct from (coalesce(d.count, 0), coalesce(d.seconds, n.seconds)) as is_changed
  from stored n
  join due d
    on d.id = n.project_id
 order by n.project_id

-- name: spike_of
select coalesce((select o.value <> 'off'
                   from project_setting o
                  where o.project_id = p.id
                    and o.name = 'spike.protection'), true) as is_on,
       s.normal, s.count, s.seconds,
       (select sum(o.quantity)::bigint
          from outcome_hour o
         where o.organization_id = p.organization_id
           and o.project_id = p.id
           and o.hour >= now() - interval '24 hours'
           and o.outcome = 'rate_limited'
           and o.reason = 'spike_protection') as refused,
       (select max(o.hour)
          from outcome_hour o
         where o.organization_id = p.organization_id
           and o.project_id = p.id
           and o.hour >= now() - interval '24 hours'
           and o.outcome = 'rate_limited'
           and o.reason = 'spike_protection') as refused_at
  from project p
  left join project_spike s
    on s.project_id = p.id
 where p.organization_id = $1
   and p.id = $2
