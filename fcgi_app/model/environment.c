#include "model/environment.h"


enum status
environment_names(struct db *db, struct arena *a, int64_t organization_id,
                  const struct id_set *projects, struct str **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_ENVIRONMENT_NAMES,
                  DB_ARGS(db_i64(organization_id),
                          projects->limited
                              ? db_i64_array(a, projects->ids, projects->n)
                              : db_null(),
                          db_i64(ENVIRONMENT_LIST_MAX)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = db_get_str(&rows, i, "name");
    }
    return ST_OK;
}


enum status
environment_list(struct db *db, struct arena *a, const struct project *project,
                 struct environment **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_ENVIRONMENT_LIST,
                  DB_ARGS(db_i64(project->organization_id), db_i64(project->id),
                          db_i64(ENVIRONMENT_LIST_MAX)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct environment){
            .name = db_get_str(&rows, i, "name"),
            .hidden = db_get_bool(&rows, i, "is_hidden"),
            .first_seen = db_get_time(&rows, i, "first_seen"),
            .last_seen = db_get_time(&rows, i, "last_seen"),
        };
    }
    return ST_OK;
}


enum status
environment_hide(struct db *db, struct arena *a, const struct actor *by,
                 const struct project *project, struct str name, bool hidden)
{
    struct change c = change_new(a);
    enum status st = db_begin(db);
    struct db_rows row;

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_ENVIRONMENT_HIDE,
                DB_ARGS(db_i64(project->organization_id), db_i64(project->id),
                        db_str(name), db_bool(hidden)),
                &row);
    if (st == ST_OK) {
        bool was = db_get_bool(&row, 0, "is_hidden");

        change_str(&c, str_dup(a, name), was ? STR("hidden") : STR("shown"),
                   hidden ? STR("hidden") : STR("shown"));
        st = audit_add(db, a, project->organization_id, by, "project.edit",
                       project->slug, &c);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}
