-- A rule may watch the sessions of one release, of the newest as a rule: their
-- minutes are kept apart by it.  Those from before belong to none.
alter table session_minute
  add column release_id bigint not null default 0,
 drop constraint session_minute_pkey,
  add primary key (project_id, minute, environment, is_crashed, release_id);
