-- The trace that an event is a part of, for trace: of searches.  Its index says
-- of each few pages which traces may be in them: it costs a row next to nothing.

alter table event add column trace uuid;

create or replace function event_partition(which date) returns void
language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    suffix text := to_char(which, 'YYYYMMDD');
begin
    if to_regclass('event_' || suffix) is not null
       and to_regclass('event_body_' || suffix) is not null then
        return;
    end if;

    perform pg_advisory_xact_lock(hashtext('event_partition'));

    if not exists (select from pg_class
                    where relname = 'event_' || suffix
                      and relnamespace = 'public'::regnamespace) then
        execute format(
            'create table event_%s partition of event for values from (%L) to (%L)',
            suffix, which, which + 1);
        execute format(
            'create unique index on event_%s (project_id, event_id)', suffix);
        execute format('create index on event_%s (id)', suffix);
        execute format('create index on event_%s (issue_id, id)', suffix);
        execute format(
            'create index on event_%s using gin (tags) with (gin_pending_list_limit = 1024)',
            suffix);
        execute format(
            'create index on event_%s using brin (trace uuid_bloom_ops) with (pages_per_range = 32)',
            suffix);
    end if;

    if not exists (select from pg_class
                    where relname = 'event_body_' || suffix
                      and relnamespace = 'public'::regnamespace) then
        execute format(
            'create table event_body_%s partition of event_body for values from (%L) to (%L)',
            suffix, which, which + 1);
        execute format('create unique index on event_body_%s (id)', suffix);
        execute format(
            'alter table event_body_%s alter column body set storage external',
            suffix);
    end if;
end
$$;

do $$
declare
    part regclass;
begin
    for part in select i.inhrelid
                  from pg_inherits i
                 where i.inhparent = 'event'::regclass
    loop
        execute format(
            'create index on %s using brin (trace uuid_bloom_ops) with (pages_per_range = 32)',
            part);
    end loop;
end
$$;
