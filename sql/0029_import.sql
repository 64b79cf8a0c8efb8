-- Projects that come with a number of their own: the sequence must not meet
-- it.  A number far ahead is never met, and does not move the sequence: nobody
-- can use the numbers up.

create function project_number_used(number bigint) returns void
language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    name text := pg_get_serial_sequence('project', 'id');
    newest bigint;
begin
    execute format('select last_value from %s', name) into newest;
    if number > newest and number - newest < 1000000 then
        perform setval(name, number);
    end if;
end
$$;
