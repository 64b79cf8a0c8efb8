#include "model/issue_facet.h"

#include "model/issue.h"

#define KEEP_SECONDS 60


enum status
issue_facets(struct db *db, struct arena *a, int64_t organization_id,
             const struct access *access, const struct id_set *projects,
             const char *const *keys, size_t nkeys, struct issue_facet **out,
             size_t *n)
{
    struct id_set seen = issue_projects_seen(a, access, projects);
    struct str *names = arena_array(a, nkeys, sizeof(*names));
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < nkeys; i++) {
        names[i] = str_of(keys[i]);
    }
    st = db_query_kept(
        db, a, SQL_ISSUE_FACETS,
        DB_ARGS(db_i64(organization_id),
                seen.limited ? db_i64_array(a, seen.ids, seen.n) : db_null(),
                db_str_array(a, names, nkeys), db_i64(FACET_DAYS),
                db_i64(FACET_VALUES)),
        KEEP_SECONDS, &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] =
            (struct issue_facet){ .key = db_get_str(&rows, i, "key"),
                                  .value = db_get_str(&rows, i, "value"),
                                  .name = db_get_str(&rows, i, "name"),
                                  .events =
                                      db_get_i64(&rows, i, "times_seen") };
    }
    return ST_OK;
}
