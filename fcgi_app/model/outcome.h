/*
 * model/outcome.h - the ledger: what became of each item that reached us.
 */

#ifndef VEDETTE_MODEL_OUTCOME_H
#define VEDETTE_MODEL_OUTCOME_H

#include "db/db.h"

struct outcome {
    int64_t organization_id;
    int64_t project_id;
    int64_t key_id;      /* 0: not known */
    int64_t hour;        /* µs, the start of the hour */
    struct str category; /* protocol.md §5.1 */
    struct str outcome;  /* accepted, filtered, rate_limited, invalid, … */
    struct str reason;   /* "" when there is none */
    int64_t quantity;
};

#define OUTCOME_ACCEPTED STR("accepted")
#define OUTCOME_FILTERED STR("filtered")
#define OUTCOME_INVALID STR("invalid")

/* The start of the hour, in µs. */
int64_t outcome_hour(int64_t us);

/*
 * Adds quantities to the hourly counters, inside the caller's transaction.
 * Sorts list and merges what is alike in place, so that two workers never wait
 * for each other crosswise.
 */
enum status outcome_add(struct db *db, struct arena *a, struct outcome *list,
                        size_t n) MUST_CHECK;

#endif
