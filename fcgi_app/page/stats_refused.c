/*
 * page/stats_refused.c - /ORG/stats/refused/: what could not be taken, as it
 * came, so that who sends it can be told what is wrong (model/refused.h).
 *
 *     reason   protocol.md 5.1; absent: all
 *     project  a slug; absent: all that the reader sees
 */

#include "model/organization.h"
#include "model/project.h"
#include "model/refused.h"
#include "page/pages.h"
#include "page/reason.h"


/* The projects asked for; ST_NOT_FOUND for one that is none. */
static enum status
read_projects(struct request *rq, int64_t **ids, size_t *n)
{
    struct str slug = request_arg(rq, "project");
    struct project *projects;
    enum status st;
    size_t all;

    st = request_projects(rq, &projects, &all);
    *n = 0;
    if (st != ST_OK) {
        return st;
    }
    *ids = arena_array(rq->a, all, sizeof(**ids));
    for (size_t i = 0; i < all; i++) {
        if (slug.n == 0 || str_eq(projects[i].slug, slug)) {
            (*ids)[(*n)++] = projects[i].id;
        }
    }
    return slug.n > 0 && *n == 0 ? ST_NOT_FOUND : ST_OK;
}


static void
show(struct request *rq, struct data *row, const struct refused *r)
{
    reason_show(rq->a, row, r->reason);
    data_str(row, "project", r->project);
    data_str(row, "category", r->category);
    data_str(row, "client", r->client);
    data_i64(row, "bytes", r->bytes);
    data_time(row, "received", r->received_at);
    data_str(row, "event", r->event_id);
    data_str(row, "text", r->body);
    data_bool(row, "cut", r->bytes > (int64_t) REFUSED_BODY_MAX);
}


enum status
page_stats_refused(struct request *rq, struct response *rs)
{
    struct str reason = str_cut(request_arg(rq, "reason"), 64);
    struct refused *list;
    int64_t *ids;
    enum status st;
    size_t n, nids;

    if ((st = read_projects(rq, &ids, &nids)) == ST_OK) {
        st = refused_list(rq->db, rq->a, rq->org->id, ids, nids,
                          reason.n > 0 ? reason : STR_NULL, &list, &n);
    }
    if (st != ST_OK) {
        return st;
    }
    if (reason.n > 0) {
        reason_show(rq->a, data_child(rs->data, "Asked"), reason);
        data_str(rs->data, "link_all",
                 query_with(rq->a, &rq->args, "reason", STR_NULL));
    }
    for (size_t i = 0; i < n; i++) {
        show(rq, data_row(data_child(rs->data, "Refused")), &list[i]);
    }
    return ST_OK;
}
