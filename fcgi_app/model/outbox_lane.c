/*
 * Two senders may see the same lane free.  The one that locks it leases its
 * rows; the other one either finds the lock taken, or gets it after the first
 * has committed, and then its statement, which begins later, sees the lease.
 */

#include "model/outbox_lane.h"

#include <stdlib.h>

#include "util/timeutil.h"

/* Lanes that a sender tries before it looks again. */
#define LANES 16

struct want {
    struct str lane;
    int max;
    bool failing; /* its endpoint has */
    int failing_max;
};


static int
by_due(const void *left, const void *right)
{
    const struct outbox_row *a = left, *b = right;

    if (a->due_at != b->due_at) {
        return a->due_at < b->due_at ? -1 : 1;
    }
    return (a->id > b->id) - (a->id < b->id);
}


static enum status
lease(struct db *db, struct arena *a, const struct want *w,
      struct outbox_turn *out)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_OUTBOX_LOCK, DB_ARGS(db_str(w->lane)), &rows);

    if (st != ST_OK || !db_get_bool(&rows, 0, "mine")) {
        return st;
    }
    if (w->failing) {
        st = db_query(db, a, SQL_OUTBOX_LOCK_FAILING, DB_NO_ARGS, NULL);
        if (st != ST_OK) {
            return st;
        }
    }
    st = db_query(db, a, SQL_OUTBOX_LEASE,
                  DB_ARGS(db_str(w->lane), db_i64(w->max),
                          db_i64(OUTBOX_LEASE_US), db_i64(w->failing_max)),
                  &rows);
    if (st != ST_OK || rows.n == 0) {
        return st;
    }
    out->lane = w->lane;
    out->n = (size_t) rows.n;
    out->rows = arena_array(a, out->n, sizeof(*out->rows));
    for (int i = 0; i < rows.n; i++) {
        outbox_from_row(&rows, i, &out->rows[i]);
    }
    qsort(out->rows, out->n, sizeof(*out->rows), by_due);
    return ST_OK;
}


static enum status
take(struct db *db, struct arena *a, const struct want *w,
     struct outbox_turn *out)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    if ((st = lease(db, a, w, out)) != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
outbox_take(struct db *db, struct arena *a, struct str behind, int max,
            int failing, struct outbox_turn *out)
{
    struct want w = { .max = max, .failing_max = failing };
    struct db_rows lanes;
    enum status st;

    *out = (struct outbox_turn){ 0 };
    st = db_query(db, a, SQL_OUTBOX_LANES,
                  DB_ARGS(db_str(str_null(behind) ? STR("") : behind),
                          db_i64(failing), db_i64(LANES)),
                  &lanes);
    for (int i = 0; st == ST_OK && out->n == 0 && i < lanes.n; i++) {
        if (i == 0) {
            out->ready_at = db_get_time(&lanes, i, "ready_at");
        }
        if (!db_get_bool(&lanes, i, "ready")) {
            break;
        }
        w.lane = db_get_str(&lanes, i, "name");
        w.failing = db_get_bool(&lanes, i, "failing");
        st = take(db, a, &w, out);
    }
    return st;
}


enum status
outbox_release(struct db *db, struct arena *a, const struct outbox_turn *turn,
               size_t done)
{
    int64_t *ids = arena_array(a, turn->n, sizeof(*ids));

    for (size_t i = done; i < turn->n; i++) {
        ids[i - done] = turn->rows[i].id;
    }
    return db_query(
        db, a, SQL_OUTBOX_RELEASE,
        DB_ARGS(db_str(turn->lane), db_i64_array(a, ids, turn->n - done)),
        NULL);
}
