-- name: batch_new_usage
insert into attachment_usage (organization_id, project_id)
select distinct given.organization_id, given.project_id
  from unnest($1::bigint[], $2::bigint[]) given(organization_id, project_id)
  join project p
    on p.id = given.project_id
   and p.organization_id = given.organization_id
 order by given.project_id
    on conflict do nothing

-- name: batch_lock_usage
select u.project_id, u.bytes
  from attachment_usage u
 where (u.organization_id, u.project_id) in (
           select *
             from unnest($1::bigint[], $2::bigint[]))
 order by u.project_id
   for no key update

-- name: batch_attachments
with added as (
    insert into attachment (organization_id, project_id, event_id, name,
                            content_type, type, size, hash, received_at)
    select *
      from unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::text[],
                  $5::text[], $6::text[], $7::bigint[], $8::bytea[],
                  $9::timestamptz[])
    returning project_id, size)
update attachment_usage u
   set bytes = u.bytes + more.bytes,
       files = u.files + more.files
  from (select project_id, sum(size) as bytes, count(*) as files
          from added
         group by project_id) more
 where u.project_id = more.project_id

-- name: batch_feedback
-- No row: the project has gone, or it is here already.
insert into feedback as f (organization_id, project_id, event_id, is_report,
                           subject, issue_id, name, email, message, url,
                           source, replay, release, environment, browser, os,
                           country, received_at)
select $1::bigint, p.id, $3::uuid, $4::boolean, $5::uuid,
       coalesce($6::bigint,
                (select e.issue_id
                   from event e
                  where e.project_id = $2
                    and e.event_id = $5
                  limit 1)),
       $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18::timestamptz
  from project p
 where p.id = $2::bigint
   and p.organization_id = $1
    on conflict (project_id, event_id, is_report)
    do update set name = excluded.name,
                  email = excluded.email,
                  message = excluded.message,
                  issue_id = coalesce(excluded.issue_id, f.issue_id)
        where f.is_report
          and (f.name, f.email, f.message)
              is distinct from (excluded.name, excluded.email,
                                excluded.message)
returning id
