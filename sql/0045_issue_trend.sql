-- The stream by trend: which issues have more events than a day ago.  A table
-- of its own that a chore writes every five minutes, a thousand rows of an
-- organisation at most, so that no event pays for it (model/issue_trend.h).

create table issue_trend (
    organization_id bigint not null references organization on delete cascade,
    issue_id        bigint primary key references issue on delete cascade,
    score           bigint not null
);

create index issue_trend_organization on issue_trend (organization_id, score desc, issue_id desc);

-- As issue_matches of one argument, but no more than so many: of words that
-- every fifth issue has the stream looks at a page, not at a fifth of all.  The
-- index is taken whatever the planner believes of a pattern, as a scan of all
-- issues for a rare word takes a second.
create function issue_matches(pattern text, most integer) returns setof bigint
language plpgsql stable security definer rows 100
set search_path = public, pg_temp
set enable_seqscan = off as $$
begin
    return query
    select w.issue_id
      from issue_words w
     where w.organization_id = wall_organization()
       and w.search ilike pattern
     limit most;
end
$$;
