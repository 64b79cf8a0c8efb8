#include "web/health.h"

#include "db/db.h"
#include "queue/backlog.h"
#include "queue/proc.h"
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


bool
health_worker(struct request *rq)
{
    struct proc *procs;
    size_t n;

    if (proc_list(rq->redis, rq->a, &procs, &n) != ST_OK) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        if (str_is(procs[i].kind, "worker")) {
            return true;
        }
    }
    return false;
}


bool
health_delay(struct request *rq, int64_t *us)
{
    struct backlog backlog;

    if (backlog_read(rq->redis, rq->a, &backlog) != ST_OK) {
        return false;
    }
    *us = backlog.age_ms * 1000;
    return true;
}
