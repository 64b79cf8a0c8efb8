/*
 * page/chart.h - bars with axes, 116 px high (design.md 5).
 *
 * Sets in the node, for part/chart_bars.cs: d (the path of the bars in
 * width x 80, from -.5 on), width, class ("f-error"), top and half (labels of
 * the y axis), X (labels of the x axis: at, anchor, text), clock and foreign
 * (of those), Flag, v, from, step, name, total, peak.
 */

#ifndef VEDETTE_PAGE_CHART_H
#define VEDETTE_PAGE_CHART_H

#include "page/span.h"
#include "web/chart.h"

/* One series of a stack, from the bottom up. */
struct layer {
    struct str name;
    const char *fill; /* "f-c1" */
    const int64_t *v; /* slots of the span */
    bool line;        /* drawn above the bars instead of on them */
};

/* A moment on the chart: a release. */
struct flag {
    int64_t at;
    struct str text;
};

void chart_bars(struct arena *a, struct data *d, const struct series *s,
                const char *fill, const struct flag *flags, size_t nflags);

/*
 * Bar {at, i, when, n, chosen} of each bucket that has any, at being
 * "at=2026-11-24T08" for its link; bars: how many buckets.  chosen: the start
 * of one (µs).
 */
void chart_choose(struct arena *a, struct data *d, const struct series *s,
                  int64_t chosen);

/*
 * Stacked bars, 176 px high, for part/chart_stack.cs: Layer {name, class, d,
 * total}, width, X, Flag, and Row {at, span, N}, the numbers of each bucket
 * that has any, as a table; top, half, peak (of a bucket's sum), total, v,
 * from, step.
 * Who sets explore, an address with a query, makes links of the buckets.
 */
void chart_stack(struct arena *a, struct data *d, const struct span *span,
                 const struct layer *layers, size_t n, const struct flag *flags,
                 size_t nflags);

#endif
