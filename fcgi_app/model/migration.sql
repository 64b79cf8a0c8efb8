-- name: migration_table
create table if not exists migration (
    number     integer primary key,
    name       text not null,
    digest     text not null,
    applied_at timestamptz not null default now()
)

-- name: migration_lock
-- The number is "vedette" on a telephone's keys.
select pg_advisory_xact_lock(8333883)

-- name: migration_list
select number, name, digest
  from migration
 order by number

-- name: migration_add
insert into migration (number, name, digest)
values ($1, $2, $3)

-- name: migration_wall
-- Policies and rights for every table that there is now.
select wall_build()
