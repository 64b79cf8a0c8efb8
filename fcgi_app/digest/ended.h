/*
 * digest/ended.h - ends of events that the edges tell of (queue/message.h §11).
 */

#ifndef VEDETTE_DIGEST_ENDED_H
#define VEDETTE_DIGEST_ENDED_H

#include "db/db.h"
#include "queue/redis.h"

/*
 * A chore: moves some of them from Redis into the database; *more: there are
 * others.  One at a time.
 */
enum status ended_take(struct db *db, struct redis *r, struct arena *a,
                       bool *more) MUST_CHECK;

#endif
