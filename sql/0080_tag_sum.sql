-- What many projects have counted by tag, added up for the days that are over:
-- the explorer asks for weeks of a whole organisation, of which nothing changes
-- but the last day (model/tag_sum.h).

-- That there are sums of this day.  Who makes them untrue takes it away.
create table tag_sum_day (
    organization_id bigint not null references organization on delete cascade,
    day             date not null,
    primary key (organization_id, day)
);

-- Of a key all values or none: those of many are not worth it.
create table tag_sum (
    organization_id bigint not null,
    key             text collate "C" not null,
    day             date not null,
    value           text collate "C" not null,
    times_seen      bigint not null,
    primary key (organization_id, key, day, value),
    foreign key (organization_id, day) references tag_sum_day on delete cascade
);

create index tag_sum_of_day on tag_sum (organization_id, day);

-- A key that leaves takes its counters along.  It waits for who adds up now.
create function tag_sum_stale() returns trigger
language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    perform pg_advisory_xact_lock(hashtext('vedette tag sums'));
    delete from tag_sum_day where organization_id = old.organization_id;
    if tg_op = 'UPDATE' then
        delete from tag_sum_day where organization_id = new.organization_id;
        return new;
    end if;
    return old;
end
$$;
revoke execute on function tag_sum_stale() from public;

create trigger tag_sum_key_goes before delete on tag_key
    for each row execute function tag_sum_stale();

create trigger tag_sum_key_moves before update of organization_id on tag_key
    for each row when (old.organization_id <> new.organization_id)
    execute function tag_sum_stale();
