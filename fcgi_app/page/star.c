/*
 * POST /:org/projects/:project/star/: on=1 makes it a favourite of the reader,
 * on=0 none any more; back: the page to return to.
 */

#include "page/pages.h"

#include "model/account.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/project_star.h"
#include "util/lang.h"
#include "web/login.h"


enum status
page_star(struct request *rq, struct response *rs)
{
    bool on = str_is(request_field(rq, "on"), "1");
    enum status st;

    st = project_star(rq->db, rq->a, rq->org->id, rq->account->id,
                      rq->project->id, on);
    if (st != ST_OK) {
        return st;
    }
    login_flash(rq, lang_fill(rq->a,
                              on ? N_("{0} stands first among your projects.")
                                 : N_("{0} is no favourite any more."),
                              FILL(rq->project->slug)));
    response_redirect(rs, login_next(request_field(rq, "back")));
    return ST_OK;
}
