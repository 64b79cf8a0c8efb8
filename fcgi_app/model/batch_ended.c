/*
 * The ends of events that are not stored, by their ids, for whoever asks after
 * one of them.  The ledger counts all of them; of a flood only some are here.
 */

#include "model/batch_work.h"

#include "util/hex.h"

#define FORGET_STEP 5000
#define KEPT_MOST 1000000
#define AT_EDGE_MOST 50 /* of a project, at once */


void
batch_ended_add(struct batch *b, const struct batch_ended *e)
{
    struct batch_items *i = &b->items;

    if (i->ended == NULL) {
        i->ended = arena_array(b->arena, BATCH_ENDED_MAX, sizeof(*i->ended));
    }
    if (i->nended < BATCH_ENDED_MAX) {
        i->ended[i->nended++] = *e;
    }
}


/* Those of the batch, and rows that found no issue. */
static size_t
collect(const struct work *w, struct batch_ended *list)
{
    const struct batch_items *items = &w->batch->items;
    size_t n = items->nended;

    if (n > 0) {
        memcpy(list, items->ended, n * sizeof(*list));
    }
    for (size_t i = 0; i < w->nrows && n < BATCH_ENDED_MAX; i++) {
        const struct batch_event *ev = w->rows[i].ev;

        if (w->rows[i].discarded) {
            list[n] = (struct batch_ended){ .project_id = ev->project_id,
                                            .received_at = ev->received_at,
                                            .category = ev->category,
                                            .outcome = OUTCOME_FILTERED,
                                            .reason = STR("discarded") };
            memcpy(list[n++].event_id, ev->id, sizeof(ev->id));
        }
    }
    return n;
}


/* The first six parameters of both statements. */
static void
columns(struct arena *a, const struct batch_ended *list, size_t n,
        struct db_arg args[6])
{
    int64_t *numbers[2];
    struct str *texts[4];

    for (size_t k = 0; k < 2; k++) {
        numbers[k] = arena_array(a, n, sizeof(int64_t));
    }
    for (size_t k = 0; k < 4; k++) {
        texts[k] = arena_array(a, n, sizeof(struct str));
    }
    for (size_t i = 0; i < n; i++) {
        numbers[0][i] = list[i].project_id;
        numbers[1][i] = list[i].received_at;
        texts[0][i] = hex_encode(a, list[i].event_id, 16);
        texts[1][i] = list[i].category;
        texts[2][i] = list[i].outcome;
        texts[3][i] = list[i].reason;
    }
    args[0] = db_i64_array(a, numbers[0], n);
    for (size_t k = 0; k < 4; k++) {
        args[1 + k] = db_str_array(a, texts[k], n);
    }
    args[5] = db_time_array(a, numbers[1], n);
}


enum status
work_store_ended(struct work *w)
{
    struct batch_ended list[BATCH_ENDED_MAX];
    size_t n = collect(w, list);
    struct db_arg args[6];

    if (n == 0) {
        return ST_OK;
    }
    columns(w->a, list, n, args);
    return db_query(w->db, w->a, SQL_BATCH_ENDED, args, 6, NULL);
}


enum status
batch_ended_at_edge(struct db *db, struct arena *a,
                    const struct batch_ended *list, size_t n)
{
    int64_t *statuses = arena_array(a, n, sizeof(int64_t));
    struct db_arg args[8];

    for (size_t i = 0; i < n; i++) {
        statuses[i] = list[i].status;
    }
    columns(a, list, n, args);
    args[6] = db_i64_array(a, statuses, n);
    args[7] = db_i64(AT_EDGE_MOST);
    return db_query(db, a, SQL_BATCH_ENDED_AT_EDGE, args, 8, NULL);
}


enum status
batch_ended_forget(struct db *db, struct arena *a, bool *more)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_BATCH_ENDED_FORGET,
               DB_ARGS(db_i64(FORGET_STEP), db_i64(KEPT_MOST)), &rows);

    *more = st == ST_OK && db_get_i64(&rows, 0, "n") == FORGET_STEP;
    return st;
}
