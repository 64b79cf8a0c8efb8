#include "model/usage.h"


int64_t
usage_start(int64_t now)
{
    return now - now % US_PER_HOUR - (USAGE_HOURS - 1) * US_PER_HOUR;
}


static struct usage *
find(struct usage *list, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i].id == id) {
            return &list[i];
        }
    }
    return NULL;
}


static struct usage *
collect(struct arena *a, const struct db_rows *rows, const int64_t *ids,
        size_t n)
{
    struct usage *list = arena_array(a, n, sizeof(*list));

    for (size_t i = 0; i < n; i++) {
        list[i].id = ids[i];
    }
    for (int i = 0; i < rows->n; i++) {
        struct usage *u = find(list, n, db_get_i64(rows, i, "id"));
        int64_t slot = db_get_i64(rows, i, "slot");

        if (u == NULL || slot < 0 || slot >= USAGE_HOURS) {
            continue;
        }
        u->accepted[slot] += db_get_i64(rows, i, "accepted");
        u->limited += db_get_i64(rows, i, "limited");
        u->refused += db_get_i64(rows, i, "refused");
    }
    return list;
}


enum status
usage_of_projects(struct db *db, struct arena *a, int64_t org,
                  const int64_t *ids, size_t n, int64_t start,
                  struct usage **out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_USAGE_OF_PROJECTS,
                  DB_ARGS(db_i64(org), db_i64_array(a, ids, n), db_time(start)),
                  &rows);
    if (st == ST_OK) {
        *out = collect(a, &rows, ids, n);
    }
    return st;
}


enum status
usage_of_keys(struct db *db, struct arena *a, int64_t org, int64_t project_id,
              const int64_t *ids, size_t n, int64_t start, struct usage **out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_USAGE_OF_KEYS,
                  DB_ARGS(db_i64(org), db_i64(project_id), db_time(start)),
                  &rows);
    if (st == ST_OK) {
        *out = collect(a, &rows, ids, n);
    }
    return st;
}


enum status
usage_open_issues(struct db *db, struct arena *a, int64_t org,
                  const int64_t *ids, size_t n, int64_t **out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_USAGE_OPEN_ISSUES,
                  DB_ARGS(db_i64(org), db_i64_array(a, ids, n)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *out = arena_array(a, n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        for (size_t j = 0; j < n; j++) {
            if (ids[j] == db_get_i64(&rows, i, "id")) {
                (*out)[j] = db_get_i64(&rows, i, "open_issues");
            }
        }
    }
    return ST_OK;
}
