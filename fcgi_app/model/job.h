/*
 * model/job.h - work that is longer than a request may be.
 *
 * A page adds a job and leads to its page, which shows how far it is.  A chore
 * of the worker takes the job that has waited longest, does one step of it and
 * writes down how far it came, in one transaction; then comes the next job.
 * So a job may be killed anywhere, and a long one does not hold up the others.
 *
 * A kind of job is a row of cmd/jobs.c and a function
 *
 *     enum status step(struct db *db, struct arena *a, struct job *job);
 *
 * that does some more of it (for less than a second), inside the transaction,
 * and sets done, total, position and result; and state to JOB_DONE at the end.
 * ST_RETRY: the step is tried again later; another status fails the job, with
 * what the step has done undone and job->error for people.
 */

#ifndef VEDETTE_MODEL_JOB_H
#define VEDETTE_MODEL_JOB_H

#include "db/db.h"
#include "json/doc.h"

enum job_state {
    JOB_TODO = 0,
    JOB_DONE = 1,
    JOB_CANCELLED = 2,
    JOB_FAILED = 3
};

#define JOB_PAGE 50
#define JOB_PARAMS_MAX (64 * 1024) /* bytes */

struct job {
    int64_t id;
    int64_t organization_id;
    int64_t project_id; /* 0: not of one project */
    int64_t account_id; /* 0: Vedette itself, or an account that is gone */
    struct str account; /* its name */
    struct str kind;
    struct str title;
    struct str params; /* JSON, an object */
    enum job_state state;
    bool cancelled; /* asked to stop */
    int64_t total;  /* -1: not known */
    int64_t done;
    struct str position; /* "" at the beginning */
    struct str result;   /* JSON, an object */
    struct str error;
    struct str back; /* "/acme/issues/", where it was asked for */
    int64_t undo_id; /* model/undo.h; 0: none */
    int64_t due_at;  /* µs; not before */
    int64_t created_at;
    int64_t started_at; /* 0: not yet */
    int64_t finished_at;
};

typedef enum status (*job_step)(struct db *db, struct arena *a,
                                struct job *job);

/*
 * Adds one: organization_id, project_id, account_id, kind, title, params,
 * total, back, undo_id and due_at (0: now) of it are used.
 */
enum status job_add(struct db *db, struct arena *a, const struct job *job,
                    int64_t *id) MUST_CHECK;

enum status job_find(struct db *db, struct arena *a, int64_t organization_id,
                     int64_t id, struct job *out) MUST_CHECK;

/* The newest JOB_PAGE of an organisation, older than the id before (0: all). */
enum status job_list(struct db *db, struct arena *a, int64_t organization_id,
                     int64_t before, struct job **out, size_t *n) MUST_CHECK;

/*
 * Whether it may be stopped: not when it only finishes what has been done, like
 * a merge, whose issues are one already.
 */
bool job_may_stop(const struct job *job);

/*
 * Asks it to stop before its next step; what it has done stays.  One that is
 * at its end already is left as it is.
 */
enum status job_cancel(struct db *db, struct arena *a, int64_t organization_id,
                       int64_t id) MUST_CHECK;

/* Of params, for a step: NULL when it cannot be read. */
struct json *job_params(struct arena *a, const struct job *job);


/* For the runner, cmd/jobs.c */

/* Inside a transaction: the job that is due, locked; ST_NOT_FOUND: none. */
enum status job_take(struct db *db, struct arena *a,
                     struct job *out) MUST_CHECK;

/* Writes what a step has changed, and puts the job behind the others. */
enum status job_save(struct db *db, struct arena *a,
                     const struct job *job) MUST_CHECK;

/* Forgets what ended some weeks ago; at most a thousand. */
enum status job_forget(struct db *db, struct arena *a) MUST_CHECK;

#endif
