#include "cmd/jobs.h"

#include "digest/owner.h"
#include "digest/parted.h"
#include "model/issue_change.h"
#include "model/issue_merge.h"
#include "model/job.h"
#include "model/undo.h"
#include "util/fail.h"
#include "util/log.h"

static const struct {
    const char *kind;
    job_step step;
} kinds[] = {
    { "issues", issue_change_step }, { "delete", issue_delete_step },
    { "merge", issue_merge_step },   { "split", parted_step },
    { "undo", undo_step },           { "owners", owners_step },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))


static job_step
step_of(struct str kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (str_is(kind, kinds[i].kind)) {
            return kinds[i].step;
        }
    }
    return NULL;
}


static enum status
run(struct db *db, struct arena *a, struct job *job)
{
    job_step step = step_of(job->kind);

    if (job->cancelled) {
        job->state = JOB_CANCELLED;
        return ST_OK;
    }
    if (step == NULL) {
        job->error = STR("This version does not know such a job.");
        return ST_INVALID;
    }
    return step(db, a, job);
}


/* A job whose step cannot be done; the step itself has been rolled back. */
static enum status
fail(struct db *db, struct arena *a, struct job *job, enum status st)
{
    log_error("job %lld (%.*s) has failed: %s", (long long) job->id,
              STR_FMT(job->kind), status_text(st));
    if (job->error.n == 0) {
        job->error = STR("It failed; the log of the worker says why.");
    }
    job->state = JOB_FAILED;
    return job_save(db, a, job);
}


enum status
jobs_run(struct chore_context *c, bool *more)
{
    struct job before, job;
    enum status st;

    if ((st = db_begin(c->db)) != ST_OK) {
        return st;
    }
    if ((st = job_take(c->db, c->arena, &job)) != ST_OK) {
        db_rollback(c->db);
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    before = job;
    st = run(c->db, c->arena, &job);
    if (st == ST_OK) {
        st = job_save(c->db, c->arena, &job);
    }
    FAIL_POINT("job_step");
    if (st == ST_OK) {
        *more = true;
        st = db_commit(c->db);
        FAIL_POINT("job_commit");
        return st;
    }

    db_rollback(c->db);
    if (st == ST_RETRY || st == ST_CONFLICT) {
        return st;
    }
    before.error = job.error;
    *more = true;
    return fail(c->db, c->arena, &before, st);
}


enum status
jobs_forget(struct chore_context *c, bool *more)
{
    enum status st = job_forget(c->db, c->arena);

    (void) more;
    return st == ST_OK ? undo_forget(c->db, c->arena) : st;
}
