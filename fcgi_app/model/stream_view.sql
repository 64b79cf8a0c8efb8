-- name: stream_view
-- plan: generic
-- One row at least; the searches of the stream as saved_search_list has them.
select v.hidden, v.is_compact, v.projects, v.terms,
       s.id, s.name, s.query, s.sort, s.account_id is null as shared,
       d.search_id is not null as chosen
  from (select 1) one
  left join stream_view v
    on v.organization_id = $1::bigint
   and v.account_id = $2::bigint
  left join saved_search s
    on s.organization_id = $1
   and coalesce(s.account_id, 0) in (0, $2)
   and s.place = $3::smallint
  left join saved_search_default d
    on d.organization_id = s.organization_id
   and d.account_id = $2
   and d.search_id = s.id
 order by s.account_id nulls last, lower(s.name), s.id
 limit 100

-- name: stream_view_look
insert into stream_view (organization_id, account_id, hidden, is_compact)
values ($1::bigint, $2::bigint, $3::text, $4::boolean)
    on conflict (organization_id, account_id) do update
   set hidden = excluded.hidden,
       is_compact = excluded.is_compact

-- name: stream_view_filter
insert into stream_view (organization_id, account_id, projects, terms)
values ($1::bigint, $2::bigint, $3::text, $4::text)
    on conflict (organization_id, account_id) do update
   set projects = excluded.projects,
       terms = excluded.terms
