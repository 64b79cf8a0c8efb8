"""The SQL of fill.py.  In the schema draw stands what was drawn; all numbers in it count from 0."""

# `most` ranks with a power law: rank r comes about as often as (r + 1) ** -(1 - power).
RANK = "(floor(power(1 + random() * (power({most} + 1, {power}) - 1), 1 / {power})) - 1)::int"

PROJECTS = (
    """insert into project_key (organization_id, project_id, public_key)
       select organization_id, id, md5(id::text) from project where organization_id = %(org)s""",
    "create schema draw",
)

# no_user: the number of the user key's value ''; those of its users follow
DRAW_PROJECT = """
create unlogged table draw.project (
    n int primary key, id bigint, platform text, first_profile int, profiles int, user_key int, is_wide boolean,
    users int, no_user int)"""

DRAW_PROFILE = """
create unlogged table draw.profile (
    n int primary key, project int, tags int[], level smallint, release text, environment text, transaction text,
    server_name text)"""

USERS = """
insert into tag_value (id, key_id, value) overriding system value
select p.no_user + u, p.user_key, case when u = 0 then '' else 'id:' || u - 1 end
  from draw.project p, generate_series(0, p.users) u"""

# Its sort key: model/version.h.
RELEASES = (
    """insert into environment (organization_id, project_id, name, first_seen, last_seen)
       select %(org)s, p.id, f.environment, %(start)s, %(now)s
         from draw.profile f join draw.project p on p.n = f.project group by 2, 3 order by 2, 3""",
    """insert into release (organization_id, project_id, version, sort_key, first_seen, last_seen)
       select %(org)s, p.id, f.release, convert_to(f.release, 'UTF8'), %(start)s, %(now)s
         from draw.profile f join draw.project p on p.n = f.project group by 2, 3 order by 2, 3""",
    """alter table draw.profile add release_id bigint, add environment_id bigint""",
    """update draw.profile f set release_id = r.id, environment_id = e.id
         from draw.project p, release r, environment e
        where p.n = f.project and r.project_id = p.id and r.version = f.release
          and e.project_id = p.id and e.name = f.environment""",
    """create unlogged table draw.tag as
       select f.n as profile, v.key_id, v.id
         from draw.profile f cross join unnest(f.tags) t (id) join tag_value v on v.id = t.id""",
    "create index on draw.tag (profile)",
    "analyze draw.project, draw.profile, draw.tag",
)

ISSUE_SEEDS = (
    f"""create unlogged table draw.issue as
        select n, {RANK.format(most="%(projects)s", power=.1)} as project,
               floor(power(random(), 2) * %(hours)s)::int as hour,
               (%(types)s::text[])[1 + floor(random() * array_length(%(types)s::text[], 1))::int] as type,
               array(select (%(words)s::text[])[1 + floor(random() * array_length(%(words)s::text[], 1))::int]
                       from generate_series(1, 9) w where n is not null) as words
          from generate_series(0, %(issues)s - 1) n""",
    "alter table draw.issue add primary key (n)",
    "create index on draw.issue (hour)",
    "analyze draw.issue",
)

DRAWN = """
create unlogged table draw.event (
    day date, id bigint, at timestamptz, hour smallint, issue int, profile int, person int, has_body boolean)
partition by list (day)"""

