/*
 * digest/digest.h - from the stream to committed rows.
 */

#ifndef VEDETTE_DIGEST_DIGEST_H
#define VEDETTE_DIGEST_DIGEST_H

#include "db/db.h"
#include "queue/queue.h"

struct digest;

struct digest_stats {
    uint64_t entries; /* requests done with since the start */
    uint64_t events;  /* stored */
    uint64_t duplicates;
    uint64_t buried;
    size_t batch;     /* requests of the latest batch */
    int64_t batch_us; /* how long it took, from reading to acknowledging */
};

/*
 * Of one server's stream.  Uses the connections, does not own them.
 */
struct digest *digest_new(struct db *db, struct redis *r, size_t max_batch);
void digest_free(struct digest *d);
const struct digest_stats *digest_stats(const struct digest *d);

/*
 * One turn: reads a batch (waiting block_ms for something to read), digests,
 * commits and acknowledges it.  *n: requests that are done now.  ST_RETRY:
 * Redis or PostgreSQL is away; nothing is lost, call again after a pause.
 */
enum status digest_turn(struct digest *d, int block_ms, size_t *n) MUST_CHECK;

/*
 * What is due besides batches: entries of dead workers, the edges' counters,
 * partitions of the days to come.  Cheap when nothing is; ST_RETRY as above.
 */
enum status digest_upkeep(struct digest *d) MUST_CHECK;

#endif
