/*
 * cmd/chores.h - what has to be done now and then, by nobody's request.
 *
 * A chore is a row of the table in chores.c: a name, how often, a function.
 * "vedette worker" has one process for them; of all workers of a fleet one
 * leads and does them, one after the other, and another takes over when it has
 * gone (model/chore.h).
 *
 * A chore is to be short (well under a second) and to go on where it stopped:
 * it may be killed at any moment, and it is called again after its pause.
 * With more to do than one call should take, it returns ST_OK and sets *more,
 * to be called again at once, after the other chores that are due.
 */

#ifndef VEDETTE_CMD_CHORES_H
#define VEDETTE_CMD_CHORES_H

#include "db/db.h"
#include "queue/redis.h"

/* How a chore went last, for the health page. */
struct chore_report {
    const char *name;
    int every_ms;
    int64_t ran_at; /* µs; 0: not yet by this leader */
    int64_t took_us;
    int failures; /* in a row */
};

struct chore_context {
    struct arena *arena; /* reset after each call */
    struct db *db;
    struct redis *redis;
    const struct chore_report *reports; /* of all chores */
    size_t nreports;
};

/* The process: runs until it is told to stop; for prefork. */
int chores_run(void *arg);

#endif
