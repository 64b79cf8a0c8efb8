/*
 * page/health.c - for supervisors and load balancers: /healthz says that
 * events get through, /readyz that this process can show pages.  Both tell how
 * the synthetic event did, on which only the first one depends: a broken digest
 * is no reason to take pages away from people.
 */

#include "model/health.h"
#include "page/pages.h"
#include "util/timeutil.h"
#include "web/health.h"
#include "web/installation.h"


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
    pulse_write(&b, &in.pulse, rq->now);
    response_raw(rs, "text/plain; charset=utf-8", buf_view(&b));
    return ST_OK;
}


enum status
page_ready(struct request *rq, struct response *rs)
{
    struct health health = health_look(rq);
    struct buf b = buf_in(rq->a);
    struct pulse_state pulse;
    struct json *report;

    if (!health.db || !health.redis) {
        rs->status = 503;
    }
    buf_addf(&b, "database %s\nredis %s\n", health.db ? "ok" : "away",
             health.redis ? "ok" : "away");
    if (health.redis && health_read(rq->redis, rq->a, &report) == ST_OK) {
        pulse = pulse_state(report, rq->now);
        pulse_write(&b, &pulse, rq->now);
    }
    response_raw(rs, "text/plain; charset=utf-8", buf_view(&b));
    return ST_OK;
}
