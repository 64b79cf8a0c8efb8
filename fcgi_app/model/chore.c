#include "model/chore.h"


enum status
chore_lead(struct db *db, struct arena *a, bool *leads)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_CHORE_LEAD, DB_NO_ARGS, &rows);

    *leads = st == ST_OK && db_get_bool(&rows, 0, "leads");
    return st;
}
