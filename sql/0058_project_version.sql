-- Every page of an organisation shows or asks for its projects, hundreds of them,
-- and they hardly ever change.  So `vedette web` keeps the list, and knows by this
-- number, which it reads as it enters the organisation, whether it still holds.

create table project_version (
    organization_id bigint primary key references organization on delete cascade,
    version         bigint not null
);

insert into project_version (organization_id, version)
select id, 1
  from organization;

-- Of the owner: a project may move to an organisation that its changer has not
-- entered.
create function project_changed() returns trigger
language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        update project_version
           set version = version + 1
         where organization_id = old.organization_id;
    end if;
    if tg_op <> 'DELETE' then
        insert into project_version as v (organization_id, version)
        values (new.organization_id, 1)
            on conflict (organization_id)
            do update set version = v.version + 1;
    end if;
    return null;
end
$$;

create trigger project_listed after insert or delete on project
    for each row execute function project_changed();

-- All that project_list selects; last_issue, which the digest writes, is not.
create trigger project_changed after update on project
    for each row
    when ((old.organization_id, old.slug, old.name, old.platform, old.first_event_at,
           old.created_at, old.archived_at, old.delete_at)
          is distinct from
          (new.organization_id, new.slug, new.name, new.platform, new.first_event_at,
           new.created_at, new.archived_at, new.delete_at))
    execute function project_changed();
