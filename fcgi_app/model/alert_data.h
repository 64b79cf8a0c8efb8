/*
 * model/alert_data.h - what alert rules look at and what they leave: counters,
 * the state of issues, firings.
 *
 * The clock of alerts is the minute in which an event came in, so that what is
 * evaluated late gives the same answer as in time, and a rehearsal over the
 * past gives what would have happened.
 */

#ifndef VEDETTE_MODEL_ALERT_DATA_H
#define VEDETTE_MODEL_ALERT_DATA_H

#include "model/batch.h"

/* An issue as filters see it. */
struct alert_issue {
    int64_t id;
    int64_t organization_id;
    int64_t project_id;
    int level;
    int priority;
    int status; /* model/issue.h */
    int substatus;
    int64_t assignee_id; /* 0: nobody; < 0: a team */
    struct str owners;   /* ",12,-3,", by ownership rules; null: none */
    int64_t first_seen;
    int64_t times_seen;
    int64_t users_seen;
    struct str first_release;
    struct str last_release;
};

enum status alert_issues(struct db *db, struct arena *a, const int64_t *ids,
                         size_t n, struct alert_issue **out,
                         size_t *nout) MUST_CHECK;

/*
 * An issue's priority at a time (µs), and before it was last changed: by its
 * history, for what was never changed by its level.
 */
enum status alert_priorities(struct db *db, struct arena *a,
                             const struct alert_issue *is, int64_t until,
                             int *now, int *before) MUST_CHECK;

/*
 * An event as the digest had it, read back: columns, tags and packed body.
 * The newest of the issue that came before until (µs), in the minute at only
 * when at is not 0; up to max, newest first.
 */
enum status alert_events(struct db *db, struct arena *a, int64_t issue_id,
                         int64_t at, int64_t until, int max,
                         struct batch_event **out, size_t *n) MUST_CHECK;

/* ALERT_MATCHES: users of events that match a rule's tag filters. */
enum alert_unit { ALERT_EVENTS, ALERT_USERS, ALERT_MATCHES };

/*
 * How many events, or different users, an issue had in [from, to), whole
 * minutes; environments: none given means any.
 */
enum status alert_count(struct db *db, struct arena *a, int64_t issue_id,
                        enum alert_unit unit, const struct str *environments,
                        size_t nenvironments, int64_t from, int64_t to,
                        int64_t *out) MUST_CHECK;

/* Different users in 4-byte hashes written behind each other. */
int64_t alert_distinct(struct arena *a, struct str users);

/* An event with a user that matches the tag filters of this hash. */
struct alert_match {
    int64_t issue_id;
    int64_t match;
    const struct batch_event *ev;
};

enum status alert_match_add(struct db *db, struct arena *a,
                            const struct alert_match *list,
                            size_t n) MUST_CHECK;

/* Different users of an issue's events that matched, as alert_count. */
enum status alert_match_count(struct db *db, struct arena *a, int64_t issue_id,
                              int64_t match, const struct str *environments,
                              size_t nenvironments, int64_t from, int64_t to,
                              int64_t *out) MUST_CHECK;

/* The newest release of a project, by when it was first seen. */
enum status alert_latest_release(struct db *db, struct arena *a,
                                 int64_t project_id,
                                 struct str *out) MUST_CHECK;


/*
 * A version against the release that the environment has adopted last: < 0
 * older, 0 the same, > 0 newer; ST_NOT_FOUND: none is adopted, or there is no
 * such version.  Adopted: a tenth of the day's sessions, or of its events
 * where nobody sends sessions.
 */
enum status alert_adopted(struct db *db, struct arena *a, int64_t project_id,
                          struct str environment, struct str version,
                          int64_t at, int64_t *side) MUST_CHECK;

/* The deploys before and after a time; 0: none.  environment "": any. */
enum status alert_deploys(struct db *db, struct arena *a, int64_t project_id,
                          struct str environment, int64_t at, int64_t *last,
                          int64_t *next) MUST_CHECK;

/* Sessions that began in an hour; environments: none given means any. */
enum status alert_sessions(struct db *db, struct arena *a, int64_t project_id,
                           const struct str *environments, size_t nenvironments,
                           int64_t hour, int64_t *out) MUST_CHECK;

/* The issue seen last, of these projects (none: of all); ST_NOT_FOUND. */
enum status alert_sample(struct db *db, struct arena *a, int64_t org,
                         const int64_t *projects, size_t n,
                         int64_t *issue_id) MUST_CHECK;

/* The ids of an organisation's projects, at most 1,000. */
enum status alert_projects(struct db *db, struct arena *a, int64_t org,
                           const int64_t **out, size_t *n) MUST_CHECK;

/* The minute of a project's last event before at; 0: none in 45 days. */
enum status alert_project_last(struct db *db, struct arena *a,
                               int64_t project_id,
                               const struct str *environments,
                               size_t nenvironments, int64_t at,
                               int64_t *out) MUST_CHECK;

/* Seconds that the latest events of a project took to be stored. */
enum status alert_project_delay(struct db *db, struct arena *a,
                                int64_t project_id, int64_t at,
                                double *seconds) MUST_CHECK;

/* The most used rate limit of a project's keys, in percent; and its window. */
enum status alert_project_quota(struct db *db, struct arena *a,
                                int64_t project_id, int64_t at, double *share,
                                int64_t *window) MUST_CHECK;


