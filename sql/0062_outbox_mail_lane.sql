-- Many mails to one address are shared out, too: what has to stay in order is
-- what is told to somebody of one issue (or of one rule's number).

alter table outbox drop column lane; -- and its indexes

alter table outbox
  add lane text collate "C" generated always as (
          case when channel = 'route'
               then 'route:' || (coalesce(issue_id, rule_id, 0) & 3)::text
               when endpoint = 'mail'
               then 'mail:' || (hashtext(address || ' '
                                         || coalesce(issue_id, -rule_id, 0)::text)
                                & 3)::text
               else endpoint end) stored;

create index outbox_lane on outbox (lane, due_at, id) where state = 0;
create index outbox_leased on outbox (lane, leased_until)
    where state = 0 and leased_until is not null;
create index outbox_tried on outbox (lane, thread, id)
    where state = 0 and attempts > 0;
