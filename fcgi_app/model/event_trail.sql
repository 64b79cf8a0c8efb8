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