/* environments: which of these pairs are new; their positions, from 0 */
enum status alert_new_environments(struct db *db, struct arena *a,
                                   const int64_t *issues,
                                   const struct str *environments,
                                   const int64_t *minutes, size_t n,
                                   size_t **fresh, size_t *nfresh) MUST_CHECK;

/* The same of tag values of projects that rules wait for. */
struct alert_tag {
    int64_t organization_id;
    int64_t project_id;
    struct str key;
    struct str value;
    int64_t at;
};

enum status alert_new_tags(struct db *db, struct arena *a,
                           const struct alert_tag *tags, size_t n,
                           size_t **fresh, size_t *nfresh) MUST_CHECK;

/* Notes what is there already, so that only what comes from now on is new. */
enum status alert_seed_tags(struct db *db, struct arena *a, int64_t org,
                            const int64_t *projects, size_t n,
                            const struct str *keys, size_t nkeys) MUST_CHECK;


/* due: minutes of issues for rules that count */
struct alert_due {
    int64_t organization_id;
    int64_t project_id;
    int64_t issue_id;
    int64_t minute;
    struct str event_id; /* 32 hex digits of the latest event; null: none */
    int64_t *rules;      /* those whose event filters passed; */
    size_t nrules;       /* 0: rules without such filters only */
};

enum status alert_due_add(struct db *db, struct arena *a,
                          const struct alert_due *due, size_t n) MUST_CHECK;

/* Takes (deletes) up to max, the oldest first; inside a transaction. */
enum status alert_due_take(struct db *db, struct arena *a, int max,
                           struct alert_due **out, size_t *n) MUST_CHECK;


/* firing */
struct alert_fire {
    int64_t id; /* set by alert_fire_add; 0: held back, a repeat */
    int64_t organization_id;
    int64_t rule_id;
    int64_t project_id;
    int64_t issue_id;    /* 0: about no issue */
    int64_t feedback_id; /* 0: about no message */
    struct str event_id; /* 32 hex digits; null: none */
    int64_t at;          /* minute */
    int64_t fired_at;
    int64_t interval; /* µs of silence after it; 0: none */
    unsigned blocks;  /* bits: what it sets off; set to what it has set off */
    unsigned silent;  /* set by alert_fire_add: the blocks that are now, */
    int64_t silent_until; /* and until when */
    struct str cause;     /* the condition in words */
    double value;
    double threshold;
    int64_t window; /* seconds */
    struct str environment;
    struct str held;
    struct str escalated; /* "", waiting, done, acted, over, off */
    /* for lists */
    struct str issue_short_id;
    struct str issue_title;
    struct str rule_name;
};

/* What has become of its second step. */
enum status alert_fire_escalated(struct db *db, struct arena *a, int64_t id,
                                 const char *state) MUST_CHECK;

/* Somebody has acted on a firing's issue or message since, or it is gone. */
enum status alert_acted(struct db *db, struct arena *a, int64_t org,
                        int64_t fire_id, bool *out) MUST_CHECK;

/*
 * Fires those whose rule is not silent for their issue and makes it silent;
 * inside the transaction of what they tell of.  No (rule, issue) twice.
 */
enum status alert_fire_add(struct db *db, struct arena *a,
                           struct alert_fire *fires, size_t n) MUST_CHECK;

/* Fires all of them, silent or not: of messages, of which there is no second.
 */
enum status alert_fire_add_each(struct db *db, struct arena *a,
                                struct alert_fire *fires, size_t n) MUST_CHECK;

/* held: 'cap' or 'quiet'. */
enum status alert_fire_hold(struct db *db, struct arena *a, int64_t id,
                            const char *held) MUST_CHECK;

/* How often a rule has fired, unheld, since then. */
enum status alert_fire_count(struct db *db, struct arena *a, int64_t rule_id,
                             int64_t since, int64_t *out) MUST_CHECK;

#define ALERT_FIRE_PAGE 50

/*
 * An organisation's firings, newest first; rule_id, project_id 0: all; before
 * an id (0: from the start).
 */
enum status alert_fire_list(struct db *db, struct arena *a, int64_t org,
                            int64_t rule_id, int64_t project_id, int64_t before,
                            struct alert_fire **out, size_t *n,
                            bool *more) MUST_CHECK;

/* Sets short id and title of the issues that these are about. */
enum status alert_fire_titles(struct db *db, struct arena *a, int64_t org,
                              struct alert_fire *fires, size_t n) MUST_CHECK;

/* By their ids, or the held ones of a rule since then: for notices. */
enum status alert_fires(struct db *db, struct arena *a, int64_t org,
                        const int64_t *ids, size_t n, struct alert_fire **out,
                        size_t *nout) MUST_CHECK;
enum status alert_fires_held(struct db *db, struct arena *a, int64_t org,
                             int64_t rule_id, int64_t since, int max,
                             struct alert_fire **out, size_t *nout) MUST_CHECK;

/* Firings of rules by day: (*out)[i * days + d], from on. */
enum status alert_fire_days(struct db *db, struct arena *a, int64_t org,
                            const int64_t *rules, size_t n, int64_t from,
                            int days, int64_t **out) MUST_CHECK;

/* Removes what is too old to be looked at, a bounded number; *more: again. */
enum status alert_forget(struct db *db, struct arena *a, bool *more) MUST_CHECK;

#endif
