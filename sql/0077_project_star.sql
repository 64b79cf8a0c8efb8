-- The favourite projects of people: they stand first.
create table project_star (
    account_id      bigint not null references account on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    primary key (organization_id, account_id, project_id)
);

create index project_star_account on project_star (account_id);
create index project_star_project on project_star (project_id);
