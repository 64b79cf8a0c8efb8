-- For the explorer: events that have one of these tags.  Operators of arrays
-- are not leakproof, so behind a policy their index would not be used; the
-- function asks for the organisation itself.

create function event_tagged(ids integer[], first date, last date, most integer)
returns table (day date, id bigint)
language sql stable security definer rows 1000
set search_path = public, pg_temp as $$
    select e.day, e.id
      from event e
     where e.organization_id = wall_organization()
       and e.day between first and last
       and e.tags && ids
     limit most
$$;
