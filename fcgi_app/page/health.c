/*
 * page/health.c - for supervisors and load balancers: /healthz says that this
 * process answers, /readyz that it can show pages.
 */

#include "page/pages.h"
#include "web/health.h"


enum status
page_health(struct request *rq, struct response *rs)
{
    (void) rq;
    response_raw(rs, "text/plain; charset=utf-8", STR("ok\n"));
    return ST_OK;
}


enum status
page_ready(struct request *rq, struct response *rs)
{
    struct health health = health_look(rq);

    if (!health.db || !health.redis) {
        rs->status = 503;
    }
    response_raw(rs, "text/plain; charset=utf-8",
                 str_printf(rq->a, "database %s\nredis %s\n",
                            health.db ? "ok" : "away",
                            health.redis ? "ok" : "away"));
    return ST_OK;
}
