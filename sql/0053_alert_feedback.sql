-- Feedback sets off alert rules: what somebody wrote is routed, as what is
-- written into an issue's history is, whoever stores it.

alter table alert_fire
    add column feedback_id bigint references feedback on delete set null;

create index alert_fire_feedback on alert_fire (feedback_id)
    where feedback_id is not null;

create function outbox_of_feedback() returns trigger
language plpgsql as $$
begin
    insert into outbox (organization_id, project_id, issue_id, cause, channel,
                        key, data)
    values (new.organization_id, new.project_id, new.issue_id, 'feedback',
            'route', 'feedback:' || new.id,
            json_build_object('feedback', new.id)::text);
    perform pg_notify('vedette_outbox', '');
    return null;
end
$$;

create trigger feedback_outbox after insert on feedback
    for each row execute function outbox_of_feedback();
