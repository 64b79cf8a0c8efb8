/*
 * model/overview_side.c - what stands beside the numbers of a project: all of
 * it by one statement.
 */

#include "model/overview.h"


static void
add(struct overview_other *list, size_t *n, const struct db_rows *rows, int i)
{
    if (*n < OVERVIEW_SIDE) {
        list[(*n)++] = (struct overview_other){
            .id = db_get_i64(rows, i, "id"),
            .name = db_get_str(rows, i, "name"),
            .at = db_get_time(rows, i, "at"),
            .n = db_get_i64(rows, i, "n"),
        };
    }
}


static struct overview_health
health(const struct db_rows *rows, int i)
{
    return (struct overview_health){
        .sessions = db_get_i64(rows, i, "n"),
        .crashed = db_get_i64(rows, i, "crashed"),
        .users = db_get_i64(rows, i, "users"),
        .users_crashed = db_get_i64(rows, i, "users_crashed"),
    };
}


enum status
overview_side(struct db *db, struct arena *a, const struct overview_query *q,
              struct str release, int64_t since, struct overview_side *out)
{
    struct db_rows rows;
    enum status st;

    *out = (struct overview_side){ .key = STR_NULL, .release = STR_NULL };
    st = db_query(db, a, SQL_OVERVIEW_SIDE,
                  DB_ARGS(db_i64(q->organization_id), db_i64(q->project_id),
                          db_str(release), db_time(since),
                          db_i64(OVERVIEW_SIDE)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct str kind = db_get_str(&rows, i, "kind");

        if (str_is(kind, "key")) {
            out->key = db_get_str(&rows, i, "name");

        } else if (str_is(kind, "team")) {
            add(out->teams, &out->nteams, &rows, i);

        } else if (str_is(kind, "person")) {
            add(out->people, &out->npeople, &rows, i);

        } else if (str_is(kind, "rule")) {
            add(out->rules, &out->nrules, &rows, i);

        } else if (str_is(kind, "release")) {
            out->release = db_get_str(&rows, i, "name");
            out->released = db_get_time(&rows, i, "at");
            out->own = health(&rows, i);

        } else {
            out->all = health(&rows, i);
        }
    }
    return st;
}
