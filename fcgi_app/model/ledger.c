#include "model/ledger.h"


/* In a transaction. */
static enum status
close_hours(struct db *db, struct arena *a, bool *more)
{
    struct db_rows row = { 0 };
    enum status st = db_query(db, a, SQL_LEDGER_LOCK, DB_NO_ARGS, NULL);

    *more = false;
    if (st != ST_OK) {
        return st;
    }
    st = db_query(db, a, SQL_LEDGER_CLOSE, DB_NO_ARGS, &row);
    *more = st == ST_OK && row.n > 0 && db_get_bool(&row, 0, "more");
    return st;
}


enum status
ledger_close(struct db *db, struct arena *a, bool *more)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, close_hours(db, a, more)) : st;
}


enum status
ledger_late(struct db *db, struct arena *a)
{
    return db_query(db, a, SQL_LEDGER_LATE, DB_NO_ARGS, NULL);
}
