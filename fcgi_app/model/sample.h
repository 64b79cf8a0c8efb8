/*
 * model/sample.h - an event of our own making, sent the way of all others: into
 * the stream, from where a worker takes it.
 */

#ifndef VEDETTE_MODEL_SAMPLE_H
#define VEDETTE_MODEL_SAMPLE_H

#include "model/project_key.h"

/* event_id: 32 hex; body: an event as JSON. */
enum status sample_send(struct redis *r, struct arena *a,
                        const struct project_key *key, struct str event_id,
                        int64_t now, struct str body) MUST_CHECK;

#endif
