-- Whether a project's releases are in the order of their versions: of one or two
-- the newest decides; of few, one among the newest three is enough; of ten or
-- more, three of the newest ten, one of them among the newest three.

create or replace function release_is_ordered(project bigint) returns boolean
    language sql stable as $$
    select coalesce(bool_or(has_order)
                        filter (where n <= case when total <= 2 then 1 else 3 end)
                    and (max(total) < 10
                         or count(*) filter (where has_order) >= 3), false)
      from (select r.sort_key is not null as has_order,
                   row_number() over (order by r.first_seen desc, r.id desc) as n,
                   count(*) over () as total
              from (select *
                      from release r
                     where r.project_id = project
                     order by r.first_seen desc, r.id desc
                     limit 10) r) ten
$$;
