#include "model/issue_owner.h"


static enum status
write_owners(struct db *db, struct arena *a, const struct issue_owner *v,
             size_t n, size_t total)
{
    int64_t *organizations = arena_array(a, total, sizeof(int64_t));
    int64_t *issues = arena_array(a, total, sizeof(int64_t));
    int64_t *places = arena_array(a, total, sizeof(int64_t));
    struct str *words = arena_array(a, total, sizeof(struct str));
    struct str *rules = arena_array(a, total, sizeof(struct str));
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        for (size_t place = 0; place < v[i].n; place++) {
            organizations[k] = v[i].organization_id;
            issues[k] = v[i].issue_id;
            places[k] = (int64_t) place;
            words[k] = v[i].owners[place];
            rules[k++] = v[i].rule;
        }
    }
    return db_query(
        db, a, SQL_ISSUE_OWNER_WRITE,
        DB_ARGS(db_i64_array(a, organizations, k), db_i64_array(a, issues, k),
                db_i64_array(a, places, k), db_str_array(a, words, k),
                db_str_array(a, rules, k)),
        NULL);
}


enum status
issue_owner_write(struct db *db, struct arena *a, const struct issue_owner *v,
                  size_t n)
{
    int64_t *issues = arena_array(a, n, sizeof(int64_t));
    size_t total = 0, nassign = 0;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        issues[i] = v[i].issue_id;
        total += v[i].n;
    }
    st = db_query(db, a, SQL_ISSUE_OWNER_CLEAR,
                  DB_ARGS(db_i64_array(a, issues, n)), NULL);
    if (st == ST_OK && total > 0) {
        st = write_owners(db, a, v, n, total);
    }
    for (size_t i = 0; i < n; i++) {
        if (v[i].assign && v[i].n > 0) {
            issues[nassign++] = v[i].issue_id;
        }
    }
    return st == ST_OK && nassign > 0
               ? db_query(db, a, SQL_ISSUE_OWNER_ASSIGN,
                          DB_ARGS(db_i64_array(a, issues, nassign)), NULL)
               : st;
}


enum status
issue_owner_samples(struct db *db, struct arena *a, int64_t organization_id,
                    int64_t project_id, int64_t *before,
                    struct issue_owner_sample **out, size_t *n)
{
    struct db_rows next, rows;
    enum status st =
        db_query(db, a, SQL_ISSUE_OWNER_NEXT,
                 DB_ARGS(db_i64(organization_id), db_i64(project_id),
                         *before > 0 ? db_i64(*before) : db_null(),
                         db_i64(ISSUE_OWNER_STEP)),
                 &next);
    int64_t *ids;

    *n = 0;
    if (st != ST_OK) {
        return st;
    }
    *before =
        next.n < ISSUE_OWNER_STEP ? 0 : db_get_i64(&next, next.n - 1, "number");
    ids = arena_array(a, (size_t) next.n, sizeof(*ids));
    for (int i = 0; i < next.n; i++) {
        ids[i] = db_get_i64(&next, i, "id");
    }
    st = db_query(db, a, SQL_ISSUE_OWNER_SAMPLES,
                  DB_ARGS(db_i64_array(a, ids, (size_t) next.n)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *out = arena_array(a, (size_t) rows.n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[(*n)++] = (struct issue_owner_sample){
            .issue_id = db_get_i64(&rows, i, "id"),
            .packed = db_is_null(&rows, i, "body")
                          ? STR_NULL
                          : db_get_bytes(a, &rows, i, "body"),
            .was_freed = db_get_bool(&rows, i, "was_freed"),
        };
    }
    return ST_OK;
}
