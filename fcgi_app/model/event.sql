-- name: event_view
-- plan: generic
-- An event of the issue $1: by $5 0 the latest that has a body (some of each
-- hour do), 1 the oldest, 2 the one with the id $4, 3 of the latest hundred with
-- a body the one that says most.  A branch that is not chosen is never started.
-- No event of an issue came before the issue's first one: $2, and $9 at the other
-- end, keep the search out of partitions.
-- $6, $7, $8: only those of an environment, and from one time to another, among
-- the $10 that come first on the way; with $12 of those alone that came at that
-- time, too.
-- With it the body, the ids of its neighbours in its issue, how many are newer
-- (of $11), what else numbers it, whether something came beside (beside_list),
-- whether its releases have commits that name their files (issue_commits), where
-- its files are in their repositories (code_mapping), and the newest SDKs of its
-- organisation.
with e as materialized (
    (select e.*
       from (select e.day, e.id, e.event_id, e.occurred_at, e.received_at, e.level,
                    e.platform, e.title, e.release, e.environment, e.transaction,
                    e.server_name, e.user_tag, e.has_body, e.hash
               from event e
              where $5::int = 0
                and (e.issue_id, e.id) >=
                    ($1::bigint, case when $12::boolean then event_id_near($7::timestamptz) else 0 end)
                and (e.issue_id, e.id) <=
                    ($1, case when $12 then event_id_near($8::timestamptz + interval '1 minute')
                         else 9223372036854775807 end)
                and e.day >= $2::date
                and e.day <= $9::date
                and e.has_body
              order by e.issue_id desc, e.id desc
              limit $10::int) e
      where ($6::text is null or e.environment = $6)
        and ($7 is null or e.occurred_at >= $7)
        and ($8 is null or e.occurred_at < $8)
      limit 1)
    union all
    (select e.*
       from (select e.day, e.id, e.event_id, e.occurred_at, e.received_at, e.level,
                    e.platform, e.title, e.release, e.environment, e.transaction,
                    e.server_name, e.user_tag, e.has_body, e.hash
               from event e
              where $5 = 1
                and (e.issue_id, e.id) >=
                    ($1, case when $12 then event_id_near($7) else 0 end)
                and (e.issue_id, e.id) <=
                    ($1, case when $12 then event_id_near($8 + interval '1 minute')
                         else 9223372036854775807 end)
                and e.day >= $2
                and e.day <= $9
              order by e.issue_id, e.id
              limit $10) e
      where ($6 is null or e.environment = $6)
        and ($7 is null or e.occurred_at >= $7)
        and ($8 is null or e.occurred_at < $8)
      limit 1)
    union all
    -- the index is by project; the issue is what the path led through
    (select e.day, e.id, e.event_id, e.occurred_at, e.received_at, e.level,
            e.platform, e.title, e.release, e.environment, e.transaction,
            e.server_name, e.user_tag, e.has_body, e.hash
       from event e
      where $5 = 2
        and e.project_id = $3::bigint
        and e.event_id = $4::uuid
        and e.issue_id = $1
        and e.day >= $2
      limit 1)
    union all
    (select e.*
       from (select e.day, e.id, e.event_id, e.occurred_at, e.received_at, e.level,
                    e.platform, e.title, e.release, e.environment, e.transaction,
                    e.server_name, e.user_tag, e.has_body, e.hash
               from event e
              where $5 = 3
                and (e.issue_id, e.id) >=
                    ($1, case when $12 then event_id_near($7) else 0 end)
                and (e.issue_id, e.id) <=
                    ($1, case when $12 then event_id_near($8 + interval '1 minute')
                         else 9223372036854775807 end)
                and e.day >= $2
                and e.day <= $9
                and e.has_body
              order by e.issue_id desc, e.id desc
              limit 100) e
      where ($6 is null or e.environment = $6)
        and ($7 is null or e.occurred_at >= $7)
        and ($8 is null or e.occurred_at < $8)
      order by case when exists (select
                                   from attachment a
                                  where a.project_id = $3
                                    and a.event_id = e.event_id)
                    then 4 else 0 end
               + (e.user_tag is not null)::int
               + (e.release is not null)::int
               + (e.transaction is not null)::int desc, e.id desc
      limit 1)
)
select e.id, e.event_id, e.occurred_at, e.received_at, e.level, e.platform,
       e.title, e.release, e.environment, e.transaction, e.server_name,
       e.user_tag, e.has_body,
       encode(e.hash, 'hex') as hash,
       (select b.body
          from event_body b
         where b.day = e.day
           and b.id = e.id) as body,
       (select i.thinned
          from issue i
         where i.id = $1) as thinned,
       exists (select
                 from attachment a
                where a.project_id = $3
                  and a.event_id = e.event_id)
       or exists (select
                    from feedback f
                   where f.issue_id = $1
                     and f.status <> 2) as beside,
       exists (select
                 from issue i
                 join release r
                   on r.project_id = i.project_id
                  and r.version in (i.first_release, e.release)
                 join release_commit c on c.release_id = r.id
                where i.id = $1
                  and c.files <> '{}') as commits,
       code.mappings, code.revisions,
       (select string_agg(s.name || ' ' || s.version, E'\n')
          from issue i
          join sdk_newest s on s.organization_id = i.organization_id
         where i.id = $1
           and s.seen_on >= current_date - 30) as sdks,
       (select n.event_id
          from (select n.event_id, n.environment, n.occurred_at
                  from event n
                 where (n.issue_id, n.id) >=
                       ($1, case when $12 then event_id_near($7) else 0 end)
                   and (n.issue_id, n.id) < ($1, e.id)
                   and n.day >= $2
                   and n.day <= e.day
                 order by n.issue_id desc, n.id desc
                 limit $10) n
         where ($6 is null or n.environment = $6)
           and ($7 is null or n.occurred_at >= $7)
           and ($8 is null or n.occurred_at < $8)
         limit 1) as earlier,
       newer.ids[1] as later, newer.n as newer,
       case when newer.n >= $11
            then (select coalesce(sum(h.times_seen), 0)
                    from issue_hour h
                   where h.issue_id = $1
                     and h.hour > e.occurred_at) end::bigint as by_hour,
       case when newer.n >= $11
            then (select case when count(*) < $11
                               and coalesce(min(n.day), e.day) <= $13::date
                              then count(*) end
                    from (select n.day
                            from event n
                           where (n.issue_id, n.id) >= ($1, 0)
                             and (n.issue_id, n.id) < ($1, e.id)
                             and n.day >= $2
                             and n.day <= e.day
                           limit $11) n) end as older
  from e
 cross join lateral (
       -- in the order of their reading
       select array_agg(n.event_id) as ids, count(*) as n
         from (select n.event_id, n.environment, n.occurred_at
                 from event n
                where (n.issue_id, n.id) > ($1, e.id)
                  and (n.issue_id, n.id) <=
                      ($1, case when $12 then event_id_near($8 + interval '1 minute')
                           else 9223372036854775807 end)
                  and n.day >= e.day
                  and n.day <= $9
                order by n.issue_id, n.id
                limit $11) n
        where ($6 is null or n.environment = $6)
          and ($7 is null or n.occurred_at >= $7)
          and ($8 is null or n.occurred_at < $8)) newer
  left join lateral (
       -- the newest commit of each repository that the release is made of
       select s.value as mappings,
              (select string_agg(l.revision || ' ' || translate(l.repository, E'\n', ' '), E'\n')
                 from (select distinct on (c.repository) c.repository, c.revision
                         from release r
                         join release_commit c on c.release_id = r.id
                        where r.project_id = $3
                          and r.version = e.release
                        order by c.repository, c.position
                        limit 20) l) as revisions
         from project_setting s
        where s.project_id = $3
          and s.name = 'code.mappings'
          and s.value <> '') code on true

