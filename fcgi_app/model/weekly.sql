-- name: weekly_next
select o.id, o.slug, o.name,
       coalesce(case when w.week = $1::date then w.account_id end, 0) as after
  from organization o
  left join weekly_report w on w.organization_id = o.id
 where w.organization_id is null
    or w.week <> $1
    or not w.is_done
 order by o.id
 limit 1

-- name: weekly_readers
select a.id as account_id, a.email, a.name
  from member m
  join account a on a.id = m.account_id
 where m.organization_id = $1::bigint
   and a.id > $2::bigint
   and a.is_active
   and not exists (
           select 1
             from notification_setting n
            where n.account_id = a.id
              and n.organization_id = $1
              and n.project_id = 0
              and n.kind = 'reports'
              and n.value = 'never')
 order by a.id
 limit $3::int

-- name: weekly_mark
insert into weekly_report (organization_id, week, account_id, is_done)
values ($1::bigint, $2::date, $3::bigint, $4::boolean)
    on conflict (organization_id) do update
   set week = excluded.week,
       account_id = excluded.account_id,
       is_done = excluded.is_done

-- name: weekly_outcomes
-- By day (0 the Monday; null the week before) and outcome.
select case when o.hour >= $3::timestamptz
            then floor(extract(epoch from o.hour - $3) / 86400)::int end as day,
       o.outcome, sum(o.quantity)::bigint as quantity
  from outcome_hour o
 where o.organization_id = $1::bigint
   and o.project_id in (select v.project_id
                          from project_viewer v
                         where v.organization_id = $1
                           and v.account_id = $2::bigint)
   and o.hour >= $3 - interval '7 days'
   and o.hour < $3 + interval '7 days'
   and o.category = 'error'
 group by 1, 2

-- name: weekly_issues
-- Of the issues seen in the week, the most frequent of them first.
with mine as materialized (
    select v.project_id
      from project_viewer v
     where v.organization_id = $1::bigint
       and v.account_id = $2::bigint
), seen as (
    select i.id, i.first_seen, i.times_seen
      from issue i
     where i.organization_id = $1
       and i.project_id in (select m.project_id from mine m)
       and i.status in (0, 1, 2)
       and i.listed_seen >= $3::timestamptz
       and i.first_seen < $3 + interval '7 days'
), happened as (
    select h.kind, count(distinct h.issue_id) as n
      from seen s
      join activity h on h.issue_id = s.id
     where h.at >= $3
       and h.at < $3 + interval '7 days'
       and h.kind in ('regressed', 'escalating', 'resolved')
     group by h.kind
)
select (select count(*)
          from seen s
         where s.first_seen >= $3) as fresh,
       coalesce((select h.n from happened h where h.kind = 'regressed'),
                0) as regressed,
       coalesce((select h.n from happened h where h.kind = 'escalating'),
                0) as escalated,
       coalesce((select h.n from happened h where h.kind = 'resolved'),
                0) as resolved

-- name: weekly_top
-- Counted by hour among the 200 that have been seen most of all.
select i.id, i.number, p.slug, i.title, i.status, t.events
  from (select s.id
          from issue s
         where s.organization_id = $1::bigint
           and s.project_id in (select v.project_id
                                  from project_viewer v
                                 where v.organization_id = $1
                                   and v.account_id = $2::bigint)
           and s.status in (0, 1, 2)
           and s.listed_seen >= $3::timestamptz
         order by s.times_seen desc, s.id
         limit 200) c
 cross join lateral (
       select sum(h.times_seen)::bigint as events
         from issue_hour h
        where h.issue_id = c.id
          and h.hour >= $3
          and h.hour < $3 + interval '7 days') t
  join issue i on i.id = c.id
  join project p on p.id = i.project_id
 where t.events > 0
 order by t.events desc, i.id
 limit $4::int
