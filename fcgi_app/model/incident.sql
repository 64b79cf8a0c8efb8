-- name: metric_state_add
insert into alert_metric (rule_id, project_id, organization_id, checked_at)
select r.id, p.id, r.organization_id, to_timestamp(0)
  from alert_rule r
  join project p on p.organization_id = r.organization_id
 where r.organization_id = $1::bigint
   and r.id = $2::bigint
   and p.id = $3::bigint
    on conflict do nothing

-- name: metric_state_lock
select m.checked_at, m.warnings, m.criticals, m.incident_id, i.severity,
       (select max(c.closed_at)
          from incident c
         where c.rule_id = m.rule_id
           and c.project_id = m.project_id
           and c.status = 2) as closed_at
  from alert_metric m
  left join incident i on i.id = m.incident_id and i.status < 2
 where m.rule_id = $1::bigint
   and m.project_id = $2::bigint
   for update of m

-- name: metric_checked
select rule_id, project_id, checked_at
  from alert_metric
 where checked_at >= $1::timestamptz
 order by rule_id, project_id
 limit $2::int

-- name: metric_state_save
update alert_metric
   set checked_at = $3::timestamptz, warnings = $4::int, criticals = $5::int,
       incident_id = nullif($6::bigint, 0), value = $7::double precision
 where rule_id = $1::bigint
   and project_id = $2::bigint

-- name: incident_open
-- The organisation's row orders the numbers.
with org as (
    select id
      from organization
     where id = $1::bigint
       for no key update
)
insert into incident (organization_id, number, rule_id, project_id, title,
                      severity, worst, value, threshold, started_at)
select o.id,
       coalesce((select max(i.number)
                   from incident i
                  where i.organization_id = o.id), 0) + 1,
       $2::bigint, $3::bigint, $4::text, $5::smallint, $5,
       $6::double precision, $7::double precision, $8::timestamptz
  from org o
returning id, number

-- name: incident_change
update incident
   set severity = $2::smallint,
       worst = greatest(worst, $2),
       value = $3::double precision,
       threshold = case when $2 > 0 then $4::double precision
                        else threshold end,
       status = case when $2 = 0 then 2 else status end,
       closed_at = case when $2 = 0 then $5::timestamptz else closed_at end
 where id = $1::bigint
   and status < 2

-- name: incident_by_id
select i.id, i.organization_id, i.number, i.rule_id, i.project_id, i.title,
       i.severity, i.worst, i.status, i.value, i.threshold, i.started_at,
       i.acknowledged_at, k.name as acknowledged_by, i.closed_at,
       c.name as closed_by, p.slug as project, r.name as rule_name
  from incident i
  join project p on p.id = i.project_id
  join alert_rule r on r.id = i.rule_id
  left join account k on k.id = i.acknowledged_by
  left join account c on c.id = i.closed_by
 where i.organization_id = $1::bigint
   and i.id = $2::bigint

-- name: incident_list
select i.id, i.organization_id, i.number, i.rule_id, i.project_id, i.title,
       i.severity, i.worst, i.status, i.value, i.threshold, i.started_at,
       i.acknowledged_at, k.name as acknowledged_by, i.closed_at,
       c.name as closed_by, p.slug as project, r.name as rule_name
  from incident i
  join project p on p.id = i.project_id
  join alert_rule r on r.id = i.rule_id
  left join account k on k.id = i.acknowledged_by
  left join account c on c.id = i.closed_by
 where i.organization_id = $1::bigint
   and i.number < $2::bigint
 order by i.number desc
 limit $3::int

-- name: incident_escalate
update incident
   set escalated = $3::smallint
 where organization_id = $1::bigint
   and id = $2::bigint
   and status = 0
   and severity <= $3
   and escalated < $3
returning id

-- name: incident_act
update incident
   set status = case when $3::boolean then 2 else 1 end,
       severity = case when $3 then 0 else severity end,
       acknowledged_at = coalesce(acknowledged_at,
                                  case when not $3 then now() end),
       acknowledged_by = coalesce(acknowledged_by,
                                  case when not $3 then $4::bigint end),
       closed_at = case when $3 then now() end,
       closed_by = case when $3 then $4 end
 where organization_id = $1::bigint
   and id = $2::bigint
   and status < 2
returning title

-- name: metric_minutes
select coalesce(sum(times_seen), 0)::bigint as n,
       string_agg(users, '') as users
  from project_minute
 where project_id = $1::bigint
   and minute >= $2::timestamptz
   and minute < $3::timestamptz
   and level >= $4::int
   and (cardinality($5::text[]) = 0 or environment = any ($5))

-- name: metric_sessions
-- $6: of this release, of the newest that has any ('latest'), of all ('').  The
-- newest is that by version, else by date, as for alert_adopted.
with seen as materialized (
    select m.is_crashed, m.sessions, m.users, m.release_id
      from session_minute m
     where m.project_id = $1::bigint
       and m.minute >= $2::timestamptz
       and m.minute < $3::timestamptz
       and (cardinality($4::text[]) = 0 or m.environment = any ($4))
), chosen as (
    select r.id
      from release r
     where $6::text <> ''
       and r.id in (select s.release_id from seen s)
       and ($6 = 'latest' or r.version = $6)
     order by r.sort_key desc nulls last,
              coalesce(r.released_at, r.first_seen) desc, r.id desc
     limit 1
)
select coalesce(sum(s.sessions) filter (where not s.is_crashed), 0)::bigint
           as n,
       coalesce(sum(s.sessions) filter (where s.is_crashed), 0)::bigint as bad,
       case when $5::boolean
            then string_agg(s.users, '') filter (where not s.is_crashed)
       end as users,
       case when $5
            then string_agg(s.users, '') filter (where s.is_crashed)
       end as bad_users
  from seen s
 where $6 = ''
    or s.release_id = (select c.id from chosen c)
