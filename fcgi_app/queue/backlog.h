/*
 * queue/backlog.h - what waits in the stream: for status and health pages.
 */

#ifndef VEDETTE_QUEUE_BACKLOG_H
#define VEDETTE_QUEUE_BACKLOG_H

#include "queue/redis.h"

/* Events that wait longer mean a broken line. */
#define BACKLOG_AGE_MAX_MS (300 * 1000)

struct backlog {
    int64_t depth;  /* requests that no worker has acknowledged: counted while
                       they are few, then about (queue/depth.h); 0: none */
    int64_t age_ms; /* of the oldest of them; 0 when there is none */
    int64_t dead;   /* dead letters */
    int64_t gone;   /* older ones that had to make room for them */
    bool full;      /* … another finds no room, and the digest waits for it */
};

/* Of all servers together; ST_RETRY when one of them is away. */
enum status backlog_read(struct redis *r, struct arena *a,
                         struct backlog *out) MUST_CHECK;

#endif
