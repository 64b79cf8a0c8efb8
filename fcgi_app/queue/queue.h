/*
 * queue/queue.h - a worker's end of the event stream.
 *
 * Every worker process is a consumer of one group.  An entry that was read and
 * not acknowledged stays pending with its consumer, whatever happens to the
 * process; so after a failure nothing needs to be remembered here:
 * queue_again() makes the next reads return what is pending, oldest first.
 * Entries of consumers that have died come to us by queue_claim().
 *
 * Statuses are those of queue/redis.h.
 */

#ifndef VEDETTE_QUEUE_QUEUE_H
#define VEDETTE_QUEUE_QUEUE_H

#include "queue/entry.h"
#include "queue/redis.h"

/* How long a consumer may be silent before others take what it holds. */
#define QUEUE_LEASE_MS 30000

/* How often an entry was begun by a worker that then died: id to count. */
#define QUEUE_TRIES "vedette:events:tries"

struct queue;

/* consumer: NULL for host:pid. */
struct queue *queue_new(struct redis *r, const char *consumer);
void queue_free(struct queue *q);
const char *queue_consumer(const struct queue *q);

/*
 * Makes the group if need be and takes over what consumers of this host have
 * left whose process is gone.  Until it has succeeded queue_read reads
 * nothing.
 */
enum status queue_join(struct queue *q, struct arena *a) MUST_CHECK;

/*
 * Takes over what other consumers have not touched for QUEUE_LEASE_MS; call it
 * every few seconds.
 */
enum status queue_claim(struct queue *q, struct arena *a) MUST_CHECK;

/*
 * About max requests, and no more than about max_bytes of them: pending ones if
 * there are any, else new ones, waiting block_ms for the first.  When that is
 * not all, some of the newest beyond that (queue/early.h).  Entries come whole,
 * of which there are max at most, and EARLY_MAX.  Nothing to read is ST_OK with
 * *n = 0.  ST_FAILED: the group is gone; join again.
 */
enum status queue_read(struct queue *q, struct arena *a, size_t max,
                       size_t max_bytes, int block_ms, struct message **out,
                       size_t *n) MUST_CHECK;

/* The next reads begin with what is pending here. */
void queue_again(struct queue *q);

/* True while pending entries are to be read: settle them first (digest.c). */
bool queue_has_pending(const struct queue *q);

/* Ids of everything pending with this consumer. */
enum status queue_pending(struct queue *q, struct arena *a, struct str **ids,
                          size_t *n) MUST_CHECK;

/* Acknowledges and deletes, with what is apart, all or none. */
enum status queue_ack(struct queue *q, struct arena *a, const struct str *ids,
                      size_t n) MUST_CHECK;

/* To the dead letters, and acknowledged, all or none.  reason: one line. */
enum status queue_bury(struct queue *q, struct arena *a,
                       const struct message *m, struct str reason) MUST_CHECK;

/*
 * Gives each of the m->of requests of a shared entry, of which this is the
 * first, an entry of its own at the end of the stream, in whose place they are
 * from then on; all or none.  ST_RETRY, too, when the entry is not ours any
 * more.  One that may have been committed must be settled first.
 */
enum status queue_split(struct queue *q, struct arena *a,
                        const struct message *m) MUST_CHECK;

/*
 * Notes that these entries are begun now, and puts into tries how often they
 * have been, this time included.  queue_ack forgets it, and so does
 * queue_survived.
 */
enum status queue_begin(struct queue *q, struct arena *a, struct message *m,
                        size_t n) MUST_CHECK;

/* How often they have been begun before. */
enum status queue_tries(struct queue *q, struct arena *a, struct message *m,
                        size_t n) MUST_CHECK;

/* They did not go through, but nobody died of them. */
void queue_survived(struct queue *q, struct arena *a, const struct message *m,
                    size_t n);

#endif
