-- name: chore_lead
-- An advisory lock of the session: PostgreSQL gives it back when the
-- connection ends, however that happens.
select pg_try_advisory_lock(hashtext('vedette chores')) as leads
