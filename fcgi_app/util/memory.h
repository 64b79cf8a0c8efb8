/*
 * util/memory.h - what processes of this machine hold, from /proc.
 */

#ifndef VEDETTE_UTIL_MEMORY_H
#define VEDETTE_UTIL_MEMORY_H

#include <stdint.h>
#include <sys/types.h>

/*
 * The proportional set size in bytes: shared pages counted once over those
 * that share them.  -1 when the process is gone or not ours to look at.
 */
int64_t memory_pss(pid_t pid);

/* The parent's id, or -1. */
pid_t memory_parent(pid_t pid);

/*
 * The sum over a process and all that descend from it; *n is how many were
 * counted.  -1 when none could be.
 */
int64_t memory_tree(pid_t root, int *n);

#endif
