-- Who changed what: access, keys, settings.  Written in the transaction of the
-- change itself, so that neither can be there without the other.  Names are
-- kept as they were, because what they name may be gone.

create table audit (
    id              bigint generated always as identity primary key,
    organization_id bigint references organization on delete cascade, -- null: of the installation
    account_id      bigint references account on delete set null,     -- null: gone, or a command
    actor           text not null,                  -- its name then
    actor_email     text not null default '',       -- and address; '': a command
    address         text not null default '',       -- of the browser
    action          text not null,                  -- see model/audit.h
    object          text not null,                  -- what people call it
    before          text not null default '{}',     -- JSON: the fields that changed,
    after           text not null default '{}',     -- each as it was and as it is
    at              timestamptz not null default now()
);

create index audit_organization on audit (organization_id, id);
