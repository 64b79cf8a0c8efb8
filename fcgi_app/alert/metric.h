/*
 * alert/metric.h - rules about a number: events, users, crash-free sessions,
 * delay of a project in a window.
 *
 *     {"metric": "events", "level": "0", "window": "60", "side": "above",
 *      "critical": "500", "warning": "200", "resolve": "100", "period": "1",
 *      "compare": "0", "release": "latest", "least": "50",
 *      "actions": [{"id", …}],
 *      "escalate": {"minutes": 15, "actions": [{"id", …}]}}
 *
 * Evaluated by the minute: a threshold that is passed so many times in a row
 * (period) opens an incident, which gets worse, better and is closed; each
 * change is told to the actions.  With compare (minutes) the value is the
 * percentage of the same window so much earlier: 150 is half as much again.
 * With compare "day" or "week", of what is usual then.
 */

#ifndef VEDETTE_ALERT_METRIC_H
#define VEDETTE_ALERT_METRIC_H

#include "alert/rule.h"
#include "alert/usual.h"
#include "model/incident.h"

struct metric_rule {
    const struct alert_rule *row;
    struct json *data;
    enum metric metric;
    int level;
    int64_t window;   /* minutes */
    int64_t compare;  /* minutes; 0: the value itself */
    enum usual usual; /* in percent of what is usual then */
    bool below;       /* else above */
    double critical;
    double warning;
    double resolve;
    bool has_warning;
    bool has_resolve;
    int period;
    struct str release;       /* of sessions, as in struct metric_scope */
    int64_t least;            /* sessions, or their users, that it takes */
    struct rule_block first;  /* its actions */
    int64_t escalate;         /* minutes until the second step; 0: none */
    struct rule_block second; /* its actions */
};

extern const struct alert_field metric_fields[];

/* As rule_read. */
bool metric_read(struct arena *a, const struct alert_rule *row,
                 struct metric_rule *out, const char **fault);

/* "More than 500 events in 1 hour", kept */
struct str metric_words(struct arena *a, const struct metric_rule *m);

/* "612 events in 1 hour", kept */
struct str metric_measured(struct arena *a, const struct metric_rule *m,
                           double value);

/* "more than 500", kept */
struct str metric_threshold(struct arena *a, const struct metric_rule *m,
                            double value);

/* How far back lie the windows that it is compared with, µs; 0: there are none.
 */
size_t metric_windows(const struct metric_rule *m, int64_t back[USUAL_MAX]);

/* Where it can be seen: a page of the organisation with its query. */
struct str metric_query(struct arena *a, const struct metric_rule *m,
                        struct str project);

/* What it is at that time; *some false: there is nothing to measure. */
enum status metric_measure(struct db *db, struct arena *a,
                           const struct metric_rule *m, int64_t project_id,
                           int64_t at, double *value, bool *some) MUST_CHECK;

/* How often it is measured, µs: at whole multiples of it. */
int64_t metric_every(const struct metric_rule *m);

/*
 * What it is now that this is the value: a severity.  Counts the hits in a row;
 * the incident of the state is the caller's to open, change and close.
 */
int metric_next(const struct metric_rule *m, struct metric_state *s, int64_t at,
                double value);

/*
 * Every metric rule that is on, in each of its projects; for a chore.  *more:
 * minutes were missed, and are looked at one by one.
 */
enum status metric_turn(struct db *db, struct arena *a, int64_t now,
                        bool *more) MUST_CHECK;

#endif
