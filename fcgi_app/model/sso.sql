-- name: sso_doors
-- $1: the slug of an organisation; null: those that everybody may see.
select o.slug, i.type, i.name,
       coalesce(i.data::json ->> 'listed', '') = 'on' as listed
  from integration i
  join organization o on o.id = i.organization_id
 where i.type like 'sso-%'
   and i.state <> 2
   and case when $1::text is null
            then i.data::json ->> 'listed' = 'on'
            else o.slug = $1
       end
 order by lower(i.name), i.id
 limit $2

-- name: sso_find
select i.organization_id, i.id
  from organization o
  join integration i
    on i.organization_id = o.id
   and i.type = $2
 where o.slug = $1
   and i.type like 'sso-%'
   and i.state <> 2

-- name: sso_provider
select i.id
  from integration i
 where i.organization_id = $1
   and i.type = $2
   and i.type like 'sso-%'

-- name: sso_identity_account
select account_id
  from sso_identity
 where organization_id = $1
   and integration_id = $2
   and subject = $3

-- name: sso_identity_set
-- A person whom the provider calls by another name now is still the same account.
insert into sso_identity (organization_id, integration_id, subject, account_id)
values ($1, $2, $3, $4)
    on conflict (integration_id, account_id) do update
   set subject = excluded.subject,
       used_at = now()

-- name: sso_identity_used
update sso_identity
   set used_at = now()
 where organization_id = $1
   and integration_id = $2
   and subject = $3

-- name: sso_elsewhere
-- Does the account belong to another organisation, too?  sql/ says why a function.
select 1 as elsewhere
 where account_elsewhere($1::bigint, $2::bigint)

-- name: sso_teams
-- The teams of the list, with the account's role in each.
select t.id, t.slug, t.name, m.role
  from team t
  left join team_member m
    on m.team_id = t.id
   and m.account_id = $2::bigint
 where t.organization_id = $1::bigint
   and t.slug = any ($3::text[])

-- name: sso_identities
-- Providers of the account's own organisations.
select i.id, i.type, i.name, o.slug, o.name as org_name, s.linked_at, s.used_at
  from member m
  join organization o on o.id = m.organization_id
  join integration i
    on i.organization_id = o.id
   and i.type like 'sso-%'
   and i.state <> 2
  left join sso_identity s
    on s.integration_id = i.id
   and s.account_id = m.account_id
 where m.account_id = $1
 order by lower(o.name), lower(i.name), i.id
 limit 50

-- name: sso_unlink
delete from sso_identity
 where account_id = $1
   and integration_id = $2
returning organization_id
