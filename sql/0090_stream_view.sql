-- How somebody looks at the stream of an organisation: which columns, how close,
-- and what its menus were set to last, for when the address says nothing.
create table stream_view (
    organization_id bigint not null references organization on delete cascade,
    account_id      bigint not null references account on delete cascade,
    hidden          text not null default '',       -- columns, with spaces between
    is_compact      boolean not null default false,
    projects        text not null default '',       -- slugs, with spaces between
    terms           text not null default '',       -- of the search
    primary key (organization_id, account_id)
);

create index stream_view_account on stream_view (account_id);
