/*
 * alert/route.h - from what happened to who hears of it.
 *
 * A row of the outbox with the channel "route" says that rules have fired, or
 * that something was written into an issue's history.  Routing makes rows for
 * receivers of it, with all that they are told, in one transaction with the
 * end of the row; a process that dies in between begins again.
 */

#ifndef VEDETTE_ALERT_ROUTE_H
#define VEDETTE_ALERT_ROUTE_H

#include "alert/alert.h"
#include "alert/metric.h"
#include "model/notice.h"
#include "model/outbox.h"

enum status route_row(struct alerts *al, struct db *db, struct arena *a,
                      const struct outbox_row *row) MUST_CHECK;

/*
 * All that is to be told of an issue, as it is now: title, counts, top frame,
 * tags of the event (null: of its latest).
 */
enum status route_notice(struct db *db, struct arena *a, int64_t org,
                         int64_t issue_id, struct str event_id,
                         struct notice *out) MUST_CHECK;

/*
 * Sends what a rule would send, about the latest event that there is, to its
 * mail receivers and integrations; nothing is created or changed.  by: who
 * gets the mails.  *n: how many rows were added; keys begin with prefix.
 */
enum status route_test(struct db *db, struct arena *a, const struct rule *rule,
                       const struct actor *by, struct str prefix,
                       size_t *n) MUST_CHECK;

/* The same of a rule about a number, with what it is now in one project. */
enum status route_test_metric(struct db *db, struct arena *a,
                              const struct metric_rule *m,
                              const struct actor *by, struct str prefix,
                              size_t *n) MUST_CHECK;

#endif
