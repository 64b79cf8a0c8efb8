#include "model/mail_digest.h"


enum status
mail_digest_wait(struct db *db, struct arena *a, int64_t organization_id,
                 int64_t project_id, int64_t account_id, int64_t *until)
{
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, SQL_MAIL_DIGEST_WAIT,
        DB_ARGS(db_i64(organization_id), db_i64(project_id), db_i64(account_id),
                db_i64(MAIL_DIGEST_SHORTEST_S), db_i64(MAIL_DIGEST_LONGEST_S),
                db_i64(MAIL_DIGEST_STEP_S), db_text(MAIL_DIGEST_SHORTEST),
                db_text(MAIL_DIGEST_LONGEST)),
        &rows);
    *until = st == ST_OK && rows.n > 0 ? db_get_time(&rows, 0, "due_at") : 0;
    return st;
}


enum status
mail_digest_take(struct db *db, struct arena *a, const struct outbox_row *row,
                 struct mail_digest *out)
{
    struct db_rows rows;
    enum status st;

    *out = (struct mail_digest){ 0 };
    st = db_query(db, a, SQL_MAIL_DIGEST_DUE,
                  DB_ARGS(db_i64(row->organization_id), db_i64(row->project_id),
                          db_i64(row->account_id)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    if (rows.n > 0) {
        out->until = db_get_time(&rows, 0, "due_at");
        return ST_OK;
    }
    st = db_query(db, a, SQL_MAIL_DIGEST_ROWS,
                  DB_ARGS(db_i64(row->organization_id), db_i64(row->project_id),
                          db_i64(row->account_id), db_i64(MAIL_DIGEST_ROWS)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    out->n = (size_t) rows.n;
    out->rows = arena_array(a, out->n, sizeof(*out->rows));
    out->open = arena_array(a, out->n, sizeof(*out->open));
    for (size_t i = 0; i < out->n; i++) {
        outbox_from_row(&rows, (int) i, &out->rows[i]);
        out->open[i] = db_get_bool(&rows, (int) i, "is_open");
    }
    return ST_OK;
}


enum status
mail_digest_end(struct db *db, struct arena *a, const struct mail_digest *d,
                struct str why)
{
    int64_t *ids = arena_array(a, d->n, sizeof(int64_t));

    for (size_t i = 0; i < d->n; i++) {
        ids[i] = d->rows[i].id;
    }
    return db_query(
        db, a, SQL_MAIL_DIGEST_END,
        DB_ARGS(db_i64(d->rows[0].organization_id),
                db_i64(d->rows[0].project_id), db_i64(d->rows[0].account_id),
                db_i64_array(a, ids, d->n), db_str(why),
                db_i64(MAIL_DIGEST_SHORTEST_S), db_i64(MAIL_DIGEST_LONGEST_S),
                db_text(MAIL_DIGEST_SHORTEST), db_text(MAIL_DIGEST_LONGEST)),
        NULL);
}


enum status
mail_digest_put_off(struct db *db, struct arena *a,
                    const struct outbox_row *row, int64_t until)
{
    return db_query(
        db, a, SQL_MAIL_DIGEST_PUT_OFF,
        DB_ARGS(db_i64(row->organization_id), db_i64(row->id), db_time(until)),
        NULL);
}
