/*
 * model/project_setting.h - what projects have set, by name, as text.
 */

#ifndef VEDETTE_MODEL_PROJECT_SETTING_H
#define VEDETTE_MODEL_PROJECT_SETTING_H

#include "db/db.h"

/* Bytes of a value. */
#define PROJECT_SETTING_MAX ((size_t) 256 * 1024)

struct project_setting {
    int64_t project_id;
    struct str name;
    struct str value;
};

/*
 * Every setting of these projects, by project; organizations[i] has
 * projects[i], and a project under another's name has none.
 */
enum status project_setting_list(struct db *db, struct arena *a,
                                 const int64_t *organizations,
                                 const int64_t *projects, size_t n,
                                 struct project_setting **out,
                                 size_t *nout) MUST_CHECK;

/* ST_NOT_FOUND: no such project; ST_INVALID: too long. */
enum status project_setting_set(struct db *db, struct arena *a,
                                int64_t organization, int64_t project,
                                struct str name, struct str value) MUST_CHECK;

#endif
