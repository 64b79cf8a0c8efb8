/*
 * page/tickets.h - what the pages about tickets share.
 */

#ifndef VEDETTE_PAGE_TICKETS_H
#define VEDETTE_PAGE_TICKETS_H

#include "integration/tracker.h"
#include "web/http.h"

/* The connections of the organisation that keep tickets, and one of them. */
struct trackers {
    struct integration *list;
    size_t n;
    struct integration chosen;     /* with secrets */
    const struct tracker *tracker; /* its; NULL: there is none */
};

/*
 * Reads them and chooses the one that was asked for, else the first; fills
 * Tracker, a list, and Chosen.  ST_NOT_FOUND when the one asked for is none.
 */
enum status trackers_read(struct request *rq, struct data *d, struct str asked,
                          struct trackers *out) MUST_CHECK;

/* "/acme/issues/SHOP-1/" */
struct str tickets_issue(const struct request *rq);

/* What the tracker said, when it did not work: Failure. */
void tickets_failure(struct data *d, const struct integration_result *result);

#endif