# What is drawn of one day.  Bodies are kept as model/batch_keep.c does it, a little simpler: of an issue the first
# hundred of a day, the first sixty of an hour, one in ten of the others.
DAY = (
    "create unlogged table draw.event_{suffix} partition of draw.event for values in ('{day}')",
    f"""insert into draw.event_{{suffix}} (day, id, at, hour, issue, profile, person, has_body)
        select %(day)s, %(first)s + row_number() over (order by d.at, d.issue), d.at, d.hour, d.issue,
               p.first_profile + floor(power(random(), 1.5) * p.profiles)::int,
               floor(power(random(), 2) * p.users)::int,
               d.of_day <= 100 or d.of_hour <= 60 or random() < .1
          from (select n.*, row_number() over (partition by n.issue order by n.at) as of_day,
                       row_number() over (partition by n.issue, n.hour order by n.at) as of_hour
                  from (select h.hour, %(start)s + (h.hour + random()) * interval '1 hour' as at,
                               {RANK.format(most="%(issues)s", power=.15)} as issue
                          from draw.hour h, generate_series(1, h.draws)
                         where h.hour >= %(from)s and h.hour < %(to)s
                         union all
                        select i.hour, %(start)s + (i.hour + random()) * interval '1 hour', i.n
                          from draw.issue i where i.hour >= %(from)s and i.hour < %(to)s) n
                  join draw.issue i on i.n = n.issue and i.hour <= n.hour) d
          join draw.issue i on i.n = d.issue
          join draw.project p on p.n = i.project
         where d.at < %(now)s""",
    "analyze draw.event_{suffix}",
    # of a wide key a thousand values are counted each
    """with counted as materialized (
           select t.key_id, s.hour, t.id as tag_id, sum(s.n) as n
             from (select hour, profile, count(*) as n from draw.event_{suffix} group by 1, 2) s
             join draw.tag t on t.profile = s.profile
            group by 1, 2, 3
            union all
           select p.user_key, e.hour, case when p.is_wide and e.person >= 1000 then p.no_user
                                           else p.no_user + 1 + e.person end, count(*)
             from draw.event_{suffix} e
             join draw.profile f on f.n = e.profile
             join draw.project p on p.n = f.project
            group by 1, 2, 3
       ), hours as (
           insert into tag_hour (key_id, hour, tag_id, times_seen)
           select key_id, %(start)s + hour * interval '1 hour', tag_id, n from counted order by 1, 2, 3
       )
       insert into tag_day (key_id, day, tag_id, times_seen)
       select key_id, %(day)s, tag_id, sum(n) from counted group by 1, 3 order by 1, 3""",
    """insert into issue_hour (issue_id, hour, times_seen)
       select %(first_issue)s + issue, %(start)s + hour * interval '1 hour', count(*)
         from draw.event_{suffix} group by issue, hour order by 1, 2""",
    """insert into outcome_hour (organization_id, project_id, key_id, hour, category, outcome, reason, quantity)
       select %(org)s, p.id, k.id, %(start)s + s.hour * interval '1 hour', 'error', o.outcome, o.reason,
              greatest(s.n / o.part, 1)
         from (select f.project, e.hour, count(*) as n
                 from draw.event_{suffix} e join draw.profile f on f.n = e.profile group by 1, 2) s
         join draw.project p on p.n = s.project
         join project_key k on k.project_id = p.id
        cross join (values ('accepted', '', 1), ('filtered', 'web-crawlers', 20), ('rate_limited', 'key', 50))
                        as o (outcome, reason, part)""",
    """insert into release_hour (organization_id, project_id, release_id, environment_id, hour, events, sessions,
                                 exited, errored, crashed, users, users_crashed)
       select %(org)s, p.id, f.release_id, f.environment_id, %(start)s + s.hour * interval '1 hour', sum(s.n),
              sum(s.n) * 40, sum(s.n) * 38, sum(s.n), sum(s.n) / 4, sum(s.n) * 11, sum(s.n) / 5
         from (select hour, profile, count(*) as n from draw.event_{suffix} group by 1, 2) s
         join draw.profile f on f.n = s.profile
         join draw.project p on p.n = f.project
        group by 2, 3, 4, 5""",
    """insert into event_day (project_id, day, organization_id, events, bytes)
       select p.id, %(day)s, %(org)s, count(*), sum(500 + coalesce(octet_length(b.body), 0))
         from draw.event_{suffix} e
         join draw.profile f on f.n = e.profile
         join draw.project p on p.n = f.project
         left join draw.body b on e.has_body and b.n = e.id %% %(bodies)s
        group by 1""",
)

