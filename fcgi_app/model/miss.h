/*
 * model/miss.h - near misses: requests that named a project and were refused
 * by the edge in the last hour, as far as it has told of them.
 */

#ifndef VEDETTE_MODEL_MISS_H
#define VEDETTE_MODEL_MISS_H

#include "queue/redis.h"

#define MISSES_MAX 8

struct miss {
    int64_t at;         /* µs; of the latest of its kind */
    struct str reason;  /* message.h, 8 */
    struct str address; /* who asked */
    struct str origin;  /* "" for none */
};

/*
 * Of one project, newest first, one for each reason, address and origin.  None
 * when Redis is away.
 */
enum status miss_list(struct redis *r, struct arena *a, int64_t project,
                      struct miss out[MISSES_MAX], size_t *n) MUST_CHECK;

/*
 * A number for what such a list says, 0 for an empty one.  Not the time of its
 * latest: edge processes tell late, and several misses have one second.
 */
int64_t miss_mark(const struct miss *list, size_t n);

#endif
