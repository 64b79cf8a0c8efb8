-- The page of an issue walks through the events of a time, and names the commit
-- that an error may come from.
--
-- Events have no index by time: their ids were given in the order in which they
-- came, so that the first of a time is found by halving.  What waited in a spool
-- came later than its time says; who asks leaves room for that.

create function event_id_near(at timestamptz) returns bigint
language plpgsql stable security definer
set search_path = public, pg_temp as $$
declare
    which date := (at at time zone 'UTC')::date;
    low bigint;
    high bigint;
    middle bigint;
    came timestamptz;
begin
    select min(e.id), max(e.id) + 1 into low, high from event e where e.day = which;
    if low is null then
        -- a day without events: the last ones of the days before end below it
        select coalesce(max(e.id), 0) + 1 into low
          from event e
         where e.day = (select max(d.day) from event_day d where d.day < which);
        return low;
    end if;
    while low < high loop
        middle := low + (high - low) / 2;
        select e.received_at into came
          from event e
         where e.day = which
           and e.id >= middle
         order by e.id
         limit 1;
        if came < at then
            low := middle + 1;
        else
            high := middle;
        end if;
    end loop;
    return low;
end
$$;

-- Files that a commit has changed, as its repository names them.

alter table release_commit add column files text[] not null default '{}';
