-- Questions of the explorer are saved beside searches of the stream: with a
-- name, as one's own or for everybody.

alter table saved_search
    add column place smallint not null default 0; -- 0 stream; 1 explorer: the
                                                  -- query is an address's

drop index saved_search_name;
create unique index saved_search_name
    on saved_search (organization_id, coalesce(account_id, 0), place,
                     lower(name));
