-- An issue is assigned to a person or to a team, never to both.  A team that
-- goes leaves its issues to nobody.
alter table issue
    add column assignee_team_id bigint,
    add constraint issue_assignee_team
        foreign key (organization_id, assignee_team_id)
        references team (organization_id, id)
        on delete set null (assignee_team_id),
    add constraint issue_one_assignee
        check (assignee_id is null or assignee_team_id is null);

create index issue_assignee_team on issue (organization_id, assignee_team_id)
 where assignee_team_id is not null;
