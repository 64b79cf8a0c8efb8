#include "model/project_star.h"


enum status
project_star(struct db *db, struct arena *a, int64_t organization_id,
             int64_t account_id, int64_t project_id, bool on)
{
    return db_query(db, a, on ? SQL_PROJECT_STAR_SET : SQL_PROJECT_STAR_CLEAR,
                    DB_ARGS(db_i64(organization_id), db_i64(account_id),
                            db_i64(project_id)),
                    NULL);
}
