#include "model/project_setting.h"


static void
read_rows(struct arena *a, const struct db_rows *rows,
          struct project_setting **out, size_t *n)
{
    *n = (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(struct project_setting));
    for (int i = 0; i < rows->n; i++) {
        (*out)[i].project_id = db_get_i64(rows, i, "project_id");
        (*out)[i].name = db_get_str(rows, i, "name");
        (*out)[i].value = db_get_str(rows, i, "value");
    }
}


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

    if (st == ST_OK) {
        read_rows(a, &rows, out, nout);
    }
    return st;
}


enum status
project_setting_named(struct db *db, struct arena *a, int64_t organization,
                      const int64_t *projects, size_t n, struct str name,
                      struct project_setting **out, size_t *nout)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_PROJECT_SETTING_NAMED,
                 DB_ARGS(db_i64(organization), db_i64_array(a, projects, n),
                         db_str(name)),
                 &rows);

    if (st == ST_OK) {
        read_rows(a, &rows, out, nout);
    }
    return st;
}


/* These two inside a transaction. */

static enum status
set(struct db *db, struct arena *a, const struct project *project,
    const struct project_setting *s, struct change *c)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_PROJECT_SETTING_SET,
                DB_ARGS(db_i64(project->organization_id), db_i64(project->id),
                        db_str(s->name), db_str(s->value)),
                &rows);
    if (st == ST_OK) {
        change_str(c, str_dup(a, s->name),
                   db_is_null(&rows, 0, "before")
                       ? STR_NULL
                       : db_get_str(&rows, 0, "before"),
                   s->value);
    }
    return st;
}


static enum status
save(struct db *db, struct arena *a, const struct actor *by,
     const struct project *project, const struct project_setting *settings,
     size_t n)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_PROJECT_LOCK,
                DB_ARGS(db_i64(project->organization_id), db_i64(project->id)),
                &rows);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        st = set(db, a, project, &settings[i], &c);
    }
    return st == ST_OK ? audit_add(db, a, project->organization_id, by,
                                   "project.edit", project->slug, &c)
                       : st;
}


enum status
project_setting_save(struct db *db, struct arena *a, const struct actor *by,
                     const struct project *project,
                     const struct project_setting *settings, size_t n)
{
    enum status st;

    for (size_t i = 0; i < n; i++) {
        if (settings[i].value.n > PROJECT_SETTING_MAX) {
            return ST_INVALID;
        }
    }
    if ((st = db_begin(db)) != ST_OK) {
        return st;
    }
    if ((st = save(db, a, by, project, settings, n)) != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
project_setting_filtered(struct db *db, struct arena *a, int64_t organization,
                         int64_t project, int64_t since, struct filtered **out,
                         size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_PROJECT_SETTING_FILTERED,
        DB_ARGS(db_i64(organization), db_i64(project), db_time(since)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(struct filtered));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i].reason = db_get_str(&rows, i, "reason");
        (*out)[i].quantity = db_get_i64(&rows, i, "quantity");
    }
    return ST_OK;
}
