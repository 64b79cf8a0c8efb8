-- What could not be taken, as somebody sent it, so that a person can see what is
-- wrong with it: of a project and a reason a few, of a day, their beginning,
-- with secrets taken out (digest/refused.c).  body is null where nothing that
-- may be shown was kept: the project does not want it, or it is no text.

create table refused (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    event_id        uuid,                   -- what the client was told
    category        text not null,          -- as in outcome_hour
    reason          text not null,
    client          text,                   -- the SDK, as it calls itself
    bytes           bigint not null,        -- of all of it
    body            text,
    received_at     timestamptz not null,
    refused_at      timestamptz not null default now()
);

create index refused_reason on refused (project_id, reason, refused_at);
create index refused_organization on refused (organization_id);
