-- Releases and environments, as events and sessions name them, and their
-- health by the hour.  Nothing older than five days counts as a session, so
-- what is needed to tell a session or a user from one that is counted already
-- goes after six; the hours stay.

create table environment (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    name            text not null,
    is_hidden       boolean not null default false, -- from menus
    first_seen      timestamptz not null,
    last_seen       timestamptz not null,
    unique (project_id, name)
) with (fillfactor = 80);

create index environment_organization on environment (organization_id, name);

create table release (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    version         text not null,                  -- as it was sent
    sort_key        bytea,                          -- see model/version.h; null: no such order
    first_seen      timestamptz not null,
    last_seen       timestamptz not null,
    released_at     timestamptz,                    -- null: never said to be finished
    url             text not null default '',
    unique (project_id, version)
) with (fillfactor = 80);

create index release_organization on release (organization_id, first_seen desc, id desc);
create index release_project on release (project_id, first_seen desc, id desc);
create index release_order on release (project_id, sort_key desc) where sort_key is not null;

create table release_hour (
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    release_id      bigint not null references release on delete cascade,
    environment_id  bigint not null,                -- 0: none
    hour            timestamptz not null,
    events          bigint not null default 0,
    sessions        bigint not null default 0,
    exited          bigint not null default 0,
    errored         bigint not null default 0,      -- all that went wrong, the next three too
    abnormal        bigint not null default 0,
    unhandled       bigint not null default 0,
    crashed         bigint not null default 0,
    users           bigint not null default 0,      -- that this day had not seen before
    users_crashed   bigint not null default 0,
    duration_ms     bigint not null default 0,      -- of exited sessions that told one
    durations       bigint not null default 0,      -- so many told one
    primary key (release_id, hour, environment_id)
) with (fillfactor = 80);

create index release_hour_project on release_hour (project_id, hour);

create table session_state (
    project_id      bigint not null references project on delete cascade,
    sid             uuid not null,
    organization_id bigint not null,
    started         timestamptz not null,
    seq             bigint not null,
    status          smallint not null,              -- see model/batch_session.c
    is_counted      boolean not null,               -- its first update has come
    is_errored      boolean not null,
    primary key (project_id, sid)
) with (fillfactor = 80);

create index session_state_started on session_state (started);

create table release_user (
    release_id      bigint not null references release on delete cascade,
    environment_id  bigint not null,
    day             date not null,
    user_hash       bigint not null,
    organization_id bigint not null,
    is_crashed      boolean not null,
    primary key (release_id, environment_id, day, user_hash)
) with (fillfactor = 80);

create index release_user_day on release_user (day);

create table deploy (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    release_id      bigint not null references release on delete cascade,
    environment     text not null,
    name            text not null default '',
    url             text not null default '',
    started_at      timestamptz,
    finished_at     timestamptz not null default now()
);

create index deploy_release on deploy (release_id, finished_at desc);
create index deploy_organization on deploy (organization_id, finished_at desc);

create table release_commit (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    release_id      bigint not null references release on delete cascade,
    position        integer not null,               -- 0: the newest
    revision        text not null,
    repository      text not null default '',
    message         text not null default '',
    author          text not null default '',
    author_email    text not null default '',
    at              timestamptz,
    unique (release_id, revision)
);

create index release_commit_revision on release_commit (organization_id, revision);
create index issue_first_release on issue (project_id, first_release) where first_release is not null;
