/*
 * digest/owner.h - asks the ownership rules of the projects whose issues are:
 * new and regressed ones, and after a change of the rules those that are open.
 */

#ifndef VEDETTE_DIGEST_OWNER_H
#define VEDETTE_DIGEST_OWNER_H

#include "digest/wishes.h"
#include "model/batch.h"
#include "model/job.h"

/* Inside the batch's transaction, before the alerts are told. */
enum status owners_find(const struct wishes *w, struct db *db, struct arena *a,
                        const struct batch_change *changes,
                        size_t n) MUST_CHECK;

/* A job of the kind "owners": the open issues of its project. */
enum status owners_step(struct db *db, struct arena *a,
                        struct job *job) MUST_CHECK;

#endif
