-- Whether an account belongs to more than one organisation has to be known
-- inside of one, too, where the wall shows no member of any other: its owners
-- must not take a second factor away that others rely on.

create function account_elsewhere(organization bigint, account bigint) returns boolean
language sql stable security definer
set search_path = public, pg_temp as $$
    select exists (select 1
                     from member m
                    where m.account_id = account
                      and m.organization_id <> organization)
$$;
