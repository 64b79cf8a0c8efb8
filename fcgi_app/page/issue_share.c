/*
 * POST /:org/issues/:issue/share/ makes a link for everybody or takes it back;
 * GET /share/issue/:token/ is what is seen through it: what went wrong and
 * where, but nothing of a user, a request, a variable, a tag or a breadcrumb.
 */

#include "page/issue.h"
#include "page/pages.h"

#include "model/account.h"
#include "model/issue_share.h"
#include "model/organization.h"
#include "web/login.h"


enum status
page_issue_share(struct request *rq, struct response *rs)
{
    bool on = str_is(request_field(rq, "on"), "1");
    struct actor by = request_actor(rq);
    enum status st =
        issue_share(rq->db, rq->a, rq->org->id, rq->issue, on, &by);

    if (st == ST_OK) {
        login_flash(rq, on ? STR("Whoever has the link sees this issue now.")
                           : STR("The link leads nowhere any more."));
        response_redirect(rs, issue_path(rq));
    }
    return st;
}


/* Takes what is nobody else's business out of each frame. */
static void
hide(struct json *v, unsigned depth)
{
    static const char *const names[] = { "vars", "registers", "_meta" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (v->type == JSON_T_OBJECT) {
            (void) json_remove(v, names[i]);
        }
    }
    json_each(child, v)
    {
        if (depth > 0) {
            hide(child, depth - 1);
        }
    }
}


enum status
page_share(struct request *rq, struct response *rs)
{
    struct data *d = data_child(rs->data, "Shared");
    struct event_view view;
    struct issue issue;
    struct issue_event ev = { .a = rq->a, .issue = &issue };
    struct json *doc;
    enum status st;

    st = issue_share_find(rq->db, rq->a, request_param(rq, "token"), &issue);
    if (st != ST_OK) {
        return st;
    }
    response_header(rs, "X-Robots-Tag", STR("noindex"));
    data_str(d, "name", issue.type.n > 0 ? issue.type : issue.title);
    data_str(d, "text", issue.type.n > 0 ? issue.value : STR(""));
    data_str(d, "short_id", issue.short_id);
    data_str(d, "culprit", issue.culprit);
    data_text(d, "level", issue_level(issue.level));
    data_time(d, "first_seen", issue.first_seen);
    data_time(d, "last_seen", issue.last_seen);
    data_i64(d, "events", issue.times_seen);

    st = event_find(rq->db, rq->a, &issue, STR("latest"), &view);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    if (!str_null(view.body)
        && json_parse(rq->a, view.body, NULL, &doc, NULL) == ST_OK) {
        hide(doc, 8);
        ev.row = &view.row;
        ev.doc = doc;
        ev.stream = STR("");
        issue_stack(&ev, rs->data);
    }
    return ST_OK;
}
