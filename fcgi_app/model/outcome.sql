-- name: outcome_add
-- The rows come sorted by the primary key.
insert into outcome_hour as o (organization_id, project_id, hour, key_id,
                               category, outcome, reason, quantity)
select *
  from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bigint[],
              $5::text[], $6::text[], $7::text[], $8::bigint[])
    on conflict (organization_id, project_id, hour, key_id, category, outcome,
                 reason)
    do update set quantity = o.quantity + excluded.quantity
