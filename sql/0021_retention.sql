-- Retention: what each project holds of each day, the limits of organisations,
-- and runs with what they freed (model/retention.h).

alter table organization
    add column keep_days  integer,                  -- null: as the installation; 0: for ever
    add column keep_bytes bigint;                   -- of all its projects; null: no bound

-- Events that are held, counted as they are folded (model/fold.c).  It hangs on
-- no project: of one that is gone it says where its events still are.
create table event_day (
    project_id      bigint not null,
    day             date not null,
    organization_id bigint not null,
    events          bigint not null,
    bytes           bigint not null,                -- about: bodies, and KEEP_ROW_BYTES an event
    primary key (project_id, day)
) with (fillfactor = 80);

create index event_day_organization on event_day (organization_id, day);
create index event_day_day on event_day (day);

insert into event_day (project_id, day, organization_id, events, bytes)
select e.project_id, e.day, max(e.organization_id), count(*),
       sum(coalesce(octet_length(b.body), 0) + 500)
  from event e
  left join event_body b on b.day = e.day and b.id = e.id
 where e.id <= (select folded from event_mark)
 group by 1, 2;

-- Days of age and bytes in force.  What is no number was never set.
create function project_keep(default_days integer)
returns table (organization_id bigint, project_id bigint, days integer,
               attachment_days integer, bytes bigint,
               own_days integer, own_attachment_days integer)
language sql stable as $$
    select p.organization_id, p.id,
           coalesce(s.days, o.keep_days, default_days),
           coalesce(s.attachment_days, s.days, o.keep_days, default_days),
           s.bytes, s.days, s.attachment_days
      from project p
      join organization o on o.id = p.organization_id
      left join (select n.project_id,
                        max(n.value) filter (where n.name = 'keep.days')::integer as days,
                        max(n.value) filter (where n.name = 'keep.attachment-days')::integer
                            as attachment_days,
                        max(n.value) filter (where n.name = 'keep.bytes') as bytes
                   from (select w.project_id, w.name,
                                case when w.value ~ '^[0-9]{1,5}$'
                                       or (w.name = 'keep.bytes' and w.value ~ '^[0-9]{1,16}$')
                                     then w.value::bigint
                                end as value
                           from project_setting w
                          where w.name in ('keep.days', 'keep.attachment-days', 'keep.bytes')) n
                  group by n.project_id) s on s.project_id = p.id
$$;

drop table retention_run;

create table retention_run (
    id              bigint generated always as identity primary key,
    asked           boolean not null,               -- by a person
    step            smallint not null default 0,    -- of the table in model/retention.c
    place           text not null default '',       -- how far that step is
    partitions      integer not null default 0,     -- whole days; and of all organisations:
    events          bigint not null default 0,
    bytes           bigint not null default 0,
    attachments     bigint not null default 0,
    reports         bigint not null default 0,
    issues          bigint not null default 0,
    started_at      timestamptz not null default now(),
    finished_at     timestamptz
);

create unique index retention_run_one on retention_run ((true)) where finished_at is null;

create table retention_freed (
    organization_id bigint not null references organization on delete cascade,
    run_id          bigint not null references retention_run on delete cascade,
    project_id      bigint not null,                -- which may be gone
    events          bigint not null default 0,
    bytes           bigint not null default 0,
    attachments     bigint not null default 0,
    reports         bigint not null default 0,
    issues          bigint not null default 0,
    primary key (organization_id, run_id, project_id)
);

create index retention_freed_run on retention_freed (run_id);

create table retention_ask (
    organization_id bigint primary key references organization on delete cascade,
    at              timestamptz not null default now()
);

create index feedback_received on feedback (project_id, received_at);
create index issue_hour_age on issue_hour using brin (hour);

-- The bytes that are free now; null: there are events in it after the one with
-- the id top.  Everybody waits while it holds its locks, so it gives up soon.
create function event_partition_drop(which date, top bigint) returns bigint
language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    suffix text := to_char(which, 'YYYYMMDD');
    newest bigint;
    size   bigint := 0;
begin
    perform set_config('lock_timeout', '1s', true);
    lock table event, event_body in access exclusive mode;
    if to_regclass('event_' || suffix) is not null then
        execute format('select max(id) from event_%s', suffix) into newest;
        if newest > top then
            return null;
        end if;
        size := size + pg_total_relation_size(('event_' || suffix)::regclass);
        execute format('drop table event_%s', suffix);
    end if;
    if to_regclass('event_body_' || suffix) is not null then
        size := size + pg_total_relation_size(('event_body_' || suffix)::regclass);
        execute format('drop table event_body_%s', suffix);
    end if;
    return size;
end
$$;

revoke execute on function event_partition_drop(date, bigint) from public;

do $$
begin
    if to_regrole('vedette_worker') is not null then
        grant execute on function event_partition_drop(date, bigint) to vedette_worker;
    end if;
end
$$;
