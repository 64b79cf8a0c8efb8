-- Every event of an issue writes its row again, and with it each index that has
-- last_seen.  The unresolved ones of a project by their age, which is what the
-- chore that resolves old ones asks for, are a part of issue_project_stream.

drop index issue_unresolved;
