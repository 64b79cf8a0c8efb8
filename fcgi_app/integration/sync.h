/*
 * integration/sync.h - issues and tickets kept together: what happens here goes
 * there, what happens there comes here, and alerts create tickets.
 *
 * Both ways end where the other side already is so: a change that came in is
 * not sent back, and what was sent is not taken for news.
 */

#ifndef VEDETTE_INTEGRATION_SYNC_H
#define VEDETTE_INTEGRATION_SYNC_H

#include "integration/tracker.h"

/* A job of the outbox: {"ticket", "activity"}, or {"hook": what came in}. */
enum status sync_job(const struct integration_call *call,
                     const struct json *job,
                     struct integration_result *out) MUST_CHECK;

/* The send() of trackers: a ticket for the issue, unless there is one. */
void sync_alert(const struct integration_call *call, const struct notice *n,
                struct integration_result *out);

/*
 * Creates the ticket, links it and leaves the issue's address there.  by: who
 * asks, 0: Vedette.  Another status than ST_OK: the database is away, though
 * the ticket may be there.
 */
enum status sync_create(const struct integration_call *call,
                        const struct tracker_draft *draft, int64_t issue_id,
                        int64_t by, struct ticket *ticket,
                        struct integration_result *out) MUST_CHECK;

/*
 * Takes what came in apart and puts it into the outbox, to be worked on soon.
 * ST_DENIED: it is not signed as it should be; ST_NOT_FOUND: there is nothing
 * in it for us.
 */
enum status sync_hook(const struct integration_call *call,
                      const struct tracker_hook *hook) MUST_CHECK;

#endif
