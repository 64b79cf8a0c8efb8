/*
 * page/health.c - for supervisors and load balancers: /healthz says that
 * events get through, /readyz that this process can show pages.
 */

#include "web/installation.h"
#include "page/pages.h"
#include "web/health.h"


/* A first line for programs, then what it is based on. */
enum status
page_health(struct request *rq, struct response *rs)
{
    struct installation in;
    struct buf b = buf_in(rq->a);
    const char *fault;
    int64_t last;

    installation_look(rq, &in);
    last = installation_i64(in.report, "digested_at");
    fault = installation_fault(&in);
    rs->status = fault == NULL ? 200 : 503;
    buf_addf(&b, "%s\n", fault == NULL ? "ok" : fault);
    if (in.queue) {
        buf_addf(&b, "waiting %lld, the oldest for %.1f s\n",
                 (long long) in.backlog.depth,
                 (double) in.backlog.age_ms / 1e3);
    }
    if (last > 0) {
        buf_addf(&b, "last event stored %lld s ago\n",
                 (long long) ((rq->now - last) / US_PER_SECOND));
    }
    response_raw(rs, "text/plain; charset=utf-8", buf_view(&b));
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
