-- A project goes to another organisation: asked for by an owner of its own,
-- accepted by an owner of the other one, and done by the worker, because what
-- a project has may take longer to carry over than a page may take.

create table project_transfer (
    id                bigint generated always as identity primary key,
    from_organization bigint not null references organization on delete cascade,
    organization_id   bigint references organization on delete cascade,  -- that is to have it; null: there is none
    project_id        bigint not null references project on delete cascade,
    address           text not null,                -- of the other one, as typed
    asked_by          bigint references account on delete set null,
    asked_name        text not null,
    asked_email       text not null,
    asked_at          timestamptz not null default now(),
    expires_at        timestamptz not null,
    accepted_by       bigint references account on delete set null,
    accepted_name     text,
    accepted_email    text,
    accepted_at       timestamptz,                  -- null: it waits
    declined_at       timestamptz,
    gone_in           xid8,                         -- the transaction that has moved the project itself
    unique (project_id)
);

create index project_transfer_organization on project_transfer (organization_id, id);
create index project_transfer_giver on project_transfer (from_organization);

-- Both sides see it; the wall adds the other one's policy.
create policy giver on project_transfer
    using (from_organization = (select wall_organization()));

-- What the taking side is shown of a project that it cannot see yet.
create function project_transfer_offer(transfer bigint)
returns table (organization text, project text, slug text, platform text)
language sql stable security definer
set search_path = public, pg_temp as $$
    select o.name, p.name, p.slug, p.platform
      from project_transfer t
      join project p on p.id = t.project_id
      join organization o on o.id = t.from_organization
     where t.id = transfer
       and t.organization_id = wall_organization()
$$;

-- The project itself, and what ties it to people and connections of the old
-- organisation.  Its address gets a number where the new one has such a
-- project already.  Its new address, null: it is not there any more.
create function project_transfer_go(project bigint, giver bigint, taker bigint) returns text
language plpgsql as $$
declare
    wanted text;
    free text;
    n integer := 1;
begin
    select p.slug into wanted
      from project p
     where p.id = project_transfer_go.project
       and p.organization_id = giver
       for update;
    if not found then
        return null;
    end if;
    free := wanted;
    while exists (select 1
                    from project p
                   where p.organization_id = taker
                     and p.slug = free)
    loop
        n := n + 1;
        free := left(wanted, 46) || '-' || n;
    end loop;

    delete from team_project t where t.project_id = project;
    delete from alert_rule_project t where t.project_id = project;
    delete from alert_metric t where t.project_id = project;
    delete from incident t where t.project_id = project;
    delete from ticket_choice t where t.project_id = project;
    delete from mail_digest t where t.project_id = project;
    delete from alert_state t using issue i where i.id = t.issue_id and i.project_id = project;
    delete from ticket_issue t using issue i where i.id = t.issue_id and i.project_id = project;
    delete from ticket_claim t using issue i where i.id = t.issue_id and i.project_id = project;
    delete from undo_issue t using issue i where i.id = t.issue_id and i.project_id = project;
    delete from job_issue t using issue i where i.id = t.issue_id and i.project_id = project;
    update alert_fire t set issue_id = null
      from issue i where i.id = t.issue_id and i.project_id = project;
    update outbox t set state = 3, last_answer = 'The project has moved to another organisation.'
     where t.project_id = project and t.organization_id = giver and t.state = 0;

    delete from notification_setting t
     where t.project_id = project
       and not exists (select 1 from member m
                        where m.organization_id = taker and m.account_id = t.account_id);
    delete from issue_subscription t using issue i
     where i.id = t.issue_id and i.project_id = project
       and not exists (select 1 from member m
                        where m.organization_id = taker and m.account_id = t.account_id);
    delete from issue_bookmark t using issue i
     where i.id = t.issue_id and i.project_id = project
       and not exists (select 1 from member m
                        where m.organization_id = taker and m.account_id = t.account_id);
    update issue i set assignee_id = null
     where i.project_id = project
       and i.assignee_id is not null
       and not exists (select 1 from member m
                        where m.organization_id = taker and m.account_id = i.assignee_id);
    update issue i set assignee_team_id = null
     where i.project_id = project and i.assignee_team_id is not null;
    update feedback f set assignee_id = null
     where f.project_id = project
       and f.assignee_id is not null
       and not exists (select 1 from member m
                        where m.organization_id = taker and m.account_id = f.assignee_id);

    update project p set organization_id = taker, slug = free where p.id = project;
    update project_key k set organization_id = taker where k.project_id = project;
    update project_setting s set organization_id = taker where s.project_id = project;
    return free;
end
$$;

-- Carries over some more rows, of every table that has them; how many.  What
-- tells of the old organisation's own past stays there: its counters, what it
-- was sent, its firings.  A table that comes later is carried over by itself.
create function project_transfer_piece(project bigint, giver bigint, taker bigint, at_most integer)
returns bigint
language plpgsql as $$
declare
    relation record;
    belongs text;
    n bigint;
    total bigint := 0;
begin
    for relation in
        select c.oid::regclass as name,
               array_agg(a.attname::text) as columns
          from pg_class c
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relnamespace = 'public'::regnamespace
           and c.relkind = 'r'
           and c.relname not in ('project_transfer', 'outcome_hour', 'outcome_day', 'outbox',
                                 'alert_fire', 'dead_letter', 'retention_freed', 'job')
         group by c.oid
        having array_agg(a.attname::text) @> array['organization_id']
           and array_agg(a.attname::text) && array['project_id', 'issue_id', 'release_id']
         order by c.oid
    loop
        belongs := case
            when relation.columns @> array['project_id'] then 't.project_id = $1'
            when relation.columns @> array['issue_id']
                then 't.issue_id in (select i.id from issue i where i.project_id = $1)'
            else 't.release_id in (select r.id from release r where r.project_id = $1)'
            end;
        execute format('update %s set organization_id = $3 where ctid = any (array('
                       'select t.ctid from %s t where %s and t.organization_id = $2 limit $4))',
                       relation.name, relation.name, belongs)
          using project, giver, taker, at_most;
        get diagnostics n = row_count;
        total := total + n;
    end loop;
    return total;
end
$$;
