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

/* What outbox.cause is of a job. */
#define SYNC_CAUSE "ticket"

/*
 * A job of the outbox: {"ticket", "activity"} as the trigger of the history
 * writes it, or {"hook": what came in}.
 */
enum status sync_job(const struct integration_call *call, struct str job,
                     struct integration_result *out) MUST_CHECK;

/*
 * Reads a ticket as it is there, and does here what changed.  out: how asking
 * went.
 */
enum status sync_look(const struct integration_call *call,
                      const struct ticket *known, bool *changed,
                      struct integration_result *out) MUST_CHECK;

/* The send() of trackers: a ticket for the issue, unless there is one. */
void sync_alert(const struct integration_call *call, const struct notice *n,
                struct integration_result *out);

/*
 * Creates the ticket and links it.  by: who asks, 0: Vedette.  Another status
 * than ST_OK: the database is away, though the ticket may be there.
 */
enum status sync_create(const struct integration_call *call,
                        const struct tracker_draft *draft, int64_t issue_id,
                        int64_t by, struct ticket *ticket,
                        struct integration_result *out) MUST_CHECK;

/* Links one that is there, and leaves the issue's address at it. */
enum status sync_link(const struct integration_call *call, struct str key,
                      struct str organization, const struct issue *is,
                      int64_t by, struct ticket *ticket,
                      struct integration_result *out) MUST_CHECK;

/*
 * Takes what came in apart and puts it into the outbox, to be worked on soon.
 * ST_DENIED: it is not signed as it should be; ST_NOT_FOUND: there is nothing
 * in it for us.
 */
enum status sync_hook(const struct integration_call *call,
                      const struct tracker_hook *hook) MUST_CHECK;

/*
 * Who an account is in the tracker: remembered, or the only one there with its
 * mail address, who is then remembered; "" when not known.
 */
enum status sync_person(const struct integration_call *call, struct str project,
                        int64_t account_id, struct str mail,
                        struct str *remote_id,
                        struct integration_result *out) MUST_CHECK;

/* "https://errors.example.org/acme/issues/SHOP-1/" */
struct str sync_url(struct arena *a, struct str organization,
                    const struct issue *is);

#endif
