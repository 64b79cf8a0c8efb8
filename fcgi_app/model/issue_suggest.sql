-- name: suggest_keys
-- Tags whose key begins so.
select distinct k.key
  from tag_key k
 where k.organization_id = $1::bigint
   and ($2::bigint[] is null or k.project_id = any ($2))
   and k.key >= $3::text collate "C"
   and k.key < $4::text collate "C"
 order by k.key
 limit $5::int

-- name: suggest_values
-- Values of a tag that begin so, of fifty projects at most.
select distinct found.value
  from (select k.id
          from tag_key k
         where k.organization_id = $1::bigint
           and ($2::bigint[] is null or k.project_id = any ($2))
           and k.key = $6::text
         limit 50) key
 cross join lateral (
       select v.value
         from tag_value v
        where v.key_id = key.id
          and v.value >= $3::text collate "C"
          and v.value < $4::text collate "C"
          and v.value <> ''
        order by v.value
        limit $5::int) found
 order by found.value
 limit $5
