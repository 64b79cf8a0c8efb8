-- How events are kept: tags as numbers in the event's own row, bodies packed
-- together, counters that are folded behind the digest and outlive the events.
-- The essay is in model/keep.h.

-- What tags are made of: keys of a project and their values, each once.  They
-- stay as long as the project.
create table tag_key (
    id              integer generated always as identity primary key,
    organization_id bigint not null references organization on delete cascade,
    project_id      bigint not null references project on delete cascade,
    key             text collate "C" not null,
    is_wide         boolean not null default false, -- too many values to count each
    is_full         boolean not null default false, -- too many to number each
    unique (project_id, key)
);

create index tag_key_organization on tag_key (organization_id, key);

create table tag_value (
    id              integer generated always as identity primary key,
    key_id          integer not null references tag_key on delete cascade,
    value           text collate "C" not null,
    first_seen      timestamptz not null default now(),
    unique (key_id, value)
);


-- events: their tags, and where their bodies are

alter table event add column tags integer[];        -- of tag_value; null: counted before
alter table event add column body bigint;           -- of event_body; null: id; 0: not kept
alter table event add column place smallint;        -- in that pack

-- A row is a pack of bodies of one project; its id is from event_id_seq.
alter table event_body add column organization_id bigint;
alter table event_body add column project_id bigint;
alter table event_body add column bodies smallint not null default 1;

create or replace function event_partition(which date) returns void
language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    suffix text := to_char(which, 'YYYYMMDD');
begin
    if to_regclass('event_' || suffix) is not null
       and to_regclass('event_body_' || suffix) is not null then
        return;
    end if;

    perform pg_advisory_xact_lock(hashtext('event_partition'));

    if to_regclass('event_' || suffix) is null then
        execute format(
            'create table event_%s partition of event for values from (%L) to (%L)',
            suffix, which, which + 1);
        execute format(
            'create unique index on event_%s (project_id, event_id)', suffix);
        execute format('create index on event_%s (id)', suffix);
        execute format('create index on event_%s (issue_id, id)', suffix);
        execute format('create index on event_%s using gin (tags)', suffix);
    end if;

    if to_regclass('event_body_' || suffix) is null then
        execute format(
            'create table event_body_%s partition of event_body for values from (%L) to (%L)',
            suffix, which, which + 1);
        execute format('create unique index on event_body_%s (id)', suffix);
        execute format('create index on event_body_%s (project_id)', suffix);
        execute format(
            'alter table event_body_%s alter column body set storage external',
            suffix);
    end if;
end
$$;


-- What the digest has numbered, and how far the counters behind it are.
-- settled: every event with an id up to it is committed or never will be.
-- folded: those up to it are in tag_hour and tag_day.
create table event_mark (
    settled         bigint not null,
    next_id         bigint not null,                -- becomes settled
    next_xid        xid8 not null,                  -- once all before it have ended
    folded          bigint not null
);

insert into event_mark
select last.id, last.id, pg_current_xact_id(), last.id
  from (select last_value - case when is_called then 0 else 1 end as id
          from event_id_seq) last;


-- Tag values of issues: of the events up to issue_fold.event_id (no row: of
-- none), and of those without tags; what came later is in the events.
alter table issue_tag rename to issue_tag_text;
alter index issue_tag_pkey rename to issue_tag_text_pkey;

create table issue_tag (
    issue_id        bigint not null references issue on delete cascade,
    key_id          integer not null references tag_key on delete cascade,
    tag_id          integer not null references tag_value on delete cascade,
    times_seen      bigint not null,
    first_seen      timestamptz not null,
    last_seen       timestamptz not null,
    primary key (issue_id, key_id, tag_id)
) with (fillfactor = 80);

create index issue_tag_tag on issue_tag (tag_id);

create table issue_fold (
    issue_id        bigint primary key references issue on delete cascade,
    event_id        bigint not null,                -- event.id
    times_seen      bigint not null                 -- events up to it
);

insert into tag_key (organization_id, project_id, key)
select distinct i.organization_id, i.project_id, t.key
  from issue_tag_text t
  join issue i on i.id = t.issue_id;

insert into tag_value (key_id, value)
select id, ''
  from tag_key;

