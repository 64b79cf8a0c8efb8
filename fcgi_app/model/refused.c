#include "model/refused.h"


bool
refused_enough(const struct batch *b, int64_t project, struct str reason)
{
    const struct batch_items *items = &b->items;

    for (size_t i = 0; i < items->nrefused; i++) {
        if (items->refused[i].project_id == project
            && str_eq(items->refused[i].reason, reason)) {
            return true;
        }
    }
    return items->nrefused == REFUSED_BATCH_MAX;
}


void
refused_add(struct batch *b, const struct refused *r)
{
    struct batch_items *items = &b->items;

    if (items->refused == NULL) {
        items->refused =
            arena_array(b->arena, REFUSED_BATCH_MAX, sizeof(*items->refused));
    }
    if (items->nrefused < REFUSED_BATCH_MAX) {
        items->refused[items->nrefused++] = *r;
    }
}


enum status
refused_store(struct db *db, struct arena *a, const struct batch *b)
{
    const struct refused *list = b->items.refused;
    size_t n = b->items.nrefused;
    int64_t projects[REFUSED_BATCH_MAX], bytes[REFUSED_BATCH_MAX];
    int64_t received[REFUSED_BATCH_MAX];
    struct str texts[5][REFUSED_BATCH_MAX];

    if (n == 0) {
        return ST_OK;
    }
    for (size_t i = 0; i < n; i++) {
        projects[i] = list[i].project_id;
        bytes[i] = list[i].bytes;
        received[i] = list[i].received_at;
        texts[0][i] = list[i].event_id;
        texts[1][i] = list[i].category;
        texts[2][i] = list[i].reason;
        texts[3][i] = list[i].client;
        texts[4][i] = list[i].body;
    }
    return db_query(
        db, a, SQL_REFUSED_STORE,
        DB_ARGS(db_i64_array(a, projects, n), db_str_array(a, texts[0], n),
                db_str_array(a, texts[1], n), db_str_array(a, texts[2], n),
                db_str_array(a, texts[3], n), db_i64_array(a, bytes, n),
                db_str_array(a, texts[4], n), db_time_array(a, received, n)),
        NULL);
}


enum status
refused_forget(struct db *db, struct arena *a)
{
    return db_query(db, a, SQL_REFUSED_FORGET, NULL, 0, NULL);
}


enum status
refused_list(struct db *db, struct arena *a, int64_t organization,
             const int64_t *projects, size_t nprojects, struct str reason,
             struct refused **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_REFUSED_LIST,
        DB_ARGS(db_i64(organization), db_i64_array(a, projects, nprojects),
                str_null(reason) ? db_null() : db_str(reason)),
        &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct refused){
            .project_id = db_get_i64(&rows, i, "project_id"),
            .project = db_get_str(&rows, i, "slug"),
            .event_id = db_get_str(&rows, i, "event_id"),
            .category = db_get_str(&rows, i, "category"),
            .reason = db_get_str(&rows, i, "reason"),
            .client = db_get_str(&rows, i, "client"),
            .bytes = db_get_i64(&rows, i, "bytes"),
            .body = db_get_str(&rows, i, "body"),
            .received_at = db_get_time(&rows, i, "received_at"),
        };
    }
    return ST_OK;
}


enum status
refused_reasons(struct db *db, struct arena *a, int64_t organization,
                const int64_t *projects, size_t nprojects, struct str **out,
                size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_REFUSED_REASONS,
        DB_ARGS(db_i64(organization), db_i64_array(a, projects, nprojects)),
        &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = db_get_str(&rows, i, "reason");
    }
    return ST_OK;
}
