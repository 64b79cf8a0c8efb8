/*
 * queue/live.h - tells pages that wait what has changed (message.h §7).
 */

#ifndef VEDETTE_QUEUE_LIVE_H
#define VEDETTE_QUEUE_LIVE_H

#include "queue/redis.h"

struct live;

struct live *live_new(struct redis *r);
void live_free(struct live *l);

/* An issue has got so many events; fresh: they made it. */
void live_note(struct live *l, int64_t organization_id, int64_t project_id,
               int64_t issue_id, int64_t events, bool fresh);

/*
 * Sends what has been noted, at most twice a second; call it often.  Errors
 * are ignored: a page shows the truth when it is loaded again.
 */
void live_send(struct live *l);

#endif
