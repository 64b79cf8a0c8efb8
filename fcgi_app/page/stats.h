/*
 * page/stats.h - how outcomes are called and painted, on every page alike.
 */

#ifndef VEDETTE_PAGE_STATS_H
#define VEDETTE_PAGE_STATS_H

#include "model/stats.h"
#include "page/chart.h"

struct outcome_look {
    const char *title; /* "rate limited" */
    const char *label; /* "Rate limited" */
    const char *fill;
};

extern const struct outcome_look outcome_looks[STATS_OUTCOMES];

/* The stacked bars of outcomes, those without any left out. */
void stats_draw(struct arena *a, struct data *d, const struct span *span,
                const struct stats_chart *chart);

/*
 * Sets Strip for part/strip.cs: accepted with its change against the period
 * before, refused and what it is made of, discarded.
 */
void stats_strip(struct arena *a, struct data *d,
                 const struct stats_chart *chart);

struct request;

/* Sets Storage: what each of these projects holds, and its forecast. */
enum status stats_storage(struct request *rq, struct data *d,
                          const int64_t *projects, size_t nprojects) MUST_CHECK;

#endif
