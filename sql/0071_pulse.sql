-- The installation's own event: sent to the edge now and then, as an SDK sends
-- one, and noted here by whichever worker takes it out of the queue, in the
-- transaction of its batch.  It belongs to no organisation and no project and is
-- counted nowhere.  A day of them is kept.

create table pulse (
    event_id    uuid primary key,
    sent_at     timestamptz not null,
    received_at timestamptz not null,               -- by the edge
    stored_at   timestamptz not null
);
