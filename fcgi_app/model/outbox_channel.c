#include "model/outbox.h"


/* Seconds; what was never delivered has none. */
static double
seconds_of(const struct db_rows *rows, int i, const char *col)
{
    double v;

    return str_double(db_get_str(rows, i, col), &v) ? v : -1;
}


enum status
outbox_channels(struct db *db, struct arena *a, int64_t organization_id,
                int64_t since, struct outbox_channel **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_OUTBOX_CHANNELS,
                              DB_ARGS(db_i64(organization_id), db_time(since),
                                      db_i64(OUTBOX_CHANNEL_ROWS)),
                              &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct outbox_channel){
            .channel = db_get_str(&rows, i, "channel"),
            .integration_id = db_get_i64(&rows, i, "integration_id"),
            .name = db_get_str(&rows, i, "name"),
            .sent = db_get_i64(&rows, i, "sent"),
            .failed = db_get_i64(&rows, i, "failed"),
            .waiting = db_get_i64(&rows, i, "waiting"),
            .median = seconds_of(&rows, i, "median"),
            .slow = seconds_of(&rows, i, "slow"),
            .sent_at = db_get_time(&rows, i, "sent_at"),
            .failed_at = db_get_time(&rows, i, "failed_at"),
            .last_code = (int) db_get_i64(&rows, i, "last_code"),
            .last_answer = db_get_str(&rows, i, "last_answer"),
        };
    }
    return ST_OK;
}
