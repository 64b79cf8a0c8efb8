#include "model/stream_view.h"


enum status
stream_view(struct db *db, struct arena *a, int64_t organization_id,
            int64_t account_id, struct stream_view *out,
            struct saved_search **saved, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_STREAM_VIEW,
                 DB_ARGS(db_i64(organization_id), db_i64(account_id),
                         db_i64(SAVED_IN_STREAM)),
                 &rows);

    if (st != ST_OK) {
        return st;
    }
    *out = (struct stream_view){ .hidden = db_get_str(&rows, 0, "hidden"),
                                 .compact = db_get_bool(&rows, 0, "is_compact"),
                                 .projects = db_get_str(&rows, 0, "projects"),
                                 .terms = db_get_str(&rows, 0, "terms") };
    saved_search_read(a, &rows, SAVED_IN_STREAM, saved, n);
    return ST_OK;
}


enum status
stream_view_look(struct db *db, struct arena *a, int64_t organization_id,
                 int64_t account_id, const struct stream_view *v)
{
    return db_query(db, a, SQL_STREAM_VIEW_LOOK,
                    DB_ARGS(db_i64(organization_id), db_i64(account_id),
                            db_str(v->hidden), db_bool(v->compact)),
                    NULL);
}


enum status
stream_view_filter(struct db *db, struct arena *a, int64_t organization_id,
                   int64_t account_id, const struct stream_view *v)
{
    return db_query(db, a, SQL_STREAM_VIEW_FILTER,
                    DB_ARGS(db_i64(organization_id), db_i64(account_id),
                            db_str(v->projects), db_str(v->terms)),
                    NULL);
}
