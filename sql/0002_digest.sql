-- What the digest has to remember so that a batch that is read again changes
-- nothing.  The unique index on events does that for events; these do it for
-- everything else that is counted.

-- What a consumer of the stream has dealt with in its latest transaction.  It
-- acknowledges those entries before it begins the next one; if it dies in
-- between, whoever reads them again finds them here and only acknowledges.
-- The row 'edge outcomes' holds the latest set of the edge's counters that was
-- added.
create table digest_mark (
    name            text primary key,
    entries         text[] not null,
    at              timestamptz not null default now()
);

-- Entries that could not be digested; the entries themselves are in Redis.
create table dead_letter (
    entry           text primary key,               -- its id in the stream
    organization_id bigint not null,
    project_id      bigint not null,
    reason          text not null,
    at              timestamptz not null default now()
);
