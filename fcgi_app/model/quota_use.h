/*
 * model/quota_use.h - how full limits are, by the counters that the edges
 * themselves ask.
 */

#ifndef VEDETTE_MODEL_QUOTA_USE_H
#define VEDETTE_MODEL_QUOTA_USE_H

#include "model/quota.h"

struct quota_use {
    int64_t used; /* units, in the window that is open now */
    int64_t left; /* µs until it ends */
    int64_t full; /* µs until it is full at this pace; 0: before it ends, not */
};

/*
 * One element for each limit, in their order.  An edge tells of what it took a
 * little later, so a counter may lag by a second.
 */
enum status quota_use(struct redis *r, struct arena *a, const struct quota *q,
                      size_t n, int64_t now, struct quota_use **out) MUST_CHECK;

/* The arithmetic of it. */
struct quota_use quota_use_reckon(int64_t count, int64_t seconds, int64_t used,
                                  int64_t now);

#endif
