/*
 * queue/dead.h - the dead-letter stream: entries that no worker could digest.
 *
 * A letter is the entry as it was, with VEDETTE_F_DEAD_… beside its fields.
 */

#ifndef VEDETTE_QUEUE_DEAD_H
#define VEDETTE_QUEUE_DEAD_H

#include "queue/queue.h"

struct dead_letter {
    struct message message; /* its id is that of the letter */
    struct str entry;       /* the id that it had in the stream */
    struct str reason;
    int64_t at; /* µs */
};

/*
 * Up to max letters behind the id after ("" from the oldest on), in the order
 * in which they were buried.
 */
enum status dead_list(struct redis *r, struct arena *a, struct str after,
                      size_t max, struct dead_letter *out,
                      size_t *n) MUST_CHECK;

/*
 * The same without their bodies, however large: apart has their bytes.
 * ST_INVALID: after is no id.
 */
enum status dead_heads(struct redis *r, struct arena *a, struct str after,
                       size_t max, struct dead_letter *out,
                       size_t *n) MUST_CHECK;

/* ST_NOT_FOUND; ST_INVALID when it is no id. */
enum status dead_find(struct redis *r, struct arena *a, struct str id,
                      struct dead_letter *out) MUST_CHECK;

/* What VEDETTE_DEAD_SUMS has of one. */
int64_t dead_bytes(const struct message *m);

/*
 * Makes the sums those of all letters there are, unless they are already: some
 * may be older than the sums.  Letters that come or go meanwhile leave it to
 * the next time.
 */
enum status dead_reckon(struct redis *r) MUST_CHECK;

/* Of all letters of one server. */
struct dead_sums {
    int64_t bytes;
    int64_t gone;    /* how many have gone to make room */
    int64_t full_at; /* µs: an entry found no room; 0: since, some has come */
};

enum status dead_sums(struct redis *r, struct arena *a,
                      struct dead_sums *out) MUST_CHECK;

/* An entry has found no room; at 0: there is some again. */
enum status dead_full(struct redis *r, struct arena *a, int64_t at) MUST_CHECK;

/* Back to the end of the stream, as if it had just been accepted. */
enum status dead_replay(struct redis *r, struct arena *a,
                        const struct dead_letter *letter) MUST_CHECK;

/* Away with it. */
enum status dead_purge(struct redis *r, struct arena *a,
                       const struct dead_letter *letter) MUST_CHECK;

/* … because others need the room: it is counted as gone. */
enum status dead_push_out(struct redis *r, struct arena *a,
                          const struct dead_letter *letter) MUST_CHECK;

#endif
