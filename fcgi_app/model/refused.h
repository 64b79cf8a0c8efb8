/*
 * model/refused.h - samples of what could not be taken, for those who look
 * after a project: of each reason a few, for a day (sql/0091).
 */

#ifndef VEDETTE_MODEL_REFUSED_H
#define VEDETTE_MODEL_REFUSED_H

#include "model/batch.h"

/* Bytes of what was sent that are kept. */
#define REFUSED_BODY_MAX 8192

/* Of one batch. */
#define REFUSED_BATCH_MAX 16

struct refused {
    int64_t project_id;
    struct str project;  /* slug; of refused_list */
    struct str event_id; /* 32 hex; the null str: none */
    struct str category;
    struct str reason;
    struct str client;
    int64_t bytes;       /* of all of it */
    struct str body;     /* scrubbed; the null str: nothing is kept of it */
    int64_t received_at; /* µs */
};

/* Has the batch one of this project and reason, or no room for another? */
bool refused_enough(const struct batch *b, int64_t project, struct str reason);

/* Its texts live as long as the batch. */
void refused_add(struct batch *b, const struct refused *r);

/* In the batch's transaction: of batch_release.c. */
enum status refused_store(struct db *db, struct arena *a,
                          const struct batch *b) MUST_CHECK;

/* A chore: what is a day old, one too many, or no longer wanted. */
enum status refused_forget(struct db *db, struct arena *a) MUST_CHECK;

/*
 * Of some projects of an organisation, the newest first, at most 20.  reason:
 * the null str for all.
 */
enum status refused_list(struct db *db, struct arena *a, int64_t organization,
                         const int64_t *projects, size_t nprojects,
                         struct str reason, struct refused **out,
                         size_t *n) MUST_CHECK;

/* The reasons of which there are any. */
enum status refused_reasons(struct db *db, struct arena *a,
                            int64_t organization, const int64_t *projects,
                            size_t nprojects, struct str **out,
                            size_t *n) MUST_CHECK;

#endif
