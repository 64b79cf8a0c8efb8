-- name: outbox_add
-- Wakes the notify process at the commit.
with added as (
    insert into outbox (organization_id, project_id, issue_id, rule_id, fire_id,
                        cause, channel, integration_id, account_id, address,
                        endpoint, data, key, due_at)
    select nullif(g.organization_id, 0), nullif(g.project_id, 0),
           nullif(g.issue_id, 0), nullif(g.rule_id, 0), nullif(g.fire_id, 0),
           g.cause, g.channel, nullif(g.integration_id, 0),
           nullif(g.account_id, 0), coalesce(g.address, ''),
           coalesce(g.endpoint, ''), coalesce(g.data, '{}'), g.key,
           coalesce(g.due_at, now())
      from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
                  $5::bigint[], $6::text[], $7::text[], $8::bigint[],
                  $9::bigint[], $10::text[], $11::text[], $12::text[],
                  $13::text[], $14::timestamptz[])
               g(organization_id, project_id, issue_id, rule_id, fire_id, cause,
                 channel, integration_id, account_id, address, endpoint, data,
                 key, due_at)
        on conflict (key) do nothing
    returning 1)
select count(*) as added,
       pg_notify('vedette_outbox', '')
  from added

-- name: outbox_reader
-- An address in lower case is an account's; others have none.
select coalesce(a.language, o.language, '') as language,
       coalesce(a.time_zone, '') as time_zone
  from (select 1) nobody
  left join lateral (
       select language, time_zone
         from account
        where id = $1::bigint or email = lower($2::text)
        order by id = $1 desc
        limit 1) a on true
  left join organization o on o.id = $3::bigint

-- name: outbox_done
-- The link of a mail about an account is a secret; who has it keeps it.  It is
-- gone from here however the mail ends.
update outbox
   set state = 1, leased_until = null, last_code = $2::int,
       last_answer = $3::text, done_at = now(),
       data = case when cause = 'account' then '{}' else data end
 where id = $1::bigint
   and state = 0

-- name: outbox_retry
-- Given up when it has had its tries ($5) or its day.
update outbox
   set state = case when attempts >= $5::int
                      or created_at < now() - interval '24 hours'
                    then 2 else 0 end,
       done_at = case when attempts >= $5::int
                        or created_at < now() - interval '24 hours'
                      then now() end,
       leased_until = null,
       due_at = now() + $4::bigint * interval '1 microsecond',
       last_code = $2::int,
       last_answer = $3::text,
       data = case when cause = 'account'
                    and (attempts >= $5::int
                      or created_at < now() - interval '24 hours')
                   then '{}' else data end
 where id = $1::bigint
   and state = 0
returning state

-- name: outbox_dead
update outbox
   set state = 2, leased_until = null, last_code = $2::int,
       last_answer = $3::text, done_at = now(),
       data = case when cause = 'account' then '{}' else data end
 where id = $1::bigint
   and state = 0

-- name: outbox_leave_out
update outbox
   set state = 3, leased_until = null, last_answer = $2::text, done_at = now(),
       data = case when cause = 'account' then '{}' else data end
 where id = $1::bigint
   and state = 0

-- name: outbox_endpoint_failed
-- Rests from $2 failures in a row on: a minute, doubling up to half an hour.
insert into outbox_endpoint as e (name, failures, open_until, last_answer)
values ($1::text, 1, now(), $3::text)
    on conflict (name) do update
   set failures = e.failures + 1,
       last_answer = excluded.last_answer,
       open_until = case when e.failures + 1 >= $2::int
                         then now() + least(
                                  interval '1 minute'
                                      * power(2, least(e.failures + 1 - $2, 5)),
                                  interval '30 minutes')
                         else now() end

-- name: outbox_endpoint_well
delete from outbox_endpoint where name = $1::text

-- name: outbox_list
-- Before $5; $2 integration, $3 rule, $6 firing: 0 for all.  That tickets were
-- read again (ticket_look.h) is no delivery, unless it failed.
select o.id, o.organization_id, o.project_id, o.issue_id, o.rule_id, o.fire_id,
       o.cause, o.channel, o.integration_id, o.account_id, o.address,
       o.endpoint, o.data, o.key, o.state, o.due_at, o.attempts, o.last_code,
       o.last_answer, o.created_at, o.done_at
  from outbox o
 where o.organization_id = $1::bigint
   and o.channel <> 'route'
   and (o.cause <> 'look' or o.state = 2)
   and ($2::bigint = 0 or o.integration_id = $2)
   and ($3::bigint = 0 or o.rule_id = $3)
   and ($6::bigint = 0 or o.fire_id = $6)
   and (not $4::boolean or o.state = 2 or (o.state = 0 and o.attempts > 1))
   and o.id < $5::bigint
 order by o.id desc
 limit $7::int

-- name: outbox_channels
-- How the latest $3 deliveries since $2 went, by channel and integration.
-- Mails that wait on purpose to become one say nothing about delay.
with latest as (
    select id, channel, coalesce(integration_id, 0) as integration_id, state,
           attempts, last_code, last_answer, created_at, done_at,
           case when state = 1 and endpoint <> 'digest'
                then extract(epoch from done_at - created_at) end as delay,
           state = 2 or (state = 0 and attempts > 0 and last_answer <> '')
               as is_failed
      from outbox
     where organization_id = $1::bigint
       and channel <> 'route'
       and created_at >= $2::timestamptz
     order by id desc
     limit $3::int
)
select l.channel, l.integration_id, max(i.name) as name,
       count(*) filter (where l.state = 1) as sent,
       count(*) filter (where l.state = 2) as failed,
       count(*) filter (where l.state = 0) as waiting,
       percentile_cont(0.5) within group (order by l.delay) as median,
       percentile_cont(0.99) within group (order by l.delay) as slow,
       max(l.done_at) filter (where l.state = 1) as sent_at,
       max(coalesce(l.done_at, l.created_at)) filter (where l.is_failed)
           as failed_at,
       (array_agg(l.last_code order by l.id desc)
           filter (where l.is_failed))[1] as last_code,
       (array_agg(l.last_answer order by l.id desc)
           filter (where l.is_failed))[1] as last_answer
  from latest l
  left join integration i
    on i.id = l.integration_id
   and i.organization_id = $1
 group by l.channel, l.integration_id
 order by l.channel, l.integration_id
 limit 200

-- name: outbox_forget
-- Old rows, so many at a time; waiting ones are never old.
delete from outbox
 where id in (select o.id
                from outbox o
               where o.created_at < now() - $1::int * interval '1 day'
                 and o.state <> 0
               limit $2::int)

-- name: outbox_routed
delete from outbox
 where id = $1::bigint
   and channel = 'route'

-- name: outbox_of_fires
select o.id, o.organization_id, o.project_id, o.issue_id, o.rule_id, o.fire_id,
       o.cause, o.channel, o.integration_id, o.account_id, o.address,
       o.endpoint, o.data, o.key, o.state, o.due_at, o.attempts, o.last_code,
       o.last_answer, o.created_at, o.done_at
  from outbox o
 where o.organization_id = $1::bigint
   and o.fire_id = any ($2::bigint[])
   and o.channel <> 'route'
 order by o.id
 limit 500
