/*
 * page/chart.h - bars with axes, 116 px high (design.md 5).
 *
 * Sets in the node, for part/chart_bars.cs: d (the path of the bars in
 * 1000 x 80), class ("f-error"), top and half (labels of the y axis), X (labels
 * of the x axis: at, anchor, text), v, from, step, name, total, peak.
 */

#ifndef VEDETTE_PAGE_CHART_H
#define VEDETTE_PAGE_CHART_H

#include "web/chart.h"

void chart_bars(struct arena *a, struct data *d, const struct series *s,
                const char *fill);

#endif
