-- name: event_trail_stored
-- Of one organisation ($2), or null for an administrator: of all.  Each
-- partition has an index by project and event id.
select p.id as project_id, p.slug, o.slug as organization, i.number, i.title, e.occurred_at,
       e.received_at, e.digested_at, e.key_id, e.has_body
  from project p
  join organization o on o.id = p.organization_id
  join event e on e.project_id = p.id
              and e.organization_id = p.organization_id
  left join issue i on i.id = e.issue_id
                   and i.status <> 3
 where e.event_id = $1::uuid
   and ($2::bigint is null or o.id = $2)
 order by e.digested_at
 limit 20

-- name: event_trail_ended
select p.id as project_id, p.slug, o.slug as organization, e.category,
       e.outcome, e.reason, e.received_at, e.ended_at, e.status
  from event_ended e
  join project p on p.id = e.project_id
                and p.organization_id = e.organization_id
  join organization o on o.id = p.organization_id
 where e.event_id = $1::uuid
   and ($2::bigint is null or e.organization_id = $2)
 order by e.id desc
 limit 20

-- name: event_trail_project
-- For an administrator: where an entry of the queue is bound.
select p.slug, o.slug as organization
  from project p
  join organization o on o.id = p.organization_id
 where p.id = $2
   and p.organization_id = $1

-- name: event_trail_ends
-- Items that ended without a row since $1, of the organisation $2 or of all:
-- the ledger has them by hour, not by event id.
select p.id as project_id, p.slug, o.slug as organization, h.category, h.outcome, h.reason,
       sum(h.quantity)::bigint as quantity, max(h.hour) as latest
  from outcome_hour h
  join project p on p.id = h.project_id
                and p.organization_id = h.organization_id
  join organization o on o.id = p.organization_id
 where h.hour >= $1
   and ($2::bigint is null or h.organization_id = $2)
   and h.outcome <> 'accepted'
   and h.category in ('error', 'default', 'security', 'feedback')
 group by p.id, p.slug, o.slug, h.category, h.outcome, h.reason
 order by max(h.hour) desc, sum(h.quantity) desc
 limit 20

-- name: event_trail_gone
-- Projects that no longer hold all that they were sent: for how long events
-- stay there ($1 days where nobody has said), since when they are there, and how
-- many have gone by age or size as far as it is written down.
select p.id as project_id, p.slug, o.slug as organization, k.days,
       h.oldest::timestamp at time zone 'UTC' as oldest,
       coalesce(f.events, 0)::bigint as events
  from project p
  join organization o on o.id = p.organization_id
  join project_keep($1::int) k on k.project_id = p.id
  left join lateral (
       select min(d.day) as oldest
         from event_day d
        where d.project_id = p.id
          and d.organization_id = p.organization_id
          and d.events > 0) h on true
  left join (select r.organization_id, r.project_id, sum(r.events) as events
               from retention_freed r
              where $2::bigint is null
                 or r.organization_id = $2
              group by 1, 2) f on f.project_id = p.id
                              and f.organization_id = p.organization_id
 where ($2::bigint is null or p.organization_id = $2)
   and (f.events > 0
        or h.oldest > (p.first_event_at at time zone 'UTC')::date)
 order by coalesce(f.events, 0) desc, p.id
 limit 20
