-- The outbox: what is to be sent to somebody outside, written in the same
-- transaction as the change that it tells of, and sent by a process of its
-- own.  A row stays after it was sent: it is the delivery log.

create table outbox (
    id              bigint generated always as identity primary key,
    organization_id bigint references organization on delete cascade, -- null: of the installation
    project_id      bigint,
    issue_id        bigint,
    rule_id         bigint,                         -- alert rule, if one made it
    fire_id         bigint,                         -- its firing
    cause           text not null,                  -- see model/outbox.h
    channel         text not null,                  -- 'route', 'mail', an integration's type
    integration_id  bigint,                         -- of the organisation
    account_id      bigint,                         -- the person, if it is for one
    address         text not null default '',       -- mail address, chat room, …: for people
    endpoint        text not null default '',       -- what the breaker counts by
    data            text not null default '{}',     -- JSON to render from (model/notice.h)
    key             text not null unique,           -- idempotency
    state           smallint not null default 0,    -- 0 waiting, 1 sent, 2 given up, 3 left out
    due_at          timestamptz not null default now(),
    leased_until    timestamptz,
    attempts        integer not null default 0,
    last_code       integer not null default 0,     -- HTTP or SMTP; 0: none
    last_answer     text not null default '',       -- what it said, or why it failed
    created_at      timestamptz not null default now(),
    done_at         timestamptz
) with (fillfactor = 70);

create index outbox_due on outbox (due_at, id) where state = 0;
create index outbox_organization on outbox (organization_id, id desc);
create index outbox_integration on outbox (integration_id, id desc)
    where integration_id is not null;
create index outbox_rule on outbox (rule_id, id desc) where rule_id is not null;
create index outbox_age on outbox using brin (created_at);

-- One row for an endpoint that has failed: after some failures in a row it
-- rests, and then gets one at a time until one arrives.
create table outbox_endpoint (
    name            text primary key,
    failures        integer not null,
    open_until      timestamptz not null,           -- nothing is sent before
    last_answer     text not null default '',
    since           timestamptz not null default now()
);
