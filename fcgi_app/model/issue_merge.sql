-- name: issue_merge_lock
-- The one to keep comes first.
select i.id, i.project_id
  from (select id
          from issue
         where organization_id = $1::bigint
           and id = any ($2::bigint[])
           and status < 3
         order by id
           for no key update) mine
  join issue i on i.id = mine.id
 order by i.times_seen desc, i.id

-- name: issue_merge_hashes
update issue_hash
   set issue_id = $1::bigint,
       merged_from = coalesce(merged_from, issue_id)
 where issue_id = any ($2::bigint[])

-- name: issue_merge_hours
-- The sum of all, because several may have the same hour.
insert into issue_hour as h (issue_id, hour, times_seen)
select $1::bigint, o.hour, sum(o.times_seen)
  from issue_hour o
 where o.issue_id = any ($2::bigint[])
 group by o.hour
    on conflict (issue_id, hour)
    do update set times_seen = h.times_seen + excluded.times_seen

-- name: issue_merge_tags
-- What is folded (model/fold.h), up to the same event in all of them; of later
-- events only those that move with the merge.
with folded as (
    update issue_fold f
       set times_seen = f.times_seen + o.times_seen
      from (select coalesce(sum(c.times_seen), 0) as times_seen
              from issue_fold c
             where c.issue_id = any ($2::bigint[])) o
     where f.issue_id = $1::bigint
), later as (
    update event e
       set issue_id = $1
     where e.issue_id = any ($2)
       and e.id > (select m.folded from event_mark m)
)
insert into issue_tag as t (issue_id, key_id, tag_id, times_seen, first_seen,
                            last_seen)
select $1, o.key_id, o.tag_id, sum(o.times_seen), min(o.first_seen),
       max(o.last_seen)
  from issue_tag o
 where o.issue_id = any ($2)
 group by o.key_id, o.tag_id
    on conflict (issue_id, key_id, tag_id)
    do update set times_seen = t.times_seen + excluded.times_seen,
                  first_seen = least(t.first_seen, excluded.first_seen),
                  last_seen = greatest(t.last_seen, excluded.last_seen)

-- name: issue_merge_users
-- How many were not known.
with added as (
    insert into issue_user (issue_id, user_hash)
    select distinct $1::bigint, o.user_hash
      from issue_user o
     where o.issue_id = any ($2::bigint[])
        on conflict do nothing
 returning 1
)
select count(*) as n
  from added

-- name: issue_merge_sum
update issue i
   set times_seen = i.times_seen + o.times_seen,
       users_seen = i.users_seen + $3::bigint,
       first_seen = least(i.first_seen, o.first_seen),
       last_seen = greatest(i.last_seen, o.last_seen),
       is_unhandled = i.is_unhandled or o.is_unhandled,
       level = greatest(i.level, o.level)
  from (select sum(times_seen) as times_seen, min(first_seen) as first_seen,
               max(last_seen) as last_seen, bool_or(is_unhandled) as is_unhandled,
               max(level) as level
          from issue
         where id = any ($2::bigint[])) o
 where i.id = $1::bigint

-- name: issue_merge_words
-- What the others were found by (model/issue_words.h) finds the one that stays,
-- until its words are written again; their lines that it has not, and their
-- titles, by which one can see later whose words these are.
with had as (
    select l.line
      from issue_words w
     cross join string_to_table(w.search, chr(10)) l(line)
     where w.issue_id = $1::bigint
), more as (
    select w.organization_id, l.line, min(w.issue_id) as issue_id, min(l.n) as n
      from issue_words w
     cross join string_to_table(w.search, chr(10)) with ordinality l(line, n)
     where w.issue_id = any ($2::bigint[])
       and l.line <> ''
       and (starts_with(l.line, chr(16))
            or l.line not in (select h.line from had h))
     group by w.organization_id, l.line
)
insert into issue_words as w (issue_id, organization_id, search)
select $1, m.organization_id,
       left(string_agg(m.line || chr(10), '' order by m.issue_id, m.n), 2048)
  from more m
 group by m.organization_id
    on conflict (issue_id)
    do update set search = rtrim(w.search, chr(10)) || chr(10)
                           || excluded.search
        where length(w.search) <= 4096

