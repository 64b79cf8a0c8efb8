-- A webhook may be missed: tickets are read again now and then, each the later
-- the longer it stays as it is, so that what is shown of them does not drift.
alter table ticket
    add look_at    timestamptz not null default now() + interval '30 minutes',
    add look_pause interval not null default '30 minutes';

-- those that are there already, not all at once
update ticket
   set look_at = now() + random() * interval '6 hours';

create index ticket_look_at on ticket (integration_id, look_at);

-- How a connection's tickets were read the last time, and when they are next.
create table ticket_look (
    integration_id  bigint primary key references integration on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    due_at          timestamptz not null,
    ran_at          timestamptz,
    tickets         integer not null default 0,
    changed         integer not null default 0
);

create index ticket_look_due on ticket_look (due_at);

create function ticket_look_new() returns trigger
language plpgsql as $$
begin
    insert into ticket_look as l (integration_id, organization_id, due_at)
    values (new.integration_id, new.organization_id, new.look_at)
        on conflict (integration_id) do update
       set due_at = excluded.due_at
     where l.due_at > excluded.due_at;
    return null;
end
$$;

create trigger ticket_look_new after insert on ticket
    for each row execute function ticket_look_new();

insert into ticket_look (integration_id, organization_id, due_at)
select integration_id, organization_id, min(look_at)
  from ticket
 group by integration_id, organization_id;
