-- What became of the second step of a firing: '' has none, 'waiting', 'done',
-- 'acted' when somebody was faster, 'off' when the rule no longer has one.

alter table alert_fire add column escalated text not null default '';
