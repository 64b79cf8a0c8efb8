/*
 * model/weekly.h - the numbers of a week, for each member of an organisation:
 * of the projects that the member sees, Monday to Sunday, UTC.
 */

#ifndef VEDETTE_MODEL_WEEKLY_H
#define VEDETTE_MODEL_WEEKLY_H

#include "db/db.h"

#define WEEKLY_TOP 5
#define WEEKLY_READERS 20 /* of one turn */

/* The Monday, µs, of the last whole week before now. */
int64_t weekly_week(int64_t now);

/* Whether reports of it go out now: Monday from 7 o'clock on, and Tuesday. */
bool weekly_is_time(int64_t now);

struct weekly_reader {
    int64_t account_id;
    struct str email;
    struct str name;
};

struct weekly_organization {
    int64_t id;
    struct str slug;
    struct str name;
    int64_t after; /* account that got the last one; 0: none has */
};

/* One that still has members to write to; ST_NOT_FOUND: all is done. */
enum status weekly_next(struct db *db, struct arena *a, int64_t week,
                        struct weekly_organization *out) MUST_CHECK;

/* Its next members who want a report, at most WEEKLY_READERS. */
enum status weekly_readers(struct db *db, struct arena *a,
                           const struct weekly_organization *org,
                           struct weekly_reader **out, size_t *n) MUST_CHECK;

/* It has come to this account; 0 with is_done: to the end. */
enum status weekly_mark(struct db *db, struct arena *a, int64_t organization_id,
                        int64_t week, int64_t account_id,
                        bool is_done) MUST_CHECK;

struct weekly_issue {
    int64_t id;
    struct str short_id;
    struct str title;
    const char *state; /* "unresolved", "resolved", "archived" */
    int64_t events;    /* in that week */
};

struct weekly {
    int64_t accepted; /* error events */
    int64_t before;   /* … in the week before */
    int64_t filtered;
    int64_t limited;
    int64_t invalid;
    int64_t days[7]; /* accepted, from Monday on */
    int64_t fresh;   /* issues seen for the first time */
    int64_t regressed;
    int64_t escalated;
    int64_t resolved;
    struct weekly_issue top[WEEKLY_TOP];
    size_t ntop;
};

enum status weekly_read(struct db *db, struct arena *a, int64_t organization_id,
                        int64_t account_id, int64_t week,
                        struct weekly *out) MUST_CHECK;

#endif
