-- Files that came with events.  Their bytes are in a folder under their hash
-- (util/blob.h); here is who has them, and how much that is for a project.

create table attachment (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    event_id        uuid not null,                  -- which may come later, or never
    name            text not null,
    content_type    text not null default '',       -- as the sender says
    type            text not null,                  -- event.attachment, event.minidump, …
    size            bigint not null,
    hash            bytea not null,                 -- BLAKE2b-256 of the bytes
    received_at     timestamptz not null
);

create index attachment_event on attachment (project_id, event_id, id);
create index attachment_hash on attachment (hash);
create index attachment_received on attachment (project_id, received_at);

create table attachment_usage (
    project_id      bigint primary key references project on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    bytes           bigint not null default 0,
    files           bigint not null default 0
) with (fillfactor = 50);

-- However a row goes, its bytes are free again.
create function attachment_gone() returns trigger
language plpgsql as $$
begin
    update attachment_usage u
       set bytes = u.bytes - gone.bytes,
           files = u.files - gone.files
      from (select project_id, sum(size) as bytes, count(*) as files
              from old_rows
             group by project_id) gone
     where u.project_id = gone.project_id;
    return null;
end
$$;

create trigger attachment_gone
 after delete on attachment
 referencing old table as old_rows
   for each statement execute function attachment_gone();


-- What people tell: a report on an event of theirs, or a message by itself.

create table feedback (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    event_id        uuid not null,                  -- of the report, or its event's
    is_report       boolean not null,               -- on that event
    subject         uuid,                           -- the event that it is about
    issue_id        bigint references issue on delete set null,
    status          smallint not null default 0,    -- 0 new, 1 resolved, 2 spam
    assignee_id     bigint references account on delete set null,
    name            text not null default '',
    email           text not null default '',
    message         text not null,
    url             text not null default '',
    source          text not null default '',       -- of the SDK's widget, form, …
    replay          text not null default '',
    release         text,
    environment     text,
    browser         text,
    os              text,
    country         text,
    received_at     timestamptz not null,
    unique (project_id, event_id, is_report)
);

create index feedback_inbox on feedback (organization_id, status, id desc);
create index feedback_issue on feedback (issue_id, id desc) where issue_id is not null;
create index feedback_subject on feedback (project_id, subject)
    where issue_id is null and subject is not null;
create index feedback_unlinked on feedback (received_at)
    where issue_id is null and subject is not null;
