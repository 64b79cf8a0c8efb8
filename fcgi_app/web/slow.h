/*
 * web/slow.h - which statements the installation spends its time with: what
 * its processes tell (db/times.h), added up.
 */

#ifndef VEDETTE_WEB_SLOW_H
#define VEDETTE_WEB_SLOW_H

#include "queue/proc.h"

struct slow {
    struct str name;
    int64_t n;
    int64_t us; /* of all n */
};

/* Those that took most in all, the longest sum first, at most max. */
size_t slow_statements(struct arena *a, const struct proc *procs, size_t nprocs,
                       struct slow *out, size_t max);

#endif
