-- Addresses that were handed around lead on after a project or an organisation
-- got another name in them.  A name that is in use again is nobody's old one:
-- it is looked for first.

create table project_slug (
    organization_id bigint not null references organization on delete cascade,
    slug            text not null,
    project_id      bigint not null references project on delete cascade,
    primary key (organization_id, slug)
);

create index project_slug_project on project_slug (project_id);

create table organization_slug (
    slug            text primary key,
    organization_id bigint not null references organization on delete cascade
);

create index organization_slug_organization on organization_slug (organization_id);

create function project_slug_kept() returns trigger
language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    if new.organization_id <> old.organization_id then
        delete from project_slug where project_id = old.id;
    elsif new.slug <> old.slug then
        insert into project_slug (organization_id, slug, project_id)
        values (old.organization_id, old.slug, old.id)
            on conflict (organization_id, slug) do update
           set project_id = excluded.project_id;
    end if;
    return null;
end
$$;

create trigger project_slug_kept
 after update of slug, organization_id on project
   for each row execute function project_slug_kept();

create function organization_slug_kept() returns trigger
language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    if new.slug <> old.slug then
        insert into organization_slug (slug, organization_id)
        values (old.slug, old.id)
            on conflict (slug) do update
           set organization_id = excluded.organization_id;
    end if;
    return null;
end
$$;

create trigger organization_slug_kept
 after update of slug on organization
   for each row execute function organization_slug_kept();

-- Asked before an organisation is entered, so that the wall would hide it; told
-- to its members alone.
create function organization_moved(old_slug text, account bigint, everywhere boolean)
returns text
language sql stable security definer
set search_path = public, pg_temp as $$
    select o.slug
      from organization_slug h
      join organization o on o.id = h.organization_id
     where h.slug = old_slug
       and (everywhere or exists (select 1
                                    from member m
                                   where m.organization_id = o.id
                                     and m.account_id = account))
$$;
