-- How issues come back: what the newest release of a project is, for a resolution
-- "in the next release" and for whoever asks for the latest one.

-- By the version when most of the newest ten have an order, else by time.
create function release_is_ordered(project bigint) returns boolean
    language sql stable as $$
    select count(*) filter (where sort_key is not null) * 2 > count(*)
      from (select sort_key
              from release r
             where r.project_id = project
             order by r.first_seen desc, r.id desc
             limit 10) ten
$$;

create function release_newest(project bigint) returns text
    language sql stable as $$
    select version
      from ((select r.version
               from release r
              where release_is_ordered(project)
                and r.project_id = project
                and r.sort_key is not null
              order by r.sort_key desc
              limit 1)
            union all
            (select r.version
               from release r
              where not release_is_ordered(project)
                and r.project_id = project
              order by coalesce(r.released_at, r.first_seen) desc, r.id desc
              limit 1)) either
$$;
