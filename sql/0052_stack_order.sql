-- The page shows what was called last on top, and that is what everybody has
-- seen so far: the account's own choice was kept but not looked at.

alter table account
    alter column newest_first set default true;

update account
   set newest_first = true
 where not newest_first;
