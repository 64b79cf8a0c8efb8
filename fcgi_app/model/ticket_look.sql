-- name: ticket_look_due
-- A job for each connection whose time is up, but one at a time; should it be
-- lost, the next is in an hour.
with due as (
    select l.integration_id, l.organization_id, l.due_at
      from ticket_look l
     where l.due_at <= now()
     order by l.due_at
     limit $1::int
       for update skip locked
), moved as (
    update ticket_look l
       set due_at = now() + interval '1 hour'
      from due d
     where l.integration_id = d.integration_id
), added as (
    insert into outbox (organization_id, cause, channel, integration_id,
                        endpoint, key, data)
    select d.organization_id, 'look', i.type, i.id, 'integration:' || i.id,
           'look:' || i.id || ':' || extract(epoch from d.due_at), '{}'
      from due d
      join integration i on i.id = d.integration_id
     where i.state <> 2
       and not exists (select 1
                         from outbox o
                        where o.integration_id = i.id
                          and o.cause = 'look'
                          and o.state = 0)
        on conflict (key) do nothing
    returning 1)
select (select count(*) from due) as due,
       case when exists (select 1 from added)
            then pg_notify('vedette_outbox', '') end

-- name: ticket_look_list
select t.id, t.organization_id, t.integration_id, i.name as integration,
       i.type, t.key, t.url, t.title, t.status, t.is_done, t.assignee,
       t.assignee_id, t.data, t.error, t.synced_at
  from ticket t
  join integration i on i.id = t.integration_id
 where t.organization_id = $1
   and t.integration_id = $2
   and t.look_at <= now()
   and exists (select 1
                 from ticket_issue l
                where l.ticket_id = t.id)
 order by t.look_at
 limit $3

-- name: ticket_look_end
-- Not again within a minute, however many are left.
update ticket_look l
   set ran_at = now(),
       tickets = $3,
       changed = $4,
       due_at = greatest(now() + interval '1 minute',
                         coalesce((select min(t.look_at)
                                     from ticket t
                                    where t.integration_id = $2
                                      and exists (select 1
                                                    from ticket_issue i
                                                   where i.ticket_id = t.id)),
                                  now() + interval '1 day'))
 where l.organization_id = $1
   and l.integration_id = $2

-- name: ticket_look_state
select ran_at, tickets, changed, due_at
  from ticket_look
 where organization_id = $1
   and integration_id = $2
