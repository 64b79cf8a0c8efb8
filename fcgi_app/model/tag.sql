-- name: tag_key_list
-- No more than a thousand values of a key are looked at.
select k.key, k.is_wide, k.is_hidden,
       (select count(*)
          from (select 1
                  from tag_value v
                 where v.key_id = k.id
                   and v.value <> ''
                 limit 1000) looked) as values,
       (select coalesce(sum(d.times_seen), 0)::bigint
          from tag_day d
         where d.key_id = k.id
           and d.day > ($3::timestamptz)::date - 7) as times_seen
  from tag_key k
 where k.organization_id = $1::bigint
   and k.project_id = $2::bigint
 order by k.key
 limit 300

-- name: tag_key_hide
update tag_key k
   set is_hidden = $4::boolean
  from tag_key old
 where k.organization_id = $1::bigint
   and k.project_id = $2::bigint
   and k.key = $3::text
   and old.id = k.id
returning old.is_hidden
