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

struct chore_context {
    struct arena *arena; /* reset after each call */
    struct db *db;
    struct redis *redis;
};

/* The process: runs until it is told to stop; for prefork. */
int chores_run(void *arg);

#endif