-- name: event_list
-- $3 set: older than it, or all when it is null.
select e.id, e.event_id, e.occurred_at, e.received_at, e.level, e.platform,
       e.title, e.release, e.environment, e.transaction, e.server_name,
       e.user_tag, e.has_body
  from event e
 where e.issue_id = $1::bigint
   and e.day >= $2::date
   and e.id < coalesce($3::bigint, 9223372036854775807)
 order by e.id desc
 limit $4::int

-- name: event_list_back
-- Next newer than $3, turned round again.
select n.id, n.event_id, n.occurred_at, n.received_at, n.level, n.platform,
       n.title, n.release, n.environment, n.transaction, n.server_name,
       n.user_tag, n.has_body
  from (select e.id, e.event_id, e.occurred_at, e.received_at, e.level,
               e.platform, e.title, e.release, e.environment, e.transaction,
               e.server_name, e.user_tag, e.has_body
          from event e
         where e.issue_id = $1::bigint
           and e.day >= $2::date
           and e.id > $3::bigint
         order by e.id
         limit $4::int) n
 order by n.id desc

-- name: event_tags
-- What the events $3 of the issue $1 have of the tags $5.
select e.id, k.key, v.value
  from event e
 cross join lateral unnest(e.tags) t (id)
  join tag_value v on v.id = t.id
  join tag_key k on k.id = v.key_id
 where e.issue_id = $1::bigint
   and e.day >= $2::date
   and e.id = any ($3::bigint[])
   and k.project_id = $4::bigint
   and k.key = any ($5::text[])
   and not k.is_hidden

