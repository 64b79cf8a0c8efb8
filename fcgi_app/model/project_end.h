/*
 * model/project_end.h - a project that takes nothing any more: archived, or
 * waiting to be deleted.
 *
 * Both switch its keys off at the edge within 2 s and leave the keys as they
 * are.  An archived project is not in lists; its pages and issues stay.  One
 * that waits can be taken back until its time has come; then the worker
 * deletes it.
 */

#ifndef VEDETTE_MODEL_PROJECT_END_H
#define VEDETTE_MODEL_PROJECT_END_H

#include "model/project.h"

/* How long a deletion can be taken back. */
#define PROJECT_DELETE_WAIT_US US_PER_DAY

enum status project_archive(struct db *db, struct redis *r, struct arena *a,
                            const struct actor *by,
                            const struct project *project,
                            bool archived) MUST_CHECK;

/* at: when it is deleted; 0 takes it back. */
enum status project_delete_at(struct db *db, struct redis *r, struct arena *a,
                              const struct actor *by,
                              const struct project *project,
                              int64_t at) MUST_CHECK;

/* A chore: a piece of the work on what is due; *more: there is some left. */
enum status project_end(struct db *db, struct redis *r, struct arena *a,
                        int64_t now, bool *more) MUST_CHECK;

#endif
