-- name: disk_note
-- For this hour, unless it is there already; what is old goes with it.
with forgotten as (
    delete from disk_hour
     where hour < now() - interval '30 days'
)
insert into disk_hour (hour, disk_free, disk_size, db_size)
values (date_trunc('hour', now()), $1, $2, $3)
on conflict do nothing

-- name: disk_first
-- The oldest of the last $2 days that is of a disk of this size.
select hour, disk_free, db_size
  from disk_hour
 where disk_size = $1
   and hour > now() - make_interval(days => $2::int)
 order by hour
 limit 1
