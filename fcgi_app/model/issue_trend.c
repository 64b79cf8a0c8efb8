#include "model/issue_trend.h"

#define ISSUES_MAX 1000 /* of an organisation */


enum status
issue_trend_reckon(struct db *db, struct arena *a, int64_t now)
{
    return db_query(db, a, SQL_ISSUE_TREND_RECKON,
                    DB_ARGS(db_time(now), db_i64(ISSUES_MAX)), NULL);
}
