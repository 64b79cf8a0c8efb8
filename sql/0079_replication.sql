-- The health page tells how far the copies of the database are behind.  The
-- worker's role sees of other people's connections only that they are there;
-- this function sees what the owner of the tables sees, which is everything
-- once it is a member of pg_monitor.

create function replication_state()
returns table (copies bigint, streaming bigint, hidden bigint, behind bigint,
               lag interval, idle_slots bigint, held bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select r.copies, r.streaming, r.hidden, r.behind, r.lag, s.idle, s.held
      from (select count(*), count(*) filter (where state = 'streaming'),
                   count(*) filter (where state is null),
                   max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))::bigint,
                   max(replay_lag)
              from pg_stat_replication) r (copies, streaming, hidden, behind, lag),
           (select count(*) filter (where not active),
                   max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))
                       filter (where not active)::bigint
              from pg_replication_slots) s (idle, held)
     where not pg_is_in_recovery()
$$;

comment on function replication_state() is
    'How far the copies of the database are behind, for the health page.';