COUNTERS_OF_DAYS = ("tag_hour", "tag_day", "issue_hour", "outcome_hour", "release_hour", "event_day")

OF_DAY = {
    "event": """
        insert into event_{suffix} (day, id, organization_id, project_id, key_id, issue_id, event_id, occurred_at,
                                    received_at, digested_at, level, platform, title, release, environment, transaction,
                                    server_name, user_tag, tags, has_body, hash)
        select e.day, e.id, %(org)s, p.id, k.id, %(first_issue)s + e.issue, md5('event ' || e.id)::uuid, e.at, e.at, e.at,
               f.level, p.platform, i.type || ': ' || array_to_string(i.words[1:6], ' '), f.release, f.environment,
               f.transaction, f.server_name, 'id:' || e.person, f.tags || p.no_user + 1 + e.person, e.has_body,
               decode(md5('hash ' || e.issue), 'hex')
          from draw.event_{suffix} e
          join draw.issue i on i.n = e.issue
          join draw.profile f on f.n = e.profile
          join draw.project p on p.n = f.project
          join project_key k on k.project_id = p.id
         order by e.id""",
    "event_body": """
        insert into event_body_{suffix} (day, id, body)
        select e.day, e.id, b.body from draw.event_{suffix} e join draw.body b on b.n = e.id %% %(bodies)s
         where e.has_body""",
}

# Number and profile of an event in one: the least and the most of them are of the first and of the last.
ISSUES = (
    """create unlogged table draw.seen as
       select e.issue, min(e.at) as first_seen, max(e.at) as last_seen, count(*) as times_seen,
              count(*) filter (where not e.has_body) as thinned,
              (min(e.id << 20 | e.profile) & 1048575)::int as first_profile,
              (max(e.id << 20 | e.profile) & 1048575)::int as last_profile
         from draw.event e group by 1""",
    "create unlogged table draw.person as select issue, person from draw.event group by 1, 2",
    """create unlogged table draw.persons as select issue, count(*) as n from draw.person group by 1""",
    "analyze draw.seen, draw.person, draw.persons",
    # six of ten are unresolved, three resolved
    """insert into issue (id, organization_id, project_id, number, title, type, value, culprit, platform, level, priority,
                          status, substatus, is_unhandled, first_seen, last_seen, times_seen, users_seen,
                          first_release, last_release, thinned,
                          listed_seen, listed_events, listed_users, listed_release)
       overriding system value
       select %(first_issue)s + s.issue, %(org)s, p.id,
              row_number() over (partition by p.id order by s.first_seen, s.issue),
              i.type || ': ' || array_to_string(i.words[1:6], ' '), i.type, array_to_string(i.words[1:6], ' '),
              'shop.' || i.words[7] || ' in ' || i.words[8], p.platform, l.level,
              case when f.level >= 40 then 75 when f.level >= 30 then 50 else 25 end,
              case when s.issue %% 10 < 6 then 0 when s.issue %% 10 < 9 then 1 else 2 end,
              case when s.issue %% 10 < 1 then 7 when s.issue %% 10 < 2 then 6 when s.issue %% 10 < 6 then 3
                   when s.issue %% 10 < 9 then 0 else 5 end,
              s.issue %% 3 = 0, s.first_seen, s.last_seen, s.times_seen, u.n, f.release, l.release, s.thinned,
              s.last_seen, s.times_seen, u.n,
              case when s.issue %% 10 = 1 or s.issue %% 10 between 6 and 8 then l.release end
         from draw.seen s
         join draw.persons u on u.issue = s.issue
         join draw.issue i on i.n = s.issue
         join draw.project p on p.n = i.project
         join draw.profile f on f.n = s.first_profile
         join draw.profile l on l.n = s.last_profile
        order by s.issue""",
    "select setval(pg_get_serial_sequence('issue', 'id'), (select max(id) from issue))",
    """update project p set last_issue = i.n
         from (select project_id, max(number) as n from issue group by 1) i where i.project_id = p.id""",
)

