-- name: issue_trend_due
-- No row: they were reckoned less than $2 seconds ago.  A mark that lies ahead
-- of the clock says nothing.
update issue_trend_mark
   set reckoned_at = $1::timestamptz
 where reckoned_at <= $1::timestamptz - $2::bigint * interval '1 second'
    or reckoned_at > $1::timestamptz
returning reckoned_at

-- name: issue_trend_reckon
-- Of the issues of each organisation the $2 that grow most, by the events of
-- the last 24 hours and of the 24 before: their difference in the deviations
-- that chance makes of such numbers, in hundredths.  One and a half of them is
-- more than chance, and takes three events: what has fewer, as most issues
-- have, is left out before anything is looked up for it.
with recent as materialized (
    select h.issue_id, sum(h.times_seen) as n
      from issue_hour h
     where h.hour > $1::timestamptz - interval '24 hours'
     group by h.issue_id
    having sum(h.times_seen) >= 3
), counted as (
    select r.issue_id, r.n as now, coalesce(sum(h.times_seen), 0) as before
      from recent r
      left join issue_hour h on h.issue_id = r.issue_id
                            and h.hour > $1 - interval '48 hours'
                            and h.hour <= $1 - interval '24 hours'
     group by r.issue_id, r.n
), scored as (
    select issue_id,
           (100 * (now - before) / sqrt(now + before))::bigint as score
      from counted
     where now > before
), ranked as (
    select i.organization_id, s.issue_id, s.score,
           row_number() over (partition by i.organization_id
                              order by s.score desc, s.issue_id desc) as place
      from scored s
      join issue i on i.id = s.issue_id
     where s.score >= 150
       and i.status < 3
), chosen as materialized (
    select organization_id, issue_id, score
      from ranked
     where place <= $2::int
), gone as (
    delete from issue_trend t
     where not exists (select 1
                         from chosen c
                        where c.issue_id = t.issue_id)
)
insert into issue_trend as t (organization_id, issue_id, score)
select organization_id, issue_id, score
  from chosen
    on conflict (issue_id)
    do update set organization_id = excluded.organization_id,
                  score = excluded.score
        where t.organization_id <> excluded.organization_id
           or t.score <> excluded.score
