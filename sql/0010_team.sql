-- Teams: who sees which projects.  An organisation is open, and every member
-- sees every project; or it is not, and a member sees those of the own teams.
-- Managers and owners always see all.

alter table organization
    add column open_membership boolean not null default true,
    add column default_role    text not null default 'member'  -- of who joins by sign-on
        check (default_role in ('viewer', 'member', 'admin', 'manager'));

create table team (
    id              bigint generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    slug            text not null,
    name            text not null,
    created_at      timestamptz not null default now(),
    unique (organization_id, slug),
    unique (organization_id, id)
);

-- Who leaves the organisation leaves its teams.
create table team_member (
    organization_id bigint not null,
    team_id         bigint not null,
    account_id      bigint not null,
    role            text not null default 'contributor'
        check (role in ('contributor', 'admin')),
    created_at      timestamptz not null default now(),
    primary key (team_id, account_id),
    foreign key (organization_id, team_id)
        references team (organization_id, id) on delete cascade,
    foreign key (organization_id, account_id) references member on delete cascade
);

create index team_member_account on team_member (organization_id, account_id);

alter table project add unique (organization_id, id);

create table team_project (
    organization_id bigint not null,
    team_id         bigint not null,
    project_id      bigint not null,
    primary key (team_id, project_id),
    foreign key (organization_id, team_id)
        references team (organization_id, id) on delete cascade,
    foreign key (organization_id, project_id)
        references project (organization_id, id) on delete cascade
);

create index team_project_project on team_project (organization_id, project_id);

-- Somebody wants to join a team of an organisation that is not open.
create table team_request (
    organization_id bigint not null,
    team_id         bigint not null,
    account_id      bigint not null,
    created_at      timestamptz not null default now(),
    primary key (team_id, account_id),
    foreign key (organization_id, team_id)
        references team (organization_id, id) on delete cascade,
    foreign key (organization_id, account_id) references member on delete cascade
);

create index team_request_account on team_request (organization_id, account_id);

-- Invitations lead into teams, too.
create table invitation_team (
    organization_id bigint not null references organization on delete cascade,
    invitation_id   bigint not null references invitation on delete cascade,
    team_id         bigint not null,
    primary key (invitation_id, team_id),
    foreign key (organization_id, team_id)
        references team (organization_id, id) on delete cascade
);

create index invitation_team_team on invitation_team (organization_id, team_id);

-- Who sees which project: for everything that tells people of a project
-- without a request of theirs.
create view project_viewer with (security_invoker = true) as
select p.organization_id, p.id as project_id, m.account_id
  from project p
  join organization o on o.id = p.organization_id
  join member m on m.organization_id = p.organization_id
  join account a on a.id = m.account_id
 where a.is_active
   and (o.open_membership
        or m.role in ('owner', 'manager')
        or exists (select 1
                     from team_member tm
                     join team_project tp on tp.team_id = tm.team_id
                    where tm.organization_id = p.organization_id
                      and tm.account_id = m.account_id
                      and tp.project_id = p.id));
