-- What a project wants otherwise than by default: inbound filters
-- ("filter.localhost"), and whatever else has a name and a text.

create table project_setting (
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    name            text not null check (length(name) <= 100),
    value           text not null check (length(value) <= 1000000),
    primary key (project_id, name)
);
