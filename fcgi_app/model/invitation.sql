-- name: invitation_list
select i.id, i.organization_id, i.email, i.role, i.created_at, i.expires_at,
       a.name as inviter,
       (select string_agg(t.name, ', ' order by lower(t.name))
          from invitation_team it
          join team t on t.id = it.team_id
         where it.invitation_id = i.id) as teams
  from invitation i
  left join account a on a.id = i.invited_by
 where i.organization_id = $1
 order by i.id desc
 limit 200

-- name: invitation_full
-- A row when the organisation has $2 invitations or more.
select 1 as full
  from invitation
 where organization_id = $1
offset $2::int
 limit 1

-- name: invitation_create
-- No row when the address belongs to a member.
insert into invitation (organization_id, email, role, digest, invited_by,
                        expires_at)
select $1::bigint, $2::text, $3::text, $4::text, $5::bigint,
       now() + $6::int * interval '1 day'
 where not exists (select 1
                     from member m
                     join account a on a.id = m.account_id
                    where m.organization_id = $1
                      and a.email = $2)
returning id

-- name: invitation_add_teams
insert into invitation_team (organization_id, invitation_id, team_id)
select t.organization_id, $2::bigint, t.id
  from team t
 where t.organization_id = $1::bigint
   and t.id = any ($3::bigint[])

-- name: invitation_lock
select id, email, role
  from invitation
 where organization_id = $1
   and id = $2
   for update

-- name: invitation_renew
update invitation
   set digest = $3,
       invited_by = $4,
       created_at = now(),
       expires_at = now() + $5::int * interval '1 day'
 where organization_id = $1
   and id = $2

-- name: invitation_revoke
delete from invitation
 where organization_id = $1
   and id = $2
returning email, role

-- name: invitation_find
-- By its secret, which is the one thing that leads to the organisation.
select i.id, i.organization_id, i.email, i.role, i.created_at, i.expires_at,
       null::text as teams, a.name as inviter, o.slug as org_slug, o.name as org_name
  from invitation i
  join organization o on o.id = i.organization_id
  left join account a on a.id = i.invited_by
 where i.digest = $1
   and i.expires_at > now()

-- name: invitation_take
-- The teams are those of before the row and what hangs on it went.
with teams as (
    select it.team_id
      from invitation i
      join invitation_team it on it.invitation_id = i.id
     where i.digest = $1::text
), gone as (
    delete from invitation
     where digest = $1
       and expires_at > now()
 returning organization_id, email, role
)
select organization_id, email, role,
       (select string_agg(team_id::text, ',') from teams) as teams
  from gone

-- name: invitation_join_teams
insert into team_member (organization_id, team_id, account_id)
select t.organization_id, t.id, $2::bigint
  from team t
 where t.organization_id = $1::bigint
   and t.id = any ($3::bigint[])
    on conflict (team_id, account_id) do nothing

-- name: invitation_add_member
-- A member keeps the role that it has.
insert into member (organization_id, account_id, role)
values ($1, $2, $3)
    on conflict (organization_id, account_id) do nothing
