-- Of many projects the dashboard had tens of thousands of counters to look up and
-- add together.  Now others have added up.

-- The countries of a whole organisation: the fold writes their sum as well
-- (model/fold.sql), and who takes a project away takes its share.

create table country_hour (
    organization_id bigint not null references organization on delete cascade,
    hour            timestamptz not null,
    country         text collate "C" not null,      -- '': those that are counted together
    times_seen      bigint not null,
    primary key (organization_id, hour, country)
) with (fillfactor = 80);

create index country_hour_age on country_hour using brin (hour);

insert into country_hour (organization_id, hour, country, times_seen)
select k.organization_id, h.hour, v.value, sum(h.times_seen)
  from tag_key k
  join tag_hour h on h.key_id = k.id
  join tag_value v on v.id = h.tag_id
 where k.key = 'geo.country_code'
 group by 1, 2, 3;

-- The countries of a project, of the fold that is over: it locks the key.
create function country_hour_move(of_key integer, giver bigint, taker bigint) returns void
language sql security definer
set search_path = public, pg_temp as $$
    with share as (
        select h.hour, v.value as country, sum(h.times_seen) as n
          from tag_hour h
          join tag_value v on v.id = h.tag_id
         where h.key_id = of_key
         group by 1, 2
    ), given as (
        update country_hour c
           set times_seen = c.times_seen - s.n
          from share s
         where c.organization_id = giver
           and c.hour = s.hour
           and c.country = s.country
    )
    insert into country_hour as c (organization_id, hour, country, times_seen)
    select taker, s.hour, s.country, s.n
      from share s
     where taker is not null
        on conflict (organization_id, hour, country)
        do update set times_seen = c.times_seen + excluded.times_seen
$$;
revoke execute on function country_hour_move(integer, bigint, bigint) from public;

create function country_key_leaves() returns trigger
language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        perform country_hour_move(old.id, old.organization_id, null);
        return old;
    end if;
    perform country_hour_move(old.id, old.organization_id, new.organization_id);
    return new;
end
$$;

create trigger country_key_goes before delete on tag_key
    for each row when (old.key = 'geo.country_code')
    execute function country_key_leaves();

create trigger country_key_moves before update of organization_id on tag_key
    for each row when (old.key = 'geo.country_code'
                       and old.organization_id <> new.organization_id)
    execute function country_key_leaves();


-- How the releases did of late, where there are many projects: a chore adds it up
-- every minute (model/release_recent.h).  The mark says that it did, and when.
create table release_recent (
    release_id      bigint primary key references release on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    sessions        bigint not null,
    crashed         bigint not null,
    users           bigint not null,
    users_crashed   bigint not null
) with (fillfactor = 80);

create index release_recent_organization on release_recent (organization_id);
create index release_recent_project on release_recent (project_id);

create table release_recent_mark (
    organization_id bigint primary key references organization on delete cascade,
    reckoned_at     timestamptz not null
);
