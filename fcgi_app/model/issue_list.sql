-- The pages of the stream.  The usual ones, a page onwards of one status and of
-- no tag, have a statement for each sort, small and planned once, which looks at
-- the next 10,000 issues.  All others, and where those do not fill a page, have
-- issue_walk_*, which PostgreSQL plans for what is asked: a statement for each way
-- to walk, as one of all ways would take it longer to plan than to run.
--
-- PostgreSQL takes a list of conditions that it knows no values of for one that
-- hardly an issue passes, and then rather sorts all issues than walks along an
-- index; inside of coalesce it expects every other one to pass.  "offset 0" keeps it
-- from looking at the words of all issues beforehand.
--
--  $1 organization          $2 statuses         $3 substatuses
--  $4 levels                $5 priorities       $6 projects
--  $7 assignees             $8 unhandled
--  $9 to $16 last seen, first seen, events, users: from, below
-- $17 words that all have to be in the text; null: these are no matter
-- $18, $19 id and key to start from; the key null: from the start
-- $20 to $25, where tests are asked for (model/issue_search.h): a row a pattern, of
--  $20 ways, of which one will do, each with all of its $21 tests, of the kinds
--  $22; $23 whether negated, $24 keys, $25 patterns
--
-- What is sorted by are the columns listed_*, which are a few seconds behind the
-- others while much comes (model/keep.h).
--
-- Keys are numbers, times in microseconds.  By priority the 10,000 issues that
-- were seen last come in the order of it, and behind them the others: no index
-- has the priority, which would cost each event one more.  By impact twice as many
-- users are worth a day; which is so of any two issues at any time, so that those
-- that come first are among the 2,000 seen last and the 2,000 with most users.  By
-- trend those come first that issue_trend knows.

-- part: issue_passing
       and i.organization_id = $1::bigint
       and ($3::smallint[] is null or i.substatus = any ($3))
       and ($4::smallint[] is null or i.level = any ($4))
       and ($5::smallint[] is null or i.priority = any ($5))
       and ($6::bigint[] is null or i.project_id = any ($6))
       and ($7::bigint[] is null or coalesce(i.assignee_id, -i.assignee_team_id, 0)
                                     = any ($7))
       and ($8::boolean is null or i.is_unhandled = $8)
       and ($9::timestamptz is null or i.last_seen >= $9)
       and ($10::timestamptz is null or i.last_seen < $10)
       and ($11::timestamptz is null or i.first_seen >= $11)
       and ($12::timestamptz is null or i.first_seen < $12)
       and ($13::bigint is null or i.times_seen >= $13)
       and ($14::bigint is null or i.times_seen < $14)
       and ($15::bigint is null or i.users_seen >= $15)
       and ($16::bigint is null or i.users_seen < $16)
       and ($17::text[] is null
            or exists (select 1
                         from issue_words w
                        where w.issue_id = i.id
                          and w.search ilike all ($17)
                       offset 0))

-- part: issue_wanted
    -- the numbers of the tags' values, if they are few; all of those that have
    -- an order
    select t.way, t.kind, t.negated, t.key, t.patterns, t.numbers, t.pieces,
           found.ids, t.kind = 3 or cardinality(found.ids) < 100 as few
      from (select u.way, u.test, u.kind, u.negated, u.key,
                   case u.kind when 1 then u.key when 2 then 'user'
                               when 3 then 'release' end as tag,
                   array_agg(u.pattern order by u.n) as patterns,
                   array_agg(case when u.kind >= 20 and u.kind not in (31, 32) then u.pattern::bigint end
                             order by u.n) as numbers,
                   case when u.kind between 10 and 19
                        then string_to_array(u.key, null) end as pieces
              from unnest($20::int[], $21::int[], $22::int[], $23::boolean[],
                          $24::text[], $25::text[]) with ordinality
                       as u (way, test, kind, negated, key, pattern, n)
             group by 1, 2, 3, 4, 5) t
     cross join lateral (
           select case when t.kind <= 3
                       then array(select v.id
                                    from tag_key k
                                   cross join lateral (
                                         select case when t.key = 'latest'
                                                     then release_newest(k.project_id)
                                                end as version
                                         offset 0) newest
                                    join tag_value v on v.key_id = k.id
                                   where k.organization_id = $1::bigint
                                     and k.key = t.tag
                                     and ($6::bigint[] is null or k.project_id = any ($6))
                                     and case when t.kind <> 3
                                              then v.value ilike any (t.patterns)
                                              when t.key = 'latest'
                                              then v.value = newest.version
                                              else exists (
                                                   select 1
                                                     from release r
                                                    where r.project_id = k.project_id
                                                      and r.version = v.value
                                                      and case t.key
                                                              when '>=' then r.sort_key >= decode(t.patterns[1], 'hex')
                                                              when '>' then r.sort_key > decode(t.patterns[1], 'hex')
                                                              when '<=' then r.sort_key <= decode(t.patterns[1], 'hex')
                                                              when '<' then r.sort_key < decode(t.patterns[1], 'hex')
                                                              else r.sort_key = decode(t.patterns[1], 'hex')
                                                          end)
                                         end
                                   limit case when t.kind = 3 then 10000 else 100 end)
                  end as ids) found

