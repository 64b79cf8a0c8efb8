-- name: pulse_add
insert into pulse (event_id, sent_at, received_at, stored_at)
values ($1, $2, $3, $4)
on conflict do nothing

-- name: pulse_last
-- One row, of nulls before the first one.
select max(p.sent_at) as sent_at, max(p.stored_at) as stored_at,
       (extract(epoch from max(p.stored_at - p.sent_at)
                filter (where p.stored_at > now() - interval '1 hour'))
        * 1000000)::bigint as slowest
  from pulse p

-- name: pulse_forget
delete from pulse
 where stored_at < now() - interval '1 day'
   and stored_at < (select max(stored_at) from pulse)
