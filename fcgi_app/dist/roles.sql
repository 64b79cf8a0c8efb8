-- The roles that the parts of Vedette work as.  Once for a PostgreSQL server,
-- by its superuser, before `vedette migrate`:
--
--     psql -v owner=vedette -f roles.sql
--
-- owner is the user of db.url, which owns the tables.  vedette_web has no way
-- round the policies of the second wall; vedette_worker stores the events of
-- all organisations.

select 'create role vedette_web' where to_regrole('vedette_web') is null \gexec
select 'create role vedette_worker bypassrls' where to_regrole('vedette_worker') is null \gexec
grant vedette_web, vedette_worker to :owner;
