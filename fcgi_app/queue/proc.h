/*
 * queue/proc.h - signs of life (message.h §5).
 */

#ifndef VEDETTE_QUEUE_PROC_H
#define VEDETTE_QUEUE_PROC_H

#include "queue/redis.h"

/*
 * Says that this process is alive, at most once in five seconds; call it from
 * the main loop.  kind: "web", "worker", static.  note: one line for people.
 * Errors are ignored: Redis being away is told by others.
 */
void proc_beat(struct redis *r, const char *kind, const char *note);

/*
 * Each sign of life of this process carries what tell returns, in a field of
 * its own (VEDETTE_P_SQL); in the arena, "" for nothing.
 */
void proc_telling(struct str (*tell)(struct arena *a));

/* What the next ones say of the spool (VEDETTE_P_SPOOL). */
void proc_spool(uint64_t bytes, int64_t since);

struct proc {
    struct str kind;
    struct str host;
    int64_t pid;
    int64_t started; /* seconds */
    struct str version;
    struct str note;
    struct str sql;        /* the null str: none */
    struct str rate;       /* of an edge; the null str: none */
    struct str error;      /* the last one it has logged; "": none */
    int64_t error_at;      /* µs */
    int64_t spooled;       /* bytes, of a replay */
    int64_t spooled_since; /* µs; 0: nothing waits there */
};

/* All that live, sorted by kind, host, pid. */
enum status proc_list(struct redis *r, struct arena *a, struct proc **out,
                      size_t *n) MUST_CHECK;

#endif
