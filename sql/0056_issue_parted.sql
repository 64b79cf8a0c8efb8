-- How often hashes were taken from an issue.  A batch of the digest that has
-- found one of them before, and comes to write after, sees by it that the
-- event belongs elsewhere now.

alter table issue add column parted integer not null default 0;
