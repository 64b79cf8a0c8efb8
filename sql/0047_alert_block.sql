-- A rule has several IF-THEN blocks.  Which of them a firing set off, and which
-- are silent for an issue, is a set of bits; 1, the first block, is what every
-- rule had.  A worker of before goes on: it writes and asks of the first alone.

alter table alert_state
    add column blocks integer not null default 1,
    add column latest integer not null default 1;   -- those of the last firing

alter table alert_fire
    add column blocks integer not null default 1;
