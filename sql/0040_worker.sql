-- The worker works as a role of its own, too: it stores the events of all
-- organisations, so that no policy holds it up, but it owns nothing, changes no
-- table, and reads nothing that lets somebody sign in.

-- What wall_build() grants the worker beside select, insert, update and delete
-- of the tables of organisations.
create function wall_worker() returns void
language plpgsql as $$
declare
    secret text;
    columns text;
begin
    grant usage on schema public to vedette_worker;
    grant usage, select on all sequences in schema public to vedette_worker;

    -- who signs in, and how, is none of its business
    foreach secret in array array['api_token', 'recovery_code', 'invitation', 'invitation_team',
                                  'sso_identity', 'saved_search', 'saved_search_default']
    loop
        execute format('revoke all on %I from vedette_worker', secret);
    end loop;
    revoke all on account from vedette_worker;
    select string_agg(quote_ident(attname), ', ') into columns
      from pg_attribute
     where attrelid = 'account'::regclass
       and attnum > 0
       and not attisdropped
       and attname not in ('password_hash', 'totp_sealed', 'pending_digest');
    execute format('grant select (%s) on account to vedette_worker', columns);

    -- it tells what was done, and neither who belongs where nor what is done
    revoke insert, update, delete on migration, organization, member, team, team_member, team_request
      from vedette_worker;
    revoke update on audit from vedette_worker;

    grant execute on function event_partition(date), event_partition_drop(date, bigint),
                              project_transfer_go(bigint, bigint, bigint),
                              project_transfer_piece(bigint, bigint, bigint, integer)
       to vedette_worker;
end
$$;

-- These change rows of partitions and of several organisations: the owner does
-- it, and only the worker may ask.
alter function project_transfer_go(bigint, bigint, bigint)
    security definer set search_path = public, pg_temp;
alter function project_transfer_piece(bigint, bigint, bigint, integer)
    security definer set search_path = public, pg_temp;
revoke execute on function project_transfer_go(bigint, bigint, bigint) from public;
revoke execute on function project_transfer_piece(bigint, bigint, bigint, integer) from public;

create or replace function wall_build() returns void
language plpgsql as $$
declare
    relation record;
begin
    for relation in
        select c.oid::regclass as name, c.relkind,
               exists (select 1
                         from pg_attribute a
                        where a.attrelid = c.oid
                          and a.attname = 'organization_id'
                          and not a.attisdropped) as tenant
          from pg_class c
         where c.relnamespace = 'public'::regnamespace
           and c.relkind in ('r', 'p', 'v')
           and not c.relispartition
           and not exists (select 1            -- of an extension
                             from pg_depend d
                            where d.objid = c.oid
                              and d.deptype = 'e')
    loop
        if relation.tenant and relation.relkind <> 'v' then
            perform protect_tenant(relation.name);
        end if;
        if to_regrole('vedette_web') is not null then
            execute format('revoke all on %s from vedette_web', relation.name);
            execute format('grant select, insert, update, delete on %s to vedette_web',
                           relation.name);
        end if;
        if to_regrole('vedette_worker') is not null then
            execute format('revoke all on %s from vedette_worker', relation.name);
            execute format('grant select, insert, update, delete on %s to vedette_worker',
                           relation.name);
        end if;
    end loop;

    if to_regrole('vedette_web') is not null then
        grant usage on schema public to vedette_web;
        grant usage on all sequences in schema public to vedette_web;
        revoke insert, update, delete on migration, digest_mark from vedette_web;
        revoke update, delete on audit from vedette_web;
    end if;
    if to_regrole('vedette_worker') is not null then
        perform wall_worker();
    end if;
end
$$;