-- name: issue_merge_people
-- Who follows one of them follows the one that stays; their tickets are its.
with ticketed as (
    insert into ticket_issue (ticket_id, issue_id, organization_id)
    select distinct l.ticket_id, $1::bigint, l.organization_id
      from ticket_issue l
     where l.issue_id = any ($2::bigint[])
        on conflict do nothing
), marked as (
    insert into issue_bookmark (issue_id, account_id, organization_id)
    select distinct $1::bigint, b.account_id, b.organization_id
      from issue_bookmark b
     where b.issue_id = any ($2::bigint[])
        on conflict do nothing
), told as (
    update activity
       set issue_id = $1,
           merged_from = coalesce(merged_from, issue_id)
     where issue_id = any ($2)
)
insert into issue_subscription (issue_id, account_id, organization_id, reason,
                                is_muted)
select distinct on (s.account_id) $1, s.account_id, s.organization_id,
       s.reason, s.is_muted
  from issue_subscription s
 where s.issue_id = any ($2)
 order by s.account_id, s.is_muted desc
    on conflict do nothing

-- name: issue_merge_gone
update issue
   set status = 3,
       merged_into = $1::bigint,
       merged_event = pg_sequence_last_value('event_id_seq'),
       status_at = now()
 where id = any ($2::bigint[])

-- name: issue_merge_log
insert into activity (organization_id, issue_id, account_id, kind, data)
select i.organization_id, i.id, $3::bigint, 'merged',
       json_build_object('issues', (
           select json_agg(json_build_object(
                      'id', o.id,
                      'number', o.number,
                      'title', left(o.title, 200)) order by o.id)
             from (select o.id, o.number, o.title
                     from issue o
                    where o.id = any ($2::bigint[])
                    order by o.id
                    limit 20) o),
           'n', cardinality($2))::text
  from issue i
 where i.id = $1::bigint

-- name: issue_merge_job_issues
insert into job_issue (job_id, issue_id, organization_id)
select j.id, unnest($2::bigint[]), j.organization_id
  from job j
 where j.id = $1::bigint
    on conflict do nothing

-- name: issue_merge_busy
-- Events of one of these issues are still on their way after it was taken out
-- of another: what it counts is not settled.
select exists (
           select 1
             from job_issue j
             join job w on w.id = j.job_id
            where j.issue_id = any ($1::bigint[])
              and w.kind = 'split'
              and w.state = 0) as busy

-- name: issue_merge_hold
-- Nobody takes one of the job's issues out again while its events move.
select i.id
  from issue i
 where i.id in (select j.issue_id
                  from job_issue j
                 where j.job_id = $1::bigint)
 order by i.id
   for no key update

-- name: issue_merge_events
-- Some events of the job's issues go to where these were merged into, which may
-- have been merged itself; those of one that was taken out again stay.  None:
-- it is done.
with recursive up as (
    select j.issue_id, i.merged_into as at
      from job_issue j
      join issue i on i.id = j.issue_id
     where j.job_id = $1::bigint
       and i.status = 3
       and i.merged_into is not null
     union
    select u.issue_id, i.merged_into
      from up u
      join issue i on i.id = u.at
     where i.status = 3
       and i.merged_into is not null
), goal as (
    select u.issue_id, u.at
      from up u
      join issue i on i.id = u.at
     where i.status < 3
        or i.merged_into is null
), few as (
    select e.day, e.id, g.at
      from goal g
      join event e on e.issue_id = g.issue_id
     limit $2::int
), moved as (
    update event e
       set issue_id = few.at
      from few
     where e.day = few.day
       and e.id = few.id
 returning 1
)
select count(*) as n
  from moved

-- name: issue_merged_list
-- Merged issues, the latest first, then the issue's own hashes.
with merged as (
    select o.id as issue_id, o.number, p.slug, o.title, o.times_seen,
           '' as hash, o.status_at as at,
           (select a.name
              from activity v
              join account a on a.id = v.account_id
             where v.issue_id = $2::bigint
               and v.kind = 'merged'
               and v.at >= o.status_at - interval '1 second'
             order by v.id
             limit 1) as by
      from issue o
      join project p on p.id = o.project_id
     where o.organization_id = $1::bigint
       and o.merged_into = $2
       and o.status = 3
     order by o.status_at desc, o.id
     limit $3::int
), own as (
    select 0, 0, '', '', 0, encode(h.hash, 'hex'), null::timestamptz, null
      from issue_hash h
      join issue i on i.id = h.issue_id
     where h.issue_id = $2
       and i.organization_id = $1
       and h.merged_from is null
     limit $3
)
select *
  from merged
 union all
select *
  from own

-- name: issue_unmerge_lock
-- Both, in order; no row: the one was not merged into the other.
select i.id, coalesce(i.merged_event, 0) as merged_event,
       coalesce((select f.event_id
                   from issue_fold f
                  where f.issue_id = $3), 0) as folded_event
  from issue i
 where i.organization_id = $1::bigint
   and i.id = any (array[$2::bigint, $3::bigint])
   and exists (select
                 from issue c
                where c.id = $3
                  and c.merged_into = $2
                  and c.status = 3)
 order by i.id
   for no key update

