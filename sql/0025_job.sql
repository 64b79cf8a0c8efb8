-- Work that is longer than a request may be: a row is a job, done in steps by
-- the worker's chores.  Where it goes on is kept with what it has done, in one
-- transaction, so that it may be interrupted anywhere.

create table job (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint,                         -- of one project; may be gone
    account_id      bigint references account on delete set null, -- who asked
    kind            text not null,                  -- a row of cmd/jobs.c
    title           text not null,                  -- for people, a sentence
    params          text not null default '{}',     -- JSON: what was asked for
    state           smallint not null default 0,    -- 0 to do, 1 done, 2 cancelled, 3 failed
    is_cancelled    boolean not null default false, -- asked to stop
    total           bigint,                         -- null: not known
    done            bigint not null default 0,
    position        text not null default '',       -- where the next step goes on
    result          text not null default '{}',     -- JSON
    error           text not null default '',       -- of a failed one
    back            text not null default '',       -- the page it was asked for on
    undo_id         bigint,                         -- what takes it back
    due_at          timestamptz not null default now(),
    created_at      timestamptz not null default now(),
    started_at      timestamptz,
    finished_at     timestamptz
) with (fillfactor = 70);

create index job_due on job (due_at, id) where state = 0;
create index job_organization on job (organization_id, id desc);
create index job_finished on job (finished_at) where state > 0;
