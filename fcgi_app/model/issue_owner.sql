-- name: issue_owner_clear
delete from issue_owner
 where issue_id = any ($1::bigint[])

-- name: issue_owner_write
insert into issue_owner (issue_id, place, organization_id, account_id, team_id,
                         rule)
select g.issue_id, g.place, g.organization_id, p.id, t.id, g.rule
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[],
              $5::text[]) as g (organization_id, issue_id, place, word, rule)
  left join (select m.organization_id, a.id, a.email
               from member m
               join account a on a.id = m.account_id
              where a.is_active) p
    on p.organization_id = g.organization_id
   and p.email = g.word
  left join team t
    on t.organization_id = g.organization_id
   and '#' || t.slug = g.word
 where p.id is not null
    or t.id is not null

-- name: issue_owner_assign
-- To the first owner, if nobody has it.
with owner as (
    select distinct on (o.issue_id) o.issue_id, o.organization_id,
           o.account_id, o.team_id, o.rule,
           coalesce(a.name, '#' || t.slug) as name
      from issue_owner o
      left join account a on a.id = o.account_id
      left join team t on t.id = o.team_id
     where o.issue_id = any ($1::bigint[])
     order by o.issue_id, o.place
), assigned as (
    update issue i
       set assignee_id = o.account_id,
           assignee_team_id = o.team_id
      from owner o
     where i.id = o.issue_id
       and i.assignee_id is null
       and i.assignee_team_id is null
 returning i.id
)
insert into activity (organization_id, issue_id, kind, data)
select o.organization_id, o.issue_id, 'assigned',
       json_strip_nulls(json_build_object('account_id', o.account_id,
                                          'team_id', o.team_id,
                                          'name', o.name,
                                          'rule', o.rule))::text
  from owner o
  join assigned i on i.id = o.issue_id
 order by o.issue_id

-- name: issue_owner_next
-- So many, whatever has become of them: a step costs the same everywhere.
select i.id, i.number
  from issue i
 where i.organization_id = $1::bigint
   and i.project_id = $2::bigint
   and ($3::bigint is null or i.number < $3)
 order by i.number desc
 limit $4::int

-- name: issue_owner_samples
-- Locked in the order of their ids, as the digest does.
with open_ones as materialized (
    select i.id, i.first_seen
      from issue i
     where i.id = any ($1::bigint[])
       and i.status = 0
     order by i.id
       for no key update
)
select i.id, b.body,
       exists (select 1
                 from activity h
                where h.issue_id = i.id
                  and h.kind = 'unassigned') as was_freed
  from open_ones i
  left join lateral (
       select e.day, e.id
         from event e
        where e.issue_id = i.id
          and e.has_body
          and e.day >= (i.first_seen - interval '1 day')::date
        order by e.id desc
        limit 1) e on true
  left join event_body b on b.day = e.day
                        and b.id = e.id
