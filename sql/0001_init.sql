-- The ground: who (accounts, organisations), where (projects, keys), what
-- (issues, events) and how many (hourly counters).
--
-- Times are timestamptz; counters are bigint; text from events is bounded by
-- the digest.  Every tenant table carries organization_id, or hangs on an
-- issue that does, so that no statement can forget whose rows it reads.

create extension if not exists pg_trgm;


-- people

create table account (
    id              bigint generated always as identity primary key,
    email           text not null unique,           -- lower case
    name            text not null,
    password_hash   text,                           -- Argon2id; null: no password yet
    is_superuser    boolean not null default false,
    is_active       boolean not null default true,
    created_at      timestamptz not null default now(),
    last_login_at   timestamptz
);

create table organization (
    id              bigint generated always as identity primary key,
    slug            text not null unique,
    name            text not null,
    created_at      timestamptz not null default now()
);

create table member (
    organization_id bigint not null references organization on delete cascade,
    account_id      bigint not null references account on delete cascade,
    role            text not null check (role in
                        ('owner', 'manager', 'admin', 'member', 'viewer')),
    created_at      timestamptz not null default now(),
    primary key (organization_id, account_id)
);

create index member_account on member (account_id);


-- where events come from

create table project (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    slug            text not null,
    name            text not null,
    platform        text not null default 'other',
    last_issue      bigint not null default 0,      -- the newest short id's number
    first_event_at  timestamptz,                    -- null: waiting for it
    created_at      timestamptz not null default now(),
    unique (organization_id, slug)
);

create table project_key (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    public_key      text not null unique check (public_key ~ '^[0-9a-f]{32}$'),
    label           text not null default 'Default',
    is_active       boolean not null default true,
    limit_count     bigint,                         -- events a window; null: no limit
    limit_window    integer,                        -- seconds
    created_at      timestamptz not null default now(),
    check ((limit_count is null) = (limit_window is null))
);

create index project_key_project on project_key (project_id);


-- issues

create table issue (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    number          bigint not null,                -- of the short id, by project
    title           text not null,                  -- "Type: value", one line
    type            text not null default '',       -- of the main exception
    value           text not null default '',
    culprit         text not null default '',
    platform        text not null default 'other',
    level           smallint not null,              -- 10 debug … 50 fatal
    priority        smallint not null default 50,   -- 25 low, 50 medium, 75 high
    status          smallint not null default 0,    -- 0 unresolved, 1 resolved, 2 archived
    substatus       smallint not null default 7,    -- see model/issue.h
    is_unhandled    boolean not null default false,
    assignee_id     bigint references account on delete set null,
    first_seen      timestamptz not null,
    last_seen       timestamptz not null,
    times_seen      bigint not null default 0,
    users_seen      bigint not null default 0,
    first_release   text,
    last_release    text,
    status_at       timestamptz not null default now(), -- of its latest change
    search          text not null default '',       -- lower case; what bare words look in
    created_at      timestamptz not null default now(),
    unique (project_id, number)
) with (fillfactor = 80);

create index issue_stream on issue (organization_id, status, last_seen desc, id desc);
create index issue_project_stream on issue (project_id, status, last_seen desc, id desc);
create index issue_search on issue using gin (search gin_trgm_ops);

-- A grouping hash belongs to one issue.
create table issue_hash (
    project_id      bigint not null references project on delete cascade,
    hash            bytea not null,                 -- 16 bytes
    issue_id        bigint not null references issue on delete cascade,
    primary key (project_id, hash)
);

create index issue_hash_issue on issue_hash (issue_id);

create table activity (
    id              bigint generated always as identity primary key,
    organization_id bigint not null,
    issue_id        bigint not null references issue on delete cascade,
    account_id      bigint references account on delete set null, -- null: Vedette itself
    kind            text not null,                  -- resolved, regressed, assigned, …
    data            text not null default '{}',     -- JSON
    at              timestamptz not null default now()
);

create index activity_issue on activity (issue_id, id desc);


-- events: narrow rows, fat bodies apart, both in daily partitions

create sequence event_id_seq;

create table event (
    day             date not null,                  -- of received_at, UTC
    id              bigint not null,                -- from event_id_seq: digest order
    organization_id bigint not null,
    project_id      bigint not null,
    key_id          bigint,
    issue_id        bigint not null,
    event_id        uuid not null,
    occurred_at     timestamptz not null,
    received_at     timestamptz not null,
    digested_at     timestamptz not null,
    level           smallint not null,
    platform        text not null,
    title           text not null,
    release         text,
    environment     text,
    transaction     text,
    server_name     text,
    user_tag        text                            -- "id:42", "email:…", "ip:…"
) partition by range (day);

create table event_body (
    day             date not null,
    id              bigint not null,
    body            bytea not null                  -- normalised event, JSON, zstd
) partition by range (day);

-- Makes the two partitions of a day; nothing to do when they stand already.
create function event_partition(which date) returns void
language plpgsql as $$
declare
    suffix text := to_char(which, 'YYYYMMDD');
begin
    if to_regclass('event_' || suffix) is not null
       and to_regclass('event_body_' || suffix) is not null then
        return;
    end if;

    perform pg_advisory_xact_lock(hashtext('event_partition'));

    if to_regclass('event_' || suffix) is null then
        execute format(
            'create table event_%s partition of event for values from (%L) to (%L)',
            suffix, which, which + 1);
        execute format(
            'create unique index on event_%s (project_id, event_id)', suffix);
        execute format('create unique index on event_%s (id)', suffix);
        execute format('create index on event_%s (issue_id, id)', suffix);
    end if;

    if to_regclass('event_body_' || suffix) is null then
        execute format(
            'create table event_body_%s partition of event_body for values from (%L) to (%L)',
            suffix, which, which + 1);
        execute format('create unique index on event_body_%s (id)', suffix);
        execute format(
            'alter table event_body_%s alter column body set storage external',
            suffix);
    end if;
end
$$;


-- counters: written by the digest with the events they count

create table issue_hour (
    issue_id        bigint not null references issue on delete cascade,
    hour            timestamptz not null,
    times_seen      bigint not null,
    primary key (issue_id, hour)
) with (fillfactor = 80);

create table issue_tag (
    issue_id        bigint not null references issue on delete cascade,
    key             text not null,
    value           text not null,
    times_seen      bigint not null,
    first_seen      timestamptz not null,
    last_seen       timestamptz not null,
    primary key (issue_id, key, value)
) with (fillfactor = 80);

create table issue_user (
    issue_id        bigint not null references issue on delete cascade,
    user_hash       bytea not null,                 -- 16 bytes of the user tag
    primary key (issue_id, user_hash)
);

-- Exactly one outcome for each item that reached us: the ledger.
create table outcome_hour (
    organization_id bigint not null,
    project_id      bigint not null,
    key_id          bigint not null,                -- 0: not known
    hour            timestamptz not null,
    category        text not null,                  -- error, transaction, …
    outcome         text not null,                  -- accepted, filtered, rate_limited, invalid, …
    reason          text not null,                  -- '' for accepted
    quantity        bigint not null,
    primary key (organization_id, project_id, hour, key_id, category, outcome, reason)
) with (fillfactor = 80);
