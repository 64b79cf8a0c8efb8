-- Accounts: a second factor, tokens, and how a person likes the pages; what an
-- organisation asks of those who come in.

alter table account
    add column totp_sealed   text,                            -- util/seal.h; null: no second factor
    add column totp_step     bigint not null default 0,       -- of the newest code: none is taken twice
    add column secured_at    timestamptz not null default now(), -- password or second factor changed
    add column time_zone     text not null default 'UTC',
    add column newest_first  boolean not null default false,  -- frames of a stack trace
    add column pending_email text,                            -- until its link is followed
    add column pending_digest text unique,
    add column pending_until timestamptz;

-- Each opens the door once when the telephone is gone.
create table recovery_code (
    account_id      bigint not null references account on delete cascade,
    digest          text not null,
    primary key (account_id, digest)
);

-- Shown once; only what proves that it is the same is kept.
create table api_token (
    id              bigint generated always as identity primary key,
    account_id      bigint not null references account on delete cascade,
    name            text not null,
    digest          text not null unique,
    ending          text not null,                  -- its last four characters, for people
    scopes          text not null,                  -- "org:read event:read"
    created_at      timestamptz not null default now(),
    expires_at      timestamptz,                    -- null: never
    used_at         timestamptz,
    used_from       text not null default ''
);

create index api_token_account on api_token (account_id, id desc);

-- Texts of words between spaces; '' is no limit.
alter table organization
    add column require_second   boolean not null default false,
    add column local_passwords  boolean not null default true,
    add column mail_domains     text not null default '',
    add column addresses        text not null default '',  -- CIDR
    add column session_hours    integer;                    -- null: no limit of its own


-- Pages make no partitions (sql/0013).
revoke execute on function event_partition(date) from public;
