/* What alerts ask about releases, deploys and sessions. */

#include "model/alert_data.h"


enum status
alert_latest_release(struct db *db, struct arena *a, int64_t project_id,
                     struct str *out)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_ALERT_LATEST_RELEASE,
                              DB_ARGS(db_i64(project_id)), &rows);

    *out =
        st == ST_OK && rows.n > 0 ? db_get_str(&rows, 0, "version") : STR_NULL;
    return st;
}


enum status
alert_adopted(struct db *db, struct arena *a, int64_t project_id,
              struct str environment, struct str version, int64_t at,
              int64_t *side)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_ALERT_ADOPTED,
                            DB_ARGS(db_i64(project_id), db_str(environment),
                                    db_time(at), db_str(version)),
                            &rows);

    if (st == ST_OK) {
        *side = db_get_i64(&rows, 0, "side");
    }
    return st;
}


enum status
alert_deploys(struct db *db, struct arena *a, int64_t project_id,
              struct str environment, int64_t at, int64_t *last, int64_t *next)
{
    struct db_rows rows;
    enum status st = db_one(
        db, a, SQL_ALERT_DEPLOYS,
        DB_ARGS(db_i64(project_id), db_str(environment), db_time(at)), &rows);

    if (st == ST_OK) {
        *last = db_get_time(&rows, 0, "last");
        *next = db_get_time(&rows, 0, "next");
    }
    return st;
}


enum status
alert_sessions(struct db *db, struct arena *a, int64_t project_id,
               const struct str *environments, size_t nenvironments,
               int64_t hour, int64_t *out)
{
    struct db_rows rows;
    enum status st = db_one(
        db, a, SQL_ALERT_SESSIONS,
        DB_ARGS(db_i64(project_id),
                db_str_array(a, environments, nenvironments), db_time(hour)),
        &rows);

    if (st == ST_OK) {
        *out = db_get_i64(&rows, 0, "n");
    }
    return st;
}
