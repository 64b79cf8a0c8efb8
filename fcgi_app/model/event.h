/*
 * model/event.h - stored events, for reading.
 *
 * An event is found through its issue, never by its id alone.  The body is the
 * normalised event as the digest wrote it (protocol.md 7), with the member
 * that digest/event.h names for its grouping.
 */

#ifndef VEDETTE_MODEL_EVENT_H
#define VEDETTE_MODEL_EVENT_H

#include "db/db.h"
#include "model/issue.h"
#include "model/project.h"

#define EVENT_PAGE 50 /* rows of the table of all events */

struct event_row {
    int64_t id;          /* in the order of the digest */
    struct str event_id; /* 32 hex digits */
    int64_t occurred_at; /* µs */
    int64_t received_at;
    int level;
    struct str platform;
    struct str title;
    struct str release; /* the null str when none, as below */
    struct str environment;
    struct str transaction;
    struct str server_name;
    struct str user_tag;
    bool has_body; /* false: left out, its issue had so many */
};

struct event_view {
    struct event_row row;
    struct str body; /* JSON; the null str when it is gone or unreadable */
    struct str hash; /* that led it to its issue, in hex; may be null */
    int64_t thinned; /* events of the issue without a body */
    bool beside;     /* beside_list has something */
    bool commits;    /* issue_commits may have something */
    /* code_mapping.h's lines, and of the release's repositories the newest
     * commits, "REVISION NAME" a line; the null str: none */
    struct str mappings;
    struct str revisions;
    struct str sdks; /* of the organisation the newest, "NAME VERSION" a line */
    /* event ids of the neighbours; the null str at an end */
    struct str earlier;
    struct str later;
    int64_t number; /* of all that the issue had; 0: the walk is narrowed */
    bool about;     /* the number is one of the hour */
};

/* Which events of an issue are walked through; all zero: all of them. */
struct event_walk {
    struct str environment; /* the null str: of any */
    int64_t from;           /* µs */
    int64_t to;             /* 0: at any time */
};

/* Events in which a walk looks for the next one that it wants. */
#define EVENT_WALK_LOOK 5000

/* Neighbours that are counted to number an event; beyond, by the hour. */
#define EVENT_NUMBER_LOOK 300

/* A row of any statement that selects the columns of event_list. */
void event_from_row(struct arena *a, const struct db_rows *rows, int row,
                    struct event_row *out);

/*
 * "latest", "oldest", "recommended" (of the latest hundred the one that says
 * most) or an event id; ST_NOT_FOUND for any other text.
 */
enum status event_find(struct db *db, struct arena *a, const struct issue *is,
                       struct str which, struct event_view *out) MUST_CHECK;

/* The same among these events; one with its own id is found wherever it is. */
enum status event_walk(struct db *db, struct arena *a, const struct issue *is,
                       struct str which, const struct event_walk *walk,
                       struct event_view *out) MUST_CHECK;

/*
 * Events of an issue, the newest first, older than the row id before (0: from
 * the newest), or with back the ones next newer than it.  At most EVENT_PAGE;
 * *more when there are further ones in that direction.
 */
enum status event_list(struct db *db, struct arena *a, const struct issue *is,
                       int64_t before, bool back, struct event_row **out,
                       int *n, bool *more) MUST_CHECK;

/* The value that an event of an issue has of a tag. */
struct event_value {
    int64_t id; /* of the row */
    struct str key;
    struct str value;
};

/* Of these events (row ids) those of these keys. */
enum status event_values(struct db *db, struct arena *a, const struct issue *is,
                         const int64_t *ids, size_t nids,
                         const struct str *keys, size_t nkeys,
                         struct event_value **out, size_t *n) MUST_CHECK;

/* Events of several issues of a project, to try rules on. */
struct event_sample {
    int64_t issue_id;
    struct str short_id; /* of the issue, as its title */
    struct str title;
    struct str packed; /* for body_unpack */
    double stands_for; /* event_sample_day: events of its issue, itself too */
};

#define SAMPLE_ISSUES 200
#define SAMPLE_OF_ISSUE 25

/*
 * At most max, those of the issues that came last first, of SAMPLE_ISSUES and
 * SAMPLE_OF_ISSUE of each.
 */
enum status event_sample(struct db *db, struct arena *a,
                         const struct project *project, size_t max,
                         struct event_sample **out, size_t *n) MUST_CHECK;

/* The same of the last 24 hours, without names of issues. */
enum status event_sample_day(struct db *db, struct arena *a,
                             const struct project *project, size_t max,
                             struct event_sample **out, size_t *n) MUST_CHECK;

/*
 * The issue that holds an event of one of these projects.  For a search by an
 * event's id.
 */
enum status event_issue(struct db *db, struct arena *a,
                        const int64_t *project_ids, size_t n,
                        struct str event_id, int64_t *issue_id) MUST_CHECK;

/*
 * The issues that a trace led to, at most max, each with an event of it as 32
 * digits.  projects: NULL for all.
 */
struct event_traced {
    int64_t issue_id;
    struct str event_id;
};
enum status event_of_trace(struct db *db, struct arena *a,
                           int64_t organization_id,
                           const struct id_set *projects, struct str trace,
                           int64_t max, struct event_traced **out,
                           size_t *n) MUST_CHECK;

#endif
