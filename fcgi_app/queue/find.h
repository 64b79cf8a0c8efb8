/*
 * queue/find.h - where an event stands between the edge and the database.
 */

#ifndef VEDETTE_QUEUE_FIND_H
#define VEDETTE_QUEUE_FIND_H

#include "queue/dead.h"

/* Entries that are looked at, by a person at a terminal and by a page; each is
 * read whole. */
#define QUEUE_FIND_MAX 20000
#define QUEUE_FIND_PAGE 1000

struct found_entry {
    struct message message; /* without its fields and its body */
    struct str consumer;    /* who has begun it; the null str: nobody */
    int64_t idle_ms;        /* since then */
    int64_t deliveries;
};

/*
 * The entry of the stream whose client was told this event id (32 digits).
 * ST_NOT_FOUND; *all is false when the stream is too long to be looked
 * through.  An event id that stands only inside an envelope is not seen.
 */
enum status queue_find(struct redis *r, struct arena *a, struct str event_id,
                       size_t max, struct found_entry *out,
                       bool *all) MUST_CHECK;

/* The same in the dead letters; the message has its fields. */
enum status queue_find_dead(struct redis *r, struct arena *a,
                            struct str event_id, size_t max,
                            struct dead_letter *out, bool *all) MUST_CHECK;

#endif
