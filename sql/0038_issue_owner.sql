-- Whose an issue is by its project's ownership rules: the owners of the rule
-- that matched its first event, or the one that brought it back.
create table issue_owner (
    issue_id        bigint not null references issue on delete cascade,
    place           smallint not null,              -- in the rule, from 0
    organization_id bigint not null references organization on delete cascade,
    account_id      bigint references account on delete cascade,
    team_id         bigint references team on delete cascade,
    rule            text not null,                  -- its line
    primary key (issue_id, place),
    check ((account_id is null) <> (team_id is null))
);

create index issue_owner_account on issue_owner (account_id)
 where account_id is not null;
create index issue_owner_team on issue_owner (team_id) where team_id is not null;
