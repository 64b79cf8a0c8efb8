/*
 * page/home.c - "/": the first organisation of the account, or a word to those
 * who have none.
 */

#include "model/account.h"
#include "model/organization.h"
#include "page/pages.h"


enum status
page_home(struct request *rq, struct response *rs)
{
    struct organization *orgs;
    enum status st;
    size_t n;

    st = organization_list(rq->db, rq->a, rq->account->id,
                           rq->account->is_superuser, &orgs, &n);
    if (st == ST_OK && n > 0) {
        response_redirect(rs,
                          str_printf(rq->a, "/%.*s/", STR_FMT(orgs[0].slug)));
    }
    return st;
}
