-- The life of an issue: how it was resolved or put aside, what was merged,
-- deleted or discarded, who follows it, and how to take a change back.
-- issue.status 3 is new: gone from every list, because it was merged into
-- another issue or is about to be deleted.

alter table issue
    add column priority_locked boolean not null default false, -- set by a person
    add column merged_into     bigint references issue on delete cascade,
    add column merged_event    bigint,              -- event.id: those up to it are counted here, too
    add column share_token     text;                -- null: not shared

create unique index issue_share on issue (share_token) where share_token is not null;
create index issue_merged on issue (merged_into) where merged_into is not null;
create index issue_assignee on issue (organization_id, assignee_id)
 where assignee_id is not null;
create index issue_unresolved on issue (project_id, last_seen) where status = 0;
create index issue_settling on issue (status_at)
 where status = 0 and substatus in (2, 6, 7);

-- A resolved issue without a row here is opened again by any event.
create table issue_resolution (
    issue_id        bigint primary key references issue on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    kind            smallint not null,              -- 1 in a release, 2 in the next one
    release         text,                           -- 1: that one; 2: the newest one then
    at              timestamptz not null default now()
);

-- Until when an archived issue rests (substatus 4); each may be null.
create table issue_snooze (
    issue_id        bigint primary key references issue on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    until           timestamptz,
    events          bigint,                         -- so many more
    events_window   integer,                        -- … within so many minutes
    users           bigint,
    times_seen      bigint not null,                -- when it was archived
    users_seen      bigint not null,
    at              timestamptz not null default now()
);

create index issue_snooze_until on issue_snooze (until) where until is not null;

-- How many events an hour are usual for an archived issue, for 14 days from
-- made_on on (model/issue_forecast.h).
create table issue_forecast (
    issue_id        bigint primary key references issue on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    made_on         date not null,
    ceilings        bigint[] not null
);

-- Archived issues that have had events since somebody last looked whether
-- they are to come back.  Written by the digest.
create table issue_check (
    issue_id        bigint primary key references issue on delete cascade,
    organization_id bigint not null references organization on delete cascade
);

-- Deleted and discarded: events of these hashes are dropped.
create table issue_discard (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    account_id      bigint references account on delete set null,
    title           text not null,
    culprit         text not null,
    level           smallint not null,
    times_seen      bigint not null,                -- before it was discarded
    at              timestamptz not null default now()
);

create index issue_discard_project on issue_discard (project_id, id desc);

alter table issue_hash
    alter column issue_id drop not null,
    add column discard_id  bigint references issue_discard on delete cascade,
    add column merged_from bigint references issue on delete set null,
    add check ((issue_id is null) <> (discard_id is null));

create index issue_hash_discard on issue_hash (discard_id) where discard_id is not null;

-- The hashes of issues that are about to be deleted: a later event makes a new
-- issue, and they come back if the issue does.
create table issue_hash_kept (
    issue_id        bigint not null references issue on delete cascade,
    hash            bytea not null,
    merged_from     bigint,
    organization_id bigint not null references organization on delete cascade,
    primary key (issue_id, hash)
);

alter table activity add column merged_from bigint; -- the issue that it came from

-- The hash that an event was found by: to take a merge apart again.
alter table event add column hash bytea;

-- People and issues.
create table issue_bookmark (
    issue_id        bigint not null references issue on delete cascade,
    account_id      bigint not null references account on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    at              timestamptz not null default now(),
    primary key (account_id, issue_id)
);

create index issue_bookmark_issue on issue_bookmark (issue_id);

-- What can be taken back for ten minutes: how the issues were before.
create table undo (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    account_id      bigint not null references account on delete cascade,
    title           text not null,                  -- what was done, a sentence
    at              timestamptz not null default now(),
    done_at         timestamptz                     -- taken back
);

create index undo_at on undo (at);

create table undo_issue (
    undo_id         bigint not null references undo on delete cascade,
    issue_id        bigint not null references issue on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    before          jsonb not null,
    primary key (undo_id, issue_id)
);

create index undo_issue_issue on undo_issue (issue_id);

-- The issues of a job.
create table job_issue (
    job_id          bigint not null references job on delete cascade,
    issue_id        bigint not null references issue on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    primary key (job_id, issue_id)
);

create index job_issue_issue on job_issue (issue_id);
