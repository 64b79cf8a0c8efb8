/*
 * digest/filter_trial.h - what filters would have dropped: each is tried alone
 * on events that are stored, a switch as if it were on, a list with its lines,
 * each choice of its own.
 *
 * An event stands for others that were not looked at, so the results are
 * estimates.  Addresses cannot be tried: where an event came from is not kept.
 */

#ifndef VEDETTE_DIGEST_FILTER_TRIAL_H
#define VEDETTE_DIGEST_FILTER_TRIAL_H

#include "digest/filter.h"

struct filter_probe {
    const struct filter *filter;
    const struct filter_choice *choice; /* of a filter that has them, or NULL */
    bool possible;
    bool unkept;   /* it cannot be tried: see filter.h */
    double events; /* that it would have dropped */
    struct filter_setting setting;
};

struct filter_trial {
    struct filter_probe *probes; /* in the order of the table */
    size_t n;
};

/* values: of each filter, as typed. */
struct filter_trial filter_trial_new(struct arena *a, const struct str *values);

/* An event as it is stored, which stands for so many. */
void filter_trial_add(struct filter_trial *t, struct json *doc, double events);

#endif
