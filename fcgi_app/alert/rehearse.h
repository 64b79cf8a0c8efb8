/*
 * alert/rehearse.h - when a rule would have fired in the last fortnight.
 *
 * The past is replayed by the same functions that evaluate the present, from
 * the counters by minute, the issues' history and, for filters on events, the
 * events of the few minutes in question.  What is not known of the past (who
 * was assigned then) is said, not guessed.
 */

#ifndef VEDETTE_ALERT_REHEARSE_H
#define VEDETTE_ALERT_REHEARSE_H

#include "alert/metric.h"
#include "alert/rule.h"

#define REHEARSE_DAYS 14
#define REHEARSE_SHOWN 20

struct rehearsal {
    const char *why_not; /* a sentence; NULL: it could be rehearsed */
    bool cut;            /* there was more than could be looked at */
    int64_t fired;       /* each IF-THEN block for itself */
    int64_t told; /* of a rule about a number: what it tells, resolved too */
    int64_t held; /* repeats that the interval held back */
    int64_t days[REHEARSE_DAYS];
    int64_t from;
    struct alert_fire shown[REHEARSE_SHOWN]; /* the newest */
    size_t nshown;
};

/* now: the end of the fortnight, µs.  Two weeks in well under a second. */
enum status rehearse(struct db *db, struct arena *a, const struct rule *rule,
                     int64_t now, struct rehearsal *out) MUST_CHECK;

/* The same of a rule about a number, from the counters by minute and hour. */
enum status rehearse_metric(struct db *db, struct arena *a,
                            const struct metric_rule *m, int64_t now,
                            struct rehearsal *out) MUST_CHECK;

#endif
