/* page/ticket_link.c - a ticket that is there already: found, linked, unlinked.
 */

#include "integration/sync.h"
#include "model/account.h"
#include "model/organization.h"
#include "page/pages.h"
#include "page/tickets.h"
#include "web/login.h"


static void
fill_found(struct data *d, const struct tracker_options *found)
{
    struct data *list = data_child(d, "Found");

    for (size_t i = 0; i < found->n; i++) {
        struct data *row = data_row(list);

        data_str(row, "key", found->v[i].id);
        data_str(row, "label", found->v[i].label);
    }
}


enum status
page_ticket_find(struct request *rq, struct response *rs)
{
    struct tracker_options *found = arena_new_of(rq->a, struct tracker_options);
    struct str text = str_trim(request_arg(rq, "find"));
    struct integration_result result;
    struct integration_call call;
    struct trackers t;
    enum status st = trackers_read(rq, rs->data, request_arg(rq, "on"), &t);

    if (st != ST_OK || t.tracker == NULL || text.n == 0) {
        return st;
    }
    call = (struct integration_call){ rq->a, rq->db, &t.chosen };
    data_str(rs->data, "find", text);
    data_bool(rs->data, "searched", true);
    t.tracker->search(&call, str_cut(text, 200), found, &result);
    if (result.result != OUTBOX_OK) {
        tickets_failure(rs->data, &result);
        return ST_OK;
    }
    fill_found(rs->data, found);
    return ST_OK;
}


enum status
page_ticket_link(struct request *rq, struct response *rs)
{
    struct integration_result result;
    struct integration_call call;
    struct ticket ticket;
    struct trackers t;
    struct str key = request_field(rq, "key");
    enum status st = trackers_read(rq, rs->data, request_field(rq, "on"), &t);

    if (st != ST_OK) {
        return st;
    }
    if (t.tracker == NULL || key.n == 0) {
        rs->status = 422;
        return ST_OK;
    }
    call = (struct integration_call){ rq->a, rq->db, &t.chosen };
    st = sync_link(&call, key, rq->org->slug, rq->issue, rq->account->id,
                   &ticket, &result);
    if (st != ST_OK) {
        return st;
    }
    if (result.result != OUTBOX_OK) {
        rs->status = 422;
        data_str(rs->data, "find", key);
        tickets_failure(rs->data, &result);
        return ST_OK;
    }
    login_flash(rq, str_printf(rq->a, "%.*s is linked.", STR_FMT(ticket.key)));
    response_redirect(rs, tickets_issue(rq));
    return ST_OK;
}


enum status
page_ticket_unlink(struct request *rq, struct response *rs)
{
    enum status st;
    int64_t id;

    if (!str_i64(request_param(rq, "ticket"), &id)) {
        return ST_NOT_FOUND;
    }
    st = ticket_unlink(rq->db, rq->a, rq->org->id, rq->issue->id, id,
                       rq->account->id);
    if (st == ST_OK) {
        login_flash(rq, STR("The ticket is no longer linked."));
        response_redirect(rs, tickets_issue(rq));
    }
    return st;
}
