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
