#include "model/tag_sum.h"

#include "model/project.h"

#define VALUES 500 /* of a key; one with more is left out */
#define DAYS 90    /* back */


/* In a transaction. */
static enum status
reckon(struct db *db, struct arena *a, bool *more)
{
    struct db_rows rows;
    enum status st;

    /* nothing is counted meanwhile, and no key goes */
    if ((st = db_one(db, a, SQL_FOLD_LOCK, DB_NO_ARGS, &rows)) != ST_OK
        || (st = db_one(db, a, SQL_TAG_SUM_LOCK, DB_NO_ARGS, &rows)) != ST_OK
        || !db_get_bool(&rows, 0, "locked")) {
        return st;
    }
    st = db_query(db, a, SQL_TAG_SUM_RECKON,
                  DB_ARGS(db_i64(PROJECTS_MANY), db_i64(DAYS), db_i64(VALUES)),
                  &rows);
    *more = st == ST_OK && rows.n > 0;
    return st;
}


enum status
tag_sum_reckon(struct db *db, struct arena *a, bool *more)
{
    struct db_rows rows;
    enum status st;

    *more = false;
    st = db_query(db, a, SQL_TAG_SUM_DUE,
                  DB_ARGS(db_i64(PROJECTS_MANY), db_i64(DAYS)), &rows);
    if (st != ST_OK || rows.n == 0) {
        return st;
    }
    st = db_begin(db);
    return st == ST_OK ? db_finish(db, reckon(db, a, more)) : st;
}
