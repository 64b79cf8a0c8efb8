/*
 * model/environment.h - the environments that events and sessions named.
 */

#ifndef VEDETTE_MODEL_ENVIRONMENT_H
#define VEDETTE_MODEL_ENVIRONMENT_H

#include "db/db.h"
#include "model/audit.h"
#include "model/issue_search.h"
#include "model/project.h"

#define ENVIRONMENT_LIST_MAX 200

struct environment {
    struct str name;
    bool hidden; /* from menus */
    int64_t first_seen;
    int64_t last_seen;
};

/*
 * Names of these projects for a menu, in the alphabet's order, at most
 * ENVIRONMENT_LIST_MAX; without those that are hidden in every one.  projects:
 * what the reader may see or has chosen; not limited: every project.
 */
enum status environment_names(struct db *db, struct arena *a,
                              int64_t organization_id,
                              const struct id_set *projects, struct str **out,
                              size_t *n) MUST_CHECK;

/* Those of one project, hidden ones too. */
enum status environment_list(struct db *db, struct arena *a,
                             const struct project *project,
                             struct environment **out, size_t *n) MUST_CHECK;

/* In one project, with the audit log; ST_NOT_FOUND: it has no such one. */
enum status environment_hide(struct db *db, struct arena *a,
                             const struct actor *by,
                             const struct project *project, struct str name,
                             bool hidden) MUST_CHECK;

#endif
