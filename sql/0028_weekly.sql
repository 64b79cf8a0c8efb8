-- How far the weekly reports of an organisation have come.
create table weekly_report (
    organization_id bigint primary key references organization on delete cascade,
    week            date not null,                  -- Monday of the week reported
    account_id      bigint not null default 0,      -- the last who got one
    is_done         boolean not null default false
);
