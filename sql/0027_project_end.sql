-- Projects that take nothing any more: archived, or waiting to be deleted.

alter table project
    add column archived_at timestamptz,
    add column delete_at   timestamptz,             -- null: it is not to go
    add column delete_by   text;                    -- who wants it

create index project_delete_at on project (delete_at) where delete_at is not null;
