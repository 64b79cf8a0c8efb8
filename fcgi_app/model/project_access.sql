-- name: project_people
-- A leader of a team is an admin of its projects.
select a.id, a.email, a.name, m.role, t.names, coalesce(t.leads, false) as leads
  from organization o
  join member m on m.organization_id = o.id
  join account a on a.id = m.account_id and a.is_active
  left join lateral (
       select string_agg(team.name, ', ' order by lower(team.name)) as names,
              bool_or(tm.role = 'admin') as leads
         from team_member tm
         join team_project tp on tp.team_id = tm.team_id
         join team on team.id = tm.team_id
        where tp.organization_id = o.id
          and tp.project_id = $2::bigint
          and tm.account_id = m.account_id) t on true
 where o.id = $1::bigint
   and (o.open_membership or m.role in ('manager', 'owner')
        or t.names is not null)
 order by lower(a.name), a.id
 limit 201

-- name: project_teams
select t.slug, t.name, tp.team_id is not null as owns,
       (select count(*) from team_member m where m.team_id = t.id) as members
  from team t
  left join team_project tp
    on tp.team_id = t.id
   and tp.project_id = $2::bigint
 where t.organization_id = $1::bigint
 order by owns desc, lower(t.name), t.id
 limit 200
