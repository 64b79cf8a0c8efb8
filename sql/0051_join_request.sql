-- Who has an account may ask to become a member of an organisation that takes
-- requests; to all others it does not show that it exists.

alter table organization
    add column takes_requests boolean not null default false;

create table join_request (
    organization_id bigint not null references organization on delete cascade,
    account_id      bigint not null references account on delete cascade,
    created_at      timestamptz not null default now(),
    primary key (organization_id, account_id)
);

create index join_request_account on join_request (account_id);
