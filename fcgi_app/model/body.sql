-- name: body_dictionaries
-- The latest of each project, if it pays.
select p.n, d.id
  from unnest($1::bigint[]) with ordinality p (id, n)
 cross join lateral (
       select d.id, d.dictionary is not null as pays
         from body_dictionary d
        where d.project_id = p.id
        order by d.id desc
        limit 1) d
 where d.pays

-- name: body_dictionary
select dictionary
  from body_dictionary
 where id = $1::int
   and dictionary is not null

-- name: body_train_next
-- The busiest project among the $2 latest events (up to $1) that has $3 of
-- them and no dictionary of the last week.
select e.project_id, p.organization_id
  from (select project_id, count(*) as n
          from event
         where id > $1::bigint - $2::bigint
           and id <= $1
         group by project_id) e
  join project p on p.id = e.project_id
 where e.n >= $3::bigint
   and not exists (select 1
                     from body_dictionary d
                    where d.project_id = e.project_id
                      and d.created_at > now() - interval '7 days')
 order by e.n desc
 limit 1

-- name: body_last_id
select last_value as id
  from event_id_seq

-- name: body_samples
-- The latest bodies of a project, small ones: large ones compress well anyhow.
select b.body
  from event e
  join event_body b on b.day = e.day
                   and b.id = e.id
 where e.project_id = $1::bigint
   and e.id > $2::bigint - $3::bigint
   and e.id <= $2
   and octet_length(b.body) < $4::int
 order by e.id desc
 limit $5::int

-- name: body_dictionary_reserve
select nextval(pg_get_serial_sequence('body_dictionary', 'id')) as id

-- name: body_dictionary_add
insert into body_dictionary (id, organization_id, project_id, dictionary,
                             part_of_plain)
overriding system value
values ($1, $2, $3, $4, $5::bigint / 1000.0)
