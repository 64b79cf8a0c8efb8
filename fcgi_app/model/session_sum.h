/*
 * model/session_sum.h - sessions of an organisation added up by one key, from
 * the counters by hour and release: how many, how they ended, over time.
 */

#ifndef VEDETTE_MODEL_SESSION_SUM_H
#define VEDETTE_MODEL_SESSION_SUM_H

#include "model/release.h"

#define SESSION_TOP_MAX 50

enum session_key {
    SESSION_BY_NOTHING,
    SESSION_BY_RELEASE,
    SESSION_BY_ENVIRONMENT,
    SESSION_BY_PROJECT,
    SESSION_KEYS
};

struct session_query {
    int64_t organization_id;
    const int64_t *projects;
    size_t nprojects;
    struct str environment; /* null: any */
    struct str release;     /* part of a version; null: any */
    int64_t from;           /* µs, whole hours */
    int64_t to;
    int64_t step; /* seconds */
    size_t slots;
    enum session_key by;
    size_t top; /* groups, at most SESSION_TOP_MAX */
};

struct session_group {
    struct str name; /* "": without an environment */
    struct health sum;
    int64_t *slots; /* sessions */
};

struct session_sums {
    struct session_group *groups; /* most sessions first */
    size_t n;
    struct session_group other; /* of what is beyond the top */
    int64_t others;             /* so many groups */
    struct health all;
    int64_t *well; /* slots: sessions without an error, ... */
    int64_t *errored;
    int64_t *crashed; /* ... those that crashed; errored has none of them */
};

/* One statement. */
enum status session_sums(struct db *db, struct arena *a,
                         const struct session_query *q,
                         struct session_sums *out) MUST_CHECK;

#endif
