-- The newest version of each SDK that an organisation's events came from, so
-- that the page of an issue can say that its event came from an older one.  A
-- version that has not been seen for a month gives way to an older one.
create table sdk_newest (
    organization_id bigint not null references organization on delete cascade,
    name            text not null,
    version         text not null,
    sort_key        bytea not null,
    seen_on         date not null default current_date,
    primary key (organization_id, name)
);