-- part: issue_test
                                 case
                                 when t.kind <= 3 then
                                     exists (
                                         select 1
                                           from issue_tag it
                                           join tag_key k on k.id = it.key_id
                                           join tag_value v on v.id = it.tag_id
                                          where it.issue_id = i.id
                                            and case t.kind
                                                    when 3 then it.tag_id = any (t.ids)
                                                    when 2 then k.key = 'user' and v.value ilike any (t.patterns)
                                                    else k.key = t.key and v.value ilike any (t.patterns)
                                                end)
                                     or exists (
                                         select 1
                                           from event e
                                          where e.issue_id = i.id
                                            and e.day >= i.first_seen::date - 1
                                            and e.id > (select coalesce(max(f.event_id), 0)
                                                          from issue_fold f
                                                         where f.issue_id = i.id)
                                            and case when t.few then e.tags && t.ids
                                                     else exists (
                                                         select 1
                                                           from unnest(e.tags) as tag (id)
                                                           join tag_value v on v.id = tag.id
                                                           join tag_key k on k.id = v.key_id
                                                          where k.key = case t.kind when 2 then 'user' else t.key end
                                                            and v.value ilike any (t.patterns))
                                                end)
                                     or t.kind = 2 and exists (
                                         select 1
                                           from issue_words w
                                          cross join lateral string_to_table(w.search, e'\n') as line (text)
                                          where w.issue_id = i.id
                                            and left(line.text, 1) = e'\x1a'
                                            and t.key || ':' || substr(line.text, 2) ilike any (t.patterns))
                                 when t.kind = 5 then
                                     exists (
                                         select 1
                                           from issue_words w
                                          where w.issue_id = i.id
                                            and w.search ilike all (t.patterns))
                                 when t.kind between 10 and 17 then
                                     coalesce(case t.kind
                                                  when 11 then i.type
                                                  when 12 then i.value
                                                  when 13 then i.title
                                                  when 14 then i.culprit
                                                  when 15 then i.platform
                                                  when 16 then i.first_release
                                                  when 17 then i.project_id || '-' || i.number
                                              end ilike any (t.patterns), false)
                                     or cardinality(t.pieces) > 0 and exists (
                                         select 1
                                           from issue_words w
                                          cross join lateral string_to_table(w.search, e'\n') as line (text)
                                          where w.issue_id = i.id
                                            and left(line.text, 1) = any (t.pieces)
                                            and substr(line.text, 2) ilike any (t.patterns))
                                 when t.kind = 18 then
                                     i.first_release = release_newest(i.project_id)
                                 when t.kind = 19 then
                                     exists (
                                         select 1
                                           from ticket_issue ti
                                          where ti.issue_id = i.id)
                                 when t.kind = 28 then
                                     exists (
                                         select 1
                                           from issue_bookmark b
                                          where b.issue_id = i.id
                                            and b.account_id = any (t.numbers))
                                 when t.kind = 29 then
                                     exists (
                                         select 1
                                           from issue_subscription s
                                          where s.issue_id = i.id
                                            and s.account_id = any (t.numbers)
                                            and not s.is_muted)
                                 when t.kind = 30 then
                                     coalesce(i.assignee_id, -i.assignee_team_id, 0) = any (t.numbers)
                                     or exists (
                                         select 1
                                           from issue_owner o
                                          where o.issue_id = i.id
                                            and coalesce(o.account_id, -o.team_id) = any (t.numbers))
                                 when t.kind = 31 then
                                     exists (
                                         select 1
                                           from event e
                                          where e.issue_id = i.id
                                            and e.day >= i.first_seen::date - 1
                                            and case when t.patterns[1] = '' then e.trace is not null
                                                     else e.trace = any (t.patterns::uuid[])
                                                end)
                                 when t.kind = 32 then
                                     exists (
                                         select 1
                                           from activity v
                                          where v.issue_id = i.id
                                            and v.kind = 'regressed'
                                            and v.data::jsonb ->> 'release' ilike any (t.patterns))
                                 when t.kind = 44 then
                                     exists (
                                         select 1
                                           from issue_hour h
                                          where h.issue_id = i.id
                                            and h.hour > 'epoch'::timestamptz
                                                             + t.numbers[1] / 1000000 * interval '1 second' - interval '1 hour'
                                            and h.hour < 'epoch'::timestamptz
                                                             + least(t.numbers[2] / 1000000, 99999999999) * interval '1 second')
                                 when t.kind < 40 then
                                     case t.kind
                                         when 20 then i.status
                                         when 21 then i.substatus
                                         when 22 then i.level
                                         when 23 then i.priority
                                         when 24 then i.project_id
                                         when 25 then coalesce(i.assignee_id, -i.assignee_team_id, 0)
                                         when 26 then i.is_unhandled::int
                                         when 27 then i.id
                                     end = any (t.numbers)
                                 else
                                     case t.kind
                                         when 40 then i.times_seen
                                         when 41 then i.users_seen
                                         when 42 then (extract(epoch from i.last_seen) * 1000000)::bigint
                                         when 43 then (extract(epoch from i.first_seen) * 1000000)::bigint
                                     end between t.numbers[1] and t.numbers[2] - 1
                                 end

