/*
 * model/live_ticket.h - who may hear of which projects' news at the edge
 * (queue/message.h §7).
 */

#ifndef VEDETTE_MODEL_LIVE_TICKET_H
#define VEDETTE_MODEL_LIVE_TICKET_H

#include "queue/redis.h"

/*
 * A new ticket for these projects of an organisation, 32 hex digits in the
 * arena.  It holds for VEDETTE_LIVE_TICKET_TTL seconds.
 */
enum status live_ticket_new(struct redis *r, struct arena *a,
                            int64_t organization_id, const int64_t *projects,
                            size_t n, struct str *ticket) MUST_CHECK;

#endif
