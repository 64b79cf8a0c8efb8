/*
 * What the list of releases says of each beside its health: issues that came
 * back in it, and who wrote it; and the issues that it is blamed for.
 */

#include "model/release.h"


enum status
release_marks(struct db *db, struct arena *a, int64_t organization_id,
              const int64_t *ids, size_t n, struct release_mark **out)
{
    struct db_rows rows;
    enum status st;

    *out = arena_array(a, n, sizeof(**out));
    st = db_query(db, a, SQL_RELEASE_MARKS,
                  DB_ARGS(db_i64(organization_id), db_i64_array(a, ids, n),
                          db_i64(RELEASE_COUNT_CAP + 1),
                          db_i64(RELEASE_AUTHORS)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct release_mark *m = &(*out)[db_get_i64(&rows, i, "place") - 1];

        m->regressed = db_get_i64(&rows, i, "regressed");
        m->authors = db_get_i64(&rows, i, "authors");
        m->names = db_get_str(&rows, i, "names");
        m->before = db_get_i64(&rows, i, "before");
        m->before_version = db_get_str(&rows, i, "before_version");
    }
    return st;
}


enum status
release_open_issues(struct db *db, struct arena *a, int64_t organization_id,
                    const struct release *r, size_t max, int64_t *ids,
                    size_t *n)
{
    struct db_rows rows;
    enum status st;

    *n = 0;
    st = db_query(db, a, SQL_RELEASE_OPEN_ISSUES,
                  DB_ARGS(db_i64(organization_id), db_i64(r->project_id),
                          db_str(r->version), db_i64((int64_t) max)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        ids[(*n)++] = db_get_i64(&rows, i, "id");
    }
    return st;
}
