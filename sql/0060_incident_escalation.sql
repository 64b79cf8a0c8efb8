-- How bad an incident was when the second step of its rule told of it, so that
-- it is told once, and again when it has got worse; 0: it was not.

alter table incident add column escalated smallint not null default 0;
