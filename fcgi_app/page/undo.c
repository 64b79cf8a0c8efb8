/* POST /:org/undo/:undo/: takes a change of issues back. */

#include "page/pages.h"

#include "model/account.h"
#include "model/organization.h"
#include "model/undo.h"
#include "web/login.h"


enum status
page_undo(struct request *rq, struct response *rs)
{
    struct str back = login_next(request_field(rq, "back"));
    int64_t id, job_id;
    enum status st;

    if (!str_i64(request_param(rq, "undo"), &id)) {
        return ST_NOT_FOUND;
    }
    st = undo_take_back(rq->db, rq->a, rq->org->id, rq->account->id, id,
                        &job_id);
    if (st == ST_DENIED) {
        login_flash(rq, STR("It was taken back already, or is more than "
                            "10 minutes old."));

    } else if (st != ST_OK) {
        return st;

    } else if (job_id != 0) {
        back = str_printf(rq->a, "/%.*s/jobs/%lld/", STR_FMT(rq->org->slug),
                          (long long) job_id);

    } else {
        login_flash(rq, STR("It is as it was before."));
    }
    response_redirect(rs, back);
    return ST_OK;
}
