/*
 * POST /hooks/:token/: what a tracker tells of its tickets.
 *
 * The token finds the connection, the signature says that it is the tracker
 * who speaks; both unknown and unsigned are answered without a word.  Here
 * only a job is made, so that the answer is quick; the notify process asks the
 * tracker how things stand.
 */

#include "integration/sync.h"
#include "page/pages.h"


static struct str
header(const void *request, const char *name)
{
    return request_header(request, name);
}


static void
answer(struct response *rs, int status, const char *text)
{
    rs->status = status;
    response_raw(rs, "text/plain; charset=utf-8", str_of(text));
}


enum status
page_hook(struct request *rq, struct response *rs)
{
    struct tracker_hook hook = { .body = rq->body,
                                 .header = header,
                                 .request = rq };
    struct integration i;
    struct integration_call call = { rq->a, rq->db, &i };
    enum status st;

    st = integration_by_hook(rq->db, rq->a, request_param(rq, "token"), &i);
    if (st != ST_OK) {
        return st;
    }
    if (json_parse(rq->a, rq->body, NULL, &hook.json, NULL) != ST_OK) {
        answer(rs, 400, "This is no JSON.\n");
        return ST_OK;
    }
    st = sync_hook(&call, &hook);
    switch (st) {
    case ST_DENIED:
        answer(rs, 401, "The signature is not right.\n");
        return ST_OK;

    case ST_OK:
    case ST_NOT_FOUND: /* nothing for us: that is fine too */
        answer(rs, 202, "Thank you.\n");
        return ST_OK;

    default:
        return st;
    }
}
