-- name: organization_by_slug
select id, slug, name
  from organization
 where slug = $1

-- name: organization_create
insert into organization (slug, name)
values ($1, $2)
returning id

-- name: organization_list
-- At most 200: the switcher of the side bar; more are found by search.
select o.id, o.slug, o.name
  from organization o
 where $2
    or exists (select 1
                 from member m
                where m.organization_id = o.id
                  and m.account_id = $1)
 order by lower(o.name), o.id
 limit 200

-- name: organization_enter
-- An organisation together with the role of one account in it; no row when the
-- account has nothing to do with it, just as when it does not exist.
select o.id, o.slug, o.name,
       case when $3 then 'owner' else m.role end as role
  from organization o
  left join member m
    on m.organization_id = o.id
   and m.account_id = $2
 where o.slug = $1
   and ($3 or m.role is not null)

-- name: organization_lock
select id, slug, name
  from organization
 where id = $1
   for no key update

-- name: organization_update
update organization
   set name = $2,
       slug = $3
 where id = $1
