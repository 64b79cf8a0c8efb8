-- name: health_tables
-- The size of each table; partitions count for the table that they are of.
select coalesce(p.relname, c.relname) as name,
       sum(pg_total_relation_size(c.oid))::bigint as bytes,
       sum(pg_indexes_size(c.oid))::bigint as index_bytes,
       sum(greatest(c.reltuples, 0))::bigint as rows,
       coalesce(sum(s.n_dead_tup), 0)::bigint as dead,
       max(greatest(s.last_vacuum, s.last_autovacuum)) as vacuumed_at
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
  left join pg_inherits i on i.inhrelid = c.oid
  left join pg_class p on p.oid = i.inhparent
  left join pg_stat_all_tables s on s.relid = c.oid
 where c.relkind = 'r'
 group by 1
 order by 2 desc, 1
 limit 12

-- name: health_receipts
-- When something was digested last, from the counters of this hour and the one
-- before; of the installation, so no organisation is asked for.
select coalesce(sum(quantity), 0)::bigint as accepted
  from outcome_hour
 where hour >= date_trunc('hour', now()) - interval '1 hour'
   and outcome = 'accepted'
   and category in ('error', 'default', 'security')
