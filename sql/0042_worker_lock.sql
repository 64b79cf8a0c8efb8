-- Who numbers incidents locks the organization first, which asks for the right
-- to update a column of it.

alter function wall_worker() rename to wall_worker_tables;

create function wall_worker() returns void
language plpgsql as $$
begin
    perform wall_worker_tables();
    grant update (id) on organization to vedette_worker;
end
$$;
