-- Each table of a statement asks which organisation was entered.  A function with
-- a "from" is parsed and planned anew every time that a statement calls it; one
-- of a single expression becomes part of the statement.
create or replace function wall_organization() returns bigint
language sql stable parallel safe as $$
    select case when current_setting('vedette.organization', true) ~ '^[0-9]+$'
                then current_setting('vedette.organization', true)::bigint end
$$;
