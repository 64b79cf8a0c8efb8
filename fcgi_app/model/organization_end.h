/*
 * model/organization_end.h - an organisation that waits to be deleted.
 *
 * Its keys are refused at the edge within 2 s and are left as they are, so that
 * it can be taken back until its time has come.  Then the worker deletes its
 * projects (project_end.h), and last the organisation with all that is its.
 * Accounts stay: they may belong to others.
 */

#ifndef VEDETTE_MODEL_ORGANIZATION_END_H
#define VEDETTE_MODEL_ORGANIZATION_END_H

#include "model/organization.h"

struct redis;

/* How long a deletion can be taken back. */
#define ORGANIZATION_DELETE_WAIT_US US_PER_DAY

/*
 * at: when it is deleted; 0 takes it back.  ST_CONFLICT: it is the last one of
 * this Vedette; ST_NOT_FOUND: it is being deleted already.
 */
enum status organization_delete_at(struct db *db, struct redis *r,
                                   struct arena *a, const struct actor *by,
                                   const struct organization *org,
                                   int64_t at) MUST_CHECK;

/* A chore: a piece of the work on what is due; *more: there is some left. */
enum status organization_end(struct db *db, struct arena *a, int64_t now,
                             bool *more) MUST_CHECK;

#endif
