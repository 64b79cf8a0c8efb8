-- name: batch_ended
-- Of a project that has gone there is nobody to ask.
insert into event_ended (organization_id, project_id, event_id, category,
                         outcome, reason, received_at)
select p.organization_id, p.id, g.event_id::uuid, g.category, g.outcome,
       g.reason, g.received_at
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[],
              $6::timestamptz[]) with ordinality
           g(project_id, event_id, category, outcome, reason, received_at, n)
  join project p on p.id = g.project_id
 order by g.n

-- name: batch_ended_at_edge
-- What edges have told, perhaps twice; of each project the newest $8 of them.
insert into event_ended (organization_id, project_id, event_id, category,
                         outcome, reason, received_at, ended_at, status)
select p.organization_id, p.id, g.event_id::uuid, g.category, g.outcome,
       g.reason, g.at, g.at, g.status
  from (select *, row_number() over (partition by project_id
                                         order by at desc) as place
          from (select distinct *
                  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[],
                              $5::text[], $6::timestamptz[], $7::bigint[])
                           u(project_id, event_id, category, outcome, reason,
                             at, status)) t) g
  join project p on p.id = g.project_id
 where g.place <= $8::bigint
   and not exists (select 1
                     from event_ended e
                    where e.event_id = g.event_id::uuid
                      and e.project_id = p.id
                      and e.received_at = g.at)
 order by g.at

-- name: batch_ended_forget
-- Of the $1 oldest those that are a week old, or too many.
with old as (
    delete from event_ended e
     using (select o.id, o.ended_at
              from event_ended o
             order by o.id
             limit $1::int) o
     where e.id = o.id
       and (o.ended_at < now() - interval '7 days'
            or o.id <= (select max(m.id) from event_ended m) - $2::bigint)
 returning 1
)
select count(*) as n
  from old
