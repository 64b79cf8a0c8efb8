/*
 * cmd/jobs.h - the kinds of jobs that there are, and what does their steps
 * (model/job.h).
 */

#ifndef VEDETTE_CMD_JOBS_H
#define VEDETTE_CMD_JOBS_H

#include "cmd/chores.h"

/* A chore: one step of the job that is due; *more: there may be another. */
enum status jobs_run(struct chore_context *c, bool *more) MUST_CHECK;

/* A chore: old jobs go. */
enum status jobs_forget(struct chore_context *c, bool *more) MUST_CHECK;

#endif
