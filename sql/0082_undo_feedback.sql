-- What is done with feedback can be taken back, too: how the messages were.
create table undo_feedback (
    undo_id         bigint not null references undo on delete cascade,
    feedback_id     bigint not null references feedback on delete cascade,
    organization_id bigint not null references organization on delete cascade,
    status          smallint not null,
    assignee_id     bigint,
    primary key (undo_id, feedback_id)
);

create index undo_feedback_feedback on undo_feedback (feedback_id);