-- part: issue_tested
       and ($20 is null or exists (
               select 1
                 from (select distinct w.way
                         from wanted w) one
                where not exists (
                          select 1
                            from wanted t
                           where t.way = one.way
                             and coalesce(
                                 -- use: issue_test
                                 , false) = t.negated)))

-- part: issue_impact
                   -- one more, as the classes of the priority have
                   10000000000000000
                       + (extract(epoch from i.listed_seen) * 1000000)::bigint
                       + (ln(1 + i.listed_users::float8) / ln(2::float8) * 86400000000)::bigint

-- part: issue_impact_p
                   10000000000000000
                       + (extract(epoch from p.listed_seen) * 1000000)::bigint
                       + (ln(1 + p.listed_users::float8) / ln(2::float8) * 86400000000)::bigint

-- part: issue_rows
select i.id, i.project_id, i.number, i.title, i.type, i.value, i.culprit,
       i.platform, i.level, i.priority, i.status, i.substatus, i.is_unhandled,
       coalesce(i.assignee_id, -i.assignee_team_id) as assignee_id,
       i.first_seen, i.last_seen, i.times_seen, i.users_seen,
       i.first_release, i.last_release, i.status_at, page.key,
       p.slug as project_slug, p.name as project_name,
       coalesce(a.name, '#' || tm.slug) as assignee,
       case when page.with_words
            then (select w.search
                    from issue_words w
                   where w.issue_id = page.id)
       end as search,
       (select t.key
          from ticket_issue ti
          join ticket t on t.id = ti.ticket_id
         where ti.issue_id = page.id
         order by t.id desc
         limit 1) as ticket,
       (select count(*)
          from (select v.kind
                  from activity v
                 where v.issue_id = page.id
                 order by v.id desc
                 limit 200) v
         where v.kind = 'comment') as comments,
       (select count(*)
          from (select 1
                  from feedback f
                 where f.issue_id = page.id
                   and f.status <> 2
                 limit 100) f) as feedback
  from page
 cross join lateral (
       select o.*
         from issue o
        where o.id = page.id
       offset 0) i
 cross join lateral (
       select o.slug, o.name
         from project o
        where o.id = i.project_id
       offset 0) p
  left join account a on a.id = i.assignee_id
  left join team tm on tm.id = i.assignee_team_id
 order by page.key desc, page.id desc

-- name: issue_list_seen
-- plan: generic
with page as (
    select i.id, (extract(epoch from i.listed_seen) * 1000000)::bigint as key,
           $17::text[] is not null as with_words
      from (select i.*
              from issue i
             where i.organization_id = $1::bigint
               and i.status = ($2::smallint[])[1]
               and (i.listed_seen, i.id)
                   < (coalesce('epoch'::timestamptz + $19::bigint * interval '1 microsecond', 'infinity'),
                      $18::bigint)
             order by i.listed_seen desc, i.id desc
             limit 10000) i
     where coalesce(true
       -- use: issue_passing
       , false)
     limit 26
)
-- use: issue_rows

-- name: issue_list_tagged
-- plan: generic
-- As issue_list_seen, of those with tags among the next 500: planned anew, the
-- partitions of events in it would take longer than the page.
with wanted as materialized (
    -- use: issue_wanted
), page as (
    select i.id, (extract(epoch from i.listed_seen) * 1000000)::bigint as key,
           $17::text[] is not null or 5 = any ($22) as with_words
      from (select i.*
              from issue i
             where i.organization_id = $1
               and i.status = ($2::smallint[])[1]
               and (i.listed_seen, i.id)
                   < (coalesce('epoch'::timestamptz + $19::bigint * interval '1 microsecond', 'infinity'),
                      $18::bigint)
             order by i.listed_seen desc, i.id desc
             limit 500) i
     where coalesce(true
       -- use: issue_passing
       -- use: issue_tested
       , false)
     limit 26
)
-- use: issue_rows

