-- A firing is shown with what was sent because of it.

create index outbox_fire on outbox (fire_id) where fire_id is not null;
