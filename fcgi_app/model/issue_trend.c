#include "model/issue_trend.h"

#define ISSUES_MAX 1000 /* of an organisation */


/* In a transaction. */
static enum status
reckon(struct db *db, struct arena *a, int64_t now)
{
    struct db_rows due;
    enum status st =
        db_query(db, a, SQL_ISSUE_TREND_DUE,
                 DB_ARGS(db_time(now), db_i64(ISSUE_TREND_SECONDS)), &due);

    if (st != ST_OK || due.n == 0) {
        return st;
    }
    return db_query(db, a, SQL_ISSUE_TREND_RECKON,
                    DB_ARGS(db_time(now), db_i64(ISSUES_MAX)), NULL);
}


enum status
issue_trend_reckon(struct db *db, struct arena *a, int64_t now)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, reckon(db, a, now)) : st;
}
