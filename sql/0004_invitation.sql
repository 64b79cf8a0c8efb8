-- Invitations: a link that makes whoever holds it a member, once.  Only the
-- digest of its secret is kept, so that a copy of the database opens nothing.

create table invitation (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    email           text not null,                  -- lower case
    role            text not null check (role in
                        ('owner', 'manager', 'admin', 'member', 'viewer')),
    digest          text not null unique,           -- BLAKE2b-256 of the secret, hex
    invited_by      bigint references account on delete set null,
    created_at      timestamptz not null default now(), -- of the link
    expires_at      timestamptz not null,
    unique (organization_id, email)
);
