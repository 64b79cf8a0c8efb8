/*
 * queue/facts.h - what Redis says of itself: for status and health pages.
 */

#ifndef VEDETTE_QUEUE_FACTS_H
#define VEDETTE_QUEUE_FACTS_H

#include "queue/redis.h"

/* Texts are "?" when Redis does not tell. */
struct redis_facts {
    struct str version;
    struct str fsync;  /* "always", "everysec", "no"; "off": no append-only */
    struct str policy; /* of evictions; anything but noeviction loses events */
    int64_t memory;    /* bytes, resident */
    int64_t clients;
    int64_t took;    /* µs until it answered */
    int64_t evicted; /* keys since it started */
    bool durable;    /* it keeps what it has acknowledged, as far as it tells */
};

/*
 * Is it set to keep what it has acknowledged, through a crash and when its
 * memory is full?  ST_FAILED: it does not let us ask.
 */
enum status redis_keeps(struct redis *r, struct arena *a, bool *out) MUST_CHECK;

enum status redis_facts(struct redis *r, struct arena *a,
                        struct redis_facts *out) MUST_CHECK;

#endif
