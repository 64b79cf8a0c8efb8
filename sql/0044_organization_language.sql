-- The language of what an organisation tells those who have no account, in chats
-- and by mail to an address; null: English.  People have their own.

alter table organization
    add column language text;
