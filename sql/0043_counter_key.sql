-- A row of these tables is written for nearly every event, always under a lock
-- on its issue that nobody deletes past (model/batch.c), or next to numbers of
-- tags that it has just read: to look the issue or the key up once more for
-- each row was a tenth of what an event cost.  Rows go with their issue or key
-- as before, all at once.

alter table issue_hash drop constraint issue_hash_issue_id_fkey;
alter table issue_hash drop constraint issue_hash_project_id_fkey;
alter table issue_hour drop constraint issue_hour_issue_id_fkey;
alter table issue_minute drop constraint issue_minute_issue_id_fkey;
alter table issue_user drop constraint issue_user_issue_id_fkey;
alter table issue_words drop constraint issue_words_issue_id_fkey;
alter table tag_hour drop constraint tag_hour_key_id_fkey;
alter table tag_day drop constraint tag_day_key_id_fkey;

-- By arrays: gone has no statistics, and each of these has its index.
create function issue_gone() returns trigger
language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    ids bigint[] := array(select id from old_rows);
begin
    delete from issue_hash where issue_id = any (ids);
    delete from issue_hour where issue_id = any (ids);
    delete from issue_minute where issue_id = any (ids);
    delete from issue_user where issue_id = any (ids);
    delete from issue_words where issue_id = any (ids);
    return null;
end
$$;

create trigger issue_gone
 after delete on issue
 referencing old table as old_rows
   for each statement execute function issue_gone();

create function tag_key_gone() returns trigger
language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    ids integer[] := array(select id from old_rows);
begin
    delete from tag_hour where key_id = any (ids);
    delete from tag_day where key_id = any (ids);
    return null;
end
$$;

create trigger tag_key_gone
 after delete on tag_key
 referencing old table as old_rows
   for each statement execute function tag_key_gone();
