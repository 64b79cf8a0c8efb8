#include "model/tag.h"


enum status
tag_key_list(struct db *db, struct arena *a, const struct project *project,
             int64_t now, struct tag_key **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_TAG_KEY_LIST,
                              DB_ARGS(db_i64(project->organization_id),
                                      db_i64(project->id), db_time(now)),
                              &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct tag_key){
            .key = db_get_str(&rows, i, "key"),
            .values = db_get_i64(&rows, i, "values"),
            .times_seen = db_get_i64(&rows, i, "times_seen"),
            .wide = db_get_bool(&rows, i, "is_wide"),
            .hidden = db_get_bool(&rows, i, "is_hidden"),
        };
    }
    return ST_OK;
}


enum status
tag_key_hide(struct db *db, struct arena *a, const struct actor *by,
             const struct project *project, struct str key, bool hidden)
{
    struct change c = change_new(a);
    enum status st = db_begin(db);
    struct db_rows row;

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_TAG_KEY_HIDE,
                DB_ARGS(db_i64(project->organization_id), db_i64(project->id),
                        db_str(key), db_bool(hidden)),
                &row);
    if (st == ST_OK) {
        change_str(&c, arena_printf(a, "tag %.*s", STR_FMT(key)),
                   db_get_bool(&row, 0, "is_hidden") ? STR("hidden")
                                                     : STR("shown"),
                   hidden ? STR("hidden") : STR("shown"));
        st = audit_add(db, a, project->organization_id, by, "project.edit",
                       project->slug, &c);
    }
    return db_finish(db, st);
}
