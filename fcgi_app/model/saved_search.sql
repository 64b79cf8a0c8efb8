-- name: saved_search_list
-- plan: generic
-- What the account $2 sees of the place $4, or of that the one $3.
select s.id, s.name, s.query, s.sort, s.account_id is null as shared,
       d.search_id is not null as chosen
  from saved_search s
  left join saved_search_default d
    on d.organization_id = s.organization_id
   and d.account_id = $2::bigint
   and d.search_id = s.id
 where s.organization_id = $1::bigint
   and coalesce(s.account_id, 0) in (0, $2)
   and ($3::bigint is null or s.id = $3)
   and s.place = $4::smallint
 order by s.account_id nulls last, lower(s.name), s.id
 limit 100

-- name: saved_search_add
-- $2 null: a shared one.  No more than 50 of an owner in a place.
insert into saved_search (organization_id, account_id, name, query, sort,
                          place)
select $1::bigint, $2::bigint, $3::text, $4::text, $5::text, $6::smallint
 where (select count(*)
          from (select 1
                  from saved_search s
                 where s.organization_id = $1
                   and coalesce(s.account_id, 0) = coalesce($2, 0)
                   and s.place = $6
                 limit 50) own) < 50
returning id

-- name: saved_search_edit
update saved_search s
   set name = $3::text,
       query = $4::text,
       sort = $5::text
  from saved_search old
 where s.organization_id = $1::bigint
   and s.id = $2::bigint
   and old.id = s.id
returning old.name, old.query, old.sort

-- name: saved_search_remove
delete from saved_search
 where organization_id = $1
   and id = $2

-- name: saved_search_choose
insert into saved_search_default as d (organization_id, account_id, search_id)
values ($1, $2, $3)
    on conflict (organization_id, account_id)
    do update set search_id = excluded.search_id

-- name: saved_search_unchoose
delete from saved_search_default
 where organization_id = $1
   and account_id = $2
