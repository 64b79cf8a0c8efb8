/*
 * The worker's own look at rules about numbers, by a clock that is told:
 *
 *     replay CONNINFO < "FROM TO" lines, minutes since 1970
 *
 * looks at each of these minutes as the chore does when it has just passed.
 */

#include <inttypes.h>
#include <stdio.h>

#include "alert/metric.h"
#include "db/db.h"
#include "util/timeutil.h"

/* The chore comes every ten seconds. */
#define AFTER_US (9 * US_PER_SECOND)


static bool
look_at(struct db *db, struct arena *a, int64_t minute)
{
    bool more = true;

    while (more) {
        more = false;
        if (metric_turn(db, a, minute * US_PER_MINUTE + AFTER_US, &more)
            != ST_OK) {
            return false;
        }
        arena_reset(a);
    }
    return true;
}


int
main(int argc, char **argv)
{
    struct db *db = db_new(argc > 1 ? argv[1] : "");
    struct arena *a = arena_new();
    int64_t from, to;
    bool good = true;

    db_role(db, DB_ROLE_WORKER);
    while (good && scanf("%" SCNd64 " %" SCNd64, &from, &to) == 2) {
        for (int64_t minute = from; good && minute <= to; minute++) {
            good = look_at(db, a, minute);
        }
    }
    arena_free(a);
    db_free(db);
    return good ? 0 : 1;
}