-- name: issue_come_back_hashes
-- Its own, and those of what had been merged into it before.
with recursive family as (
    select $1::bigint as id
     union
    select c.id
      from family f
      join issue c on c.merged_into = f.id and c.status = 3
), back as (
    update issue_hash h
       set issue_id = $1,
           merged_from = nullif(h.merged_from, $1)
      from family f
     where h.issue_id = $2::bigint
       and h.merged_from = f.id
 returning h.hash
), told as (
    update activity v
       set issue_id = $1,
           merged_from = nullif(v.merged_from, $1)
      from family f
     where v.issue_id = $2
       and v.merged_from = f.id
)
select encode(b.hash, 'hex') as hash
  from back b

-- name: issue_come_back_kept
-- A hash that another issue has got meanwhile stays there.
with kept as (
    delete from issue_hash_kept
     where issue_id = $1::bigint
 returning hash, merged_from
)
insert into issue_hash (project_id, hash, issue_id, merged_from)
select i.project_id, k.hash, i.id, k.merged_from
  from kept k
  join issue i on i.id = $1
    on conflict do nothing

-- name: issue_come_back_hours
-- What $1 had counted when it went is taken off $2.
update issue_hour h
   set times_seen = greatest(h.times_seen - o.times_seen, 0)
  from issue_hour o
 where o.issue_id = $1::bigint
   and h.issue_id = $2::bigint
   and h.hour = o.hour

-- name: issue_come_back_tags
update issue_tag t
   set times_seen = greatest(t.times_seen - o.times_seen, 0)
  from issue_tag o
 where o.issue_id = $1::bigint
   and t.issue_id = $2::bigint
   and t.tag_id = o.tag_id

-- name: issue_come_back_fold
update issue_fold f
   set times_seen = greatest(f.times_seen - o.times_seen, 0)
  from issue_fold o
 where o.issue_id = $1::bigint
   and f.issue_id = $2::bigint

-- name: issue_come_back_sum
update issue i
   set times_seen = greatest(i.times_seen - o.times_seen, 0)
  from issue o
 where o.id = $1::bigint
   and i.id = $2::bigint

-- name: issue_come_back_state
update issue
   set status = 0,
       substatus = 3,
       status_at = now(),
       merged_into = null,
       merged_event = null
 where id = $1::bigint

-- name: issue_tidy_counts
-- Rows that count nothing any more.
with hours as (
    delete from issue_hour
     where issue_id = $1::bigint
       and times_seen = 0
)
delete from issue_tag
 where issue_id = $1
   and times_seen = 0

-- name: issue_split_lock
select i.id, i.project_id,
       (select count(*)
          from issue_hash h
         where h.issue_id = i.id
           and h.hash = any ($3::bytea[])) as own,
       (select count(*)
          from (select
                  from issue_hash h
                 where h.issue_id = i.id
                 limit 1001) s) as has
  from issue i
 where i.organization_id = $1::bigint
   and i.id = $2::bigint
   and i.status < 3
   for no key update

-- name: issue_split_number
update project
   set last_issue = last_issue + 1
 where id = $1::bigint
returning last_issue

-- name: issue_split_new
-- As the issue it comes from, until the job has seen its events.
insert into issue (organization_id, project_id, number, title, type, value,
                   culprit, platform, level, priority, substatus, is_unhandled,
                   first_seen, last_seen)
select i.organization_id, i.project_id, $2::bigint,
       coalesce(e.title, i.title), i.type, i.value, i.culprit,
       coalesce(e.platform, i.platform), coalesce(e.level, i.level),
       i.priority, 3, i.is_unhandled, coalesce(e.occurred_at, i.first_seen),
       coalesce(e.occurred_at, i.last_seen)
  from issue i
  left join lateral (
       select recent.title, recent.platform, recent.level, recent.occurred_at
         from (select e.title, e.platform, e.level, e.occurred_at, e.hash, e.id
                 from event e
                where e.issue_id = i.id
                order by e.id desc
                limit 2000) recent
        where recent.hash = any ($3::bytea[])
        order by recent.id desc
        limit 1) e on true
 where i.id = $1::bigint
returning id

-- name: issue_split_words
insert into issue_words (issue_id, organization_id, search)
select $2::bigint, w.organization_id, w.search
  from issue_words w
 where w.issue_id = $1::bigint

-- name: issue_split_hashes
update issue_hash
   set issue_id = $2::bigint,
       merged_from = null
 where issue_id = $1::bigint
   and hash = any ($3::bytea[])

