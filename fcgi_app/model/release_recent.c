#include "model/release_recent.h"

#include "model/project.h"
#include "util/timeutil.h"


int64_t
release_recent_since(int64_t now)
{
    return now - now % US_PER_HOUR - 23 * US_PER_HOUR;
}


enum status
release_recent_reckon(struct db *db, struct arena *a, int64_t now)
{
    return db_query(
        db, a, SQL_RELEASE_RECENT_RECKON,
        DB_ARGS(db_time(release_recent_since(now)), db_i64(PROJECTS_MANY)),
        NULL);
}
