-- Limits beyond the one of a client key: of a key, a project or a whole
-- organisation, by category, several at once.  And what spike protection holds
-- to be the normal of a project.  The edges get both with the keys.

create table quota (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint references project on delete cascade,        -- null: of the organisation
    key_id          bigint references project_key on delete cascade,    -- null: of the project
    categories      text not null check (categories ~ '^(\*|[a-z_]+(;[a-z_]+)*)$'),
    count           bigint not null check (count between 0 and 1000000000000),  -- 0: refuse all
    seconds         integer not null check (seconds between 1 and 2592000),
    created_at      timestamptz not null default now(),
    check (key_id is null or project_id is not null),
    unique nulls not distinct (organization_id, project_id, key_id, categories, seconds)
);

create index quota_project on quota (project_id);
create index quota_key on quota (key_id);

create table project_spike (
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint primary key references project on delete cascade,
    normal          bigint not null,                -- events of a busy hour of last week
    count           bigint not null,                -- the cap, in a window; 0: none
    seconds         integer not null,
    updated_at      timestamptz not null default now()
);

create index project_spike_organization on project_spike (organization_id);
create index project_spike_updated on project_spike (updated_at);
