-- The end of an event that is not stored, by its id: filtered, invalid,
-- discarded, dropped by a limit from a request that was taken.  "vedette event"
-- and the page of a trace tell it.  The ledger has all of them, but only by
-- hour; here are those of a week, of a flood only some, and a million at most.

create table event_ended (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    event_id        uuid not null,
    category        text not null,
    outcome         text not null,                  -- as in outcome_hour
    reason          text not null,
    received_at     timestamptz not null,
    ended_at        timestamptz not null default now()
);

create index event_ended_event on event_ended (event_id);
create index event_ended_project on event_ended (project_id);
create index event_ended_organization on event_ended (organization_id);
