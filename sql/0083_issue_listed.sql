-- What the stream is sorted by stands apart from what an issue counts.
--
-- Each event of an issue wrote its row into all eleven indexes, because five of
-- them have when it was seen last, how often, or in which release: of the pages
-- that an event of a known issue took in the database a fifth.  These indexes are
-- now of columns of their own, which follow.  At once, by the trigger, whoever
-- writes; of large batches of the digest (model/batch.c) a few seconds later,
-- once for many events (model/fold.c).  A row of which no index changes is
-- written in its own page, and in none of the indexes.
--
-- They are filled as generated columns, which rewrites the table once; about
-- ten seconds for a million issues, in which the digest and pages wait.

drop index issue_stream;
drop index issue_project_stream;
drop index issue_by_events;
drop index issue_by_users;
drop index issue_last_release;

alter table issue
    add column listed_seen timestamptz not null generated always as (last_seen) stored,
    add column listed_events bigint not null generated always as (times_seen) stored,
    add column listed_users bigint not null generated always as (users_seen) stored,
    -- of the few that a release's page asks for
    add column listed_release text generated always as (
        case when substatus = 6 or status = 1 then last_release end) stored;

alter table issue
    alter column listed_seen drop expression,
    alter column listed_events drop expression,
    alter column listed_users drop expression,
    alter column listed_release drop expression;

create index issue_stream on issue (organization_id, status, listed_seen desc, id desc);
create index issue_project_stream on issue (project_id, status, listed_seen desc, id desc);
create index issue_by_events on issue (organization_id, status, listed_events desc, id desc);
create index issue_by_users on issue (organization_id, status, listed_users desc, id desc);
create index issue_last_release on issue (project_id, listed_release)
    where listed_release is not null;

create function issue_listed() returns trigger
language plpgsql as $$
begin
    new.listed_seen := new.last_seen;
    new.listed_events := new.times_seen;
    new.listed_users := new.users_seen;
    new.listed_release := case when new.substatus = 6 or new.status = 1
                               then new.last_release end;
    return new;
end
$$;

create trigger issue_listed_new
before insert on issue
   for each row execute function issue_listed();

create trigger issue_listed_again
before update of last_seen, times_seen, users_seen, last_release, status, substatus
    on issue
   for each row
  when (current_setting('vedette.listed', true) is distinct from 'later')
       execute function issue_listed();
