-- name: job_add
insert into job (organization_id, project_id, account_id, kind, title, params,
                 total, back, undo_id, due_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10::timestamptz, now()))
returning id

-- name: job_find
select j.id, j.organization_id, j.project_id, j.account_id, a.name as account,
       j.kind, j.title, j.params, j.state, j.is_cancelled,
       coalesce(j.total, -1) as total, j.done, j.position, j.result, j.error,
       j.back, j.undo_id, j.due_at, j.created_at, j.started_at, j.finished_at
  from job j
  left join account a on a.id = j.account_id
 where j.organization_id = $1::bigint
   and j.id = $2::bigint

-- name: job_list
select j.id, j.organization_id, j.project_id, j.account_id, a.name as account,
       j.kind, j.title, j.params, j.state, j.is_cancelled,
       coalesce(j.total, -1) as total, j.done, j.position, j.result, j.error,
       j.back, j.undo_id, j.due_at, j.created_at, j.started_at, j.finished_at
  from job j
  left join account a on a.id = j.account_id
 where j.organization_id = $1::bigint
   and j.id < $2::bigint
 order by j.id desc
 limit $3::int

-- name: job_cancel
update job
   set is_cancelled = true,
       due_at = now()
 where organization_id = $1::bigint
   and id = $2::bigint
   and state = 0

-- name: job_take
-- One that another runner holds is passed over.
select j.id, j.organization_id, j.project_id, j.account_id,
       '' as account, j.kind, j.title, j.params, j.state, j.is_cancelled,
       coalesce(j.total, -1) as total, j.done, j.position, j.result, j.error,
       j.back, j.undo_id, j.due_at, j.created_at, j.started_at, j.finished_at
  from job j
 where j.state = 0
   and j.due_at <= now()
 order by j.due_at, j.id
 limit 1
   for no key update skip locked

-- name: job_save
update job
   set state = $2::smallint,
       total = nullif($3::bigint, -1),
       done = $4::bigint,
       position = $5,
       result = $6,
       error = $7,
       due_at = coalesce($8::timestamptz, now()),
       undo_id = $9::bigint,
       started_at = coalesce(started_at, now()),
       finished_at = case when $2 > 0 then now() end
 where id = $1::bigint

-- name: job_forget
delete from job
 where id in (select j.id
                from job j
               where j.state > 0
                 and j.finished_at < now() - interval '30 days'
               limit 1000)
