-- An issue that was made of another, or lost hashes, may carry the words of an
-- event that is no longer its own: its next event writes them again, however
-- many events it has.

alter table issue add column words_due boolean not null default false;
