-- name: team_list
select t.id, t.slug, t.name, m.role as mine,
       exists (select 1
                 from team_request r
                where r.team_id = t.id
                  and r.account_id = $2::bigint) as asked,
       (select count(*) from team_member c where c.team_id = t.id) as members,
       (select count(*) from team_project p where p.team_id = t.id) as projects
  from team t
  left join team_member m
    on m.team_id = t.id
   and m.account_id = $2
 where t.organization_id = $1::bigint
   and ($3::text is null or t.slug = $3)
 order by lower(t.name), t.id
 limit 200

-- name: team_full
select 1 as full
  from team
 where organization_id = $1
offset 199
 limit 1

-- name: team_create
insert into team (organization_id, slug, name)
values ($1, $2, $3)
returning id

-- name: team_update
update team
   set slug = $3,
       name = $4
 where organization_id = $1
   and id = $2

-- name: team_delete
delete from team
 where organization_id = $1
   and id = $2

-- name: team_members
select x.account_id, a.email, a.name, x.role, x.created_at
  from (select m.account_id, m.role, m.created_at
          from team_member m
         where m.organization_id = $1::bigint
           and m.team_id = $2::bigint
         union all
        select r.account_id, '', r.created_at
          from team_request r
         where r.organization_id = $1
           and r.team_id = $2) x
  join account a on a.id = x.account_id
 where a.is_active
 order by x.role = '', lower(a.name), a.id
 limit 500

-- name: team_member_get
-- A member of the organisation, and its role in the team.
select a.email, t.role
  from member m
  join account a on a.id = m.account_id
  left join team_member t
    on t.team_id = $2
   and t.account_id = m.account_id
 where m.organization_id = $1
   and m.account_id = $3
   for no key update of m

-- name: team_member_set
insert into team_member (organization_id, team_id, account_id, role)
values ($1, $2, $3, $4)
    on conflict (team_id, account_id) do update
   set role = excluded.role

-- name: team_member_remove
delete from team_member
 where organization_id = $1
   and team_id = $2
   and account_id = $3

-- name: team_request_add
insert into team_request (organization_id, team_id, account_id)
select $1::bigint, $2::bigint, $3::bigint
 where not exists (select 1
                     from team_member
                    where team_id = $2
                      and account_id = $3)
    on conflict (team_id, account_id) do nothing
returning account_id

-- name: team_request_remove
delete from team_request
 where organization_id = $1
   and team_id = $2
   and account_id = $3
returning account_id

-- name: team_projects
select project_id
  from team_project
 where organization_id = $1
   and team_id = $2
 order by project_id
 limit 1000

-- name: team_project_add
-- The project's slug; changed: it was not the team's.
with p as (
    select id, slug
      from project
     where organization_id = $1::bigint
       and id = $3::bigint
), added as (
    insert into team_project (organization_id, team_id, project_id)
    select $1, $2::bigint, p.id
      from p
        on conflict (team_id, project_id) do nothing
 returning project_id
)
select p.slug, exists (select 1 from added) as changed
  from p

-- name: team_project_remove
with p as (
    select id, slug
      from project
     where organization_id = $1::bigint
       and id = $3::bigint
), gone as (
    delete from team_project t
     using p
     where t.organization_id = $1
       and t.team_id = $2::bigint
       and t.project_id = p.id
 returning t.project_id
)
select p.slug, exists (select 1 from gone) as changed
  from p

-- name: team_names
select m.account_id, string_agg(t.name, ', ' order by lower(t.name)) as names
  from team_member m
  join team t on t.id = m.team_id
 where m.organization_id = $1::bigint
   and m.account_id = any ($2::bigint[])
 group by m.account_id
