-- name: issue_similar_text
select search
  from issue_words
 where issue_id = $1::bigint

-- name: issue_similar_candidates
-- The issues of a project that were seen last, of each state so many.
select i.id, i.project_id, i.number, i.title, i.type, i.value, i.culprit,
       i.platform, i.level, i.priority, i.status, i.substatus, i.is_unhandled,
       coalesce(i.assignee_id, -i.assignee_team_id) as assignee_id,
       i.first_seen, i.last_seen, i.times_seen, i.users_seen,
       i.first_release, i.last_release, i.status_at,
       p.slug as project_slug, p.name as project_name,
       coalesce(a.name, '#' || tm.slug) as assignee,
       coalesce(w.search, '') as search
  from unnest(array[0, 1, 2]::smallint[]) as s (status)
 cross join lateral (
       select *
         from issue c
        where c.project_id = $1::bigint
          and c.status = s.status
          and c.id <> $2::bigint
        order by c.listed_seen desc, c.id desc
        limit $3::int) i
  join project p on p.id = i.project_id
  left join account a on a.id = i.assignee_id
  left join team tm on tm.id = i.assignee_team_id
  left join issue_words w on w.issue_id = i.id
