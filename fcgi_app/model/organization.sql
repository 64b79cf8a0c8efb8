-- name: organization_by_slug
select id, slug, name, open_membership, default_role, require_second, local_passwords,
       mail_domains, addresses, session_hours, language, delete_at
  from organization
 where slug = $1

-- name: organization_by_id
select id, slug, name, open_membership, default_role, require_second,
       local_passwords, mail_domains, addresses, session_hours, language, delete_at
  from organization
 where id = $1::bigint

-- name: organization_create
insert into organization (slug, name)
values ($1, $2)
returning id

-- name: organization_list
-- plan: generic
-- At most 200: the switcher of the side bar; more are found by search.  With
-- what waits in the one of them that is $3, in the projects $4 (null: all):
-- unresolved issues, feedback, incidents, none counted beyond a thousand.
select o.id, o.slug, o.name, o.open_membership, o.default_role,
       o.require_second, o.local_passwords, o.mail_domains, o.addresses,
       o.session_hours, o.language, o.delete_at,
       w.issues, w.feedback, w.incidents
  from organization o
  left join lateral (
       select (select count(*)
                 from (select 1
                         from issue i
                        where i.organization_id = o.id
                          and i.status = 0
                          and $4::bigint[] is null
                        order by i.listed_seen desc, i.id desc
                        limit 1000) u)
              + (select count(*)
                   from (select 1
                           from unnest($4::bigint[]) as seen (project_id)
                          cross join lateral (
                                select 1
                                  from issue i
                                 where i.organization_id = o.id
                                   and i.project_id = seen.project_id
                                   and i.status = 0
                                 order by i.listed_seen desc, i.id desc
                                 limit 1000) u
                          limit 1000) n) as issues,
              (select count(*)
                 from (select 1
                         from feedback f
                        where f.organization_id = o.id
                          and f.status = 0
                          and coalesce(f.project_id = any ($4), $4 is null)
                        limit 1000) f) as feedback,
              (select count(*)
                 from (select 1
                         from incident i
                        where i.organization_id = o.id
                          and i.status < 2
                          and coalesce(i.project_id = any ($4), $4 is null)
                        limit 1000) i) as incidents
        where o.id = $3::bigint) w on true
 where $2
    or exists (select 1
                 from member m
                where m.organization_id = o.id
                  and m.account_id = $1)
 order by lower(o.name), o.id
 limit 200

-- name: organization_enter
-- plan: generic
-- An organisation together with the role of one account in it; no row when the
-- account has nothing to do with it, just as when it does not exist.
-- With the projects of its teams there, those that it leads, and its favourites.  From here on
-- the second wall (sql/0013) lets no other organisation's rows pass.
select set_config('vedette.organization', o.id::text, false) as entered,
       set_config('vedette.account', $2::bigint::text, false) as account,
       o.id, o.slug, o.name, o.open_membership, o.default_role,
       o.require_second, o.local_passwords, o.mail_domains, o.addresses,
       o.session_hours, o.language, o.delete_at,
       o.addresses = '' or $4::inet <<= any (
           string_to_array(o.addresses, ' ')::cidr[]) as address_ok,
       case when $3 then 'owner' else m.role end as role,
       (select v.version
          from project_version v
         where v.organization_id = o.id) as projects_version,
       (select string_agg(t.project_id::text, ',' order by t.project_id)
          from (select distinct tp.project_id
                  from team_member tm
                  join team_project tp on tp.team_id = tm.team_id
                 where tm.organization_id = o.id
                   and tm.account_id = m.account_id
                 order by 1
                 limit 1000) t) as projects,
       (select string_agg(t.project_id::text, ',' order by t.project_id)
          from (select distinct tp.project_id
                  from team_member tm
                  join team_project tp on tp.team_id = tm.team_id
                 where tm.organization_id = o.id
                   and tm.account_id = m.account_id
                   and tm.role = 'admin'
                 order by 1
                 limit 1000) t) as led,
       (select string_agg(t.project_id::text, ',' order by t.project_id)
          from (select s.project_id
                  from project_star s
                 where s.organization_id = o.id
                   and s.account_id = $2
                 order by 1
                 limit 1000) t) as starred
  from organization o
  left join member m
    on m.organization_id = o.id
   and m.account_id = $2
 where o.slug = $1
   and ($3 or m.role is not null)

-- name: organization_moved
-- The name that another one has become, for a member.
select m.slug
  from organization_moved($1::text, $2::bigint, $3::boolean) as m (slug)
 where m.slug is not null

-- name: organization_lock
select id, slug, name, open_membership, default_role, require_second, local_passwords,
       mail_domains, addresses, session_hours, language, delete_at
  from organization
 where id = $1
   for no key update

-- name: organization_update
update organization
   set name = $2,
       slug = $3,
       open_membership = $4,
       default_role = $5,
       language = $6
 where id = $1

-- name: organization_secure
update organization
   set require_second = $2,
       local_passwords = $3,
       mail_domains = $4,
       addresses = $5,
       session_hours = $6
 where id = $1

-- name: organization_addresses
-- Each address in its own form; and whether $2 is among them.
select string_agg(distinct c::text, ' ' order by c::text) as addresses,
       coalesce(bool_or($2::inet <<= c), true) as here
  from unnest($1::text[]::cidr[]) as c
