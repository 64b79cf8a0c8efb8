-- Senders work side by side: nobody waits for somebody else's server that
-- hangs.  A lane is what one of them has to itself while it sends: an endpoint,
-- or a share of the mails or of the routing, which many may do at once.  A
-- thread is what is told in order within a lane: an issue, or a rule's number.

alter table outbox
  add leased_by integer, -- the session of who has leased it
  add lane text collate "C" generated always as (
          case when channel = 'route'
               then 'route:' || (coalesce(issue_id, rule_id, 0) & 3)::text
               when endpoint = 'mail'
               then 'mail:' || (hashtext(address) & 3)::text
               else endpoint end) stored,
  add thread bigint generated always as (
          case when channel <> 'route' and endpoint <> 'digest'
               then coalesce(issue_id, -rule_id) end) stored;

-- The next of a lane, the rows that somebody is at, and those that are to be
-- tried again.
drop index outbox_due;
create index outbox_lane on outbox (lane, due_at, id) where state = 0;
create index outbox_leased on outbox (lane, leased_until)
    where state = 0 and leased_until is not null;
create index outbox_tried on outbox (lane, thread, id)
    where state = 0 and attempts > 0;
