/*
 * POST /:org/issues/:issue/comments/ and …/comments/:comment/: what people
 * write under an issue, and changing or removing their own.
 */

#include "page/issue.h"
#include "page/pages.h"

#include "model/account.h"
#include "model/activity.h"
#include "model/organization.h"
#include "web/login.h"


static void
too_long_or_empty(struct request *rq)
{
    login_flash(rq, STR("A comment needs some text, and 10,000 characters at "
                        "most."));
}


static void
back(struct request *rq, struct response *rs)
{
    response_redirect(
        rs, str_printf(rq->a, "%.*s#activity", STR_FMT(issue_path(rq))));
}


enum status
page_issue_comment(struct request *rq, struct response *rs)
{
    enum status st =
        activity_comment(rq->db, rq->a, rq->org->id, rq->issue->id,
                         rq->account->id, request_field(rq, "text"));

    if (st == ST_INVALID) {
        too_long_or_empty(rq);
        st = ST_OK;
    }
    back(rq, rs);
    return st;
}


enum status
page_issue_comment_edit(struct request *rq, struct response *rs)
{
    bool remove = str_is(request_field(rq, "do"), "remove");
    enum status st;
    int64_t id;

    if (!str_i64(request_param(rq, "comment"), &id)) {
        return ST_NOT_FOUND;
    }
    st =
        activity_comment_edit(rq->db, rq->a, rq->issue->id, id, rq->account->id,
                              remove ? STR_NULL : request_field(rq, "text"));
    if (st == ST_INVALID) {
        too_long_or_empty(rq);
        st = ST_OK;
    }
    back(rq, rs);
    return st;
}
