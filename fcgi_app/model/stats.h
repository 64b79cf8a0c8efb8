/*
 * model/stats.h - the ledger of outcomes, read: how much was received and what
 * became of it, by time, project, key, category and reason.
 *
 * Every item that reached us has one outcome (model/outcome.h), so what was
 * received is the sum of all of them but STATS_DISCARDED, which clients threw
 * away before they sent it.  Read from counters by hour and
 * day (model/ledger.h), never from events.
 */

#ifndef VEDETTE_MODEL_STATS_H
#define VEDETTE_MODEL_STATS_H

#include "db/db.h"

enum stats_outcome {
    STATS_INVALID,
    STATS_LIMITED,
    STATS_FILTERED,
    STATS_OTHER, /* a name that this version does not know */
    STATS_DISCARDED,
    STATS_ACCEPTED,
    STATS_OUTCOMES
};

#define STATS_PROJECTS_MAX 8

/* What is looked at. */
struct stats_query {
    int64_t organization_id;
    const int64_t *projects; /* of it */
    size_t nprojects;
    int64_t before; /* µs, whole hours: of the period before; or from */
    int64_t from;
    int64_t to;
    const struct str *categories;
    size_t ncategories;
    int keep; /* seconds that stats_projects may be old (db_query_kept) */
    const int64_t *wanted; /* by stats_projects, however few events they have */
    size_t nwanted;        /* at most STATS_PROJECTS_MAX */
};

/* The categories that are events: errors, messages, security reports. */
extern const struct str stats_event_categories[];
#define STATS_EVENT_CATEGORIES 3

/* n[outcome][slot] in buckets of step seconds. */
struct stats_chart {
    int64_t *n[STATS_OUTCOMES];
    int64_t total[STATS_OUTCOMES];
    int64_t before; /* accepted between before and from; what was not, … */
    int64_t refused_before;
    int64_t discarded_before; /* … and what clients threw away */
};

enum status stats_chart(struct db *db, struct arena *a,
                        const struct stats_query *q, int64_t step, size_t slots,
                        struct stats_chart *out) MUST_CHECK;

/* Accepted events of a project over time. */
struct stats_project {
    int64_t id; /* 0: all that are not among the first */
    int64_t *n; /* slots */
    int64_t total;
    int64_t before;
};

/* Why things were not accepted. */
struct stats_reason {
    enum stats_outcome outcome;
    struct str name; /* of the outcome */
    struct str reason;
    int64_t quantity;
};

#define STATS_REASONS_MAX 6

struct stats_projects {
    struct stats_chart sum;                             /* of all */
    struct stats_project v[2 * STATS_PROJECTS_MAX + 1]; /* most first, 0 last */
    size_t n;
    struct stats_reason *reasons; /* most first, at most STATS_REASONS_MAX */
    size_t nreasons;
};

/* The STATS_PROJECTS_MAX projects with most events, the wanted, and the rest.
 */
enum status stats_projects(struct db *db, struct arena *a,
                           const struct stats_query *q, int64_t step,
                           size_t slots, struct stats_projects *out) MUST_CHECK;

/* One row of a table: the first of these fields that its table is about. */
struct stats_part {
    int64_t project_id;
    int64_t key_id;          /* 0: not known */
    struct str name;         /* label of the key, category, or reason */
    enum stats_outcome what; /* of a reason */
    int64_t n[STATS_OUTCOMES];
    int64_t received; /* all but STATS_DISCARDED */
    int64_t all;
};

enum stats_table {
    STATS_BY_PROJECT, /* who sent most first, as by key */
    STATS_BY_KEY,
    STATS_BY_CATEGORY, /* of all categories, whatever the query names */
    STATS_BY_REASON,   /* of what was not accepted */
    STATS_TABLES
};

struct stats_parts {
    struct stats_part *v[STATS_TABLES]; /* most first */
    size_t n[STATS_TABLES];
};

/* All tables in one statement. */
enum status stats_parts(struct db *db, struct arena *a,
                        const struct stats_query *q,
                        struct stats_parts *out) MUST_CHECK;

/* An event that ended for this reason and is known by its id. */
struct stats_sample {
    enum stats_outcome outcome;
    struct str reason;
    struct str event_id; /* with hyphens */
};

#define STATS_SAMPLED_MAX 2000 /* that are looked through */

/* Of each reason the latest, of what is kept (a week at most). */
enum status stats_samples(struct db *db, struct arena *a,
                          const struct stats_query *q,
                          struct stats_sample **out, size_t *n) MUST_CHECK;

/* What an issue takes, of the events that are kept of some days. */
struct stats_issue {
    int64_t project_id;
    int64_t number;
    struct str title;
    int64_t level;
    int64_t events;
    int64_t bytes; /* without attachments */
};

struct stats_issues {
    struct stats_issue *v; /* most first */
    size_t n;
    int64_t bytes;  /* of all issues */
    int64_t looked; /* events: when fewer than of, numbers are scaled up */
    int64_t of;
};

#define STATS_ISSUES_MAX 20
#define STATS_LOOK 5000 /* events, chosen as model/explore.h does it */

/* From q->from to q->to, which are midnights. */
enum status stats_issues(struct db *db, struct arena *a,
                         const struct stats_query *q,
                         struct stats_issues *out) MUST_CHECK;

/* The finest grain, for a file; at most STATS_ROWS_MAX + 1 rows. */
#define STATS_ROWS_MAX 50000

struct stats_row {
    int64_t at; /* µs */
    int64_t project_id;
    int64_t key_id;
    struct str key; /* its label; the null str when it is not known */
    struct str category;
    struct str outcome;
    struct str reason;
    int64_t quantity;
};

enum status stats_rows(struct db *db, struct arena *a,
                       const struct stats_query *q, int64_t step,
                       struct stats_row **out, size_t *n) MUST_CHECK;

/* "rate_limited" */
enum stats_outcome stats_outcome_of(struct str name);

#endif
