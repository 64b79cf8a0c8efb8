-- name: outcome_add
-- The rows come sorted by the primary key.  A key that something came with is
-- marked as seen, to ten seconds, and by one worker of many.
with seen as (
    update project_key
       set last_seen_at = now()
     where id in (select k.id
                    from project_key k
                   where k.id = any ($4::bigint[])
                     and (k.last_seen_at is null
                          or k.last_seen_at < now() - interval '10 seconds')
                     for update skip locked)
)
insert into outcome_hour as o (organization_id, project_id, hour, key_id,
                               category, outcome, reason, quantity)
select *
  from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bigint[],
              $5::text[], $6::text[], $7::text[], $8::bigint[])
    on conflict (organization_id, project_id, hour, key_id, category, outcome,
                 reason)
    do update set quantity = o.quantity + excluded.quantity
