/*
 * alert/usual.h - what is usual at a time of the day or of the week.
 *
 * The median of the same window on each of the last seven days, or of the last
 * four weeks: one bad day does not make bad days usual, and what is new has no
 * usual until it was there for most of them.
 */

#ifndef VEDETTE_ALERT_USUAL_H
#define VEDETTE_ALERT_USUAL_H

#include "util/str.h"

#define USUAL_MAX 7

enum usual { USUAL_NONE, USUAL_DAY, USUAL_WEEK };

/* "day", "week" */
enum usual usual_of(struct str season);

/* How far back each of the windows lies, µs; the last is the furthest. */
size_t usual_windows(enum usual season, int64_t back[USUAL_MAX]);

/* The furthest of them, µs. */
int64_t usual_reach(enum usual season);

/* Sorts v. */
double usual_median(double *v, size_t n);

/* The value in percent of the median of v, which it sorts; false: of nothing.
 */
bool usual_percent(double *v, size_t n, double *value);

#endif
