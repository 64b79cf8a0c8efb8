-- Crash-free rules measure by the minute of arrival, as those of events do: the
-- hours of releases change for days after a rule has looked at them, and what
-- a rehearsal read there was never what had been measured.
create table session_minute (
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    environment     text not null,
    is_crashed      boolean not null,               -- else: all that began
    minute          timestamptz not null,
    sessions        bigint not null,
    users           bytea not null,
    primary key (project_id, minute, environment, is_crashed)
) with (fillfactor = 80);

create index session_minute_age on session_minute using brin (minute);

-- what there was, as if each hour had come in at once; its users are not known
insert into session_minute (organization_id, project_id, environment,
                            is_crashed, minute, sessions, users)
select h.organization_id, h.project_id, coalesce(e.name, ''), k.is_crashed,
       h.hour,
       sum(case when k.is_crashed then h.crashed else h.sessions end), ''
  from release_hour h
  left join environment e on e.id = h.environment_id
 cross join (values (false), (true)) k (is_crashed)
 where h.hour > now() - interval '31 days'
   and h.sessions + h.crashed > 0
 group by 1, 2, 3, 4, 5;