-- name: issue_split_log
-- One row at each end.
insert into activity (organization_id, issue_id, account_id, kind, data)
select i.organization_id, i.id, $3::bigint, 'unmerged',
       json_build_object('id', o.id, 'number', o.number,
                         'title', left(o.title, 200),
                         'from', i.id = $2::bigint)::text
  from issue i
  join issue o on o.id = case when i.id = $1::bigint then $2 else $1 end
 where i.id = any (array[$1, $2])

-- name: issue_split_some
-- The next events of an issue after $2 and up to $5.
select e.day, e.id, e.occurred_at, e.user_tag,
       e.hash is not null and e.hash = any ($4::bytea[]) as mine
  from event e
 where e.issue_id = $1::bigint
   and e.id > $2::bigint
   and e.id <= $5::bigint
 order by e.id
 limit $3::int

-- name: issue_split_move
update event e
   set issue_id = $1::bigint
  from unnest($2::date[], $3::bigint[]) g (day, id)
 where e.day = g.day
   and e.id = g.id

-- name: issue_split_hours
-- From $1 to $2.
with less as (
    update issue_hour h
       set times_seen = greatest(h.times_seen - g.n, 0)
      from unnest($3::timestamptz[], $4::bigint[]) g (hour, n)
     where h.issue_id = $1::bigint
       and h.hour = g.hour
)
insert into issue_hour as h (issue_id, hour, times_seen)
select $2::bigint, g.hour, g.n
  from unnest($3, $4) g (hour, n)
    on conflict (issue_id, hour)
    do update set times_seen = h.times_seen + excluded.times_seen

-- name: issue_split_tags
-- Folded tags of the events $3, $4, from $1 to $2.  A value that $1 has not by
-- itself is under '' there.
with counted as (
    select v.key_id, tag.id as tag_id, count(*) as n,
           min(e.occurred_at) as first_seen, max(e.occurred_at) as last_seen
      from unnest($3::date[], $4::bigint[]) g (day, id)
      join event e on e.day = g.day and e.id = g.id
     cross join unnest(e.tags) as tag (id)
      join tag_value v on v.id = tag.id
     group by 1, 2
), there as (
    select c.key_id, c.n,
           coalesce((select t.tag_id
                       from issue_tag t
                      where t.issue_id = $1::bigint
                        and t.key_id = c.key_id
                        and t.tag_id = c.tag_id),
                    (select b.id
                       from tag_value b
                      where b.key_id = c.key_id
                        and b.value = '')) as tag_id
      from counted c
), less as (
    update issue_tag t
       set times_seen = greatest(t.times_seen - s.n, 0)
      from (select key_id, tag_id, sum(n) as n
              from there
             group by 1, 2) s
     where t.issue_id = $1
       and t.key_id = s.key_id
       and t.tag_id = s.tag_id
), folds as (
    update issue_fold f
       set times_seen = greatest(f.times_seen
                                 + case when f.issue_id = $1
                                        then - cardinality($4)
                                        else cardinality($4) end, 0)
     where f.issue_id = any (array[$1, $2::bigint])
)
insert into issue_tag as t (issue_id, key_id, tag_id, times_seen, first_seen,
                            last_seen)
select $2, c.key_id, c.tag_id, c.n, c.first_seen, c.last_seen
  from counted c
    on conflict (issue_id, key_id, tag_id)
    do update set times_seen = t.times_seen + excluded.times_seen,
                  first_seen = least(t.first_seen, excluded.first_seen),
                  last_seen = greatest(t.last_seen, excluded.last_seen)

-- name: issue_split_users
with added as (
    insert into issue_user (issue_id, user_hash)
    select $1::bigint, unnest($2::bytea[])
        on conflict do nothing
 returning 1
)
update issue
   set users_seen = users_seen + (select count(*) from added)
 where id = $1

-- name: issue_split_sum
update issue i
   set times_seen = case when i.id = $1::bigint
                         then greatest(i.times_seen - $3::bigint, 0)
                         else i.times_seen + $3 end,
       first_seen = case when i.id = $1 then i.first_seen
                         else least(i.first_seen, $4::timestamptz) end,
       last_seen = case when i.id = $1 then i.last_seen
                        else greatest(i.last_seen, $5::timestamptz) end
 where i.id = any (array[$1, $2::bigint])

-- name: issue_split_user_tags
-- Who is still seen in an issue's stored events.
select distinct e.user_tag
  from event e
 where e.issue_id = $1::bigint
   and e.user_tag is not null
 limit 200000

