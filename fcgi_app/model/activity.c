#include "model/activity.h"

#include "util/buf.h"


static void
read_row(struct arena *a, const struct db_rows *rows, int i, struct activity *v)
{
    v->id = db_get_i64(rows, i, "id");
    v->account_id = db_get_i64(rows, i, "account_id");
    v->account = db_get_str(rows, i, "account");
    v->kind = db_get_str(rows, i, "kind");
    v->at = db_get_time(rows, i, "at");
    if (json_parse(a, db_get_str(rows, i, "data"), NULL, &v->data, NULL)
        != ST_OK) {
        v->data = NULL;
    }
}


enum status
activity_by_id(struct db *db, struct arena *a, int64_t organization_id,
               int64_t id, struct activity *out)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_ACTIVITY_BY_ID,
               DB_ARGS(db_i64(organization_id), db_i64(id)), &rows);

    if (st == ST_OK) {
        read_row(a, &rows, 0, out);
    }
    return st;
}


enum status
activity_list(struct db *db, struct arena *a, int64_t issue_id,
              struct activity **out, int *n, bool *more)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_ACTIVITY_LIST,
                  DB_ARGS(db_i64(issue_id), db_i64(ACTIVITY_PAGE + 1)), &rows);
    if (st != ST_OK) {
        return st;
    }

    *more = rows.n > ACTIVITY_PAGE;
    *n = *more ? ACTIVITY_PAGE : rows.n;
    *out = arena_array(a, (size_t) *n, sizeof(struct activity));
    for (int i = 0; i < *n; i++) {
        read_row(a, &rows, i, &(*out)[i]);
    }
    return ST_OK;
}


enum status
activity_comment(struct db *db, struct arena *a, int64_t organization_id,
                 int64_t issue_id, int64_t account_id, struct str text)
{
    struct buf data = buf_in(a);

    text = str_trim(text);
    if (text.n == 0 || text.n > COMMENT_MAX) {
        return ST_INVALID;
    }
    buf_text(&data, "{\"text\":");
    json_write_str(&data, text);
    buf_char(&data, '}');

    return db_query(db, a, SQL_ACTIVITY_ADD,
                    DB_ARGS(db_i64(organization_id), db_i64(issue_id),
                            db_i64(account_id), db_text("comment"),
                            db_str(buf_view(&data))),
                    NULL);
}
