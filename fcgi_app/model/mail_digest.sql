-- name: mail_digest_wait
-- $4, $5: the delays of a project that has set none; $6 the step, in seconds.
with wish as (
    select coalesce(max(s.value) filter (where s.name = $7::text)::int,
                    $4::int) as shortest,
           coalesce(max(s.value) filter (where s.name = $8::text)::int,
                    $5::int) as longest
      from project_setting s
     where s.organization_id = $1::bigint
       and s.project_id = $2::bigint
       and s.name in ($7, $8)
       and s.value ~ '^[0-9]{1,6}$'
), old as materialized (
    select d.due_at, d.latest_at,
           d.due_at > now()
           or exists (select 1
                        from outbox o
                       where o.state = 0
                         and o.endpoint = 'digest'
                         and o.project_id = $2
                         and o.account_id = $3::bigint) as waits
      from mail_digest d
     where d.organization_id = $1
       and d.project_id = $2
       and d.account_id = $3
       for update
), fresh as (
    select coalesce(o.waits, false) as waits,
           case when o.waits
                then greatest(least(o.due_at + $6::int * interval '1 second',
                                    o.latest_at), now())
                else now() + w.shortest * interval '1 second' end as due_at,
           case when o.waits
                then o.latest_at
                else now() + greatest(w.longest, w.shortest)
                             * interval '1 second' end as latest_at
      from wish w
      left join old o on true
     where w.shortest > 0
), put as (
    insert into mail_digest (organization_id, project_id, account_id, due_at,
                             latest_at)
    select $1, $2, $3, f.due_at, f.latest_at
      from fresh f
        on conflict (project_id, account_id) do update
       set due_at = excluded.due_at,
           latest_at = excluded.latest_at
)
select f.due_at
  from fresh f
 where f.waits

-- name: mail_digest_due
select d.due_at
  from mail_digest d
 where d.organization_id = $1::bigint
   and d.project_id = $2::bigint
   and d.account_id = $3::bigint
   and d.due_at > now()
   for update

-- name: mail_digest_rows
select o.id, o.organization_id, o.project_id, o.issue_id, o.rule_id, o.fire_id,
       o.cause, o.channel, o.integration_id, o.account_id, o.address,
       o.endpoint, o.data, o.key, o.state, o.due_at, o.attempts, o.last_code,
       o.last_answer, o.created_at, o.done_at,
       coalesce((select i.status = 0
                   from issue i
                  where i.id = o.issue_id), o.issue_id is null) as is_open
  from outbox o
 where o.organization_id = $1::bigint
   and o.project_id = $2::bigint
   and o.account_id = $3::bigint
   and o.state = 0
   and o.endpoint = 'digest'
 order by o.id
 limit $4::int
   for update of o skip locked

-- name: mail_digest_end
-- As mail_digest_wait, with $6, $7 for the delays.
with ended as (
    update outbox
       set state = 3, leased_until = null, last_answer = $5::text,
           done_at = now()
     where organization_id = $1::bigint
       and id = any ($4::bigint[])
       and state = 0
), wish as (
    select coalesce(max(s.value) filter (where s.name = $8::text)::int,
                    $6::int) as shortest,
           coalesce(max(s.value) filter (where s.name = $9::text)::int,
                    $7::int) as longest
      from project_setting s
     where s.organization_id = $1
       and s.project_id = $2::bigint
       and s.name in ($8, $9)
       and s.value ~ '^[0-9]{1,6}$'
)
update mail_digest d
   set due_at = now() + w.shortest * interval '1 second',
       latest_at = now() + greatest(w.longest, w.shortest)
                           * interval '1 second'
  from wish w
 where d.organization_id = $1
   and d.project_id = $2
   and d.account_id = $3::bigint

-- name: mail_digest_put_off
update outbox
   set due_at = $3::timestamptz, leased_until = null,
       attempts = attempts - 1
 where organization_id = $1::bigint
   and id = $2::bigint
   and state = 0