insert into tag_value (key_id, value, first_seen)
select k.id, t.value, min(t.first_seen)
  from issue_tag_text t
  join issue i on i.id = t.issue_id
  join tag_key k on k.project_id = i.project_id and k.key = t.key
 group by k.id, t.value
    on conflict (key_id, value)
    do update set first_seen = excluded.first_seen;

insert into issue_tag
select t.issue_id, k.id, v.id, t.times_seen, t.first_seen, t.last_seen
  from issue_tag_text t
  join issue i on i.id = t.issue_id
  join tag_key k on k.project_id = i.project_id and k.key = t.key
  join tag_value v on v.key_id = k.id and v.value = t.value;

drop table issue_tag_text;

-- Of a project, by hour and by day of arrival; both hold the same events.
create table tag_hour (
    key_id          integer not null references tag_key on delete cascade,
    hour            timestamptz not null,
    tag_id          integer not null,
    times_seen      bigint not null,
    primary key (key_id, hour, tag_id)
) with (fillfactor = 80);

create index tag_hour_age on tag_hour using brin (hour);

create table tag_day (
    key_id          integer not null references tag_key on delete cascade,
    day             date not null,
    tag_id          integer not null,
    times_seen      bigint not null,
    primary key (key_id, day, tag_id)
) with (fillfactor = 80);

-- Every tag value of every issue, whether folded or not: for a look at one
-- issue.
create view issue_tag_seen as
select s.issue_id, k.key, v.value, sum(s.times_seen)::bigint as times_seen,
       min(s.first_seen) as first_seen, max(s.last_seen) as last_seen
  from (select t.issue_id, t.tag_id, t.times_seen, t.first_seen, t.last_seen
          from issue_tag t
         union all
        select e.issue_id, tag.id, 1, e.occurred_at, e.occurred_at
          from event e
          left join issue_fold f on f.issue_id = e.issue_id
         cross join unnest(e.tags) as tag (id)
         where e.id > coalesce(f.event_id, 0)) s
  join tag_value v on v.id = s.tag_id
  join tag_key k on k.id = v.key_id
 group by s.issue_id, k.key, v.value;


-- What bare words look in, apart from the issue: the issue's row is written
-- again with every batch, and each time all of its indexes with it.
create table issue_words (
    issue_id        bigint primary key references issue on delete cascade,
    organization_id bigint not null,
    search          text not null
);

insert into issue_words
select id, organization_id, search from issue;

drop index issue_search;
alter table issue drop column search;

create index issue_words_search on issue_words using gin (search gin_trgm_ops);

create or replace function issue_matches(pattern text) returns setof bigint
language sql stable security definer rows 100
set search_path = public, pg_temp as $$
    select w.issue_id
      from issue_words w
     where w.organization_id = wall_organization()
       and w.search ilike pattern
$$;

-- The stream's other sorts.
create index issue_by_first_seen on issue (organization_id, status, first_seen desc, id desc);
create index issue_by_events on issue (organization_id, status, times_seen desc, id desc);
create index issue_by_users on issue (organization_id, status, users_seen desc, id desc);


-- The ledger by day and quarter of a day, of days that are over; outcome_hour
-- has them, too, as long as it has hours.  What still comes for such a day is
-- added to both.
create table outcome_day (
    organization_id bigint not null,
    project_id      bigint not null,
    key_id          bigint not null,
    day             date not null,
    category        text not null,
    outcome         text not null,
    reason          text not null,
    quantity        bigint not null,
    q1              bigint not null,                -- 0 to 6 o'clock, UTC
    q2              bigint not null,
    q3              bigint not null,
    q4              bigint not null,
    primary key (organization_id, project_id, day, key_id, category, outcome, reason)
) with (fillfactor = 90);

create table outcome_mark (closed date not null);   -- days up to it are in outcome_day
insert into outcome_mark values ('2000-01-01');


-- What was taken out because of its age or size; project null: whole days of
-- all projects.
create table retention_run (
    id              bigint generated always as identity primary key,
    organization_id bigint references organization on delete cascade,
    project_id      bigint references project on delete cascade,
    reason          text not null,                  -- 'age', 'size', 'counters'
    before          date not null,                  -- days before it went
    events          bigint not null,
    bytes           bigint not null,                -- about
    started_at      timestamptz not null,
    finished_at     timestamptz not null default clock_timestamp()
);

create index retention_run_project on retention_run (project_id, id desc);
