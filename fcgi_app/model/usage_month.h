/*
 * model/usage_month.h - what an organisation took in each of its last twelve
 * months, and what this one comes to if it goes on as in the last week.
 */

#ifndef VEDETTE_MODEL_USAGE_MONTH_H
#define VEDETTE_MODEL_USAGE_MONTH_H

#include "db/db.h"

#define USAGE_MONTHS 12

/* What is counted; usage_kinds has one row for each. */
enum usage_kind {
    USAGE_EVENTS,
    USAGE_TRANSACTIONS,
    USAGE_SPANS,
    USAGE_SESSIONS,
    USAGE_LOGS,
    USAGE_ATTACHMENTS, /* bytes */
    USAGE_KINDS
};

struct usage_month {
    int year;
    int month; /* 1 to 12 */
    int64_t accepted[USAGE_KINDS];
    int64_t limited; /* events over a limit */
};

struct usage_months {
    struct usage_month v[USAGE_MONTHS]; /* the present one first */
    int64_t forecast[USAGE_KINDS];      /* at its end */
    bool known;                         /* there is a day or more to judge by */
};

/* Months are those of UTC. */
enum status usage_months(struct db *db, struct arena *a, int64_t org,
                         int64_t now, struct usage_months *out) MUST_CHECK;

#endif
