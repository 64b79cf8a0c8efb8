/*
 * model/undo.h - taking a change of issues or of feedback back, for
 * UNDO_MINUTES.
 *
 * A change that can be taken back opens an undo and keeps, before it touches
 * an issue, how the issue was: state, resolution, assignee, priority; of a
 * message model/feedback.c keeps state and assignee.  All in the transaction of
 * the change.
 */

#ifndef VEDETTE_MODEL_UNDO_H
#define VEDETTE_MODEL_UNDO_H

#include "db/db.h"
#include "model/job.h"

#define UNDO_MINUTES 10

struct undo {
    int64_t id;
    int64_t account_id;
    struct str title; /* "3 issues resolved." */
    int64_t at;
};

enum status undo_open(struct db *db, struct arena *a, int64_t organization_id,
                      int64_t account_id, struct str title,
                      int64_t *id) MUST_CHECK;

/* Keeps how these issues are now; what was kept before stays. */
enum status undo_keep(struct db *db, struct arena *a, int64_t id,
                      const int64_t *issues, size_t n) MUST_CHECK;

/* One of this account that is not too old; ST_NOT_FOUND otherwise. */
enum status undo_find(struct db *db, struct arena *a, int64_t organization_id,
                      int64_t account_id, int64_t id,
                      struct undo *out) MUST_CHECK;

/*
 * Takes it back, once: at once when it is few issues, by a job (*job_id, else
 * 0) when it is many.  ST_DENIED: it is too old, or was taken back already;
 * ST_NOT_FOUND: this account has no such undo.
 */
enum status undo_take_back(struct db *db, struct arena *a,
                           int64_t organization_id, int64_t account_id,
                           int64_t id, int64_t *job_id) MUST_CHECK;

/* The job. */
enum status undo_step(struct db *db, struct arena *a,
                      struct job *job) MUST_CHECK;

/* Forgets what is too old to be taken back. */
enum status undo_forget(struct db *db, struct arena *a) MUST_CHECK;

#endif
