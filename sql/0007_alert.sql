-- Alerts: counters by minute that they look at, rules, what they have fired,
-- incidents of metric rules, and what people want to hear of.

-- events by the minute of their arrival and by environment ('': none); users
-- are 4 bytes of a hash each, the same one perhaps more than once
create table issue_minute (
    issue_id        bigint not null references issue on delete cascade,
    environment     text not null,
    minute          timestamptz not null,
    times_seen      bigint not null,
    users           bytea not null,
    primary key (issue_id, minute, environment)
) with (fillfactor = 80);

create index issue_minute_age on issue_minute using brin (minute);

create table project_minute (
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    environment     text not null,
    level           smallint not null,
    minute          timestamptz not null,
    times_seen      bigint not null,
    users           bytea not null,
    primary key (project_id, minute, environment, level)
) with (fillfactor = 80);

create index project_minute_age on project_minute using brin (minute);

-- when an issue came to an environment
create table issue_environment (
    issue_id        bigint not null references issue on delete cascade,
    environment     text not null,
    first_seen      timestamptz not null,           -- minute of arrival
    primary key (issue_id, environment)
);


-- rules; what they say is in data, in the shape of Sentry's API:
-- {"actionMatch", "conditions", "filterMatch", "filters", "actions", …}
create table alert_rule (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    kind            text not null check (kind in ('issue', 'metric')),
    name            text not null,
    data            text not null,
    all_projects    boolean not null default false, -- else alert_rule_project
    environments    text[] not null default '{}',   -- empty: any
    frequency       integer not null default 30,    -- minutes; 0: every time
    owner_account   bigint references account on delete set null,
    owner_team      bigint,
    is_on           boolean not null default true,
    snoozed_until   timestamptz,                    -- for everybody
    created_by      bigint references account on delete set null,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now()
);

create index alert_rule_organization on alert_rule (organization_id, id);

create table alert_rule_project (
    rule_id         bigint not null references alert_rule on delete cascade,
    project_id      bigint not null references project on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    primary key (rule_id, project_id)
);

create index alert_rule_project_project on alert_rule_project (project_id);

-- goes up with every change of a rule: who keeps rules in memory looks at it
create table alert_version (n bigint not null);
insert into alert_version values (1);

create table alert_mute (
    rule_id         bigint not null references alert_rule on delete cascade,
    account_id      bigint not null references account on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    until           timestamptz not null,
    primary key (rule_id, account_id)
);

-- until when a rule is silent for an issue (0: for what is about none)
create table alert_state (
    rule_id         bigint not null references alert_rule on delete cascade,
    issue_id        bigint not null,
    organization_id bigint not null references organization on delete cascade,
    fired_at        timestamptz not null,
    next_at         timestamptz not null,
    primary key (rule_id, issue_id)
) with (fillfactor = 80);

create table alert_fire (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    rule_id         bigint not null references alert_rule on delete cascade,
    project_id      bigint not null,
    issue_id        bigint references issue on delete set null,
    event_id        uuid,
    at              timestamptz not null,           -- minute of what it is about
    fired_at        timestamptz not null default now(),
    cause           text not null,                  -- the condition, in words
    value           double precision not null default 0,
    threshold       double precision not null default 0,
    window_s        integer not null default 0,     -- 0: no window
    environment     text not null default '',
    held            text not null default ''        -- 'cap', 'quiet': goes into a digest
);

create index alert_fire_rule on alert_fire (rule_id, id desc);
create index alert_fire_organization on alert_fire (organization_id, id desc);
create index alert_fire_issue on alert_fire (issue_id) where issue_id is not null;

-- minutes of issues that rules with counts have to look at
create table alert_due (
    project_id      bigint not null references project on delete cascade,
    issue_id        bigint not null references issue on delete cascade,
    minute          timestamptz not null,
    organization_id bigint not null references organization on delete cascade,
    rules           bigint[],                       -- null: all without event filters
    event_id        uuid,
    primary key (issue_id, minute)
);

create index alert_due_minute on alert_due (minute);

-- values of tags that rules wait for new ones of
create table alert_tag (
    project_id      bigint not null references project on delete cascade,
    key             text not null,
    value           text not null,
    organization_id bigint not null references organization on delete cascade,
    first_seen      timestamptz not null,
    primary key (project_id, key, value)
);


-- metric rules
create table alert_metric (
    rule_id         bigint not null references alert_rule on delete cascade,
    project_id      bigint not null references project on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    checked_at      timestamptz not null,           -- minute up to which it looked
    value           double precision,               -- null: nothing to measure
    warnings        integer not null default 0,     -- hits in a row
    criticals       integer not null default 0,
    incident_id     bigint,                         -- the open one
    primary key (rule_id, project_id)
);

create table incident (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    number          bigint not null,
    rule_id         bigint not null references alert_rule on delete cascade,
    project_id      bigint not null references project on delete cascade,
    title           text not null,
    severity        smallint not null,              -- 10 warning, 20 critical: now
    worst           smallint not null,
    status          smallint not null default 0,    -- 0 open, 1 acknowledged, 2 closed
    value           double precision not null,      -- latest
    threshold       double precision not null,
    started_at      timestamptz not null,
    acknowledged_at timestamptz,
    acknowledged_by bigint references account on delete set null,
    closed_at       timestamptz,
    closed_by       bigint references account on delete set null, -- null: the rule
    unique (organization_id, number)
);

create index incident_rule on incident (rule_id, id desc);


-- what people want to hear of: the most specific row holds
create table notification_setting (
    account_id      bigint not null references account on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null default 0,      -- 0: all of the organisation
    kind            text not null,                  -- alerts, workflow, …
    value           text not null,                  -- always, subscribe_only, never
    primary key (account_id, organization_id, project_id, kind)
);

-- who follows an issue, and why; a person who wants no more stays, muted
create table issue_subscription (
    issue_id        bigint not null references issue on delete cascade,
    account_id      bigint not null references account on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    reason          text not null,                  -- comment, assigned, status, mentioned, chosen
    is_muted        boolean not null default false,
    primary key (issue_id, account_id)
);

-- the first mail about an issue to an address: later ones answer it
create table mail_thread (
    issue_id        bigint not null references issue on delete cascade,
    address         text not null,
    organization_id bigint not null references organization on delete cascade,
    message_id      text not null,
    primary key (issue_id, address)
);

-- mails of a project that wait to become one
create table mail_digest (
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    account_id      bigint not null references account on delete cascade,
    due_at          timestamptz not null,
    latest_at       timestamptz not null,           -- the maximum delay ends
    primary key (project_id, account_id)
);

-- signs the links of mails; made here so that there is nothing to set up
create table signing_key (key text not null);
insert into signing_key
values (gen_random_uuid()::text || gen_random_uuid()::text);


-- Whatever is written into an issue's history is routed to those who follow
-- it, whoever writes it.
create function outbox_of_activity() returns trigger
language plpgsql as $$
begin
    insert into outbox (organization_id, issue_id, cause, channel, key, data)
    values (new.organization_id, new.issue_id, 'workflow', 'route',
            'activity:' || new.id,
            json_build_object('activity', new.id)::text);
    perform pg_notify('vedette_outbox', '');
    return null;
end
$$;

create trigger activity_outbox after insert on activity
    for each row execute function outbox_of_activity();
