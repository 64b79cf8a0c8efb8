-- Searches of the stream that people come back to: their own, those of the whole
-- organisation, and which of them the stream opens with.

create table saved_search (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    account_id      bigint references account on delete cascade, -- null: everybody's
    name            text not null,
    query           text not null,
    sort            text not null,                               -- as in ?sort=
    created_at      timestamptz not null default now()
);

create unique index saved_search_name
    on saved_search (organization_id, coalesce(account_id, 0), lower(name));
create index saved_search_account on saved_search (account_id);

create table saved_search_default (
    organization_id bigint not null references organization on delete cascade,
    account_id      bigint not null references account on delete cascade,
    search_id       bigint not null references saved_search on delete cascade,
    primary key (organization_id, account_id)
);

create index saved_search_default_search on saved_search_default (search_id);
create index saved_search_default_account on saved_search_default (account_id);
