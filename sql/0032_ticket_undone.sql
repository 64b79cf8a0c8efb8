-- A status that was taken back concerns the tickets, too.
create or replace function outbox_of_ticket() returns trigger
language plpgsql as $$
begin
    if new.kind not in ('resolved', 'unresolved', 'regressed', 'assigned',
                        'unassigned', 'comment', 'undone') then
        return null;
    end if;
    insert into outbox (organization_id, issue_id, cause, channel,
                        integration_id, endpoint, key, data)
    select new.organization_id, new.issue_id, 'ticket', i.type, i.id,
           'integration:' || i.id, 'ticket:' || t.id || ':' || new.id,
           json_build_object('ticket', t.id, 'activity', new.id)::text
      from ticket_issue l
      join ticket t on t.id = l.ticket_id
      join integration i on i.id = t.integration_id
     where l.issue_id = new.issue_id
       and i.state <> 2;
    return null;
end
$$;
