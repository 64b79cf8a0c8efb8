-- Tags that nobody wants to see in the shares of an issue.

alter table tag_key add column is_hidden boolean not null default false;