-- name: issue_list_seen_of
-- plan: generic
-- As issue_list_seen, of a few projects, each by its own index.
with page as (
    select f.id, (extract(epoch from f.listed_seen) * 1000000)::bigint as key,
           $17::text[] is not null as with_words
      from unnest($6::bigint[]) as wanted (project_id)
     cross join lateral (
           select i.id, i.listed_seen
             from (select i.*
                     from issue i
                    where i.project_id = wanted.project_id
                      and i.status = ($2::smallint[])[1]
                      and (i.listed_seen, i.id)
                          < (coalesce('epoch'::timestamptz + $19::bigint * interval '1 microsecond', 'infinity'),
                             $18::bigint)
                    order by i.listed_seen desc, i.id desc
                    limit 10000) i
            where coalesce(true
              -- use: issue_passing
              , false)
            limit 26) f
     order by f.listed_seen desc, f.id desc
     limit 26
)
-- use: issue_rows

-- name: issue_list_new
-- plan: generic
with page as (
    select i.id, (extract(epoch from i.first_seen) * 1000000)::bigint as key,
           $17::text[] is not null as with_words
      from (select i.*
              from issue i
             where i.organization_id = $1::bigint
               and i.status = ($2::smallint[])[1]
               and (i.first_seen, i.id)
                   < (coalesce('epoch'::timestamptz + $19::bigint * interval '1 microsecond', 'infinity'),
                      $18::bigint)
             order by i.first_seen desc, i.id desc
             limit 10000) i
     where coalesce(true
       -- use: issue_passing
       , false)
     limit 26
)
-- use: issue_rows

-- name: issue_list_events
-- plan: generic
with page as (
    select i.id, i.listed_events as key,
           $17::text[] is not null as with_words
      from (select i.*
              from issue i
             where i.organization_id = $1::bigint
               and i.status = ($2::smallint[])[1]
               and (i.listed_events, i.id)
                   < (coalesce($19::bigint, 9223372036854775807),
                      $18::bigint)
             order by i.listed_events desc, i.id desc
             limit 10000) i
     where coalesce(true
       -- use: issue_passing
       , false)
     limit 26
)
-- use: issue_rows

-- name: issue_list_users
-- plan: generic
with page as (
    select i.id, i.listed_users as key,
           $17::text[] is not null as with_words
      from (select i.*
              from issue i
             where i.organization_id = $1::bigint
               and i.status = ($2::smallint[])[1]
               and (i.listed_users, i.id)
                   < (coalesce($19::bigint, 9223372036854775807),
                      $18::bigint)
             order by i.listed_users desc, i.id desc
             limit 10000) i
     where coalesce(true
       -- use: issue_passing
       , false)
     limit 26
)
-- use: issue_rows

-- name: issue_list_priority
-- plan: generic
-- One class after the other: what is behind a full page is not looked at.
with page as (
    select f.id, f.key, $17::text[] is not null as with_words
      from (select c.priority
              from unnest('{75,50,25,0}'::smallint[]) with ordinality
                       as c (priority, n)
             where c.priority <= coalesce($19::bigint / 10000000000000000, 75)
             order by c.n) class
     cross join lateral (
           select i.id, i.priority * 10000000000000000
                            + (extract(epoch from i.listed_seen) * 1000000)::bigint as key
             from (select i.*
                     from issue i
                    where i.organization_id = $1::bigint
                      and i.status = ($2::smallint[])[1]
                    order by i.listed_seen desc, i.id desc
                    limit 10000) i
            where i.priority = class.priority
              and coalesce(true
              -- use: issue_passing
              , false)
              and (i.priority * 10000000000000000
                       + (extract(epoch from i.listed_seen) * 1000000)::bigint, i.id)
                  < (coalesce($19::bigint, 9223372036854775807), $18::bigint)
            limit 26) f
     limit 26
)
-- use: issue_rows

