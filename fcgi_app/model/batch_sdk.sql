-- name: batch_sdks_seen
-- $5: so many names an organisation, and no more.
insert into sdk_newest (organization_id, name, version, sort_key)
select distinct on (given.organization_id, given.name)
       given.organization_id, given.name, given.version, given.sort_key
  from unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[])
           given(organization_id, name, version, sort_key)
  join organization o on o.id = given.organization_id
 where (select count(*)
          from sdk_newest s
         where s.organization_id = given.organization_id
           and s.name <> given.name) < $5::bigint
 order by given.organization_id, given.name, given.sort_key desc
    on conflict (organization_id, name) do update
   set version = excluded.version,
       sort_key = excluded.sort_key,
       seen_on = excluded.seen_on
 where excluded.sort_key >= sdk_newest.sort_key
    or sdk_newest.seen_on < current_date - 30
