-- name: server_read
select split_part(current_setting('server_version'), ' ', 1) as version,
       pg_backend_pid() as backend_pid,
       (select count(*)
          from pg_stat_activity
         where datname = current_database()) as connections,
       pg_database_size(current_database()) as size_bytes,
       to_regclass('migration') is not null as has_migrations

-- name: server_migration
select name
  from migration
 order by number desc
 limit 1

-- name: server_ping
-- Does it answer?
select 1
