#include "model/project_setting.h"


enum status
project_setting_list(struct db *db, struct arena *a,
                     const int64_t *organizations, const int64_t *projects,
                     size_t n, struct project_setting **out, size_t *nout)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_PROJECT_SETTING_OF_PROJECTS,
                              DB_ARGS(db_i64_array(a, organizations, n),
                                      db_i64_array(a, projects, n)),
                              &rows);

    if (st != ST_OK) {
        return st;
    }
    *nout = (size_t) rows.n;
    *out = arena_array(a, *nout, sizeof(struct project_setting));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i].project_id = db_get_i64(&rows, i, "project_id");
        (*out)[i].name = db_get_str(&rows, i, "name");
        (*out)[i].value = db_get_str(&rows, i, "value");
    }
    return ST_OK;
}


enum status
project_setting_set(struct db *db, struct arena *a, int64_t organization,
                    int64_t project, struct str name, struct str value)
{
    struct db_rows rows;

    if (value.n > PROJECT_SETTING_MAX) {
        return ST_INVALID;
    }
    return db_one(db, a, SQL_PROJECT_SETTING_SET,
                  DB_ARGS(db_i64(organization), db_i64(project), db_str(name),
                          db_str(value)),
                  &rows);
}
