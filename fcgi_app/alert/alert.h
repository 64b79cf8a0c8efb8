/*
 * alert/alert.h - evaluation: which rules fire, for what.
 *
 * Three places evaluate, with the same rules and functions:
 *
 * - the digest, inside the transaction of its batch: what an event alone can
 *   set off.  What needs counters is noted as due;
 * - a chore: what is due, and what is about a project as a whole;
 * - the notify process: what an issue's history sets off.
 *
 * Whatever fires leaves a row of history and, in the same transaction, a row
 * of the outbox that is routed to its receivers later (alert/route.h).
 */

#ifndef VEDETTE_ALERT_ALERT_H
#define VEDETTE_ALERT_ALERT_H

#include "alert/rule.h"

struct alerts;

/* The rules of a process: read when they have changed, looked at every 2 s. */
struct alerts *alerts_new(void);
void alerts_free(struct alerts *al);

enum status alerts_refresh(struct alerts *al, struct db *db) MUST_CHECK;

/* For batch.stored: context is the struct alerts. */
enum status alerts_stored(void *context, struct db *db, struct arena *a,
                          const struct batch_change *changes,
                          size_t n) MUST_CHECK;

/* What is due, a bounded number; *more: there may be some left. */
enum status alerts_count_turn(struct alerts *al, struct db *db, struct arena *a,
                              bool *more) MUST_CHECK;

/* Rules about projects; waiting: seconds, the oldest entry of the queue. */
enum status alerts_watch_turn(struct alerts *al, struct db *db, struct arena *a,
                              double waiting) MUST_CHECK;

/*
 * One row of an issue's history: its kind, when, a comment's text.  Inside a
 * transaction.
 */
enum status alerts_history(struct alerts *al, struct db *db, struct arena *a,
                           int64_t organization_id, int64_t issue_id,
                           struct str kind, int64_t at,
                           struct str text) MUST_CHECK;

/* The causes that a kind of history stands for; 0: none. */
unsigned alerts_cause_of(struct str kind);

/* The rule by its id, if it is on; valid until the next refresh. */
const struct rule *alerts_rule(const struct alerts *al, int64_t id);

/* Counts from the tables, remembered for as long as the arena lives. */
struct alert_counter;
struct alert_counter *alert_counter_new(struct arena *a);
enum status alert_counter_count(struct facts *f, enum alert_unit unit,
                                int64_t from, int64_t to, int64_t *out);

#endif
