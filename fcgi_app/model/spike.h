/*
 * model/spike.h - spike protection: a project that bursts far beyond its own
 * normal is capped at the edge until the burst is over.
 *
 * normal: the errors of a busy hour, namely of the ninth busiest of the last
 * 168 whole hours (hours without any count as 0), as the ledger of outcomes
 * has them; what the cap itself refused is counted as if it had come in.
 *
 * cap: as many as the normal, but spike.floor at least, within spike.window
 * seconds (ten minutes, so six times the pace of a busy hour).  A project that
 * had errors in fewer than 24 of those hours has no normal, and no cap.
 *
 * The edge refuses what is beyond with 429 and the reason "spike_protection",
 * which Stats shows, and takes events again when the next window begins.  A
 * growth that stays becomes the new normal after nine hours.
 *
 * The setting "spike.protection" of a project, "off", turns it off.
 */

#ifndef VEDETTE_MODEL_SPIKE_H
#define VEDETTE_MODEL_SPIKE_H

#include "db/db.h"
#include "model/audit.h"
#include "model/project.h"
#include "queue/redis.h"

#define SPIKE_SETTING "spike.protection" /* of a project: "on" or "off" */

/*
 * Reckons anew for projects that were not for an hour, some at a time, and
 * publishes those whose cap has changed by more than a tenth.  *more: there
 * are others that are due.
 */
enum status spike_reckon(struct db *db, struct redis *r, struct arena *a,
                         bool *more) MUST_CHECK;

struct spike {
    bool is_on;
    int64_t normal;     /* 0: not known yet */
    int64_t count;      /* the cap; 0: none */
    int64_t seconds;    /* its window */
    int64_t refused;    /* in the last 24 hours */
    int64_t refused_at; /* the last hour in which it was; 0: never */
};

/* What there is to tell of a project. */
enum status spike_of(struct db *db, struct arena *a,
                     const struct project *project,
                     struct spike *out) MUST_CHECK;

/* Turns it on or off, and publishes that. */
enum status spike_switch(struct db *db, struct redis *r, struct arena *a,
                         const struct actor *by, const struct project *project,
                         bool on) MUST_CHECK;

#endif