-- name: issue_list_trend
-- plan: generic
with page as (
    (select i.id, t.score + 4000000000000000000 as key, $17::text[] is not null as with_words
       from (select t.issue_id, t.score
               from issue_trend t
              where t.organization_id = $1::bigint
                and (t.score, t.issue_id)
                    < (coalesce($19::bigint - 4000000000000000000, 9223372036854775807),
                       $18::bigint)
              order by t.score desc, t.issue_id desc
             offset 0) t
      cross join lateral (
            select i.*
              from issue i
             where i.id = t.issue_id
               and i.status = ($2::smallint[])[1]
             limit 10000) i
      where coalesce(true
        -- use: issue_passing
        , false)
      limit 26)
     union all
    (select i.id, (extract(epoch from i.listed_seen) * 1000000)::bigint,
            $17 is not null
       from (select i.*
               from issue i
              where i.organization_id = $1
                and i.status = ($2::smallint[])[1]
                and (i.listed_seen, i.id)
                    < (case when $19 < 4000000000000000000
                            then 'epoch'::timestamptz
                                     + $19 * interval '1 microsecond'
                            else 'infinity' end, $18)
              order by i.listed_seen desc, i.id desc
              limit 10000) i
      where not exists (select 1
                          from issue_trend t
                         where t.issue_id = i.id)
        and coalesce(true
        -- use: issue_passing
        , false)
      limit 26)
     limit 26
)
-- use: issue_rows

-- name: issue_list_impact
-- plan: generic
with near as (
    -- whatever is beyond the ends of both is behind all of these
    (select i.id
       from issue i
      where i.organization_id = $1::bigint
        and i.status = ($2::smallint[])[1]
      order by i.listed_seen desc, i.id desc
      limit 2000)
     union
    (select i.id
       from issue i
      where i.organization_id = $1
        and i.status = ($2::smallint[])[1]
      order by i.listed_users desc, i.id desc
      limit 2000)
), page as (
    select f.id, f.key, $17::text[] is not null as with_words
      from (select i.id,
                   -- use: issue_impact
                   as key
              from near n
             cross join lateral (
                   select o.*
                     from issue o
                    where o.id = n.id
                   offset 0) i
             where coalesce(true
               -- use: issue_passing
               , false)) f
     where (f.key, f.id) < (coalesce($19::bigint, 9223372036854775807), $18::bigint)
     order by f.key desc, f.id desc
     limit 26
)
-- use: issue_rows

-- Every other page: issue_walk_* by a sort, onwards or backwards.
--
-- $26 rows
-- $27 1 onwards, -1 backwards

-- part: issue_walk
with wanted as materialized (
    -- use: issue_wanted
), passing as not materialized (
    select i.id, i.status, i.priority, i.listed_seen, i.first_seen, i.listed_events,
           i.listed_users
      from issue i
     where true
       -- use: issue_passing
       -- use: issue_tested

-- part: issue_walked
), page as (
    select f.id, f.key, $17 is not null or 5 = any ($22) as with_words
      from found f
     order by f.key * $27::int desc, f.id * $27 desc
     limit $26
)
-- use: issue_rows

