/*
 * digest/steady.h - names as they are in every build of a program.
 */

#ifndef VEDETTE_DIGEST_STEADY_H
#define VEDETTE_DIGEST_STEADY_H

#include "digest/stacks.h"

/*
 * Since version 2 of the grouping: s, the frame's trimmed function, module or
 * file name, without what compilers, bundlers and browsers number anew or
 * write in ways of their own.  s itself when there is nothing of that; null
 * when nothing is left.
 */
struct str steady_function(struct arena *a, const struct frame *f,
                           struct str s);
struct str steady_module(struct arena *a, const struct frame *f, struct str s);
struct str steady_filename(struct arena *a, const struct frame *f,
                           struct str s);

/* The trimmed function as version 1 had it. */
struct str unsteady_function(const struct frame *f, struct str s);

#endif
