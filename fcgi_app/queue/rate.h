/*
 * queue/rate.h - what the edges had to do lately: of the last five to ten
 * minutes, or since they began.
 *
 * VEDETTE_P_RATE of an edge's sign of life is
 *
 *     node seconds requests accepted limited p50 p99
 *
 * node: the pid of the master, as all workers of a node tell the same; p50 and
 * p99: within so many µs half of the events, 99 of a hundred, were durable, by
 * buckets; 0 when none came.
 */

#ifndef VEDETTE_QUEUE_RATE_H
#define VEDETTE_QUEUE_RATE_H

#include "queue/proc.h"

#define RATE_BEYOND_US 1000001 /* slower than the last bucket tells */

struct edge_rate {
    size_t nodes;
    int64_t seconds; /* the longest */
    double requests; /* a second, of all nodes */
    int64_t accepted, limited;
    int64_t p50, p99; /* of the slowest node */
};

/* Of all edges among these; nodes is 0 when none tells. */
void edge_rate(const struct proc *procs, size_t n, struct edge_rate *out);

#endif