-- name: issue_split_users_left
-- Of the users that both have, $1 keeps those in $3.
with less as (
    delete from issue_user u
     using issue_user o
     where u.issue_id = $1::bigint
       and o.issue_id = $2::bigint
       and o.user_hash = u.user_hash
       and u.user_hash <> all ($3::bytea[])
 returning 1
)
update issue
   set users_seen = greatest(users_seen - (select count(*) from less), 0)
 where id = $1

-- name: issue_split_seen
-- When an issue was seen, by what it has left.  Events come about in the order
-- of their time, but not quite.
update issue i
   set first_seen = greatest(i.first_seen, least(
           (select min(h.hour)
              from issue_hour h
             where h.issue_id = i.id) + interval '1 hour' - interval '1 microsecond',
           coalesce((select min(f.occurred_at)
                       from (select e.occurred_at
                               from event e
                              where e.issue_id = i.id
                              order by e.id
                              limit 1000) f), i.first_seen))),
       last_seen = coalesce((select max(l.occurred_at)
                               from (select e.occurred_at
                                       from event e
                                      where e.issue_id = i.id
                                      order by e.id desc
                                      limit 1000) l), i.last_seen)
 where i.id = $1::bigint

-- name: issue_split_head
-- An issue whose texts none of its recent events has, or that has the words of
-- others too: the newest gives its own.  Of the words (model/issue_words.h),
-- title and tags; the rest is read out of a body (digest/parted.h), or comes
-- with the next event when none was kept (words_due).
with recent as (
    select e.id, e.title, e.platform, e.level, e.transaction, e.tags
      from event e
     where e.issue_id = $1::bigint
     order by e.id desc
     limit 100
), newest as (
    select *
      from recent
     order by id desc
     limit 1
), titled as (
    update issue i
       set title = n.title,
           type = case when i.type <> '' then split_part(n.title, ': ', 1)
                       else '' end,
           value = case when i.type <> ''
                        then substr(n.title, length(split_part(n.title, ': ', 1)) + 3)
                        else '' end,
           culprit = coalesce(n.transaction, ''),
           platform = n.platform,
           level = n.level
      from newest n
     where i.id = $1
       and not exists (select from recent r where r.title = i.title)
)
update issue_words w
   set search = left(
           chr(16) || lower(left(btrim(n.title), 400) collate "C") || chr(10)
           || coalesce((
               select string_agg(chr(25) || lower(left(k.key || ': ' || v.value, 100)
                                                  collate "C"),
                                 chr(10) order by v.id) || chr(10)
                 from tag_value v
                 join tag_key k on k.id = v.key_id
                where v.id = any (n.tags)), ''), 2048)
  from newest n
 where w.issue_id = $1
   and (strpos(w.search, chr(10) || chr(16)) > 0
        or not exists (
               select
                 from recent r
                where starts_with(w.search, chr(16)
                                  || lower(left(btrim(r.title), 100) collate "C"))))

-- name: issue_parted_body
-- Of its newest events, the first that has one.
select b.body
  from (select e.day, e.id
          from issue i
          join event e on e.issue_id = i.id
         where i.id = $1::bigint
           and e.has_body
           and e.day >= (i.first_seen - interval '1 day')::date
         order by e.id desc
         limit 1) e
  join event_body b on b.day = e.day
                   and b.id = e.id

-- name: issue_parted_words
-- Unless an event has written them meanwhile.
insert into issue_words as w (issue_id, organization_id, search)
select i.id, i.organization_id, $2
  from issue i
 where i.id = $1::bigint
   and i.words_due
    on conflict (issue_id)
    do update set search = excluded.search
        where w.search <> excluded.search

-- name: issue_come_back_lock
select o.id, o.organization_id, coalesce(o.merged_event, 0) as merged_event,
       coalesce((select f.event_id
                   from issue_fold f
                  where f.issue_id = o.id), 0) as folded_event
  from (select i.id, i.organization_id, i.merged_event
          from issue i
         where i.id = any (array[$1::bigint, $2::bigint])
         order by i.id
           for no key update) o
 where o.id = $1

-- name: issue_split_part
-- A batch of the digest that has found a hash before looks again; and the next
-- event writes the words of both.
update issue
   set parted = parted + case when id = $1::bigint then 1 else 0 end,
       words_due = true
 where id = any (array[$1, $2::bigint])

-- name: issue_split_lock_both
select i.id
  from issue i
 where i.id = any (array[$1::bigint, $2::bigint])
 order by i.id
   for no key update

-- name: issue_split_mark
-- Up to which event the tags of this issue are folded.
select coalesce((select f.event_id
                   from issue_fold f
                  where f.issue_id = $1::bigint), 0) as folded