# FOLD_FROM and FOLD_VALUES of model/fold.h.  Those that take longest come first.
OF_ISSUES = {
    # the first byte of a line says what it is: model/issue_words.h
    "issue_words": r"""
        insert into issue_words (issue_id, organization_id, search)
        select i.id, i.organization_id,
               lower(E'\x10' || i.title || E'\n\x12' || i.culprit || E'\n\x16' || d.words[8] || E'\n\x17shop.'
                     || d.words[7] || E'\n\x18shop/' || d.words[7] || '/' || d.words[9] || '.py'
                     || E'\n\x19release: ' || i.last_release)
          from issue i join draw.issue d on d.n = i.id - %(first_issue)s where i.organization_id = %(org)s""",
    "issue_tag": """
        insert into issue_tag (issue_id, key_id, tag_id, times_seen, first_seen, last_seen)
        select %(first_issue)s + c.issue, c.key_id, c.tag_id, sum(c.n), min(c.first_seen), max(c.last_seen)
          from (select s.issue, t.key_id, t.id as tag_id, s.n, s.first_seen, s.last_seen
                  from (select e.issue, e.profile, count(*) as n, min(e.at) as first_seen, max(e.at) as last_seen
                          from draw.event e join draw.seen s on s.issue = e.issue and s.times_seen >= 500
                         group by 1, 2) s
                  join draw.tag t on t.profile = s.profile
                 union all
                select s.issue, p.user_key, case when s.place <= 1000 then p.no_user + 1 + s.person else p.no_user end,
                       s.n, s.first_seen, s.last_seen
                  from (select e.issue, e.person, count(*) as n, min(e.at) as first_seen, max(e.at) as last_seen,
                               row_number() over (partition by e.issue order by count(*) desc, e.person) as place
                          from draw.event e join draw.seen s on s.issue = e.issue and s.times_seen >= 500
                         group by 1, 2) s
                  join draw.issue i on i.n = s.issue
                  join draw.project p on p.n = i.project) c
         group by 1, 2, 3 order by 1, 2, 3""",
    "issue_user": """
        insert into issue_user (issue_id, user_hash)
        select %(first_issue)s + issue, decode(md5('id:' || person), 'hex') from draw.person order by 1""",
    "issue_hash": """
        insert into issue_hash (project_id, hash, issue_id)
        select project_id, decode(md5('hash ' || id - %(first_issue)s), 'hex'), id
          from issue where organization_id = %(org)s""",
    "issue_fold": """
        insert into issue_fold (issue_id, event_id, times_seen)
        select %(first_issue)s + issue, %(last)s, times_seen from draw.seen where times_seen >= 500""",
}

# Days of the ledger are closed by the worker.
FINISH = (
    """insert into country_hour (organization_id, hour, country, times_seen)
       select %(org)s, h.hour, v.value, sum(h.times_seen)
         from tag_key k join tag_hour h on h.key_id = k.id join tag_value v on v.id = h.tag_id
        where k.organization_id = %(org)s and k.key = 'geo.country_code' group by 2, 3 order by 2, 3""",
    """update release r set first_seen = s.first_seen, last_seen = s.last_seen
         from (select f.release_id, min(e.at) as first_seen, max(e.at) as last_seen
                 from draw.event e join draw.profile f on f.n = e.profile group by 1) s
        where s.release_id = r.id""",
    """insert into deploy (organization_id, release_id, environment, finished_at)
       select organization_id, id, 'production', first_seen from release where organization_id = %(org)s""",
    "update event_mark set settled = %(last)s, next_id = %(last)s, folded = %(last)s",
    "update outcome_mark set till = '2000-01-01Z'",
    "drop schema draw cascade",
    "vacuum (analyze) project, tag_key, release, environment, deploy, issue, country_hour",
    "analyze event",
    "checkpoint",
)