-- name: event_issue
select e.issue_id
  from event e
 where e.project_id = any ($1::bigint[])
   and e.event_id = $2::uuid
 limit 1

-- name: event_of_trace
-- The issues that a trace led to, each with an event of it.
select distinct on (e.issue_id) e.issue_id,
       replace(e.event_id::text, '-', '') as event_id
  from event e
 where e.organization_id = $1::bigint
   and ($2::bigint[] is null or e.project_id = any ($2))
   and e.trace = $3::uuid
 order by e.issue_id, e.id desc
 limit $4::int

-- name: event_sample
-- Of the project's issues that came last, the latest events with a body: of
-- each so many that a flood does not hide the others.
select i.id as issue_id, i.number, i.title, b.body
  from (select i.id, i.number, i.title, i.first_seen, i.listed_seen
          from issue i
         where i.organization_id = $1::bigint
           and i.project_id = $2::bigint
           and i.status in (0, 1, 2)
         order by i.listed_seen desc, i.id desc
         limit $3::int) i
 cross join lateral (
       select e.day, e.id
         from event e
        where e.issue_id = i.id
          and e.has_body
          and e.day >= (i.first_seen - interval '1 day')::date
        order by e.id desc
        limit $4::int) e
  join event_body b on b.day = e.day
                   and b.id = e.id
 order by i.listed_seen desc, i.id desc, e.id desc
 limit $5::int

-- name: event_sample_day
-- Of the issues that came in the last day, the latest events of that day with a
-- body, and how many there were; an issue's own counters say so, by the hour.
select s.issue_id, b.body, s.sampled,
       greatest(s.sampled, coalesce(h.events, 0))::bigint as events
  from (select i.id as issue_id, e.day, e.id, i.listed_seen,
               count(*) over (partition by i.id) as sampled
          from (select i.id, i.listed_seen
                  from issue i
                 where i.organization_id = $1::bigint
                   and i.project_id = $2::bigint
                   and i.listed_seen > now() - interval '1 day'
                   and i.status in (0, 1, 2)
                 order by i.listed_seen desc, i.id desc
                 limit $3::int) i
         cross join lateral (
               select e.day, e.id
                 from event e
                where e.issue_id = i.id
                  and e.has_body
                  and e.day >= (now() - interval '1 day')::date
                  and e.received_at > now() - interval '1 day'
                order by e.id desc
                limit $4::int) e) s
  join event_body b on b.day = s.day
                   and b.id = s.id
  left join lateral (
       select sum(h.times_seen) as events
         from issue_hour h
        where h.issue_id = s.issue_id
          and h.hour > now() - interval '1 day') h on true
 order by s.listed_seen desc, s.issue_id desc, s.id desc
 limit $5::int
