-- When the trends were last reckoned.  In a large database that takes a second
-- or more, which a worker that starts again spends at once if it does not know
-- that another has just done so.

create table issue_trend_mark (reckoned_at timestamptz not null);
insert into issue_trend_mark values ('-infinity');
