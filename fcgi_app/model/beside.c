#include "model/beside.h"


static struct attachment
read_file(const struct db_rows *rows, int i, const struct issue *is,
          struct str event_id)
{
    return (struct attachment){
        .id = db_get_i64(rows, i, "id"),
        .project_id = is->project_id,
        .event_id = event_id,
        .name = db_get_str(rows, i, "name"),
        .type = db_get_str(rows, i, "text"),
        .size = db_get_i64(rows, i, "size"),
        .received_at = db_get_time(rows, i, "received_at"),
    };
}


static struct told
read_told(const struct db_rows *rows, int i)
{
    return (struct told){
        .id = db_get_i64(rows, i, "id"),
        .who = db_get_str(rows, i, "name"),
        .message = db_get_str(rows, i, "text"),
        .at = db_get_time(rows, i, "received_at"),
    };
}


enum status
beside_list(struct db *db, struct arena *a, const struct issue *is,
            struct str event_id, struct beside *out)
{
    struct db_rows rows;
    enum status st;

    *out = (struct beside){ 0 };
    st = db_query(db, a, SQL_BESIDE_LIST,
                  DB_ARGS(db_i64(is->project_id), db_i64(is->id),
                          db_str(event_id), db_i64(ATTACHMENT_LIST_MAX),
                          db_i64(BESIDE_REPORTS + 1)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    out->files = arena_array(a, (size_t) rows.n, sizeof(*out->files));
    out->told = arena_array(a, BESIDE_REPORTS, sizeof(*out->told));
    for (int i = 0; i < rows.n; i++) {
        if (db_get_bool(&rows, i, "is_file")) {
            out->files[out->nfiles++] = read_file(&rows, i, is, event_id);

        } else if (out->ntold < BESIDE_REPORTS) {
            out->told[out->ntold++] = read_told(&rows, i);

        } else {
            out->more = true;
        }
    }
    return ST_OK;
}
