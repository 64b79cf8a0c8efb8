-- Issues may be resolved in a commit (issue_resolution.kind 3, release is its
-- revision), until a release brings it; then they are resolved in that release.
-- Few wait at a time, and each list of commits asks for them.

create index issue_resolution_commit on issue_resolution (organization_id)
 where kind = 3;
