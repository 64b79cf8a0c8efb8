-- An organisation waits for its end like a project: its owner can take it back
-- until delete_at.  Then the worker ends its projects, one after the other, and
-- last the organisation itself, for which it has no right of its own.

alter table organization
    add column delete_at timestamptz,              -- null: it is not to go
    add column delete_by text;

create index organization_delete_at on organization (delete_at) where delete_at is not null;

-- Only one that is due and has no project left; true when it was.  What looks
-- for no organisation when it is written goes after it.
create function organization_end(dying bigint) returns boolean
language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    relation regclass;
begin
    delete from organization o
     where o.id = dying
       and o.delete_at <= now()
       and not exists (select 1 from project p where p.organization_id = o.id);
    if not found then
        return false;
    end if;
    for relation in
        select c.oid::regclass
          from pg_class c
          join pg_attribute a on a.attrelid = c.oid
         where c.relnamespace = 'public'::regnamespace
           and c.relkind in ('r', 'p')
           and not c.relispartition
           and a.attname = 'organization_id'
           and not a.attisdropped
    loop
        execute format('delete from %s where organization_id = $1', relation) using dying;
    end loop;
    return true;
end
$$;
revoke execute on function organization_end(bigint) from public;

alter function wall_worker() rename to wall_worker_lock;

create function wall_worker() returns void
language plpgsql as $$
begin
    perform wall_worker_lock();
    grant execute on function organization_end(bigint) to vedette_worker;
end
$$;
