/* GET /:org/issues/:issue/events/:event/json/: the event as it is stored. */

#include "page/issue.h"
#include "page/pages.h"

#include "util/buf.h"


enum status
page_issue_json(struct request *rq, struct response *rs)
{
    struct event_view view;
    struct buf text = buf_in(rq->a);
    struct json *doc;
    enum status st;

    st =
        event_find(rq->db, rq->a, rq->issue, request_param(rq, "event"), &view);
    if (st != ST_OK) {
        return st;
    }
    if (str_null(view.body)) {
        return ST_NOT_FOUND;
    }
    if (json_parse(rq->a, view.body, NULL, &doc, NULL) != ST_OK) {
        return ST_FAILED;
    }

    json_write_pretty(&text, doc);
    buf_char(&text, '\n');
    response_header(rs, "Content-Disposition",
                    str_printf(rq->a, "inline; filename=\"event-%.*s.json\"",
                               STR_FMT(view.row.event_id)));
    response_raw(rs, "application/json", buf_view(&text));
    return ST_OK;
}
