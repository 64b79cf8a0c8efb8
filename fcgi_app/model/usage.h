/*
 * model/usage.h - how much came in the last 24 hours: by project, by key.
 *
 * Read from the hourly ledger of outcomes, of the categories that are events
 * (errors and messages); never by counting events.
 */

#ifndef VEDETTE_MODEL_USAGE_H
#define VEDETTE_MODEL_USAGE_H

#include "db/db.h"

#define USAGE_HOURS 24

struct usage {
    int64_t id;                    /* of the project or key */
    int64_t accepted[USAGE_HOURS]; /* from usage_start on */
    int64_t limited;               /* over a limit */
    int64_t refused;               /* invalid, filtered, … */
};

/* The start of the first of the 24 hours of which the last is this one. */
int64_t usage_start(int64_t now);

/* One element for each id, in their order. */
enum status usage_of_projects(struct db *db, struct arena *a, int64_t org,
                              const int64_t *ids, size_t n, int64_t start,
                              struct usage **out) MUST_CHECK;
enum status usage_of_keys(struct db *db, struct arena *a, int64_t org,
                          int64_t project_id, const int64_t *ids, size_t n,
                          int64_t start, struct usage **out) MUST_CHECK;

/* Unresolved issues of each project; USAGE_OPEN_MAX means as many or more. */
#define USAGE_OPEN_MAX 1000
enum status usage_open_issues(struct db *db, struct arena *a, int64_t org,
                              const int64_t *ids, size_t n,
                              int64_t **out) MUST_CHECK;

#endif
