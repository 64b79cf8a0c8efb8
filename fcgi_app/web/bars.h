/*
 * web/bars.h - the bars of a chart as one path of an SVG, in few bytes: a page
 * has hundreds of them.
 *
 * A bucket is so many units wide that its gap is the last one, so that every x
 * is a whole number; heights are whole pixels.  The box to draw in begins half
 * a gap to the left: viewBox="-.5 0 WIDTH HEIGHT", its width being all buckets.
 */

#ifndef VEDETTE_WEB_BARS_H
#define VEDETTE_WEB_BARS_H

#include "util/buf.h"

/* How much of a bucket its gap takes, and at most of all n of them together. */
struct bars_gap {
    double of_bucket;
    double of_all;
};

/* How many units wide a bucket is. */
int64_t bars_unit(const struct bars_gap *gap, size_t n);

/* Pixels of v where top is so high. */
int64_t bars_height(int64_t v, int64_t top, int64_t height);

/* Begin with {.d = buf_in(a)}. */
struct bars {
    struct buf d;
    int64_t x, y; /* where the pen is: at the foot of the latest bar */
};

/*
 * Adds the bar of a bucket of that many units that starts at x, from foot up;
 * one is a pixel high at least.  Buckets come from left to right.
 */
void bars_add(struct bars *b, int64_t x, int64_t unit, int64_t foot,
              int64_t height);

#endif
