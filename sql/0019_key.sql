-- Client keys: when something last came with one, and until when one still
-- works that another has taken the place of.

alter table project_key
    add column last_seen_at timestamptz,            -- to about ten seconds
    add column expires_at   timestamptz;            -- switched off then; null: never

create index project_key_expires on project_key (expires_at)
    where expires_at is not null;
