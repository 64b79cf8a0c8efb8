/*
 * queue/brake.h - what an administrator has stopped (message.h §9).
 *
 * While the digest rests, events are accepted and wait in the queue.  While the
 * edge is closed, it answers 503 with Retry-After.  Both last until somebody
 * releases them, across restarts.  Whoever asks looks about once a second.
 */

#ifndef VEDETTE_QUEUE_BRAKE_H
#define VEDETTE_QUEUE_BRAKE_H

#include "queue/redis.h"

enum brake {
    BRAKE_DIGEST, /* workers take nothing out of the queue */
    BRAKE_EDGE,   /* edges put nothing into it */
    BRAKES
};

/* "digest", "edge": for forms. */
const char *brake_name(enum brake brake);

struct brake_state {
    bool set;
    int64_t since; /* µs */
    struct str by; /* who, for people */
};

/* As the first server says. */
enum status brake_look(struct redis *r, struct arena *a,
                       struct brake_state out[BRAKES]) MUST_CHECK;

/*
 * On every server; one that is set already keeps its time and name.  When a
 * server is away the others have it, and the status says so.
 */
enum status brake_set(struct redis *r, struct arena *a, enum brake brake,
                      struct str by) MUST_CHECK;

enum status brake_release(struct redis *r, struct arena *a,
                          enum brake brake) MUST_CHECK;

#endif
