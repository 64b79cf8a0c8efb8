/*
 * page/csp.c - browsers tell here what our own Content-Security-Policy has
 * blocked: a blocked script is our bug, or somebody's attempt.  It goes to the
 * log, a line a second and process at most, as anybody may write here.
 */

#include "json/doc.h"
#include "page/pages.h"
#include "util/log.h"
#include "util/timeutil.h"

#define REPORT_MAX (16 * 1024)
#define FIELD_MAX 200


static struct str
field(const struct json *report, const char *name)
{
    return str_cut(json_text_of(report, name), FIELD_MAX);
}


enum status
page_csp_report(struct request *rq, struct response *rs)
{
    struct json_limits limits = { .depth = 4, .nodes = 100 };
    static int64_t last;
    struct json *body;

    rs->status = 204;
    response_raw(rs, "text/plain; charset=utf-8", STR(""));
    if (rq->body.n > REPORT_MAX || rq->now - last < US_PER_SECOND
        || json_parse(rq->a, rq->body, &limits, &body, NULL) != ST_OK) {
        return ST_OK;
    }
    body = json_get(body, "csp-report");
    if (body != NULL) {
        last = rq->now;
        log_warning("a browser has blocked %.*s by %.*s on %.*s, request %.*s",
                    STR_FMT(field(body, "blocked-uri")),
                    STR_FMT(field(body, "violated-directive")),
                    STR_FMT(field(body, "document-uri")), STR_FMT(rq->id));
    }
    return ST_OK;
}
