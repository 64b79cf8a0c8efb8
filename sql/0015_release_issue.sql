-- What the page of a release asks for: issues, few of all, so the index is
-- small; and the package, of which another release is an earlier or later one.

create index issue_last_release on issue (project_id, last_release)
    where substatus = 6 or status = 1;

alter table release add column package text generated always as (
    case when position('@' in substr(version, 2)) > 0
         then regexp_replace(version, '@[^@]*$', '')
         else '' end) stored;
