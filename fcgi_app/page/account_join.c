/*
 * page/account_join.c - /account/join/: asking an organisation to be let in.
 */

#include "model/account.h"
#include "model/join_request.h"
#include "page/pages.h"
#include "web/login.h"

#define SLUG_MAX 50


enum status
page_account_join(struct request *rq, struct response *rs)
{
    (void) rq;
    (void) rs;
    return ST_OK;
}


/* The answer is one and the same, whether there is such an organisation. */
enum status
page_account_join_ask(struct request *rq, struct response *rs)
{
    struct str slug = str_trim(request_field(rq, "organization"));
    struct actor by = request_actor(rq);
    enum status st;

    if (slug.n == 0 || slug.n > SLUG_MAX) {
        rs->status = 422;
        data_bool(rs->data, "wrong", true);
        return ST_OK;
    }
    st = join_request_ask(rq->db, rq->a, &by, str_lower(rq->a, slug));
    if (st == ST_OK) {
        login_flash(rq, STR("If there is such an organisation and it takes "
                            "requests, its managers see yours now."));
        response_redirect(rs, STR("/account/join/"));
    }
    return st;
}
