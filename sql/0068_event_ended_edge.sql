-- An event that the edge refuses whole (429, too large, no envelope, not from
-- this origin) is found by its id, too.  status is what the edge answered; null:
-- it took the request, and the end came later.

alter table event_ended add column status smallint;
