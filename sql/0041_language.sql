-- The language in which somebody reads the pages; null: the one that the
-- browser asks for.

alter table account
    add column language text;
