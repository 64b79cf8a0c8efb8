/*
 * POST /admin/health/clean-up/: what is past its age goes now, of all
 * organisations, instead of within the hour (model/retention.h).
 */

#include "model/retention.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/login.h"


enum status
page_admin_cleanup(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    enum status st = retention_ask(rq->db, rq->a, 0, &by);

    if (st == ST_OK) {
        login_flash(rq, str_of(tr(N_("The clean-up of all organisations "
                                     "begins within seconds."))));
        response_redirect(rs, STR("/admin/health/"));
    }
    return st;
}
