-- Connections to services outside, and the tickets that belong to issues.

create table integration (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    type            text not null,                  -- a row of integration/integration.c
    name            text not null,
    data            text not null default '{}',     -- JSON: fields that are no secret
    sealed          text not null,                  -- the others, encrypted (util/seal.h)
    hook            text unique,                    -- hash of the token of its inbound address
    state           smallint not null default 0,    -- 0 on, 1 failed lately, 2 off
    failures        integer not null default 0,     -- permanent ones in a row
    error           text not null default '',
    checked_at      timestamptz,                    -- latest attempt
    took            bigint not null default 0,      -- µs
    installed_by    bigint references account on delete set null,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    unique (organization_id, name)
);

-- A ticket in a tracker outside.
create table ticket (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    integration_id  bigint not null references integration on delete cascade,
    key             text not null,                  -- "SHOP-5", "acme/shop#7"
    url             text not null,
    title           text not null,
    status          text not null default '',       -- as the tracker calls it
    is_done         boolean not null default false,
    assignee        text not null default '',       -- name, for people
    assignee_id     text not null default '',       -- the tracker's own
    data            text not null default '{}',     -- the tracker's own: project, number, …
    state           text not null default '',       -- what we did or saw last: the loop guard
    synced_at       timestamptz,
    error           text not null default '',
    created_at      timestamptz not null default now(),
    unique (integration_id, key)
);

create table ticket_issue (
    ticket_id       bigint not null references ticket on delete cascade,
    issue_id        bigint not null references issue on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    primary key (issue_id, ticket_id)
);

create index ticket_issue_ticket on ticket_issue (ticket_id);

-- One ticket an issue and integration by alerts, also when two fire at once.
create table ticket_claim (
    issue_id        bigint not null references issue on delete cascade,
    integration_id  bigint not null references integration on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    claimed_at      timestamptz not null default now(),
    primary key (issue_id, integration_id)
);

-- A comment that went one way, so that it does not come back the other.
create table ticket_comment (
    ticket_id       bigint not null references ticket on delete cascade,
    remote_id       text not null,
    organization_id bigint not null references organization on delete cascade,
    activity_id     bigint,
    primary key (ticket_id, remote_id)
);

-- Accounts of a tracker that are known to be persons here.
create table ticket_person (
    integration_id  bigint not null references integration on delete cascade,
    remote_id       text not null,
    organization_id bigint not null references organization on delete cascade,
    account_id      bigint not null references account on delete cascade,
    primary key (integration_id, remote_id)
);

-- What the form was filled with the last time, by project.
create table ticket_choice (
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    integration_id  bigint not null references integration on delete cascade,
    data            text not null,
    primary key (project_id, integration_id)
);

-- Whatever is written into the history of an issue that has tickets becomes a
-- job for each of them, whoever writes it.
create function outbox_of_ticket() returns trigger
language plpgsql as $$
begin
    insert into outbox (organization_id, issue_id, cause, channel,
                        integration_id, endpoint, key, data)
    select new.organization_id, new.issue_id, 'ticket', i.type, i.id,
           'integration:' || i.id, 'ticket:' || t.id || ':' || new.id,
           json_build_object('ticket', t.id, 'activity', new.id)::text
      from ticket_issue l
      join ticket t on t.id = l.ticket_id
      join integration i on i.id = t.integration_id
     where l.issue_id = new.issue_id
       and i.state <> 2;
    return null;
end
$$;

create trigger activity_ticket after insert on activity
    for each row execute function outbox_of_ticket();
