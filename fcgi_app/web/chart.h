/*
 * web/chart.h - numbers as the path of an SVG (design.md §5).
 *
 * Sets in the node, for the macros of part/macros.cs: d (the bars), hot (those
 * from bucket hot_from on, in the error colour), width (of their box, see
 * web/bars.h), v ("1,0,3"), from (ISO), step (s), peak, total, name.
 */

#ifndef VEDETTE_WEB_CHART_H
#define VEDETTE_WEB_CHART_H

#include "web/data.h"

struct series {
    const char *name; /* "events" */
    const int64_t *v;
    size_t n;        /* 24 or 14 for a sparkline */
    int64_t from;    /* µs: start of the first bucket */
    int64_t step;    /* seconds */
    size_t hot_from; /* n: no hot bucket */
};

/* 24 px high, scaled to its own maximum: <?cs call:spark(row.Spark) ?> */
void chart_spark(struct data *d, const struct series *s);

/* 40 px high, the bars of a card: <?cs call:cardchart(row.Chart) ?> */
void chart_card(struct data *d, const struct series *s);

#endif
