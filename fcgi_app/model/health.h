/*
 * model/health.h - how an installation is, for its administrator: the parts,
 * what waits, what the stores hold.
 */

#ifndef VEDETTE_MODEL_HEALTH_H
#define VEDETTE_MODEL_HEALTH_H

#include "model/server.h"
#include "queue/backlog.h"
#include "queue/proc.h"

struct health_redis {
    struct str version;
    int64_t memory;  /* bytes, resident */
    int64_t clients; /* connected */
    int64_t evicted; /* keys; must be 0 */
    int64_t commands_per_second;
    bool durable; /* append-only, fsync always, as far as it may be asked */
};

/* Whole tables, their partitions and indexes with them; the largest first. */
struct health_table {
    struct str name;
    int64_t bytes;
    int64_t index_bytes; /* of these */
    int64_t rows;        /* PostgreSQL's estimate */
    int64_t dead;        /* rows that wait for a vacuum */
    int64_t vacuumed_at; /* µs; 0: never */
};

struct health_report {
    bool redis_answers;
    struct health_redis redis;
    bool backlog_known;
    struct backlog backlog;
    struct proc *procs;
    size_t nprocs;
    bool db_answers;
    struct server server;
    struct health_table *tables;
    size_t ntables;
    int64_t digested_at; /* µs, the newest event; 0: none */
    int64_t accepted_hour; /* events of this hour and the one before */
};

/* What cannot be had is left empty; never fails. */
void health_read(struct db *db, struct redis *r, struct arena *a,
                 struct health_report *out);

#endif
