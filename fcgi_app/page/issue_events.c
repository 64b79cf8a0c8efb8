/* GET /:org/issues/:issue/events/: all events of an issue, newest first. */

#include "page/issue.h"
#include "page/pages.h"

#include "model/organization.h"
#include "web/pager.h"


static void
row(struct request *rq, struct data *d, const struct event_row *ev)
{
    ptrdiff_t colon = str_chr(ev->user_tag, ':');

    data_str(d, "id", ev->event_id);
    data_str(d, "short", str_cut(ev->event_id, 8));
    data_str(d, "link",
             str_printf(rq->a, "/%.*s/issues/%.*s/events/%.*s/",
                        STR_FMT(rq->org->slug), STR_FMT(rq->issue->short_id),
                        STR_FMT(ev->event_id)));
    data_bool(d, "thin", !ev->has_body);
    data_time(d, "at", ev->occurred_at);
    data_str(d, "title", ev->title);
    data_text(d, "level", issue_level(ev->level));
    data_str(d, "environment", ev->environment);
    data_str(d, "transaction", ev->transaction);
    data_str(d, "server", ev->server_name);
    if (!str_null(ev->release)) {
        data_str(d, "release", issue_release(ev->release));
    }
    if (colon >= 0) {
        data_str(d, "user",
                 str_sub(ev->user_tag, (size_t) colon + 1, ev->user_tag.n));
    }
}


enum status
page_issue_events(struct request *rq, struct response *rs)
{
    struct pager pager = pager_read(rq);
    struct pager first = { 0 };
    struct pager last = { 0 };
    struct data *list = data_child(rs->data, "Row");
    struct event_row *rows;
    enum status st;
    bool more, thin = false;
    int n;

    issue_summary(rq, data_child(rs->data, "Issue"), rq->issue);
    st = event_list(rq->db, rq->a, rq->issue, pager.set ? pager.id : 0,
                    pager.backward, &rows, &n, &more);
    if (st != ST_OK) {
        return st;
    }
    for (int i = 0; i < n; i++) {
        row(rq, data_row(list), &rows[i]);
        thin = thin || !rows[i].has_body;
    }
    if (n > 0) {
        first =
            (struct pager){ .set = true, .key = rows[0].id, .id = rows[0].id };
        last = (struct pager){ .set = true,
                               .key = rows[n - 1].id,
                               .id = rows[n - 1].id };
    }
    pager_show(rs->data, rq, &pager, (size_t) n, more, first, last);
    data_bool(rs->data, "thin", thin);
    data_i64(rs->data, "n", n);
    return ST_OK;
}
