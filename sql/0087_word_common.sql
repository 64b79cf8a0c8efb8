-- A word that every twentieth issue has: the index would read all of those, a
-- quarter of a second among a million issues, only to say that there are more
-- than the stream wants to look at.  So 300 rows are read first, thirty at each
-- of ten places, old and new: a word that is common there answers null, "more
-- than is worth a look", and the stream walks, where the next of them is near.
create or replace function issue_matches(pattern text, most integer) returns setof bigint
language plpgsql stable security definer rows 100
set search_path = public, pg_temp
set enable_seqscan = off as $$
declare
    common bigint;
begin
    if pattern is null then
        return;
    end if;
    select count(*) filter (where s.organization_id = wall_organization()
                              and s.search ilike pattern)
      into common
      from (select min(w.issue_id) as first, max(w.issue_id) as last
              from issue_words w) edge
     cross join generate_series(0, 9) as place (n)
     cross join lateral (
           select w.organization_id, w.search
             from issue_words w
            where w.issue_id >= edge.first + (edge.last - edge.first) * place.n / 10
            order by w.issue_id
            limit 30) s;
    if common >= 15 then
        return query select null::bigint;
        return;
    end if;
    return query
    select w.issue_id
      from issue_words w
     where w.organization_id = wall_organization()
       and w.search ilike pattern
     limit most;
end
$$;
