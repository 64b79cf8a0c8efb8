-- name: health_tables
-- The size of each table; partitions count for the table that they are of.
select coalesce(p.relname, c.relname) as name,
       sum(pg_total_relation_size(c.oid))::bigint as bytes,
       sum(pg_indexes_size(c.oid))::bigint as indexes,
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

-- name: health_line
-- What came through last, of the whole installation, and the days of events
-- that there is a table for.  By id alone: each day has its index of them, while
-- day and id together would have all events of two days sorted.
select (select e.received_at
          from event e
         where e.day >= (now() at time zone 'UTC')::date - 1
         order by e.id desc
         limit 1) as digested_at,
       (select coalesce(sum(o.quantity), 0)
          from outcome_hour o
         where o.hour >= date_trunc('hour', now()) - interval '1 hour'
           and o.outcome = 'accepted'
           and o.category in ('error', 'default', 'security'))::bigint
           as accepted,
       parts.n as partitions, parts.oldest, parts.newest
  from (select count(*) as n, min(right(c.relname, 8)) as oldest,
               max(right(c.relname, 8)) as newest
          from pg_inherits i
          join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'event'::regclass) parts

-- name: health_replication
-- The copies of the database; no row on a copy.
select r.copies, r.streaming, r.hidden, r.behind,
       (extract(epoch from r.lag) * 1000000)::bigint as lag,
       r.idle_slots, r.held
  from replication_state() r

-- name: health_waiting
-- What waits beside the queue, and since when it could have been done; jobs that
-- have failed in the last day, with the kind of the latest.
select n.notices, n.notices_since, j.jobs, j.jobs_since, f.failed, f.kind
  from (select count(*) as notices, min(o.due_at) as notices_since
          from outbox o
         where o.state = 0
           and o.due_at <= now()) n
 cross join (
       select count(*) as jobs, min(j.due_at) as jobs_since
         from job j
        where j.state = 0
          and j.due_at <= now()) j
 cross join (
       select count(*) as failed,
              (array_agg(j.kind order by j.finished_at desc, j.id desc))[1]
                  as kind
         from job j
        where j.state = 3
          and j.finished_at > now() - interval '1 day') f

-- name: health_channels
-- What became of the notifications of the last day, and the services that are
-- left alone for a while because they have failed, with the one that has for
-- longest.
select d.sent, d.failed,
       (select count(*)
          from outbox_endpoint e
         where e.open_until > now()) as resting,
       w.name as host, left(w.last_answer, 200) as why
  from (select count(*) filter (where o.state = 1) as sent,
               count(*) filter (where o.state = 2) as failed
          from outbox o
         where o.created_at > now() - interval '1 day') d
  left join (select e.name, e.last_answer
               from outbox_endpoint e
              where e.open_until > now()
              order by e.since
              limit 1) w on true
