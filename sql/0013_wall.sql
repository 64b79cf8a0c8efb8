-- The second wall: should a page ever forget to ask for the organisation,
-- PostgreSQL does not.  `vedette web` works as the role vedette_web, which owns
-- nothing, sees only rows of the organisation that its request has entered
-- (the setting vedette.organization; model/organization.sql), changes no
-- table, and may write the audit log but not rewrite it.
--
-- Nothing is to be said for a new table: wall_build(), which `vedette migrate`
-- calls at its end, finds those that have an organization_id.

-- The organisation that was entered; null: none, or all.
create function wall_organization() returns bigint
language sql stable parallel safe as $$
    select case when s ~ '^[0-9]+$' then s::bigint end
      from current_setting('vedette.organization', true) as s
$$;

-- Pages of no organisation (home, account, invitations) look at several.
create function wall_open() returns boolean
language sql stable parallel safe as $$
    select coalesce(current_setting('vedette.organization', true) = 'all', false)
$$;

create function wall_account() returns bigint
language sql stable parallel safe as $$
    select nullif(current_setting('vedette.account', true), '')::bigint
$$;

-- The policy of one table: the subselects are worked out once a statement.
create function protect_tenant(which regclass) returns void
language plpgsql as $$
begin
    if not (select relrowsecurity from pg_class where oid = which) then
        execute format('alter table %s enable row level security', which);
    end if;
    if not exists (select 1
                     from pg_policy
                    where polrelid = which
                      and polname = 'tenant') then
        execute format(
            'create policy tenant on %s using'
            ' (organization_id = (select wall_organization()) or (select wall_open()))',
            which);
    end if;
end
$$;

create function wall_build() returns void
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
        grant usage on schema public to vedette_worker;
        grant usage on all sequences in schema public to vedette_worker;
        revoke insert, update, delete on migration, account from vedette_worker;
        revoke update on audit from vedette_worker;
    end if;
end
$$;

-- Everybody sees where they belong themselves: the switcher of the side bar.
create policy own on member for select
    using (account_id = (select wall_account()));

-- A pattern is no safe operator: behind a policy its index would not be used.
-- So the search by words asks for the organisation itself.
create function issue_matches(pattern text) returns setof bigint
language sql stable security definer rows 100
set search_path = public, pg_temp as $$
    select i.id
      from issue i
     where i.organization_id = wall_organization()
       and i.search ilike pattern
$$;
