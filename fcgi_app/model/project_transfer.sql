-- name: project_transfer_find
select id, project_id, address, asked_name, asked_at, expires_at, accepted_at,
       declined_at
  from project_transfer
 where from_organization = $1
   and project_id = $2

-- name: project_transfer_target
-- The other organisation, and whether the account is an owner there.
select o.id,
       $3::boolean or exists (select 1
                                from member m
                               where m.organization_id = o.id
                                 and m.account_id = $2::bigint
                                 and m.role = 'owner') as is_owner
  from organization o
 where o.slug = $1

-- name: project_transfer_clear
-- An earlier one, unless the worker is at it.
delete from project_transfer
 where from_organization = $1
   and project_id = $2
   and accepted_at is null
returning address

-- name: project_transfer_ask
insert into project_transfer (from_organization, organization_id, project_id,
                              address, asked_by, asked_name, asked_email,
                              expires_at, accepted_by, accepted_name,
                              accepted_email, accepted_at)
values ($1, $2, $3, $4, $5::bigint, $6::text, $7::text,
        now() + $8::int * interval '1 day',
        case when $9::boolean then $5::bigint end,
        case when $9 then $6::text end, case when $9 then $7::text end,
        case when $9 then now() end)

-- name: project_transfer_offers
select t.id, t.project_id, t.address, t.asked_name, t.asked_at, t.expires_at,
       t.accepted_at, t.declined_at, o.organization, o.project, o.slug,
       o.platform
  from project_transfer t,
       lateral project_transfer_offer(t.id) o
 where t.organization_id = $1
   and t.declined_at is null
   and (t.accepted_at is not null or t.expires_at > now())
 order by t.id
 limit 50

-- name: project_transfer_answer
update project_transfer t
   set accepted_at = case when $3::boolean then now() end,
       accepted_by = case when $3 then $4::bigint end,
       accepted_name = case when $3 then $5::text end,
       accepted_email = case when $3 then $6::text end,
       declined_at = case when not $3 then now() end
  from project_transfer_offer($2::bigint) o
 where t.organization_id = $1
   and t.id = $2
   and t.accepted_at is null
   and t.declined_at is null
   and t.expires_at > now()
returning o.slug, o.organization

-- name: project_transfer_due
-- Of all organisations: the worker asks.
select t.id, t.project_id, t.from_organization, t.organization_id,
       t.accepted_by, t.accepted_name, t.accepted_email,
       t.gone_in is not null as gone,
       t.gone_in < pg_snapshot_xmin(pg_current_snapshot()) as settled,
       f.slug as from_slug, i.slug as to_slug, p.slug
  from project_transfer t
  join organization f on f.id = t.from_organization
  join organization i on i.id = t.organization_id
  join project p on p.id = t.project_id
 where t.accepted_at is not null
 order by t.accepted_at
 limit 1

-- name: project_transfer_go
select project_transfer_go($1::bigint, $2::bigint, $3::bigint) as slug

-- name: project_transfer_owners
-- Teams and people of the old organisation; its rules name others from now on.
delete from issue_owner o
 using issue i
 where i.id = o.issue_id
   and i.project_id = $1

-- name: project_transfer_messages
-- The history of the old organisation's alerts stays there; what was written to
-- the project is no longer to be found there.
update alert_fire t
   set feedback_id = null
  from feedback f
 where f.id = t.feedback_id
   and f.project_id = $1
   and t.organization_id = $2::bigint

-- name: project_transfer_gone
update project_transfer
   set gone_in = pg_current_xact_id()
 where id = $1

-- name: project_transfer_piece
select project_transfer_piece($1::bigint, $2::bigint, $3::bigint, $4::int) as n

-- name: project_transfer_end
delete from project_transfer
 where id = $1
