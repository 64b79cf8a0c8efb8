/*
 * model/pulse.h - the installation's own event, which travels the whole way
 * now and then: sent by a chore (cmd/chore_pulse.h), taken by an edge, noted
 * by a worker.
 */

#ifndef VEDETTE_MODEL_PULSE_H
#define VEDETTE_MODEL_PULSE_H

#include "model/batch.h"
#include "queue/redis.h"

/*
 * Lets the edges take it: the key's record, on every server, for some minutes.
 * The key is a secret, so that nobody else sends one.
 */
enum status pulse_admit(struct redis *r, struct arena *a,
                        struct str key) MUST_CHECK;

/* One has arrived; stored with the batch. */
void pulse_add(struct batch *b, const struct batch_pulse *pulse);

/* In the batch's transaction: of batch.c. */
enum status pulse_store(struct db *db, struct arena *a,
                        const struct batch *b) MUST_CHECK;

/* What came last: 0 when nothing did.  All in µs. */
struct pulse {
    int64_t sent_at;
    int64_t stored_at;
    int64_t slowest; /* from sending to storing, in the last hour */
};

enum status pulse_last(struct db *db, struct arena *a,
                       struct pulse *out) MUST_CHECK;

/* All but the last one, when it is older than a day. */
enum status pulse_forget(struct db *db, struct arena *a) MUST_CHECK;

#endif
