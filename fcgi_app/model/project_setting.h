/*
 * model/project_setting.h - what projects have set, by name, as text.
 */

#ifndef VEDETTE_MODEL_PROJECT_SETTING_H
#define VEDETTE_MODEL_PROJECT_SETTING_H

#include "model/audit.h"
#include "model/project.h"

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

/* The one of this name, of those projects of the organisation that have it. */
enum status project_setting_named(struct db *db, struct arena *a,
                                  int64_t organization, const int64_t *projects,
                                  size_t n, struct str name,
                                  struct project_setting **out,
                                  size_t *nout) MUST_CHECK;

/*
 * Sets them, and writes one row of the audit log; what does not change is
 * left out.  ST_NOT_FOUND: no such project; ST_INVALID: a value is too long.
 */
enum status project_setting_save(struct db *db, struct arena *a,
                                 const struct actor *by,
                                 const struct project *project,
                                 const struct project_setting *settings,
                                 size_t n) MUST_CHECK;

/* Items that the project's filters have dropped. */
struct filtered {
    struct str reason; /* the filter's key */
    int64_t quantity;
};

enum status project_setting_filtered(struct db *db, struct arena *a,
                                     int64_t organization, int64_t project,
                                     int64_t since, struct filtered **out,
                                     size_t *n) MUST_CHECK;

#endif
