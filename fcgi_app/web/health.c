#include "web/health.h"

#include "db/db.h"
#include "queue/redis.h"


struct health
health_look(struct request *rq)
{
    struct health health;

    health.db =
        db_query(rq->db, rq->a, SQL_SERVER_PING, DB_NO_ARGS, NULL) == ST_OK;
    health.redis =
        redis_command(rq->redis, rq->a, NULL, REDIS_WORDS(STR("PING")))
        == ST_OK;
    return health;
}
