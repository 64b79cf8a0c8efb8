-- How many issues have come back within a time, for the dashboard.
create index activity_regressed on activity (organization_id, at) where kind = 'regressed';
