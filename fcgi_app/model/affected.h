/*
 * model/affected.h - how many different users an organisation's events are of.
 *
 * Redis keeps a sketch of each hour and each day (HyperLogLog: 12 KB at most,
 * and right within a per cent); no user can be read out of one.  What Redis
 * loses is missing from the count, and nothing else.
 */

#ifndef VEDETTE_MODEL_AFFECTED_H
#define VEDETTE_MODEL_AFFECTED_H

#include "model/batch.h"
#include "queue/redis.h"

/* The users of a batch that is stored; it may be told twice.  Never fails. */
void affected_note(struct redis *r, struct arena *a, const struct batch *b);

struct affected {
    int64_t now;    /* users between from and to */
    int64_t before; /* between before and from; -1: not known */
    int64_t since;  /* µs: what came earlier is not known; 0: all is */
};

/*
 * By whole hours up to two days, else by whole days.  ST_NOT_FOUND: nothing was
 * ever noted, or the time is longer than it is kept.
 */
enum status affected_count(struct redis *r, struct arena *a,
                           int64_t organization_id, int64_t before,
                           int64_t from, int64_t to,
                           struct affected *out) MUST_CHECK;

#endif
