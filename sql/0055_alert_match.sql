-- Users of events that match the tag filters of a rule are counted as they come:
-- no other counter knows which user had which tags.  Rules with the same
-- filters share the rows; match is a hash of the filters.

create table alert_match (
    issue_id        bigint not null references issue on delete cascade,
    match           bigint not null,
    minute          timestamptz not null,           -- of arrival
    environment     text not null,                  -- '': none
    organization_id bigint not null references organization on delete cascade,
    users           bytea not null,                 -- 4 bytes of a hash each, as in issue_minute
    primary key (issue_id, match, minute, environment)
) with (fillfactor = 80);

create index alert_match_age on alert_match using brin (minute);
create index alert_match_organization on alert_match (organization_id, match, issue_id, minute);
