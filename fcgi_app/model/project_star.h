/*
 * model/project_star.h - the favourite projects of an account.  Which they are
 * comes with organization_enter (struct access).
 */

#ifndef VEDETTE_MODEL_PROJECT_STAR_H
#define VEDETTE_MODEL_PROJECT_STAR_H

#include "db/db.h"

/* Makes it one, or no longer; no matter what it was. */
enum status project_star(struct db *db, struct arena *a,
                         int64_t organization_id, int64_t account_id,
                         int64_t project_id, bool on) MUST_CHECK;

#endif
