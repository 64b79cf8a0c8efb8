/*
 * digest/pulse.h - the installation's own event (model/pulse.h) among those of
 * projects.
 */

#ifndef VEDETTE_DIGEST_PULSE_H
#define VEDETTE_DIGEST_PULSE_H

#include "model/batch.h"
#include "queue/queue.h"

/* Is it one?  Only its own key leads to that project. */
bool pulse_is(const struct message *m);

/* Its decoded body, a store request, into the batch. */
void pulse_digest(struct arena *a, struct batch *b, const struct message *m,
                  struct str body);

#endif
