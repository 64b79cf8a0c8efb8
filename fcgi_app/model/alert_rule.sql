-- name: alert_version
select n from alert_version

-- name: alert_version_up
update alert_version set n = n + 1

-- name: alert_rules_active
-- Rules of every organisation, for those who evaluate them.
select r.id, r.organization_id, r.kind, r.name, r.data, r.all_projects,
       (select array_agg(p.project_id order by p.project_id)
          from alert_rule_project p
         where p.rule_id = r.id)::text as projects,
       r.environments::text as environments, r.frequency, r.owner_account,
       r.owner_team, r.is_on, r.snoozed_until, r.created_at, r.updated_at,
       null::text as owner, null::timestamptz as last_fired_at,
       null::timestamptz as muted_until, 0 as open_incident
  from alert_rule r
 where r.is_on
   and (r.snoozed_until is null or r.snoozed_until <= $1::timestamptz)
 order by r.id
 limit $2::int

-- name: alert_rule_list
-- By name from ($5, $6) on; $2 whose mute is told, $3 part of a name, $4 project.
select r.id, r.organization_id, r.kind, r.name, r.data, r.all_projects,
       (select array_agg(p.project_id order by p.project_id)
          from alert_rule_project p
         where p.rule_id = r.id)::text as projects,
       r.environments::text as environments, r.frequency, r.owner_account,
       r.owner_team, r.is_on, r.snoozed_until, r.created_at, r.updated_at,
       coalesce(a.name, t.name) as owner, f.fired_at as last_fired_at, m.until as muted_until,
       coalesce((select max(i.severity)
                   from incident i
                  where i.rule_id = r.id
                    and i.status < 2), 0) as open_incident
  from alert_rule r
  left join account a on a.id = r.owner_account
  left join team t
    on t.id = r.owner_team
   and t.organization_id = r.organization_id
  left join alert_mute m on m.rule_id = r.id and m.account_id = $2::bigint
  left join lateral (
       select t.fired_at
         from alert_fire t
        where t.rule_id = r.id
        order by t.id desc
        limit 1) f on true
 where r.organization_id = $1::bigint
   and ($3::text is null or strpos(lower(r.name), $3) > 0)
   and ($4::bigint = 0 or r.all_projects or exists (
           select 1
             from alert_rule_project p
            where p.rule_id = r.id
              and p.project_id = $4))
   and ($5::text is null or (r.name, r.id) > ($5, $6::bigint))
 order by r.name, r.id
 limit $7::int

-- name: alert_rule_by_id
select r.id, r.organization_id, r.kind, r.name, r.data, r.all_projects,
       (select array_agg(p.project_id order by p.project_id)
          from alert_rule_project p
         where p.rule_id = r.id)::text as projects,
       r.environments::text as environments, r.frequency, r.owner_account,
       r.owner_team, r.is_on, r.snoozed_until, r.created_at, r.updated_at,
       coalesce(a.name, t.name) as owner, f.fired_at as last_fired_at, m.until as muted_until,
       coalesce((select max(i.severity)
                   from incident i
                  where i.rule_id = r.id
                    and i.status < 2), 0) as open_incident
  from alert_rule r
  left join account a on a.id = r.owner_account
  left join team t
    on t.id = r.owner_team
   and t.organization_id = r.organization_id
  left join alert_mute m on m.rule_id = r.id and m.account_id = $3::bigint
  left join lateral (
       select t.fired_at
         from alert_fire t
        where t.rule_id = r.id
        order by t.id desc
        limit 1) f on true
 where r.organization_id = $1::bigint
   and r.id = $2::bigint

-- name: alert_rule_add
-- An owner is somebody of the organisation, or nobody.
insert into alert_rule (organization_id, kind, name, data, all_projects,
                        environments, frequency, owner_account, owner_team,
                        is_on, created_by)
values ($1::bigint, $2, $3, $4, $5::boolean, $6::text[], $7::int,
        (select account_id from member
          where organization_id = $1 and account_id = $8::bigint),
        (select id from team
          where organization_id = $1 and id = $9::bigint), $10::boolean,
        nullif($11::bigint, 0))
returning id

-- name: alert_rule_update
update alert_rule
   set name = $3, data = $4, all_projects = $5::boolean,
       environments = $6::text[], frequency = $7::int,
       owner_account = (select account_id from member
                         where organization_id = $1
                           and account_id = $8::bigint),
       owner_team = (select id from team
                      where organization_id = $1 and id = $9::bigint),
       is_on = $10::boolean,
       updated_at = now()
 where organization_id = $1::bigint
   and id = $2::bigint
returning id

-- name: alert_rule_projects
-- Those of $3 that are the organisation's, and no others.
with gone as (
    delete from alert_rule_project
     where rule_id = $2::bigint
       and organization_id = $1::bigint
       and project_id <> all ($3::bigint[])
), added as (
    insert into alert_rule_project (rule_id, project_id, organization_id)
    select $2, p.id, $1
      from project p
     where p.organization_id = $1
       and p.id = any ($3)
        on conflict do nothing
)
select count(*) as n
  from project p
 where p.organization_id = $1
   and p.id = any ($3)

-- name: alert_rule_delete
delete from alert_rule
 where organization_id = $1::bigint
   and id = $2::bigint
returning name

-- name: alert_rule_switch
update alert_rule r
   set is_on = $3::boolean, updated_at = now()
  from (select id, is_on
          from alert_rule
         where organization_id = $1::bigint
           and id = $2::bigint
           for update) old
 where r.id = old.id
returning r.name, old.is_on as before

-- name: alert_rule_snooze
update alert_rule
   set snoozed_until = $3::timestamptz, updated_at = now()
 where organization_id = $1::bigint
   and id = $2::bigint
returning name

-- name: alert_rule_mute
-- Null: not any more.
with gone as (
    delete from alert_mute
     where $3::timestamptz is null
       and organization_id = $1::bigint
       and rule_id = $2::bigint
       and account_id = $4::bigint
), muted as (
    insert into alert_mute (rule_id, account_id, organization_id, until)
    select r.id, $4, $1, $3
      from alert_rule r
     where r.organization_id = $1
       and r.id = $2
       and $3 is not null
        on conflict (rule_id, account_id) do update set until = excluded.until
)
select name
  from alert_rule
 where organization_id = $1
   and id = $2

-- name: alert_rule_muted
-- Who has muted every one of the rules $2.
select account_id
  from alert_mute
 where organization_id = $1::bigint
   and rule_id = any ($2::bigint[])
   and until > now()
 group by account_id
having count(*) = cardinality($2)
