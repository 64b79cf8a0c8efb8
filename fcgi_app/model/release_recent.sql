-- name: release_recent_reckon
-- Since $1, of organisations with more than $2 projects.
with busy as materialized (
    select p.organization_id
      from project p
     where p.archived_at is null
     group by p.organization_id
    having count(*) > $2::int
), sums as materialized (
    select p.organization_id, p.id as project_id, h.*
      from busy b
      join project p on p.organization_id = b.organization_id
     cross join lateral (
           -- project by project: a join would read all hours
           select r.release_id, sum(r.sessions) as sessions,
                  sum(r.crashed) as crashed, sum(r.users) as users,
                  sum(r.users_crashed) as users_crashed
             from release_hour r
            where r.project_id = p.id
              and r.organization_id = p.organization_id
              and r.hour >= $1::timestamptz
              and r.sessions > 0
            group by r.release_id
           offset 0) h
), gone as (
    delete from release_recent r
     where not exists (select 1
                         from sums s
                        where s.release_id = r.release_id)
), marked as (
    insert into release_recent_mark (organization_id, reckoned_at)
    select organization_id, now()
      from busy
        on conflict (organization_id)
        do update set reckoned_at = excluded.reckoned_at
)
insert into release_recent as r (release_id, organization_id, project_id,
                                 sessions, crashed, users, users_crashed)
select s.release_id, s.organization_id, s.project_id, s.sessions, s.crashed,
       s.users, s.users_crashed
  from sums s
 order by s.release_id
    on conflict (release_id)
    do update set organization_id = excluded.organization_id,
                  sessions = excluded.sessions,
                  crashed = excluded.crashed,
                  users = excluded.users,
                  users_crashed = excluded.users_crashed
        where (r.organization_id, r.sessions, r.crashed, r.users,
               r.users_crashed)
              <> (excluded.organization_id, excluded.sessions,
                  excluded.crashed, excluded.users, excluded.users_crashed)
