-- How full the disk was, hour by hour, for the day when it will be: the file
-- system of the attachments, as the worker that leads the chores sees it, and
-- the size of the database.  Thirty days of them are kept.

create table disk_hour (
    hour       timestamptz primary key,
    disk_free  bigint not null,                     -- bytes
    disk_size  bigint not null,
    db_size    bigint not null
);
