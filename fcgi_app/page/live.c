/*
 * page/live.c - where a page's script may listen for news: an address of the
 * edge with a ticket in it (queue/message.h §7).
 */

#include "model/live_ticket.h"
#include "model/organization.h"
#include "model/project.h"
#include "page/pages.h"


enum status
page_live(struct request *rq, struct response *rs)
{
    struct project *projects;
    struct str ticket;
    int64_t *ids;
    enum status st;
    size_t n;

    st = request_projects(rq, &projects, &n);
    if (st != ST_OK) {
        return st;
    }
    ids = arena_array(rq->a, n, sizeof(int64_t));
    for (size_t i = 0; i < n; i++) {
        ids[i] = projects[i].id;
    }
    st = live_ticket_new(rq->redis, rq->a, rq->org->id, ids, n, &ticket);
    if (st == ST_OK) {
        response_raw(
            rs, "application/json",
            str_printf(rq->a, "{\"url\":\"/live/%.*s\"}", STR_FMT(ticket)));
    }
    return st;
}
