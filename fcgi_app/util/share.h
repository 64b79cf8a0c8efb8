/*
 * util/share.h - how far a share that was seen can be trusted.
 *
 * n of `of` events had something.  The true share lies between the two bounds
 * of Wilson's score interval with SHARE_SURE certainty (three standard
 * deviations): unlike n/of plus and minus a deviation they hold for few events
 * and for shares near 0 and 1 too.  Of none nothing is known: 0 and 1.
 */

#ifndef VEDETTE_UTIL_SHARE_H
#define VEDETTE_UTIL_SHARE_H

#include <stdint.h>

#define SHARE_SURE "99.7 %"

double share_least(int64_t n, int64_t of);
double share_most(int64_t n, int64_t of);

#endif