-- name: issue_walk_seen
-- use: issue_walk
), found as (
    select p.id, (extract(epoch from p.listed_seen) * 1000000)::bigint as key
      from unnest($2::smallint[]) as s (status)
     cross join lateral (
           select p.id, p.listed_seen
             from passing p
            where p.status = s.status
              and (p.listed_seen, p.id)
                  < (coalesce('epoch'::timestamptz + $19::bigint * interval '1 microsecond', 'infinity'),
                    $18::bigint)
            order by p.listed_seen desc, p.id desc
            limit $26::int) p
     order by p.listed_seen desc, p.id desc
     limit $26
-- use: issue_walked

-- name: issue_walk_seen_back
-- use: issue_walk
), found as (
    select p.id, (extract(epoch from p.listed_seen) * 1000000)::bigint as key
      from unnest($2::smallint[]) as s (status)
     cross join lateral (
           select p.id, p.listed_seen
             from passing p
            where p.status = s.status
              and (p.listed_seen, p.id)
                  > (coalesce('epoch'::timestamptz + $19::bigint * interval '1 microsecond', 'infinity'),
                    $18::bigint)
            order by p.listed_seen, p.id
            limit $26::int) p
     order by p.listed_seen, p.id
     limit $26
-- use: issue_walked

-- name: issue_walk_new
-- use: issue_walk
), found as (
    select p.id, (extract(epoch from p.first_seen) * 1000000)::bigint as key
      from unnest($2::smallint[]) as s (status)
     cross join lateral (
           select p.id, p.first_seen
             from passing p
            where p.status = s.status
              and (p.first_seen, p.id)
                  < (coalesce('epoch'::timestamptz + $19::bigint * interval '1 microsecond', 'infinity'),
                    $18::bigint)
            order by p.first_seen desc, p.id desc
            limit $26::int) p
     order by p.first_seen desc, p.id desc
     limit $26
-- use: issue_walked

-- name: issue_walk_new_back
-- use: issue_walk
), found as (
    select p.id, (extract(epoch from p.first_seen) * 1000000)::bigint as key
      from unnest($2::smallint[]) as s (status)
     cross join lateral (
           select p.id, p.first_seen
             from passing p
            where p.status = s.status
              and (p.first_seen, p.id)
                  > (coalesce('epoch'::timestamptz + $19::bigint * interval '1 microsecond', 'infinity'),
                    $18::bigint)
            order by p.first_seen, p.id
            limit $26::int) p
     order by p.first_seen, p.id
     limit $26
-- use: issue_walked

-- name: issue_walk_events
-- use: issue_walk
), found as (
    select p.id, p.listed_events as key
      from unnest($2::smallint[]) as s (status)
     cross join lateral (
           select p.id, p.listed_events
             from passing p
            where p.status = s.status
              and (p.listed_events, p.id)
                  < (coalesce($19::bigint, 9223372036854775807),
                    $18::bigint)
            order by p.listed_events desc, p.id desc
            limit $26::int) p
     order by p.listed_events desc, p.id desc
     limit $26
-- use: issue_walked

-- name: issue_walk_events_back
-- use: issue_walk
), found as (
    select p.id, p.listed_events as key
      from unnest($2::smallint[]) as s (status)
     cross join lateral (
           select p.id, p.listed_events
             from passing p
            where p.status = s.status
              and (p.listed_events, p.id)
                  > (coalesce($19::bigint, 9223372036854775807),
                    $18::bigint)
            order by p.listed_events, p.id
            limit $26::int) p
     order by p.listed_events, p.id
     limit $26
-- use: issue_walked

-- name: issue_walk_users
-- use: issue_walk
), found as (
    select p.id, p.listed_users as key
      from unnest($2::smallint[]) as s (status)
     cross join lateral (
           select p.id, p.listed_users
             from passing p
            where p.status = s.status
              and (p.listed_users, p.id)
                  < (coalesce($19::bigint, 9223372036854775807),
                    $18::bigint)
            order by p.listed_users desc, p.id desc
            limit $26::int) p
     order by p.listed_users desc, p.id desc
     limit $26
-- use: issue_walked

-- name: issue_walk_users_back
-- use: issue_walk
), found as (
    select p.id, p.listed_users as key
      from unnest($2::smallint[]) as s (status)
     cross join lateral (
           select p.id, p.listed_users
             from passing p
            where p.status = s.status
              and (p.listed_users, p.id)
                  > (coalesce($19::bigint, 9223372036854775807),
                    $18::bigint)
            order by p.listed_users, p.id
            limit $26::int) p
     order by p.listed_users, p.id
     limit $26
-- use: issue_walked

-- name: issue_walk_words
-- The issues $28, which few words have found.
--
-- $29 sort: 0 last seen, 1 first seen, 2 events, 3 users, 4 priority, 5 trend,
--     6 impact
-- use: issue_walk
), found as (
    select f.id, f.key
      from (select p.id,
                   case $29::int
                       when 0 then (extract(epoch from p.listed_seen) * 1000000)::bigint
                       when 1 then (extract(epoch from p.first_seen) * 1000000)::bigint
                       when 2 then p.listed_events
                       when 3 then p.listed_users
                       when 4 then p.priority * 10000000000000000
                                       + (extract(epoch from p.listed_seen) * 1000000)::bigint
                       when 6 then
                           -- use: issue_impact_p
                       else coalesce((select t.score + 4000000000000000000
                                        from issue_trend t
                                       where t.issue_id = p.id),
                                     (extract(epoch from p.listed_seen) * 1000000)::bigint)
                   end as key
              from passing p
             where p.id = any ($28::bigint[])
               and p.status = any ($2::smallint[])) f
     where $19::bigint is null
        or (f.key * $27::int, f.id * $27) < ($19 * $27, $18::bigint * $27)
     order by f.key * $27 desc, f.id * $27 desc
     limit $26::int
-- use: issue_walked

-- part: issue_first_priority
), newest as materialized (
    -- the 10,000 that were seen last
    select n.id, n.listed_seen
      from unnest($2::smallint[]) as s (status)
     cross join lateral (
           select i.id, i.listed_seen
             from issue i
            where i.organization_id = $1
              and i.status = s.status
            order by i.listed_seen desc, i.id desc
            limit 10000) n
     order by n.listed_seen desc, n.id desc
     limit 10000
), found as (
    (select f.id, f.key
       from (select p.id, p.priority * 10000000000000000
                              + (extract(epoch from p.listed_seen) * 1000000)::bigint as key
               from newest n
               join passing p on p.id = n.id) f
      where $19::bigint is null
         or (f.key * $27::int, f.id * $27) < ($19 * $27, $18::bigint * $27)
      order by f.key * $27 desc, f.id * $27 desc
      limit $26::int)
     union all

-- name: issue_walk_priority
-- use: issue_walk
-- use: issue_first_priority
    (select p.id, p.key
       from unnest($2) as s (status)
      cross join lateral (
            -- behind those
            select p.id, p.listed_seen,
                   (extract(epoch from p.listed_seen) * 1000000)::bigint as key
              from passing p
             where p.status = s.status
               and (p.listed_seen, p.id)
                   < (select n.listed_seen, n.id
                        from newest n
                       order by n.listed_seen, n.id
                       limit 1)
               and (p.listed_seen, p.id)
                   < (case when $19 < 10000000000000000
                           then 'epoch'::timestamptz
                                    + $19 * interval '1 microsecond'
                           else 'infinity' end, $18)
             order by p.listed_seen desc, p.id desc
             limit $26) p
      order by p.listed_seen desc, p.id desc
      limit $26)
-- use: issue_walked

-- name: issue_walk_priority_back
-- use: issue_walk
-- use: issue_first_priority
    (select p.id, p.key
       from unnest($2) as s (status)
      cross join lateral (
            -- behind those
            select p.id, p.listed_seen,
                   (extract(epoch from p.listed_seen) * 1000000)::bigint as key
              from passing p
             where p.status = s.status
               and (p.listed_seen, p.id)
                   < (select n.listed_seen, n.id
                        from newest n
                       order by n.listed_seen, n.id
                       limit 1)
               and (p.listed_seen, p.id)
                   > (case when $19 < 10000000000000000
                           then 'epoch'::timestamptz
                                    + $19 * interval '1 microsecond'
                           else 'infinity' end, $18)
             order by p.listed_seen, p.id
             limit $26) p
      order by p.listed_seen, p.id
      limit $26)
-- use: issue_walked

-- part: issue_first_trend
), found as (
    (select f.id, f.key
       from (select t.issue_id as id, t.score + 4000000000000000000 as key
               from issue_trend t
               join passing p on p.id = t.issue_id
              where t.organization_id = $1
                and p.status = any ($2::smallint[])) f
      where $19::bigint is null
         or (f.key * $27::int, f.id * $27) < ($19 * $27, $18::bigint * $27)
      order by f.key * $27 desc, f.id * $27 desc
      limit $26::int)
     union all

-- name: issue_walk_trend
-- use: issue_walk
-- use: issue_first_trend
    (select p.id, p.key
       from unnest($2) as s (status)
      cross join lateral (
            -- behind those
            select p.id, p.listed_seen,
                   (extract(epoch from p.listed_seen) * 1000000)::bigint as key
              from passing p
             where p.status = s.status
               and not exists (select 1
                                 from issue_trend t
                                where t.issue_id = p.id)
               and (p.listed_seen, p.id)
                   < (case when $19 < 4000000000000000000
                           then 'epoch'::timestamptz
                                    + $19 * interval '1 microsecond'
                           else 'infinity' end, $18)
             order by p.listed_seen desc, p.id desc
             limit $26) p
      order by p.listed_seen desc, p.id desc
      limit $26)
-- use: issue_walked

-- name: issue_walk_trend_back
-- use: issue_walk
-- use: issue_first_trend
    (select p.id, p.key
       from unnest($2) as s (status)
      cross join lateral (
            -- behind those
            select p.id, p.listed_seen,
                   (extract(epoch from p.listed_seen) * 1000000)::bigint as key
              from passing p
             where p.status = s.status
               and not exists (select 1
                                 from issue_trend t
                                where t.issue_id = p.id)
               and (p.listed_seen, p.id)
                   > (case when $19 < 4000000000000000000
                           then 'epoch'::timestamptz
                                    + $19 * interval '1 microsecond'
                           else 'infinity' end, $18)
             order by p.listed_seen, p.id
             limit $26) p
      order by p.listed_seen, p.id
      limit $26)
-- use: issue_walked

-- part: issue_first_impact
), newest as materialized (
    -- the first of both
    (select n.id
       from unnest($2::smallint[]) as s (status)
      cross join lateral (
            select i.id, i.listed_seen
              from issue i
             where i.organization_id = $1
               and i.status = s.status
             order by i.listed_seen desc, i.id desc
             limit 2000) n
      order by n.listed_seen desc, n.id desc
      limit 2000)
     union
    (select n.id
       from unnest($2::smallint[]) as s (status)
      cross join lateral (
            select i.id, i.listed_users
              from issue i
             where i.organization_id = $1
               and i.status = s.status
             order by i.listed_users desc, i.id desc
             limit 2000) n
      order by n.listed_users desc, n.id desc
      limit 2000)
), found as (
    (select f.id, f.key
       from (select p.id,
                    -- use: issue_impact_p
                    as key
               from newest n
               join passing p on p.id = n.id) f
      where $19::bigint is null
         or (f.key * $27::int, f.id * $27) < ($19 * $27, $18::bigint * $27)
      order by f.key * $27 desc, f.id * $27 desc
      limit $26::int)
     union all

-- name: issue_walk_impact
-- use: issue_walk
-- use: issue_first_impact
    (select p.id, p.key
       from unnest($2) as s (status)
      cross join lateral (
            -- behind those
            select p.id, p.listed_seen,
                   (extract(epoch from p.listed_seen) * 1000000)::bigint as key
              from passing p
             where p.status = s.status
               and p.id not in (select n.id
                                  from newest n)
               and (p.listed_seen, p.id)
                   < (case when $19 < 10000000000000000
                           then 'epoch'::timestamptz
                                    + $19 * interval '1 microsecond'
                           else 'infinity' end, $18)
             order by p.listed_seen desc, p.id desc
             limit $26) p
      order by p.listed_seen desc, p.id desc
      limit $26)
-- use: issue_walked

-- name: issue_walk_impact_back
-- use: issue_walk
-- use: issue_first_impact
    (select p.id, p.key
       from unnest($2) as s (status)
      cross join lateral (
            -- behind those
            select p.id, p.listed_seen,
                   (extract(epoch from p.listed_seen) * 1000000)::bigint as key
              from passing p
             where p.status = s.status
               and p.id not in (select n.id
                                  from newest n)
               and (p.listed_seen, p.id)
                   > (case when $19 < 10000000000000000
                           then 'epoch'::timestamptz
                                    + $19 * interval '1 microsecond'
                           else 'infinity' end, $18)
             order by p.listed_seen, p.id
             limit $26) p
      order by p.listed_seen, p.id
      limit $26)
-- use: issue_walked

-- name: issue_list_few
-- plan: generic
-- The issues that one of these leads to, and more than $4 of none of them: of the
-- kind 1 a tag, 5 a word, 19 those with a ticket, 27 an id, 28 what an account has
-- marked.  Null: a tag that more issues or events have than are worth a look at
-- each of them; a page of those is near on every walk.
select distinct m.id
  from unnest($2::int[], $3::text[], $5::text[]) as t (kind, pattern, key)
 cross join lateral (
       select w.id
         from issue_matches(case when t.kind = 5 then t.pattern end, $4::integer) as w (id)
        where t.kind = 5
        union all
       (select ti.issue_id
          from ticket_issue ti
         where t.kind = 19
           and ti.organization_id = $1::bigint
         limit $4)
        union all
       select case when t.kind = 27 then t.pattern::bigint end
        where t.kind = 27
        union all
       (select b.issue_id
          from issue_bookmark b
         where t.kind = 28
           and b.account_id = case when t.kind = 28 then t.pattern::bigint end
           and b.organization_id = $1
         limit $4)
        union all
       -- each of these once: "offset 0" keeps PostgreSQL from asking anew where it is used
       select c.id
         from (select array(select v.id
                              from tag_key k
                              join tag_value v on v.key_id = k.id
                             where t.kind = 1
                               and k.organization_id = $1
                               and k.key = t.key
                               and v.value ilike t.pattern
                             limit 20) as ids
               offset 0) named
        cross join lateral (
              select array_agg(it.issue_id) as issues, sum(it.times_seen) as events
                from (select o.issue_id, o.times_seen
                        from issue_tag o
                       where o.tag_id = any (named.ids)
                       limit 200) it) folded
        cross join lateral (
              -- event_tagged finds none for who has entered no organisation
              select case when wall_organization() = $1
                               and cardinality(named.ids) < 20
                               and coalesce(cardinality(folded.issues), 0) < 200
                               and coalesce(folded.events, 0) < 20000
                          then named.ids end as ids
              offset 0) few
        cross join lateral (
              select array(select e.issue_id
                             from event_tagged(few.ids, '1970-01-01', current_date + 2, 1000) g
                            cross join lateral (
                                  select ev.issue_id
                                    from event ev
                                   where ev.day = g.day
                                     and ev.id = g.id
                                   limit 1) e
                            where cardinality(few.ids) > 0) as issues
              offset 0) seen
        cross join lateral (
              select null::bigint as id
               where few.ids is null
                  or cardinality(seen.issues) = 1000
               union all
              select unnest(folded.issues || seen.issues)
               where few.ids is not null) c
        where t.kind = 1) m
