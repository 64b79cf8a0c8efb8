/*
 * web/health.h - is what pages stand on there?
 */

#ifndef VEDETTE_WEB_HEALTH_H
#define VEDETTE_WEB_HEALTH_H

#include "web/http.h"

struct health {
    bool db;
    bool redis;
};

/* Asks both now; takes as long as a connection may take, a few seconds. */
struct health health_look(struct request *rq);

/* Has a worker given a sign of life lately?  True when it cannot be known. */
bool health_worker(struct request *rq);

/* How long the oldest event waits that no worker has dealt with yet, in µs; 0
 * when none waits.  False when Redis does not say. */
bool health_delay(struct request *rq, int64_t *us);

#endif
