-- Every page says how many incidents are open.
create index incident_open on incident (organization_id) where status < 2;
