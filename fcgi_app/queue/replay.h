/*
 * queue/replay.h - sends a spool to the event stream.
 *
 * Oldest segment first, each record at least once: a record that Redis has, and
 * whose checkpoint could not be written any more, is sent again, and the
 * worker knows the event already.  Segments that nobody writes to any more are
 * removed when Redis has all of them.  Damage is logged, kept in the
 * quarantine, counted, and left behind.
 */

#ifndef VEDETTE_QUEUE_REPLAY_H
#define VEDETTE_QUEUE_REPLAY_H

#include "queue/redis.h"

struct replay_options {
    const char *path; /* the folder */
    bool follow;      /* go on for ever, at the pace of queue/pace.h, waiting
                         while Redis is away; else one time, at full speed */
    bool relaxed;     /* into a Redis that may lose what it has acknowledged */
    bool (*stop)(void);
};

struct replay_report {
    uint64_t replayed; /* records */
    uint64_t lost;     /* records damaged */
    uint64_t torn;     /* segments with a torn end */
    uint64_t removed;  /* segments */
    uint64_t missing;  /* segments that others removed */
    uint64_t left;     /* segments that are not done */
};

/*
 * ST_OK: nothing is left to do now, or stop() said so.  ST_RETRY: Redis is
 * away; ST_DENIED: Redis has no "appendfsync always" (where it lets us ask), so
 * that a spool is the safer place; logged once a minute.
 * ST_FAILED: Redis or the disk refuses, logged.  ST_CONFLICT: another
 * replay works on this folder.  With follow only the last and what hinders at
 * the very start.
 */
enum status replay_run(const struct replay_options *options, struct redis *r,
                       struct replay_report *report) MUST_CHECK;

#endif
