#include "model/session.h"


static enum status
forget(struct db *db, struct arena *a, enum sql statement, bool *more)
{
    struct db_rows row;
    enum status st;

    st = db_one(db, a, statement, DB_ARGS(db_i64(SESSION_FORGET_ROWS)), &row);
    if (st == ST_OK && db_get_i64(&row, 0, "n") == SESSION_FORGET_ROWS) {
        *more = true;
    }
    return st;
}


enum status
session_forget(struct db *db, struct arena *a, bool *more)
{
    enum status st = forget(db, a, SQL_SESSION_FORGET, more);

    return st == ST_OK ? forget(db, a, SQL_SESSION_FORGET_USERS, more) : st;
}
