-- name: refused_store
-- Of a flood one a minute, so that a refused request costs what any other does.
insert into refused (organization_id, project_id, event_id, category, reason,
                     client, bytes, body, received_at)
select p.organization_id, p.id, g.event_id::uuid, g.category, g.reason,
       g.client, g.bytes, g.body, g.received_at
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[],
              $6::bigint[], $7::text[], $8::timestamptz[])
           g(project_id, event_id, category, reason, client, bytes, body,
             received_at)
  join project p on p.id = g.project_id
 where not exists (select 1
                     from refused r
                    where r.project_id = p.id
                      and r.reason = g.reason
                      and r.refused_at > now() - interval '1 minute')

-- name: refused_forget
-- Of a project and a reason the newest three of a day stay, and none when the
-- project wants none.
delete from refused r
 using (select n.id, n.refused_at, n.project_id, n.organization_id,
               row_number() over (partition by n.project_id, n.reason
                                      order by n.refused_at desc,
                                               n.id desc) as place
          from refused n) o
 where r.id = o.id
   and (o.place > 3
        or o.refused_at < now() - interval '1 day'
        or exists (select 1
                     from project_setting s
                    where s.organization_id = o.organization_id
                      and s.project_id = o.project_id
                      and s.name = 'scrub.refused'
                      and s.value = 'off'))

-- part: refused_shown
-- What is too old, or no longer wanted, is not shown while it waits to go.
 where r.organization_id = $1::bigint
   and r.project_id = any ($2::bigint[])
   and r.refused_at >= now() - interval '1 day'
   and not exists (select 1
                     from project_setting s
                    where s.organization_id = r.organization_id
                      and s.project_id = r.project_id
                      and s.name = 'scrub.refused'
                      and s.value = 'off')

-- name: refused_list
select r.project_id, p.slug, replace(r.event_id::text, '-', '') as event_id,
       r.category, r.reason, r.client, r.bytes, r.body, r.received_at
  from refused r
  join project p on p.id = r.project_id
                and p.organization_id = r.organization_id
-- use: refused_shown
   and ($3::text is null or r.reason = $3)
 order by r.refused_at desc, r.id desc
 limit 20

-- name: refused_reasons
select distinct r.reason
  from refused r
-- use: refused_shown
